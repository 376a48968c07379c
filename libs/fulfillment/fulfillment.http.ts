import { Injectable } from '@nestjs/common';
import { FulfillmentSecrets, PartnersService, type PartnerEntity } from '#partners';
import { BODY_NOT_JSON, Problem, RequestBody } from '#http';
import { Outbound, OutboundFailed, signatureHeaders } from '#outbound';
import { ReportDto } from './dto/report.dto.js';
import { FulfillmentCircuit } from './fulfillment.circuit.js';
import { TryAgain, type Fulfiller, type Fulfilment, type Wish } from './fulfillment.fulfiller.js';
import { outcomeOf } from './fulfillment.outcome.js';

/** Refusals that pass: time-outs, conflicts with a try under way, too early, too many. */
const PASSING = [408, 409, 425, 429];

/** A supplier's answer before it is weighed. */
type Answer = { readonly status: number; readonly body: string } | OutboundFailed;

/** Asks the partner's registered fulfilment address, signed, under a key that is the same for every try. */
@Injectable()
export class HttpFulfiller implements Fulfiller {
  readonly name = 'http';

  constructor(
    private readonly partners: PartnersService,
    private readonly secrets: FulfillmentSecrets,
    private readonly outbound: Outbound,
    private readonly circuit: FulfillmentCircuit,
  ) {}

  async deliver(wish: Wish): Promise<Fulfilment> {
    const partner = await this.partners.find(wish.order.partnerId);
    if (!partner?.fulfillmentUrl) return { kind: 'failed', statusText: 'No fulfilment address is registered' };
    const seconds = await this.circuit.admit(partner.fulfillmentUrl);
    if (seconds > 0) return { kind: 'not-now', seconds };
    const answer = await this.ask(partner.fulfillmentUrl, wish);
    await this.circuit.record(partner.fulfillmentUrl, isDown(answer) ? 'down' : 'answers');
    return weigh(answer, partner);
  }

  private async ask(address: string, { order, item }: Wish): Promise<Answer> {
    const { orderItemNumber, sku, name, quantity } = item;
    const { orderNumber, partnerId, metadata } = order;
    const body = JSON.stringify({ orderNumber, orderItemNumber, sku, name, quantity, metadata });
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      'idempotency-key': orderItemNumber,
      // Receivers compare with their own clocks: real time, also where business time is ahead.
      ...signatureHeaders(await this.secrets.valid(partnerId), `fulfillment-${orderItemNumber}`, new Date(), body),
    };
    try {
      return await this.outbound.post(address, { body, headers });
    } catch (error) {
      if (error instanceof OutboundFailed) return error;
      throw error;
    }
  }
}

function isDown(answer: Answer): boolean {
  return answer instanceof OutboundFailed || answer.status >= 500 || answer.status === 429;
}

/** @throws TryAgain when another try may bring an outcome */
function weigh(answer: Answer, { fulfillmentAttempts }: PartnerEntity): Fulfilment {
  if (answer instanceof OutboundFailed) throw new TryAgain(`the supplier: ${answer.message}`, fulfillmentAttempts);
  const { status, body } = answer;
  if (status === 202) return { kind: 'reported-later' };
  const isRefused = status >= 400 && status < 500 && !PASSING.includes(status);
  if (isRefused) return { kind: 'failed', statusText: `The supplier refused the item with status ${status}` };
  if (status !== 200) throw new TryAgain(`the supplier answered with status ${status}`, fulfillmentAttempts);
  try {
    return outcomeOf(new RequestBody(ReportDto, Buffer.from(body)).validated());
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new TryAgain(`the supplier's answer is not valid: ${faultOf(error)}`, fulfillmentAttempts);
  }
}

/** The first fault; the text of an item has no room for all, and nothing of what was sent belongs there. */
function faultOf(problem: Problem): string {
  if (problem.kind === BODY_NOT_JSON) return 'the body is not JSON';
  return (problem.details.validationMessages?.[0]?.message ?? problem.message).slice(0, 200);
}
