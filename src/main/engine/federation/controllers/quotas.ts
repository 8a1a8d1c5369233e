/**
 * FederatedResourceQuota: what each cluster is assigned becomes a ResourceQuota there; what is used, there and in all,
 * comes back into its status. Bindings that would exceed `overall` are refused by admission (`quota/book.ts`).
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { createInformer, createWorkQueue } from '../../kube/index.ts';
import { FEDERATED_RESOURCE_QUOTAS, type FederatedResourceQuota, FINALIZERS, KEYS, WORKS, type Work } from '../api.ts';
import { covers, equalJson } from '../json.ts';
import { clusterOfExecutionNamespace, executionNamespace, workName } from '../naming.ts';
import { createQuotaBook, type QuotaBook } from '../quota/book.ts';
import { indexBy } from './cache.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import { mutate, put, remove, splitKey } from './write.ts';

const QUOTA_NAMESPACE = 'federatedresourcequota.karmada.io/namespace';
const QUOTA_NAME = 'federatedresourcequota.karmada.io/name';

export interface QuotasController extends Controller {
  readonly book: QuotaBook;
  /** Told when a quota has changed or room in one may have come free. */
  subscribe(listener: () => void): void;
  /** Resolves when the quotas of the start are known. */
  ready: Promise<void>;
}

export function startQuotas(context: FederationContext): QuotasController {
  const { client, cache, log } = context;
  const quotas = createInformer<FederatedResourceQuota>({ client, resource: FEDERATED_RESOURCE_QUOTAS });
  const book = createQuotaBook(quotas, cache.bindings);
  const worksOf = indexBy(cache.works, quotaOf);
  const listeners: (() => void)[] = [];

  async function reconcile(key: string): Promise<undefined> {
    const quota = quotas.get(key);
    const wanted = new Set<string>();
    for (const { clusterName, hard } of quota?.metadata.deletionTimestamp
      ? []
      : (quota?.spec.staticAssignments ?? [])) {
      const cluster = cache.clusters.get(clusterName);
      if (quota === undefined || cluster === undefined || cluster.metadata.deletionTimestamp) continue;
      wanted.add(executionNamespace(clusterName));
      await write(quota, clusterName, hard);
    }
    for (const { metadata } of worksOf(key))
      if (!wanted.has(metadata.namespace ?? '') && !metadata.deletionTimestamp)
        await remove(client, WORKS, { namespace: metadata.namespace, name: metadata.name ?? '', uid: metadata.uid });
    if (quota !== undefined) await writeStatus(key, quota);
  }

  async function write(quota: FederatedResourceQuota, cluster: string, hard: KubeObject['spec']): Promise<void> {
    const { name = '', namespace = '' } = quota.metadata;
    const place = { namespace: executionNamespace(cluster), name: workName('ResourceQuota', name, namespace) };
    const present = cache.works.get(`${place.namespace}/${place.name}`);
    const workId = present?.metadata.labels?.[KEYS.workId];
    const manifest: KubeObject = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: {
        name,
        namespace,
        labels: { [KEYS.managed]: 'true', ...(workId === undefined ? {} : { [KEYS.workId]: workId }) },
        annotations: { [KEYS.workNamespace]: place.namespace, [KEYS.workName]: place.name },
      },
      spec: { hard },
    };
    const wanted: Work = {
      apiVersion: 'work.karmada.io/v1alpha1',
      kind: 'Work',
      metadata: {
        ...place,
        labels: { [QUOTA_NAMESPACE]: namespace, [QUOTA_NAME]: name },
        finalizers: [FINALIZERS.execution],
      },
      spec: { workload: { manifests: [manifest] } },
    };
    if (present !== undefined && covers(present, wanted) && equalJson(hardOf(present), hard)) return;
    await put(client, WORKS, wanted, present);
  }

  async function writeStatus(key: string, quota: FederatedResourceQuota): Promise<void> {
    const aggregatedStatus = worksOf(key)
      .map((work) => ({
        clusterName: clusterOfExecutionNamespace(work.metadata.namespace ?? '') ?? '',
        hard: hardOf(work),
        used: work.status?.manifestStatuses?.[0]?.status?.used ?? {},
      }))
      .sort((a, b) => (a.clusterName < b.clusterName ? -1 : 1));
    const { overall = {} } = quota.spec;
    const status = { overall, overallUsed: book.used(quota), aggregatedStatus };
    if (equalJson(quota.status ?? {}, status)) return;
    await mutate(client, FEDERATED_RESOURCE_QUOTAS, { ...splitKey(key), subresource: 'status' }, (live) => {
      live.status = status;
    });
  }

  const queue = createWorkQueue({
    name: 'quotas',
    reconcile,
    onError: (key, error) => log.warn('federated quota not applied yet', { key, error: errorText(error) }),
  });
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  quotas.subscribe({
    onAdd: (_, key) => queue.add(key),
    onUpdate: (quota, previous, key) => {
      queue.add(key);
      if (!equalJson(quota.spec, previous.spec)) tell();
    },
    onDelete: (_, key) => {
      queue.add(key);
      tell();
    },
  });
  const enqueueNamespace = (namespace: string | undefined): void => {
    for (const [key, quota] of quotas.items) if (quota.metadata.namespace === namespace) queue.add(key);
  };
  cache.bindings.subscribe({
    onAdd: ({ metadata }) => enqueueNamespace(metadata.namespace),
    onUpdate: ({ metadata, spec }, previous) => {
      if (metadata.generation === previous.metadata.generation || equalJson(spec.clusters, previous.spec.clusters))
        return;
      enqueueNamespace(metadata.namespace);
      if (quotas.items.size > 0) tell();
    },
    onDelete: ({ metadata }) => {
      enqueueNamespace(metadata.namespace);
      if (quotas.items.size > 0) tell();
    },
  });
  const onWork = (work: Work): void => {
    const key = quotaOf(work);
    if (key !== undefined) queue.add(key);
  };
  cache.works.subscribe({ onAdd: onWork, onUpdate: onWork, onDelete: onWork });
  const all = (): void => {
    for (const key of quotas.items.keys()) queue.add(key);
  };
  cache.clusters.subscribe({ onAdd: all, onDelete: all });
  return {
    book,
    ready: quotas.synced,
    subscribe: (listener) => void listeners.push(listener),
    async stop() {
      quotas.stop();
      await queue.stop();
    },
  };
}

function hardOf(work: Work): KubeObject['spec'] {
  return work.spec.workload.manifests?.[0]?.spec?.hard ?? {};
}

/** `namespace/name` of the quota that a Work belongs to. */
function quotaOf({ metadata }: Work): string | undefined {
  const name = metadata.labels?.[QUOTA_NAME];
  return name === undefined ? undefined : `${metadata.labels?.[QUOTA_NAMESPACE]}/${name}`;
}
