export interface NextAction {
  readonly type: 'redirect_to_url' | 'use_stripe_sdk';
  readonly return_url: string | null;
}

/**
 * Facts §3.5: a redirect when there is somewhere to return to, unless Stripe's client library handles the action: it shows
 * the bank's page in a frame, which must stay there and not lead the shop's page into the frame.
 */
export function nextActionFor(confirmation: {
  readonly useStripeSdk: boolean;
  readonly returnUrl: string | null;
}): NextAction {
  if (confirmation.useStripeSdk || confirmation.returnUrl === null) {
    return { type: 'use_stripe_sdk', return_url: null };
  }
  return { type: 'redirect_to_url', return_url: confirmation.returnUrl };
}
