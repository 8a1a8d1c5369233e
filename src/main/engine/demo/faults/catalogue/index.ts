/** All faults, in the order a person is shown them. */
import type { FaultId } from '#shared/contract/demo.ts';
import type { FaultDefinition } from '../types.ts';
import { apiErrors } from './api-errors.ts';
import { apiSlow } from './api-slow.ts';
import { apiThrottled } from './api-throttled.ts';
import { apiUnreachable } from './api-unreachable.ts';
import { recordedCase } from './case.ts';
import { certificateExpiring } from './certificate-expiring.ts';
import { clockSkew } from './clock-skew.ts';
import { crashLoop } from './crash-loop.ts';
import { imageForbidden } from './image-forbidden.ts';
import { imageMissing } from './image-missing.ts';
import { livenessFailing } from './liveness-failing.ts';
import { nodeNotReady } from './node-not-ready.ts';
import { nodePressure } from './node-pressure.ts';
import { outOfMemory } from './out-of-memory.ts';
import { readinessFailing } from './readiness-failing.ts';
import { startupFailing } from './startup-failing.ts';
import { volumePending } from './volume-pending.ts';
import { webhookFailing } from './webhook-failing.ts';

export const FAULTS: readonly FaultDefinition[] = [
  apiUnreachable,
  apiSlow,
  apiErrors,
  apiThrottled,
  certificateExpiring,
  clockSkew,
  webhookFailing,
  nodeNotReady,
  nodePressure,
  volumePending,
  imageMissing,
  imageForbidden,
  crashLoop,
  outOfMemory,
  readinessFailing,
  livenessFailing,
  startupFailing,
  recordedCase,
];

const byId = new Map(FAULTS.map((fault) => [fault.id, fault]));

export function faultOf(id: FaultId): FaultDefinition {
  const fault = byId.get(id);
  if (fault === undefined) throw new RangeError(`no fault ${id}`);
  return fault;
}
