/** Shows what the shop's server renders, until it says that nothing more will happen. */

const region = /** @type {HTMLElement} */ (document.querySelector('#progress'));
const announcement = /** @type {HTMLElement} */ (document.querySelector('#announcement'));
const trouble = /** @type {HTMLElement} */ (document.querySelector('#trouble'));
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;
/** A single answer that is lost is nobody's concern. */
const FAILURES_TO_TELL = 2;

const part = () => /** @type {HTMLElement} */ (region.firstElementChild);

/** @param {number} ms */
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function read() {
  try {
    const response = await fetch(region.dataset.from ?? '', { headers: { accept: 'text/html' } });
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined; // The connection is gone for a moment: what is shown stays, and the next round asks again.
  }
}

/** @param {string} next */
function show(next) {
  const headline = part().querySelector('h1')?.textContent;
  const focused = document.activeElement?.id;
  region.innerHTML = next;
  if (focused) document.getElementById(focused)?.focus();
  const now = part().querySelector('h1')?.textContent;
  if (now !== headline) announcement.textContent = now ?? '';
}

let waitMs = FIRST_WAIT_MS;
let shown = '';
let failures = 0;
while (part().dataset.final !== 'yes') {
  await wait(waitMs);
  const next = await read();
  failures = next === undefined ? failures + 1 : 0;
  trouble.textContent =
    failures < FAILURES_TO_TELL ? '' : 'We cannot be reached right now. This page goes on by itself.';
  const isNews = next !== undefined && next !== shown;
  waitMs = isNews ? FIRST_WAIT_MS : Math.min(waitMs * 1.5, LONGEST_WAIT_MS);
  if (!isNews) continue;
  shown = next;
  show(next);
}
