/** Shows what the shop's server renders, until it says that nothing more will happen. */

const region = /** @type {HTMLElement} */ (document.querySelector('#progress'));
const announcement = /** @type {HTMLElement} */ (document.querySelector('#announcement'));
const trouble = /** @type {HTMLElement} */ (document.querySelector('#trouble'));
/** Most orders are through within half a second. */
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5000;
/** A single answer that is lost is nobody's concern. */
const FAILURES_TO_TELL = 2;

/** What is told about the end comes a little later than the end. */
const ROUNDS_AFTER_THE_END = 7;

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

/** @param {string} id of what had the focus, or of what it was the summary of */
function focusable(id) {
  const found = document.getElementById(id);
  return found?.querySelector('summary') ?? found;
}

/** @param {string} next */
function show(next) {
  const headline = part().querySelector('h1')?.textContent;
  const focused = document.activeElement?.closest('[id]')?.id;
  const opened = [...region.querySelectorAll('details[open]')].map(({ id }) => id);
  region.innerHTML = next;
  for (const id of opened) document.getElementById(id)?.setAttribute('open', '');
  if (focused) focusable(focused)?.focus();
  const now = part().querySelector('h1')?.textContent;
  if (now !== headline) announcement.textContent = now ?? '';
}

let waitMs = FIRST_WAIT_MS;
let shown = '';
let failures = 0;
let roundsAfterTheEnd = 0;
while (part().dataset.final !== 'yes' || roundsAfterTheEnd++ < ROUNDS_AFTER_THE_END) {
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
