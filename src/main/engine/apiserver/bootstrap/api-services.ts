/**
 * The APIService of every group version, which says who serves it. Source: apiregistration.k8s.io/v1; kube-aggregator's
 * automatic registration.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { KindDefinition } from '../types.ts';

export const MANAGED = 'kube-aggregator.kubernetes.io/automanaged';
/** Of groups that come and go with definitions. */
const CUSTOM = { groupPriorityMinimum: 1000, versionPriority: 100 };

/** Order of the groups in discovery: what comes first wins where resources have the same name. */
const GROUPS: Readonly<Record<string, number>> = {
  '': 18_000,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'resource.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
};
/** Of groups that somebody behind the server answers for. */
export const AGGREGATED_PRIORITY = 100;

/** How far ahead of others a group is told. */
export function groupPriority({ group, aggregated }: KindDefinition): number {
  // What tells of the others stands in front of them and is told of by none.
  if (group === 'apiregistration.k8s.io') return Number.MAX_SAFE_INTEGER;
  return aggregated === undefined ? (GROUPS[group] ?? CUSTOM.groupPriorityMinimum) : AGGREGATED_PRIORITY;
}

const VERSIONS: Readonly<Record<string, number>> = {
  v1: 15,
  '/v1': 1,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'resource.k8s.io/v1': 21,
};

/** APIServices of what the server itself serves; `now`: RFC 3339. */
export function localServices(kinds: readonly KindDefinition[], now: string): KubeObject[] {
  const found = new Map<string, KubeObject>();
  for (const { group, version, aggregated } of kinds) {
    const groupPriorityMinimum = GROUPS[group];
    if (groupPriorityMinimum === undefined || aggregated !== undefined) continue;
    const versionPriority = VERSIONS[`${group}/${version}`] ?? VERSIONS[version] ?? 9;
    const service = local(group, version, { groupPriorityMinimum, versionPriority }, 'onstart', now);
    found.set(service.metadata.name!, service);
  }
  return [...found.values()];
}

/** APIServices of what definitions have established. */
export function customServices(definitions: Iterable<KubeObject>, now: string): KubeObject[] {
  const found = new Map<string, KubeObject>();
  for (const { spec = {}, status = {}, metadata } of definitions) {
    const established = ((status.conditions ?? []) as Json[]).some(
      (condition) => condition.type === 'Established' && condition.status === 'True',
    );
    if (!established || metadata.deletionTimestamp !== undefined) continue;
    for (const { name, served } of (spec.versions ?? []) as Json[])
      if (served) found.set(`${name}.${spec.group}`, local(spec.group, name, CUSTOM, 'true', now));
  }
  return [...found.values()];
}

function local(group: string, version: string, priority: Json, managed: string, now: string): KubeObject {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `${version}.${group}`, labels: { [MANAGED]: managed } },
    spec: { ...(group === '' ? {} : { group }), version, ...priority },
    status: { conditions: [available(now, 'Local', 'Local APIServices are always available')] },
  };
}

/** The condition of an APIService that answers. */
export function available(now: string, reason: string, message: string): Json {
  return { type: 'Available', status: 'True', lastTransitionTime: now, reason, message };
}
