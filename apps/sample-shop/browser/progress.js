/** Shows what the shop's server renders, until it says that nothing more will happen. */

const region = /** @type {HTMLElement} */ (document.querySelector('#progress'));
const announcement = /** @type {HTMLElement} */ (document.querySelector('#announcement'));
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;

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

let waitMs = FIRST_WAIT_MS;
let shown = '';
while (part().dataset.final !== 'yes') {
  await wait(waitMs);
  const next = await read();
  waitMs = next === undefined || next === shown ? Math.min(waitMs * 1.5, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
  if (next === undefined || next === shown) continue;
  shown = next;
  const headline = part().querySelector('h1')?.textContent;
  region.innerHTML = next;
  const now = part().querySelector('h1')?.textContent;
  if (now !== headline) announcement.textContent = now ?? '';
}
