import type { ReportDto } from './dto/report.dto.js';
import type { Outcome } from './fulfillment.fulfiller.js';

/** What a report, or the answer of a supplier, says of its item. */
export function outcomeOf({ outcome, statusText, deliverables }: ReportDto): Outcome {
  if (outcome === 'Failed') return { kind: 'failed', statusText: statusText ?? 'Reported as failed' };
  return { kind: 'delivered', deliverables: deliverables ?? [], ...(statusText !== undefined && { statusText }) };
}

export const statusOf = ({ kind }: Outcome): 'Delivered' | 'Failed' => (kind === 'delivered' ? 'Delivered' : 'Failed');
