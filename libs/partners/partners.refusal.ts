/** Nothing was changed; the message is for the operator. */
export class PartnerRefused extends Error {}
