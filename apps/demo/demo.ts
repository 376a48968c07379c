import {
  CustomerClient,
  DemoFailure,
  PartnerClient,
  type Addresses,
  type LedgerLine,
  type Order,
} from './demo.client.js';
import { differences, moneyOfOrder } from './demo.money.js';
import { STORIES, Teller, type Story } from './demo.story.js';
import { amount, LEGEND, table } from './demo.terminal.js';

interface Played {
  readonly story: Story;
  readonly order: Order;
}

type Print = (line: string) => void;

/**
 * Plays the journey against a running start and compares Holdfast's books with those of Stripe's side.
 * @returns the exit code: 0 when every order ended as it should and all numbers agree
 */
export async function playDemo(addresses: Addresses, print: Print): Promise<0 | 1> {
  try {
    await refuseWhereNothingAnswers(addresses);
    print(`Holdfast at ${addresses.api}, Stripe’s part played by the sandbox at ${addresses.sandbox}.`);
    print(LEGEND);
    const customer = new CustomerClient(addresses.sandbox);
    const played = await playStories(new PartnerClient(addresses.api), customer, print);
    return summarise(played, await customer.ledger(), print);
  } catch (error) {
    if (!(error instanceof DemoFailure)) throw error;
    print(error.message);
    return 1;
  }
}

async function refuseWhereNothingAnswers(addresses: Addresses): Promise<void> {
  await answers('Holdfast', `${addresses.api}/health/ready`);
  await answers('The sandbox', `${addresses.sandbox}/_sandbox/clock`);
}

async function answers(who: string, url: string): Promise<void> {
  const response = await fetch(url).catch(() => undefined);
  if (response?.ok) return;
  const { origin } = new URL(url);
  throw new DemoFailure(
    `${who} does not answer at ${origin}. Run \`npm start\` in another terminal, with the same HOST, PORT and SANDBOX_PORT.`,
  );
}

async function playStories(partner: PartnerClient, customer: CustomerClient, print: Print): Promise<Played[]> {
  const teller = new Teller(partner, customer, print);
  const accountId = await partner.createAccount('Ada Lovelace');
  const played: Played[] = [];
  for (const [index, story] of STORIES.entries()) {
    print('');
    print(`${index + 1}. ${story.title}`);
    played.push({ story, order: await teller.play(story, accountId) });
  }
  return played;
}

function summarise(played: readonly Played[], ledger: readonly LedgerLine[], print: Print): 0 | 1 {
  const rows = played.map(({ order }) => {
    const { reserved, captured, released } = moneyOfOrder(order);
    return [order.orderNumber, order.orderStatus, ...[order.totalAmount, reserved, captured, released].map(amount)];
  });
  print('');
  print('Summary');
  for (const line of table(['order', 'status', 'total', 'reserved', 'captured', 'released'], rows)) print(line);
  print('');
  const wrong = played.flatMap(({ order, story }) => differences(order, story.endsAs, ledger));
  for (const line of wrong) print(`DIFFERENT: ${line}`);
  if (wrong.length > 0) return 1;
  print('Every order ended as it should, and every amount agrees with the sandbox’s ledger.');
  return 0;
}
