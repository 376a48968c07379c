/** What is for sale. Prices live here, on the server: a browser sends skus and quantities, nothing else. */

export interface Ticket {
  readonly sku: string;
  readonly name: string;
  readonly about: string;
  /** In cents. */
  readonly price: number;
}

export const CURRENCY = 'EUR';
export const MOST_OF_ONE = 9;

export const TICKETS: readonly Ticket[] = [
  { sku: 'harbour-tour', name: 'Harbour tour', about: 'Ninety minutes by boat, every hour from ten.', price: 2400 },
  { sku: 'day-ticket', name: 'City day ticket', about: 'Trams, buses and ferries until midnight.', price: 1250 },
  {
    sku: 'fail-roof-concert',
    name: 'Rooftop concert',
    about: 'The last seats go to whoever is quickest; the sandbox never is. Watch the money come back.',
    price: 3100,
  },
  { sku: 'city-map', name: 'City map', about: 'Yours to keep.', price: 0 },
];

export interface Line {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitAmount: number;
}

/** What a customer put into the form, sku by sku. */
export interface Choice {
  /** Known to the browser as well, so that a form that is sent twice is recognised. */
  readonly cart: string;
  readonly quantities: ReadonlyMap<string, string>;
  readonly lines: readonly Line[];
  /** The skus whose quantity is none. */
  readonly wrong: readonly string[];
}

/** Reads a form with a quantity for each sku. What is not for sale is not read. */
export function choiceIn(form: URLSearchParams): Choice {
  const quantities = new Map(TICKETS.map(({ sku }) => [sku, (form.get(sku) ?? '').trim()]));
  const chosen = TICKETS.map((ticket) => ({ ...ticket, text: quantities.get(ticket.sku) || '0' }));
  const isQuantity = (text: string) => /^\d+$/.test(text) && Number(text) <= MOST_OF_ONE;
  const lines = chosen
    .filter(({ text }) => isQuantity(text) && Number(text) > 0)
    .map(({ sku, name, price, text }) => ({ sku, name, quantity: Number(text), unitAmount: price }));
  const wrong = chosen.filter(({ text }) => !isQuantity(text)).map(({ sku }) => sku);
  return { cart: form.get('cart') ?? '', quantities, lines, wrong };
}
