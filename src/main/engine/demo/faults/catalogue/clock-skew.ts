/** The control plane's clock is wrong: Date headers and creation times are off, nodes and this machine are right. */
import type { FaultDefinition } from '../types.ts';

export const clockSkew: FaultDefinition = {
  id: 'clock-skew',
  scope: 'cluster',
  parameters: [{ name: 'offset', type: 'number', unit: 'seconds', min: -86_400, max: 86_400, initial: 600 }],
  effect: { kind: 'door', of: ({ offset }) => ({ clockOffsetMs: Number(offset) * 1000 }) },
};
