/**
 * From the replicas that metrics ask for to the replicas a target gets: stabilization, the behaviour's rates, limits.
 * Pure; the caller keeps the history. Source: Kubernetes documentation "Horizontal Pod Autoscaling", KEP-853.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import type { Condition } from '../sim/objects.ts';

export interface Recommendation {
  at: number;
  replicas: number;
}

/** A change of the target made by this controller; positive up, negative down. */
export interface ScaleEvent {
  at: number;
  change: number;
}

export interface ScalingInput {
  current: number;
  /** What the metrics ask for. */
  desired: number;
  minReplicas: number;
  maxReplicas: number;
  /** spec.behavior with its defaults, or undefined. */
  behavior: Json;
  recommendations: readonly Recommendation[];
  events: readonly ScaleEvent[];
  now: number;
  /** Milliseconds that a second of a window or period takes. */
  secondMs: number;
}

export interface ScalingDecision {
  replicas: number;
  able: Omit<Condition, 'type'>;
  limited: Omit<Condition, 'type'>;
}

/** --horizontal-pod-autoscaler-downscale-stabilization */
export const DOWNSCALE_STABILIZATION_S = 300;

export function decideScale(input: ScalingInput): ScalingDecision {
  const stabilized = stabilize(input);
  const able: Omit<Condition, 'type'> =
    stabilized === input.desired
      ? { status: 'True', reason: 'ReadyForNewScale', message: 'recommended size matches current size' }
      : stabilized > input.desired
        ? {
            status: 'True',
            reason: 'ScaleDownStabilized',
            message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
          }
        : {
            status: 'True',
            reason: 'ScaleUpStabilized',
            message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
          };
  const { replicas, reason } =
    input.behavior === undefined ? withDefaultRates(input, stabilized) : withBehavior(input, stabilized);
  const limited: Omit<Condition, 'type'> =
    reason === null
      ? { status: 'False', reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' }
      : { status: 'True', reason, message: LIMITS[reason] };
  return { replicas, able, limited };
}

const LIMITS = {
  TooFewReplicas: 'the desired replica count is less than the minimum replica count',
  TooManyReplicas: 'the desired replica count is more than the maximum replica count',
  ScaleUpLimit: 'the desired replica count is increasing faster than the maximum scale rate',
  ScaleDownLimit: 'the desired replica count is decreasing faster than the maximum scale rate',
} as const;

type Limit = keyof typeof LIMITS;

function stabilize(input: ScalingInput): number {
  const { current, desired, behavior, recommendations, now, secondMs } = input;
  const within = (seconds: number) =>
    recommendations.filter((one) => one.at > now - seconds * secondMs).map((one) => one.replicas);
  const downWindow: number = behavior?.scaleDown?.stabilizationWindowSeconds ?? DOWNSCALE_STABILIZATION_S;
  const highest = Math.max(desired, ...within(downWindow));
  if (behavior === undefined) return highest;
  const lowest = Math.min(desired, ...within(behavior.scaleUp?.stabilizationWindowSeconds ?? 0));
  // Between the two the target stays as it is.
  return Math.min(Math.max(current, lowest), highest);
}

function withDefaultRates({ current, minReplicas, maxReplicas }: ScalingInput, desired: number) {
  const fastest = Math.max(2 * current, 4);
  const most = Math.min(maxReplicas, fastest);
  if (desired < minReplicas) return limited(minReplicas, 'TooFewReplicas');
  if (desired > most) return limited(most, fastest < maxReplicas ? 'ScaleUpLimit' : 'TooManyReplicas');
  return limited(desired, null);
}

function withBehavior(input: ScalingInput, desired: number) {
  const { current, minReplicas, maxReplicas, behavior } = input;
  if (desired > current) {
    const rate = Math.max(current, rateLimit(input, behavior.scaleUp, 'up'));
    const most = Math.min(maxReplicas, rate);
    if (desired > most) return limited(most, rate < maxReplicas ? 'ScaleUpLimit' : 'TooManyReplicas');
  } else if (desired < current) {
    const rate = Math.min(current, rateLimit(input, behavior.scaleDown, 'down'));
    const fewest = Math.max(minReplicas, rate);
    if (desired < fewest) return limited(fewest, rate > minReplicas ? 'ScaleDownLimit' : 'TooFewReplicas');
  } else if (desired < minReplicas) return limited(minReplicas, 'TooFewReplicas');
  else if (desired > maxReplicas) return limited(maxReplicas, 'TooManyReplicas');
  return limited(desired, null);
}

function limited(replicas: number, reason: Limit | null): { replicas: number; reason: Limit | null } {
  return { replicas, reason };
}

/** The replicas that the policies of one direction allow now, in the floating point numbers of the controller: 10 % up from 100 is 111. */
function rateLimit(input: ScalingInput, rules: Json, way: 'up' | 'down'): number {
  const { current, events, now, secondMs } = input;
  const select: string = rules?.selectPolicy ?? 'Max';
  if (select === 'Disabled') return current;
  const proposals: number[] = (rules?.policies ?? []).map((policy: Json) => {
    const since = now - policy.periodSeconds * secondMs;
    const changed = events.filter((event) => event.at > since).reduce((sum, event) => sum + event.change, 0);
    const start = current - changed;
    if (policy.type === 'Pods') return way === 'up' ? start + policy.value : start - policy.value;
    return way === 'up' ? Math.ceil(start * (1 + policy.value / 100)) : Math.trunc(start * (1 - policy.value / 100));
  });
  if (proposals.length === 0) return way === 'up' ? Number.POSITIVE_INFINITY : 0;
  // Max is the policy that changes most: upwards the highest, downwards the lowest.
  return (select === 'Max') === (way === 'up') ? Math.max(...proposals) : Math.min(...proposals);
}
