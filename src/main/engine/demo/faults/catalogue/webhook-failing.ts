/** An admission webhook with failurePolicy Fail whose service has nobody behind it: no pod can be made or changed. */
import type { FaultDefinition } from '../types.ts';

export const webhookFailing: FaultDefinition = {
  id: 'webhook-failing',
  scope: 'cluster',
  parameters: [],
  effect: {
    kind: 'staged',
    start: ({ webhook, client }) => webhook.begin(client),
    stop: ({ webhook, client }) => webhook.end(client),
  },
};
