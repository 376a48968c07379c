export const ACCOUNT_NOT_FOUND = { status: 404, code: 'account-not-found', title: 'There is no such account' };
