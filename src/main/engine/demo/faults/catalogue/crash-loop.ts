/** The program ends with an error soon after each start. */
import { behaviour, type FaultDefinition } from '../types.ts';

export const crashLoop: FaultDefinition = {
  id: 'crash-loop',
  scope: 'workload',
  parameters: [],
  effect: behaviour('crash'),
};
