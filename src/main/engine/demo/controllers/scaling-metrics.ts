/**
 * How many replicas one resource metric asks for. Pure. Source: Kubernetes documentation "Horizontal Pod Autoscaling",
 * algorithm details: tolerance, pods that are not ready or have no metrics yet count conservatively.
 */

/** One pod of the target. */
export interface MeasuredPod {
  name: string;
  state: 'ready' | 'unready' | 'missing' | 'ignored';
  /** Of the containers that count, in thousandths of a core or of a byte; undefined when missing. */
  usage?: number;
  /** In the same unit; undefined when a container that counts has none: `missingRequest` says which. */
  request?: number;
  missingRequest?: string;
  /** There are metrics of the pod, if only of containers that do not count. */
  reported?: boolean;
}

export type MetricTarget =
  | { type: 'Utilization'; percent: number }
  /** In thousandths. */
  | { type: 'AverageValue'; value: number };

export interface Tolerances {
  up: number;
  down: number;
}

export interface MetricProposal {
  replicas: number;
  /** Percent of the request; only with a Utilization target. */
  utilization?: number;
  /** In thousandths. */
  average: number;
}

export class MetricError extends Error {}

/** @throws MetricError in the words of the controller. */
export function proposeReplicas(
  resource: string,
  pods: readonly MeasuredPod[],
  target: MetricTarget,
  current: number,
  tolerances: Tolerances,
): MetricProposal {
  if (pods.every((pod) => pod.usage === undefined && pod.reported !== true))
    throw new MetricError(
      `unable to get metrics for resource ${resource}: no metrics returned from resource metrics API`,
    );
  const ready = pods.filter((pod) => pod.state === 'ready');
  if (ready.length === 0) throw new MetricError('did not receive metrics for targeted pods (pods might be unready)');
  const lacking = target.type === 'Utilization' ? pods.find((pod) => pod.missingRequest !== undefined) : undefined;
  if (lacking?.missingRequest !== undefined) throw new MetricError(lacking.missingRequest);
  const unready = pods.filter((pod) => pod.state === 'unready');
  const missing = pods.filter((pod) => pod.state === 'missing');

  const first = ratioOf(ready, target);
  const observed = {
    average: first.average,
    ...(first.utilization === undefined ? {} : { utilization: first.utilization }),
  };
  const withUnready = unready.length > 0 && first.ratio > 1;
  if (!withUnready && missing.length === 0) {
    if (tolerable(first.ratio, tolerances)) return { replicas: current, ...observed };
    return { replicas: Math.ceil(first.ratio * ready.length), ...observed };
  }
  const counted = [...ready];
  if (missing.length > 0 && first.ratio !== 1) {
    for (const pod of missing) {
      if (first.ratio > 1) counted.push({ ...pod, usage: 0 });
      else counted.push({ ...pod, usage: assumed(pod, target) });
    }
  }
  if (withUnready) for (const pod of unready) counted.push({ ...pod, usage: 0 });
  const second = ratioOf(counted, target);
  const turned = (first.ratio < 1 && second.ratio > 1) || (first.ratio > 1 && second.ratio < 1);
  if (tolerable(second.ratio, tolerances) || turned) return { replicas: current, ...observed };
  const replicas = Math.ceil(second.ratio * counted.length);
  const against = (second.ratio < 1 && replicas > current) || (second.ratio > 1 && replicas < current);
  return { replicas: against ? current : replicas, ...observed };
}

function tolerable(ratio: number, { up, down }: Tolerances): boolean {
  return ratio >= 1 - down && ratio <= 1 + up;
}

/** When scaling down, a pod without metrics is taken to use all of its target. */
function assumed(pod: MeasuredPod, target: MetricTarget): number {
  return target.type === 'AverageValue' ? target.value : ((pod.request ?? 0) * Math.max(100, target.percent)) / 100;
}

function ratioOf(
  pods: readonly MeasuredPod[],
  target: MetricTarget,
): { ratio: number; average: number; utilization?: number } {
  const total = pods.reduce((sum, pod) => sum + (pod.usage ?? 0), 0);
  // Whole thousandths, as the controller counts.
  const average = Math.floor(total / pods.length);
  if (target.type === 'AverageValue') return { ratio: average / target.value, average };
  const requests = pods.reduce((sum, pod) => sum + (pod.request ?? 0), 0);
  const utilization = Math.floor((total * 100) / requests);
  return { ratio: utilization / target.percent, average, utilization };
}
