/** The container grows past its memory limit and is killed. */
import { behaviour, type FaultDefinition } from '../types.ts';

export const outOfMemory: FaultDefinition = {
  id: 'out-of-memory',
  scope: 'workload',
  parameters: [],
  effect: behaviour('oom'),
};
