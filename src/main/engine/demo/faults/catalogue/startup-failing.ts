/** The startup probe never succeeds: kubelet gives up on each start. */
import { behaviour, type FaultDefinition } from '../types.ts';

export const startupFailing: FaultDefinition = {
  id: 'startup-failing',
  scope: 'workload',
  parameters: [],
  effect: behaviour('unstarted'),
  probe: 'startupProbe',
};
