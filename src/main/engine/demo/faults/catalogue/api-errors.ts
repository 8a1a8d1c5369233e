/** A share of the requests fails inside the API server: its store times out, or it is not ready. */
import type { FaultDefinition } from '../types.ts';

export const apiErrors: FaultDefinition = {
  id: 'api-errors',
  scope: 'cluster',
  parameters: [
    { name: 'rate', type: 'number', unit: 'percent', min: 1, max: 100, initial: 50 },
    { name: 'status', type: 'choice', choices: ['500', '503'], initial: '500' },
  ],
  effect: {
    kind: 'door',
    of: ({ rate, status }) => ({ refusal: { percent: Number(rate), status: status === '503' ? 503 : 500 } }),
  },
};
