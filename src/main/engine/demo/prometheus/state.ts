/** How a state of an object is written down: a sample without a time. Pure. */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject, OwnerReference } from '#shared/kubernetes/types.ts';
import { parseTime } from '../sim/objects.ts';
import type { Labels } from './types.ts';

export type State = readonly [metric: string, labels: Labels, value: number];
export type StateReader = (object: KubeObject) => State[];

export const flag = (on: boolean): number => (on ? 1 : 0);
export const seconds = (time: unknown): number => Math.floor(parseTime(time) / 1000);

export function created(metric: string, labels: Labels, object: KubeObject): State[] {
  return [[metric, labels, seconds(object.metadata.creationTimestamp)]];
}

/** A metric per listed status field; absent fields are zero. */
export function counts(
  prefix: string,
  labels: Labels,
  source: Json,
  fields: Readonly<Record<string, string>>,
): State[] {
  return Object.entries(fields).map(([metric, field]) => [`${prefix}_${metric}`, labels, Number(source?.[field] ?? 0)]);
}

/** One series per condition and status, as kube-state-metrics spells statuses. */
export function conditions(metric: string, labels: Labels, object: KubeObject): State[] {
  return (object.status?.conditions ?? []).flatMap((condition: Json) =>
    ['true', 'false', 'unknown'].map(
      (status): State => [
        metric,
        { ...labels, condition: condition.type, status },
        flag(String(condition.status).toLowerCase() === status),
      ],
    ),
  );
}

export function quantities(metric: string, labels: Labels, amounts: Json): State[] {
  return Object.entries(amounts ?? {}).map(([resource, amount]) => [
    metric,
    { ...labels, resource: resource.replace(/[^a-zA-Z0-9]/g, '_'), unit: unitOf(resource) },
    parseQuantity(amount),
  ]);
}

function unitOf(resource: string): string {
  if (resource === 'cpu') return 'core';
  return /memory|storage|hugepages/.test(resource) ? 'byte' : 'integer';
}

/** One series of 1 for what is so. */
export function info(metric: string, labels: Labels): State {
  return [metric, labels, 1];
}

/** A state with the time of its last change, where it has one. */
export function timed(metric: string, labels: Labels, time: unknown): State[] {
  const at = seconds(time);
  return Number.isNaN(at) ? [] : [[metric, labels, at]];
}

export function ownerLabels(owner: OwnerReference | undefined): Labels {
  return {
    owner_kind: owner?.kind ?? '',
    owner_name: owner?.name ?? '',
    owner_is_controller: owner === undefined ? '' : 'true',
  };
}
