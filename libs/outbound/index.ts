export { Outbound, OutboundFailed, type Resolve } from './outbound.js';
export { isPrivateAddress } from './private-address.js';
export { newSigningSecret, signatureHeaders } from './signing.js';
export { OutboundModule } from './outbound.module.js';
