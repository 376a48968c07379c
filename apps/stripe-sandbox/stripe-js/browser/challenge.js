const DIALOG_STYLE = {
  width: 'min(30rem, calc(100vw - 2rem))',
  height: 'min(30rem, calc(100vh - 2rem))',
  padding: '0',
  border: '0',
  borderRadius: '10px',
  overflow: 'hidden',
  background: '#fff',
};

/**
 * The bank's page over this one, until it says that it has ended. How it ended is for Stripe to say, not for the page.
 * @param {string} url
 * @param {string} intentId
 * @returns {Promise<void>}
 */
function showChallenge(url, intentId) {
  const dialog = document.createElement('dialog');
  const frame = document.createElement('iframe');
  Object.assign(dialog.style, DIALOG_STYLE);
  Object.assign(frame.style, { width: '100%', height: '100%', border: '0', display: 'block' });
  dialog.setAttribute('aria-label', 'Your bank asks you to confirm this payment');
  dialog.dataset.testid = 'challenge';
  frame.title = '3D Secure';
  frame.src = url;
  dialog.append(frame);
  // The bank's question is answered on its page; Escape would leave the payment hanging.
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    /** @param {MessageEvent} event */
    const onMessage = ({ data, origin, source }) => {
      const ended = data?.type === 'challenge-ended' && data.intent === intentId;
      if (!ended || origin !== SANDBOX || source !== frame.contentWindow) return;
      window.removeEventListener('message', onMessage);
      dialog.close();
      dialog.remove();
      resolve();
    };
    window.addEventListener('message', onMessage);
  });
}
