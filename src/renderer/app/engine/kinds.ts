/** The kinds a target serves, from discovery, and where an object of a kind is addressed. */
import type { ResourceKind } from '#shared/contract/resources.ts';
import type { Target } from '#shared/contract/views.ts';
import { type ResourceRef, splitApiVersion } from '#shared/kubernetes/types.ts';
import { targetKey } from '../../stores/targets.ts';
import { commonKinds } from '../kinds.ts';
import { engine } from './client.ts';
import { type Read, useRead } from './hooks.ts';

export function useKinds(target: Target | null): Read<ResourceKind[]> {
  return useRead(target === null ? null : ['resources', 'kinds', targetKey(target)], (signal) =>
    engine.resources.kinds.query({ target: target ?? { kind: 'cluster', id: '' } }, { signal }),
  );
}

/** Where objects of `kind` are: by discovery, else as every cluster has it. */
export function refOf(
  kinds: readonly ResourceKind[] | undefined,
  apiVersion: string,
  kind: string,
): ResourceRef | undefined {
  const { group, version } = splitApiVersion(apiVersion);
  const found =
    kinds?.find((each) => each.group === group && each.version === version && each.kind === kind) ??
    commonKinds.find((each) => each.group === group && each.kind === kind);
  return found === undefined ? undefined : { group, version, resource: found.resource };
}
