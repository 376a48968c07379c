/** Nothing can be said about a cancellation: every name in its body is one that is not known. */
export class CancelOrderDto {}
