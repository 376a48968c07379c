export const CREDENTIAL_KIND_REFUSED = {
  status: 403,
  code: 'credential-kind-refused',
  title: 'This call needs another kind of credential',
};
export const REQUEST_FROM_ANOTHER_SITE = {
  status: 403,
  code: 'request-from-another-site',
  title: 'The request does not come from a page of this service',
};
