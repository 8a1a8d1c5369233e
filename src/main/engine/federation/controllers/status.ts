/** Carries status back: member object to Work, Works to binding, binding to template. */
import { type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import { createWorkQueue, type Informer } from '../../kube/index.ts';
import { type AggregatedStatusItem, type Binding, type Condition, KEYS, WORKS, type Work } from '../api.ts';
import { equalJson } from '../json.ts';
import { clusterOfExecutionNamespace, executionNamespace } from '../naming.ts';
import { bindingKeyOf } from './binding-build.ts';
import { bindingId, bindingRef } from './cache.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import { isReady } from './execution.ts';
import { type ManifestStatus, manifestStatus } from './manifest-status.ts';
import type { MemberObjects } from './member-objects.ts';
import type { Templates } from './templates.ts';
import { targetsOf } from './works.ts';
import { mutate, withCondition } from './write.ts';

/** So long the sum waits for Works that are being applied for the first time: one write for all of them. */
const FIRST_REPORT_MS = 1_000;

export interface StatusController extends Controller {
  /** The kind is read differently from now on. */
  review(apiVersion: string, kind: string): void;
}

export function startStatus(
  context: FederationContext,
  templates: Templates,
  objects: MemberObjects,
): StatusController {
  const { client, cache, log } = context;
  /** Works whose object has changed in the member before it was told that it is there. */
  const seen = new Set<string>();
  /** Watches of members that have listed what there is. */
  const listed = new WeakSet<Informer>();
  /** Since when a binding has Works of which nothing is known yet. */
  const awaiting = new Map<string, number>();

  async function reconcileWork(key: string): Promise<undefined> {
    const work = cache.works.get(key);
    const cluster = clusterOfExecutionNamespace(work?.metadata.namespace ?? '');
    if (work === undefined || cluster === null || work.metadata.deletionTimestamp) return;
    // Whoever applies it tells what there was at first; two at once would only be in each other's way.
    if (!isReported(work)) return;
    seen.delete(key);
    const statuses: ManifestStatus[] = [];
    for (const [ordinal, manifest] of (work.spec.workload.manifests ?? []).entries()) {
      const informer = objects.watch(cluster, await objects.refOf(cluster, manifest.apiVersion, manifest.kind));
      if (!isListed(informer, key)) return;
      const status = await observe(cluster, manifest, ordinal);
      if (status !== null) statuses.push(status);
    }
    const { namespace, name = '' } = work.metadata;
    // Compared with what is stored: the watch may not have brought the last write yet.
    await mutate<Work>(client, WORKS, { namespace, name, subresource: 'status', upper: true }, (live) => {
      if (equalJson(live.status?.manifestStatuses ?? [], statuses)) return false;
      live.status = { ...live.status, manifestStatuses: statuses };
      return true;
    });
  }

  /** What a member has not listed yet is not gone: after a start the last report stands until it has. */
  function isListed(informer: Informer, work: string): boolean {
    if (listed.has(informer)) return true;
    informer.synced.then(
      () => {
        listed.add(informer);
        works.add(work);
      },
      () => undefined,
    );
    return false;
  }

  async function observe(cluster: string, manifest: KubeObject, ordinal: number): Promise<ManifestStatus | null> {
    const ref = await objects.refOf(cluster, manifest.apiVersion, manifest.kind);
    const { namespace, name = '' } = manifest.metadata;
    const object = objects.watch(cluster, ref).get(namespace ? `${namespace}/${name}` : name);
    if (object === undefined) return null;
    return manifestStatus(object, manifest, ref, ordinal, context.interpreter);
  }

  async function reconcileBinding(key: string): Promise<number | undefined> {
    const binding = cache.binding(key);
    const id = binding === undefined ? undefined : bindingId(binding);
    if (binding === undefined || id === undefined || binding.metadata.deletionTimestamp) {
      awaiting.delete(key);
      return undefined;
    }
    const works = cache.worksOfBinding(id).filter((work) => !work.metadata.deletionTimestamp);
    const wait = waitFor(key, binding, works);
    if (wait > 0) return wait;
    const items = works.map(aggregatedItem).sort((a, b) => (a.clusterName < b.clusterName ? -1 : 1));
    await writeBindingStatus(key, binding, items);
    await writeTemplateStatus(binding, items);
    return undefined;
  }

  /** How long to wait for first reports, ms: each of them, written by itself, would be read by nobody. */
  function waitFor(key: string, binding: Binding, works: readonly Work[]): number {
    const told = new Set(works.filter(isReported).map(({ metadata }) => metadata.namespace));
    const missing = [...targetsOf(binding).keys()].some((name) => {
      const cluster = cache.clusters.get(name);
      return cluster !== undefined && isReady(cluster) && !told.has(executionNamespace(name));
    });
    if (!missing) {
      awaiting.delete(key);
      return 0;
    }
    const since = awaiting.get(key) ?? Date.now();
    awaiting.set(key, since);
    return since + FIRST_REPORT_MS - Date.now();
  }

  async function writeBindingStatus(key: string, binding: Binding, items: AggregatedStatusItem[]): Promise<void> {
    const targets = [...targetsOf(binding).keys()].filter((name) => cache.clusters.get(name) !== undefined);
    const applied = fullyApplied(targets, items, binding.status?.conditions);
    const { namespace, name = '' } = binding.metadata;
    await mutate<Binding>(client, bindingRef(key), { namespace, name, subresource: 'status', upper: true }, (live) => {
      const current = live.status?.conditions?.find(({ type }) => type === 'FullyApplied');
      const same =
        equalJson(live.status?.aggregatedStatus ?? [], items) &&
        current?.status === applied?.status &&
        current?.reason === applied?.reason;
      if (same) return false;
      const status = { ...live.status, aggregatedStatus: items };
      if (applied !== null) status.conditions = withCondition(status.conditions, applied);
      live.status = status;
      return true;
    });
  }

  async function writeTemplateStatus(binding: Binding, items: readonly AggregatedStatusItem[]): Promise<void> {
    const { apiVersion, kind, namespace, name, uid } = binding.spec.resource;
    const template = templates.get(apiVersion, kind, namespace, name);
    const ref = templates.refOf(apiVersion, kind);
    if (template === undefined || ref === undefined || template.metadata.uid !== uid) return;
    const status = context.interpreter.aggregateStatus(template, items);
    if (status === undefined) return;
    await mutate(client, ref, { namespace, name, subresource: 'status' }, (live) => {
      if (live.metadata.uid !== uid) return false;
      // The live object may be newer than the one the sum was made for: sum again.
      live.status = context.interpreter.aggregateStatus(live, items) ?? live.status;
      return true;
    });
  }

  const works = createWorkQueue({
    name: 'work-status',
    concurrency: 8,
    reconcile: reconcileWork,
    onError: (key, error) => log.debug('work status not collected yet', { key, error: errorText(error) }),
  });
  const bindings = createWorkQueue({
    name: 'binding-status',
    concurrency: 8,
    reconcile: reconcileBinding,
    onError: (key, error) => log.debug('binding status not written yet', { key, error: errorText(error) }),
  });

  objects.subscribe((_, object) => {
    const { annotations = {} } = object.metadata;
    const key = `${annotations[KEYS.workNamespace]}/${annotations[KEYS.workName]}`;
    const work = cache.works.get(key);
    if (work === undefined) return;
    if (!isReported(work)) seen.add(key);
    works.add(key);
  });
  const enqueueBinding = (work: Work): void => {
    const { annotations = {} } = work.metadata;
    const name = annotations[KEYS.rbName];
    if (name !== undefined) bindings.add(`${annotations[KEYS.rbNamespace]}/${name}`);
    const clusterName = annotations[KEYS.crbName];
    if (name === undefined && clusterName !== undefined) bindings.add(clusterName);
  };
  cache.works.subscribe({
    onAdd: (work) => {
      works.add(objectKey(work));
      enqueueBinding(work);
    },
    onUpdate: (work, previous) => {
      // What was seen before the first report was not written; what was not will come.
      const first = !isReported(previous) && seen.has(objectKey(work));
      if (first || work.metadata.generation !== previous.metadata.generation) works.add(objectKey(work));
      enqueueBinding(work);
    },
    onDelete: (work, key) => {
      seen.delete(key);
      enqueueBinding(work);
    },
  });
  for (const informer of [cache.bindings, cache.clusterBindings]) {
    informer.subscribe({
      onAdd: (_, key) => bindings.add(key),
      onUpdate: (binding, previous, key) => {
        if (!equalJson(binding.spec.clusters ?? [], previous.spec.clusters ?? [])) bindings.add(key);
      },
    });
  }
  // A new generation of the template makes the sum say something else (observedGeneration).
  templates.subscribe(({ type, object }) => {
    if (type !== 'changed') return;

    const key = bindingKeyOf(object);
    if (cache.binding(key) !== undefined) bindings.add(key);
  });
  return {
    review(apiVersion, kind) {
      for (const [key, work] of cache.works.items) {
        const concerned = work.spec.workload.manifests?.some(
          (manifest) => manifest.kind === kind && manifest.apiVersion === apiVersion,
        );
        if (concerned) works.add(key);
      }
      for (const [key, { spec }] of cache.allBindings())
        if (spec.resource.kind === kind && spec.resource.apiVersion === apiVersion) bindings.add(key);
    },
    stop: async () => {
      await works.stop();
      await bindings.stop();
    },
  };
}

/** Whether every target has it; null while it has never had a target. Nothing to run on any more is not applied. */
export function fullyApplied(
  targets: readonly string[],
  items: readonly AggregatedStatusItem[],
  before: readonly Condition[] = [],
): Condition | null {
  const type = 'FullyApplied';
  if (targets.length === 0 && !before.some((condition) => condition.type === type)) return null;
  const has = (name: string): boolean => items.some((item) => item.clusterName === name && item.applied === true);
  return targets.length > 0 && targets.every(has)
    ? { type, status: 'True', reason: 'FullyAppliedSuccess', message: 'All works have been successfully applied' }
    : {
        type,
        status: 'False',
        reason: 'FullyAppliedFailed',
        message: 'Failed to apply all works, see status.aggregatedStatus for details',
      };
}

function isReported({ spec, status }: Work): boolean {
  return spec.suspendDispatching === true || status?.conditions?.some(({ type }) => type === 'Applied') === true;
}

function aggregatedItem(work: Work): AggregatedStatusItem {
  const manifest = work.status?.manifestStatuses?.[0];
  const applied = work.status?.conditions?.find(({ type }) => type === 'Applied');
  return {
    clusterName: clusterOfExecutionNamespace(work.metadata.namespace ?? '') ?? '',
    ...(manifest?.status === undefined ? {} : { status: manifest.status }),
    applied: applied?.status === 'True',
    ...(applied !== undefined && applied.status !== 'True' ? { appliedMessage: applied.message } : {}),
    health: (manifest?.health ?? 'Unknown') as AggregatedStatusItem['health'],
  };
}
