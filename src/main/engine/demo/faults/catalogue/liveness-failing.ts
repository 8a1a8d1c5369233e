/** The liveness probe fails: kubelet restarts the containers again and again. */
import { behaviour, type FaultDefinition } from '../types.ts';

export const livenessFailing: FaultDefinition = {
  id: 'liveness-failing',
  scope: 'workload',
  parameters: [],
  effect: behaviour('unhealthy'),
  probe: 'livenessProbe',
};
