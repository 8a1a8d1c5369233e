/** Where kinds keep their pod template, and the walks over a pod that several interpreters need. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

/** The pod spec inside a workload, or undefined for kinds without one. */
export function podSpecOf(object: KubeObject): Json | undefined {
  switch (object.kind) {
    case 'Pod':
      return object.spec;
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'Job':
      return object.spec?.template?.spec;
    case 'CronJob':
      return object.spec?.jobTemplate?.spec?.template?.spec;
    default:
      return undefined;
  }
}

/** Init containers first, as the API machinery visits them. */
export function allContainers(podSpec: Json): Json[] {
  return [...(podSpec.initContainers ?? []), ...(podSpec.containers ?? []), ...(podSpec.ephemeralContainers ?? [])];
}
