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

/** The lines of an order, from a form with a quantity for each sku. What is not for sale is not read. */
export function linesFrom(form: URLSearchParams): Line[] {
  return TICKETS.flatMap(({ sku, name, price }) => {
    const quantity = Math.min(Math.max(Math.trunc(Number(form.get(sku))) || 0, 0), MOST_OF_ONE);
    return quantity === 0 ? [] : [{ sku, name, quantity, unitAmount: price }];
  });
}

const EUROS = new Intl.NumberFormat('en-IE', { style: 'currency', currency: CURRENCY });

/** @param cents as Holdfast and Stripe count them */
export function money(cents: number): string {
  return EUROS.format(cents / 100);
}
