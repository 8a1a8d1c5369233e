/**
 * Makes a control plane that others run let go of the members without touching them: everything is suspended and nothing
 * is deleted when it is deleted there. What it was before is remembered on each object, so that it can be taken back.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { KubeClient } from '../../kube/index.ts';
import {
  CLUSTER_PROPAGATION_POLICIES,
  CLUSTER_RESOURCE_BINDINGS,
  KEYS,
  NAMESPACES,
  PROPAGATION_POLICIES,
  RESOURCE_BINDINGS,
  WORKS,
  type Work,
} from '../api.ts';
import { isReservedNamespace } from '../controllers/templates.ts';
import { mutate } from '../controllers/write.ts';

const BEFORE = 'fleetdeck.io/before-move';
const OF_NAMESPACE = 'Namespace';

/** Policies first: bindings follow them, and those that do not (lazy ones) are suspended themselves. */
const SUSPENDED = [
  PROPAGATION_POLICIES,
  CLUSTER_PROPAGATION_POLICIES,
  RESOURCE_BINDINGS,
  CLUSTER_RESOURCE_BINDINGS,
] as const;

/** `only`: policies, bindings and namespaces of these names (`Kind namespace/name`); everything when it is left out. */
export async function suspend(client: KubeClient, only?: ReadonlySet<string>): Promise<void> {
  for (const ref of SUSPENDED)
    for (const { kind, metadata } of (await client.list(ref)).items) {
      const { namespace, name = '' } = metadata;
      if (only !== undefined && !only.has(idOf(kind, namespace, name))) continue;
      await mutate(client, ref, { namespace, name }, (live) => {
        if (live.metadata.deletionTimestamp || isSuspended(live)) return false;
        const { suspension = null, preserveResourcesOnDeletion = null } = live.spec ?? {};
        const before = JSON.stringify({ suspension, preserveResourcesOnDeletion });
        live.metadata.annotations = { ...live.metadata.annotations, [BEFORE]: before };
        // Decisions stop, too: one that is under way when the federation comes back would place it anew.
        const scheduling = ref === RESOURCE_BINDINGS || ref === CLUSTER_RESOURCE_BINDINGS;
        live.spec = {
          ...live.spec,
          suspension: { dispatching: true, ...(scheduling && { scheduling }) },
          preserveResourcesOnDeletion: true,
        };
        return true;
      });
    }
  await suspendNamespaces(client, (name) => only === undefined || only.has(idOf(OF_NAMESPACE, undefined, name)));
}

/** Namespaces are not distributed by policies. */
async function suspendNamespaces(client: KubeClient, concerns: (name: string) => boolean): Promise<void> {
  for (const { metadata } of (await client.list(NAMESPACES)).items) {
    const { name = '' } = metadata;
    if (name === 'default' || isReservedNamespace(name) || !concerns(name)) continue;
    await mutate(client, NAMESPACES, { name }, (live) => {
      if (isSuspended(live)) return false;
      const before = JSON.stringify(live.metadata.labels?.[KEYS.skipAutoPropagation] ?? null);
      live.metadata.annotations = { ...live.metadata.annotations, [BEFORE]: before };
      live.metadata.labels = { ...live.metadata.labels, [KEYS.skipAutoPropagation]: 'true' };
      return true;
    });
  }
  for (const { metadata, spec } of (await client.list<Work>(WORKS)).items) {
    const [manifest] = spec.workload.manifests ?? [];
    if (manifest?.kind !== OF_NAMESPACE || !concerns(manifest.metadata.name ?? '')) continue;
    await mutate<Work>(client, WORKS, { namespace: metadata.namespace, name: metadata.name ?? '' }, (live) => {
      live.spec = { ...live.spec, suspendDispatching: true, preserveResourcesOnDeletion: true };
    });
  }
}

/** Works that would still be dispatched. */
export async function stillDispatched(client: KubeClient): Promise<string[]> {
  const { items } = await client.list<Work>(WORKS);
  return items
    .filter(({ metadata, spec }) => {
      const ofBinding = [KEYS.rbId, KEYS.crbId].some((key) => metadata.labels?.[key] !== undefined);
      return ofBinding && !metadata.deletionTimestamp && spec.suspendDispatching !== true;
    })
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

/** Everything as it was before. */
export async function resume(client: KubeClient): Promise<void> {
  for (const ref of [...SUSPENDED].reverse())
    for (const { metadata } of (await client.list(ref)).items)
      await mutate(client, ref, { namespace: metadata.namespace, name: metadata.name ?? '' }, (live) => {
        const before = beforeOf(live);
        if (before === undefined) return false;
        for (const field of ['suspension', 'preserveResourcesOnDeletion'])
          if (before?.[field] == null) delete live.spec[field];
          else live.spec[field] = before[field];
        return true;
      });
  for (const { metadata } of (await client.list(NAMESPACES)).items)
    await mutate(client, NAMESPACES, { name: metadata.name ?? '' }, (live) => {
      const before = beforeOf(live);
      if (before === undefined) return false;
      if (before === null) delete live.metadata.labels?.[KEYS.skipAutoPropagation];
      return true;
    });
  await resumeNamespaces(client);
}

/** The Works of namespaces are dispatched again. */
export async function resumeNamespaces(client: KubeClient): Promise<void> {
  for (const { metadata, spec } of (await client.list<Work>(WORKS)).items) {
    if (spec.workload.manifests?.[0]?.kind !== OF_NAMESPACE) continue;
    await mutate<Work>(client, WORKS, { namespace: metadata.namespace, name: metadata.name ?? '' }, (live) => {
      delete live.spec.suspendDispatching;
      delete live.spec.preserveResourcesOnDeletion;
    });
  }
}

/** Whether a move has made it let go of the members. */
export function isSuspended({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[BEFORE] !== undefined;
}

/** What was remembered, taken off the object; undefined when nothing was. */
function beforeOf(live: KubeObject): Json | undefined {
  const text = live.metadata.annotations?.[BEFORE];
  if (text === undefined) return undefined;
  delete live.metadata.annotations?.[BEFORE];
  return JSON.parse(text) as Json;
}

/** A suspended object as it was, for writing it elsewhere; in place. */
export function asBefore(object: KubeObject): KubeObject {
  const before = beforeOf(object);
  if (before === undefined) return object;
  if (object.kind === OF_NAMESPACE) {
    if (before === null) delete object.metadata.labels?.[KEYS.skipAutoPropagation];
    return object;
  }
  for (const field of ['suspension', 'preserveResourcesOnDeletion'])
    if (before?.[field] == null) delete object.spec?.[field];
    else if (object.spec) object.spec[field] = before[field];
  return object;
}

export function idOf(kind: string, namespace: string | undefined, name: string): string {
  return `${kind} ${namespace ?? ''}/${name}`;
}
