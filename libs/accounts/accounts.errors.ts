export const CREDENTIAL_KIND_REFUSED = {
  status: 403,
  code: 'credential-kind-refused',
  title: 'This call needs another kind of credential',
};
export const ACCOUNT_NOT_FOUND = { status: 404, code: 'account-not-found', title: 'There is no such account' };
