import { formatMoney } from '#platform';
import { html, type Html } from './console.pages.html.js';
import { moneySentence, PLACES, type Money } from '#operators';

/** The picture's own width, whatever the screen's. */
const WIDTH = 1000;
/** The least that can be seen. */
const THINNEST = 8;

/** Where the money is: a bar for the eye, which the same in words stands beside. */
export function moneyPicture(money: Money): Html {
  const { parts, whole, currency } = money;
  if (whole === 0) return html`<p class="sentence">${moneySentence(money)}</p>`;
  return html`${moneyBar(money)}
    <ul class="legend">
      ${parts.map(
        ({ place, amount }) =>
          html`<li>
            <span class="swatch at-${place}"></span>
            <span><strong class="amount">${formatMoney(amount, currency)}</strong> ${PLACES[place]}</span>
          </li>`,
      )}
    </ul>
    ${money.lost > 0 && html`<p class="sentence">${formatMoney(money.lost, currency)} went back twice: by a refund and by the bank.</p>`}`;
}

export function moneyBar(money: Money, look = ''): Html {
  const widths = widthsOf(money);
  let x = 0;
  const bars = money.parts.map(({ place }, index) => {
    const width = widths[index] ?? 0;
    const edge = x > 0 && html`<path class="edge" d="M${x} 0V10" />`;
    const bar = html`<rect class="at-${place}" x="${x}" y="0" width="${width}" height="10" />${edge}`;
    x += width;
    return bar;
  });
  return html`<svg
    class="picture ${look}"
    viewBox="0 0 ${WIDTH} 10"
    preserveAspectRatio="none"
    role="img"
    aria-label="${moneySentence(money)}"
  >
    ${bars}
  </svg>`;
}

/** In proportion, but for parts that would be too thin to be seen: the widest gives them what they lack. */
function widthsOf({ parts, whole }: Money): number[] {
  const widths = parts.map(({ amount }) => Math.max(THINNEST, Math.round((amount / whole) * WIDTH)));
  const excess = widths.reduce((total, width) => total + width, 0) - WIDTH;
  const widest = widths.indexOf(Math.max(...widths));
  return widths.map((width, index) => (index === widest ? width - excess : width));
}
