/**
 * What Stripe.js has and the sandbox does not: each says so, instead of not being there. Those that answer with a promise
 * answer with an error; a page shows it as it would show Stripe's.
 */
const ANSWERING = [
  'collectBankAccountForPayment',
  'collectBankAccountForSetup',
  'collectBankAccountToken',
  'collectFinancialConnectionsAccounts',
  'confirmAcssDebitPayment',
  'confirmAcssDebitSetup',
  'confirmAffirmPayment',
  'confirmAfterpayClearpayPayment',
  'confirmAlipayPayment',
  'confirmAuBecsDebitPayment',
  'confirmAuBecsDebitSetup',
  'confirmBacsDebitSetup',
  'confirmBancontactPayment',
  'confirmBlikPayment',
  'confirmBoletoPayment',
  'confirmCashappPayment',
  'confirmEpsPayment',
  'confirmFpxPayment',
  'confirmGiropayPayment',
  'confirmGrabPayPayment',
  'confirmIdealPayment',
  'confirmKlarnaPayment',
  'confirmKonbiniPayment',
  'confirmMobilepayPayment',
  'confirmMultibancoPayment',
  'confirmOxxoPayment',
  'confirmP24Payment',
  'confirmPayNowPayment',
  'confirmPayPalPayment',
  'confirmPixPayment',
  'confirmPromptPayPayment',
  'confirmRevolutPayPayment',
  'confirmSepaDebitPayment',
  'confirmSepaDebitSetup',
  'confirmSofortPayment',
  'confirmTwintPayment',
  'confirmUsBankAccountPayment',
  'confirmUsBankAccountSetup',
  'confirmWechatPayPayment',
  'createConfirmationToken',
  'createEphemeralKeyNonce',
  'createRadarSession',
  'createSource',
  'createToken',
  'processOrder',
  'retrieveOrder',
  'retrieveSource',
  'verifyMicrodepositsForPayment',
  'verifyMicrodepositsForSetup',
];
/** Those that hand out an object that a page goes on with: there is nothing to go on with. */
const MAKING = ['createEmbeddedCheckoutPage', 'initCheckout', 'initCheckoutElementsSdk', 'initEmbeddedCheckout'];

/** @param {string} method */
const notBuilt = (method) =>
  `stripe.${method}() is not built in this sandbox, which has cards, PaymentIntents, SetupIntents and hosted Checkout.`;

/** @param {object} stripe */
function refuseWhatIsNotBuilt(stripe) {
  for (const method of ANSWERING) {
    const error = { type: 'invalid_request_error', message: notBuilt(method) };
    Object.defineProperty(stripe, method, { value: async () => ({ error }) });
  }
  for (const method of MAKING) {
    Object.defineProperty(stripe, method, {
      value() {
        throw new IntegrationError(notBuilt(method));
      },
    });
  }
}

/** `stripe.paymentRequest()`: a browser without wallets. `canMakePayment` says null, and the page shows no button. */
class NoWallet {
  async canMakePayment() {
    return null;
  }
  isShowing() {
    return false;
  }
  show() {
    throw new IntegrationError('show() cannot be called: canMakePayment() said that there is nothing to show.');
  }
  abort() {
    return undefined;
  }
  update() {
    return undefined;
  }
  on() {
    return this;
  }
  once() {
    return this;
  }
  off() {
    return this;
  }
}
