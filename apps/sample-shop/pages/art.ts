import { Html } from './html.js';

const WAVES = 'M8 46q6-5 12 0t12 0 12 0 12 0M8 54q6-5 12 0t12 0 12 0 12 0';

/** A small picture for each ticket, in lines on a ground. What has none gets the ticket itself. */
const LINES: Readonly<Record<string, string>> = {
  'harbour-tour': `M12 34h40l-6 8H18zM32 8v24M32 12l14 18H32M29 16L18 30h11 ${WAVES}`,
  'day-ticket': 'M16 14h32v32H16zM16 32h32M32 14v18M24 8h16M32 8v6M22 39h.1M42 39h.1M20 54l5-8M44 54l-5-8',
  'fail-roof-concert':
    'M24 44V16l22-5v27M24 24l22-5M24 44a6 5 0 1 1-12 0 6 5 0 0 1 12 0M46 38a6 5 0 1 1-12 0 6 5 0 0 1 12 0',
  'city-map': 'M10 16l14-5 16 6 14-5v36l-14 5-16-6-14 5zM24 11v36M40 17v36',
};
const TICKET = 'M8 20h48v8a5 5 0 0 0 0 10v8H8v-8a5 5 0 0 0 0-10zM40 20v26';

export function artOf(sku: string): Html {
  return new Html(
    '<svg class="art" viewBox="0 0 64 64" width="64" height="64" aria-hidden="true"><rect width="64" height="64" rx="12" fill="#e3eff5"/>' +
      `<path d="${LINES[sku] ?? TICKET}" fill="none" stroke="#0b3954" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"/></svg>`,
  );
}
