/** The certificate on the API server's port ends in a few days, or has ended. */
import type { FaultDefinition } from '../types.ts';

const DAY_MS = 24 * 3600 * 1000;

export const certificateExpiring: FaultDefinition = {
  id: 'certificate-expiring',
  scope: 'cluster',
  parameters: [{ name: 'days', type: 'number', unit: 'days', min: -30, max: 60, initial: 3 }],
  effect: { kind: 'door', of: ({ days }, startedAt) => ({ certificateEnd: startedAt + Number(days) * DAY_MS }) },
};
