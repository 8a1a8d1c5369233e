/** The readiness probe fails: the pods run and get no traffic. */
import { behaviour, type FaultDefinition } from '../types.ts';

export const readinessFailing: FaultDefinition = {
  id: 'readiness-failing',
  scope: 'workload',
  parameters: [],
  effect: behaviour('unready'),
  probe: 'readinessProbe',
};
