/** Which actions fit a kind, and labels as kubectl takes them. Pure. */
import type { Target } from '#shared/contract/views.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import { canRestart, canScale } from './summary.ts';

export type BulkChoice = 'delete' | 'restart' | 'scale' | 'label' | 'cordon' | 'uncordon' | 'suspend' | 'resume';

export function actionsOf(resource: Pick<ResourceRef, 'group' | 'resource'>): BulkChoice[] {
  const node = resource.group === '' && resource.resource === 'nodes';
  const suspends = resource.group === 'batch' && ['cronjobs', 'jobs'].includes(resource.resource);
  return [
    ...(canRestart(resource) ? (['restart'] as const) : []),
    ...(canScale(resource) ? (['scale'] as const) : []),
    ...(node ? (['cordon', 'uncordon'] as const) : []),
    ...(suspends ? (['suspend', 'resume'] as const) : []),
    'label',
    'delete',
  ];
}

/** Rows of federations, by the federation: what is deleted there goes from its members too. */
export function federationsOf<T extends { target: Target }>(refs: readonly T[]): [string, T[]][] {
  const found = new Map<string, T[]>();
  for (const ref of refs)
    if (ref.target.kind === 'federation') found.set(ref.target.id, [...(found.get(ref.target.id) ?? []), ref]);
  return [...found];
}

const KEY = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

/** `team=red tier-`: the second one removes. Null when there is nothing or something is no label. */
export function parsePairs(text: string): Record<string, string | null> | null {
  const pairs: Record<string, string | null> = {};
  for (const part of text.split(/[\s,]+/).filter((word) => word !== '')) {
    const at = part.indexOf('=');
    const key = at < 0 ? part.replace(/-$/, '') : part.slice(0, at);
    const value = at < 0 ? null : part.slice(at + 1);
    if (!KEY.test(key) || (at < 0 && !part.endsWith('-')) || (value !== null && !VALUE.test(value))) return null;
    pairs[key] = value;
  }
  return Object.keys(pairs).length === 0 ? null : pairs;
}

/** Whether the same may pass a moment later; everything else is refused again until somebody changes something. */
export function mayPass({ code, retryable }: Pick<AppErrorShape, 'code' | 'retryable'>): boolean {
  return retryable || code === 'CONFLICT';
}
