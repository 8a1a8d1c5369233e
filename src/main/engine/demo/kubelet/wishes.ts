/**
 * The behaviour annotation that holds for a pod: its own together with that of its controller and of the controller's
 * controller (a Deployment behind a ReplicaSet, a CronJob behind a Job), and of its namespace, so that a person can
 * annotate what they know by name.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import type { Cache, CacheListener } from '../sim/cache.ts';
import { jobsOf, podsInNamespace, podsOf, replicaSetsOf } from '../sim/indexes.ts';
import { controllerOf, nameOf, namespaceOf } from '../sim/objects.ts';
import type { Caches } from '../sim/world.ts';
import { behaviourNamed, behaviourWish, CLUSTER_NAMESPACE, partsOf } from './behaviour.ts';
import { pullAnswer } from './images.ts';

/** Their image faults are on the template: a release gone wrong leaves the pods of the one before as they are. */
const RELEASED = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

export function wishOf(caches: Caches, pod: KubeObject): string {
  const owner = ownerOf(caches, pod);
  const shared = partsOf(behaviourWish(namespaceFollowed(caches, namespaceOf(pod))));
  return [...partsOf(behaviourWish(pod)), ...(owner === undefined ? [] : inherited(owner)), ...shared].join(',');
}

/** The one that stands for the cluster has the faults of the cluster (faults/on-cluster.ts), not those of its pods. */
function namespaceFollowed(caches: Caches, name: string): KubeObject | undefined {
  return name === CLUSTER_NAMESPACE ? undefined : caches.namespaces.get(name);
}

function inherited(owner: KubeObject): string[] {
  const parts = partsOf(behaviourWish(owner));
  return RELEASED.has(owner.kind) ? parts.filter((part) => pullAnswer(behaviourNamed(part)) === null) : parts;
}

/** Who decides: the Deployment rather than its ReplicaSet, which keeps copies of annotations that are gone. */
function ownerOf(caches: Caches, pod: KubeObject): KubeObject | undefined {
  const owner = controllerOf(pod);
  if (owner === undefined) return undefined;
  const key = `${namespaceOf(pod)}/${owner.name}`;
  const found = cacheOf(caches, owner.kind)?.get(key);
  const above = found === undefined ? undefined : controllerOf(found);
  const cache = above?.kind === 'Deployment' ? caches.deployments : above?.kind === 'CronJob' ? caches.cronJobs : null;
  return cache === null ? found : cache.get(`${namespaceOf(pod)}/${above?.name}`);
}

function cacheOf(caches: Caches, kind: string): Cache | undefined {
  switch (kind) {
    case 'ReplicaSet':
      return caches.replicaSets;
    case 'ReplicationController':
      return caches.replicationControllers;
    case 'StatefulSet':
      return caches.statefulSets;
    case 'DaemonSet':
      return caches.daemonSets;
    case 'Job':
      return caches.jobs;
    default:
      return undefined;
  }
}

/** For the kubelets: which pods have to look again when the annotation of a controller changed. */
export function wishWatches(
  caches: Caches,
): { cache: Cache; on(...change: Parameters<CacheListener>): string[] | undefined }[] {
  const ofOwner = (cache: Cache) => ({
    cache,
    on: (object: KubeObject, previous: KubeObject | undefined, deleted: boolean) =>
      changed(object, previous, deleted) ? podsOf(caches, object).map(objectKey) : undefined,
  });
  return [
    ofOwner(caches.replicaSets),
    ofOwner(caches.replicationControllers),
    ofOwner(caches.statefulSets),
    ofOwner(caches.daemonSets),
    ofOwner(caches.jobs),
    {
      cache: caches.cronJobs,
      on: (cronJob, previous, deleted) =>
        changed(cronJob, previous, deleted)
          ? jobsOf(caches, cronJob).flatMap((job) => podsOf(caches, job).map(objectKey))
          : undefined,
    },
    {
      cache: caches.namespaces,
      on: (namespace, previous, deleted) =>
        nameOf(namespace) !== CLUSTER_NAMESPACE && changed(namespace, previous, deleted)
          ? podsInNamespace(caches, nameOf(namespace)).map(objectKey)
          : undefined,
    },
    {
      cache: caches.deployments,
      on: (deployment, previous, deleted) =>
        changed(deployment, previous, deleted)
          ? replicaSetsOf(caches, deployment).flatMap((set) => podsOf(caches, set).map(objectKey))
          : undefined,
    },
  ];
}

function changed(object: KubeObject, previous: KubeObject | undefined, deleted: boolean): boolean {
  return !deleted && previous !== undefined && behaviourWish(object) !== behaviourWish(previous);
}
