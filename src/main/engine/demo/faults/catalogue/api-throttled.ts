/** A share of the requests is turned away by API priority and fairness. */
import type { FaultDefinition } from '../types.ts';

export const apiThrottled: FaultDefinition = {
  id: 'api-throttled',
  scope: 'cluster',
  parameters: [{ name: 'rate', type: 'number', unit: 'percent', min: 1, max: 100, initial: 80 }],
  effect: { kind: 'door', of: ({ rate }) => ({ refusal: { percent: Number(rate), status: 429 } }) },
};
