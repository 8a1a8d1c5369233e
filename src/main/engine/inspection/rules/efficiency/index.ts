/** What is reserved and not used, or used and not reserved. All of them need the metrics API. */
import type { Rule } from '../../types.ts';
import { cpuAtLimit } from './cpu-at-limit.ts';
import { memoryNearLimit } from './memory-near-limit.ts';
import { nodeOverloaded } from './node-overloaded.ts';
import { usageAboveRequest } from './usage-above-request.ts';
import { usageBelowRequest } from './usage-below-request.ts';

export const EFFICIENCY_RULES: readonly Rule[] = [
  memoryNearLimit,
  cpuAtLimit,
  usageAboveRequest,
  usageBelowRequest,
  nodeOverloaded,
];
