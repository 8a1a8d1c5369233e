/**
 * Gives every member the namespaces of the federation, except those of the system. A namespace that a member has
 * already is used as it is and never deleted by us (upstream reports an error for it for ever).
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { createWorkQueue } from '../../kube/index.ts';
import { type ClusterObject, FINALIZERS, KEYS, WORKS, type Work } from '../api.ts';
import { prune } from '../interpreter/index.ts';
import { covers } from '../json.ts';
import { executionNamespace, workName } from '../naming.ts';
import { appliedAnnotation, applyOverridePolicies } from '../override/policies.ts';
import { indexBy } from './cache.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import { isReservedNamespace } from './templates.ts';
import { put, remove } from './write.ts';

const NAMESPACE_UID = 'namespace.karmada.io/uid';

export function startNamespaces(context: FederationContext): Controller {
  const { client, cache, log } = context;
  const worksByNamespace = indexBy(cache.works, (work) => work.metadata.labels?.[NAMESPACE_UID]);

  async function reconcile(name: string): Promise<undefined> {
    const namespace = cache.namespaces.get(name);
    if (namespace === undefined || namespace.metadata.deletionTimestamp || !isPropagated(namespace)) return;
    for (const cluster of cache.clusters.items.values()) {
      if (!cluster.metadata.deletionTimestamp) await write(namespace, cluster);
    }
  }

  async function write(namespace: KubeObject, cluster: ClusterObject): Promise<void> {
    const name = namespace.metadata.name ?? '';
    const place = {
      namespace: executionNamespace(cluster.metadata.name ?? ''),
      name: workName('Namespace', name, undefined),
    };
    const present = cache.works.get(`${place.namespace}/${place.name}`);
    const wanted = build(namespace, cluster, place, present);
    if (present !== undefined && covers(present, wanted)) return;
    await put(client, WORKS, wanted, present);
  }

  function build(
    namespace: KubeObject,
    cluster: ClusterObject,
    place: { namespace: string; name: string },
    present: Work | undefined,
  ): Work {
    const pruned = prune(namespace);
    delete pruned.spec;
    const rendered = applyOverridePolicies(pruned, cluster, cache.clusterOverrides.items.values());
    const applied = appliedAnnotation(rendered.cluster);
    const uid = namespace.metadata.uid ?? '';
    const workId = present?.metadata.labels?.[KEYS.workId];
    const { labels, annotations } = rendered.object.metadata;
    const manifest: KubeObject = {
      ...rendered.object,
      metadata: {
        ...rendered.object.metadata,
        labels: { ...labels, [KEYS.managed]: 'true', ...(workId === undefined ? {} : { [KEYS.workId]: workId }) },
        annotations: {
          ...annotations,
          [KEYS.workNamespace]: place.namespace,
          [KEYS.workName]: place.name,
          [KEYS.templateUid]: uid,
          [KEYS.templateGeneration]: String(namespace.metadata.generation ?? 0),
        },
      },
    };
    return {
      apiVersion: 'work.karmada.io/v1alpha1',
      kind: 'Work',
      metadata: {
        ...place,
        labels: { [NAMESPACE_UID]: uid },
        finalizers: [FINALIZERS.execution],
        ownerReferences: [
          {
            apiVersion: 'v1',
            kind: 'Namespace',
            name: namespace.metadata.name ?? '',
            uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
        ...(applied === undefined ? {} : { annotations: { [KEYS.appliedClusterOverrides]: applied } }),
      },
      spec: { workload: { manifests: [manifest] } },
    };
  }

  async function removeWorks(namespace: KubeObject): Promise<void> {
    for (const { metadata } of worksByNamespace(namespace.metadata.uid ?? ''))
      await remove(client, WORKS, { namespace: metadata.namespace, name: metadata.name ?? '', uid: metadata.uid });
  }

  const queue = createWorkQueue({
    name: 'namespaces',
    concurrency: 2,
    reconcile,
    onError: (key, error) => log.debug('namespace not distributed yet', { key, error: errorText(error) }),
  });
  const enqueueAll = (): void => {
    for (const name of cache.namespaces.items.keys()) queue.add(name);
  };
  cache.namespaces.subscribe({
    onAdd: (_, key) => queue.add(key),
    onUpdate: (_, __, key) => queue.add(key),
    onDelete: (namespace) => {
      removeWorks(namespace).catch((error) => log.warn('works of a namespace remain', { error: errorText(error) }));
    },
  });
  cache.clusters.subscribe({ onAdd: enqueueAll });
  const onOverride = { onAdd: enqueueAll, onUpdate: enqueueAll, onDelete: enqueueAll };
  cache.clusterOverrides.subscribe(onOverride);
  return { stop: () => queue.stop() };
}

function isPropagated(namespace: KubeObject): boolean {
  const name = namespace.metadata.name ?? '';
  if (name === 'default' || isReservedNamespace(name)) return false;
  return namespace.metadata.labels?.[KEYS.skipAutoPropagation] !== 'true';
}
