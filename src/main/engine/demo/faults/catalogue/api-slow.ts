/** Every request to the API server waits before it is looked at. */
import type { FaultDefinition } from '../types.ts';

export const apiSlow: FaultDefinition = {
  id: 'api-slow',
  scope: 'cluster',
  parameters: [{ name: 'delay', type: 'number', unit: 'milliseconds', min: 50, max: 60_000, initial: 2000 }],
  effect: { kind: 'door', of: ({ delay }) => ({ delayMs: Number(delay) }) },
};
