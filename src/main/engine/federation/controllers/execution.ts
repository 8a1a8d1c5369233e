/**
 * Brings what Works say into the members, repairs drift, and takes it away when a Work is deleted. Each cluster's works
 * wait only for that cluster: one that is not ready is tried again when it is.
 */
import { type KubeObject, objectKey, type ResourceRef } from '#shared/kubernetes/types.ts';
import { createWorkQueue, isAlreadyExists, isNotFound } from '../../kube/index.ts';
import { type ClusterObject, FINALIZERS, KEYS, WORKS, type Work } from '../api.ts';
import { MANAGED_BY } from '../management/lease.ts';
import { clusterOfExecutionNamespace } from '../naming.ts';
import { referenceTo } from './binding-build.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import { differingPaths, isAsDesired, isManaged, isMarkedAs, mergedObject, withoutMarks } from './desired.ts';
import type { EventSubject } from './events.ts';
import { type Management, managerText } from './management.ts';
import { type ManifestStatus, manifestStatus } from './manifest-status.ts';
import type { MemberObjects } from './member-objects.ts';
import { mutate, remove, setFinalizer, withCondition } from './write.ts';

const NOT_READY_RETRY_MS = 10_000;
const REPAIR_TOLD_MS = 60_000;

export function isReady(cluster: ClusterObject): boolean {
  return cluster.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

export interface ExecutionController extends Controller {
  /** The cluster can be reached again: what failed there need not wait for its back-off. */
  retry(cluster: string): void;
}

export function startExecution(
  context: FederationContext,
  objects: MemberObjects,
  management: Pick<Management, 'of'>,
): ExecutionController {
  const { client, cache, journal, log } = context;
  const events = context.events('execution-controller');
  /** Per member object: what was last written and the generation that came of it. */
  const written = new Map<string, { manifest: string; generation: number | undefined }>();
  /** Per member object: when its repair was last told. */
  const repaired = new Map<string, number>();
  /** Per Work: its id and what was last reported of it. */
  const reported = new Map<string, string>();

  async function reconcile(key: string): Promise<number | undefined> {
    const work = cache.works.get(key);
    if (work === undefined) return undefined;
    const name = clusterOfExecutionNamespace(work.metadata.namespace ?? '');
    if (name === null) return undefined;
    const cluster = cache.clusters.get(name);
    if (work.metadata.deletionTimestamp) return withdraw(work, name, cluster);
    if (cluster === undefined || cluster.metadata.deletionTimestamp) return undefined;
    if (work.spec.suspendDispatching) {
      await report(work, { dispatching: false, failures: null });
      return undefined;
    }
    if (!isReady(cluster)) return NOT_READY_RETRY_MS;
    const manager = management.of(name);
    if (manager === 'unknown') return NOT_READY_RETRY_MS;
    if (manager !== 'ours') {
      // Two managers would undo each other's work for ever.
      await report(work, { dispatching: true, failures: [managerText(manager)] });
      return undefined;
    }
    const failures: string[] = [];
    const where = `${work.metadata.namespace}/${work.metadata.name}`;
    const found: ManifestStatus[] = [];
    const manifests = work.spec.workload.manifests ?? [];
    for (const [ordinal, manifest] of manifests.entries()) {
      try {
        const ref = await objects.refOf(name, manifest.apiVersion, manifest.kind);
        const object = await apply(name, ref, managedBy(manifest, context.manager.federationId));
        if (isManaged(object)) found.push(manifestStatus(object, manifest, ref, ordinal, context.interpreter));
      } catch (error) {
        failures.push(errorText(error));
        const subject = templateOf(manifest);
        const text = `Failed to create or update resource(${objectKey(manifest)}) in member cluster(${name}): ${errorText(error)}`;
        if (subject !== null) events.warning(subject, 'SyncFailed', text);
      }
    }
    await report(work, { dispatching: true, failures, found });
    if (failures.length === 0) return undefined;
    const text = `Failed to sync work(${where}) to cluster(${name}), err: ${failures.join('; ')}`;
    events.warning(work, 'SyncFailed', text);
    throw new Error(failures.join('; '));
  }

  /** Resolves with the object as it is in the member then. */
  async function apply(cluster: string, ref: ResourceRef, manifest: KubeObject): Promise<KubeObject> {
    const member = context.members.client(cluster);
    const informer = objects.watch(cluster, ref);
    const { namespace, name = '' } = manifest.metadata;
    const id = `${cluster} ${ref.group}/${ref.resource} ${namespace ?? ''}/${name}`;
    let observed = informer.get(namespace ? `${namespace}/${name}` : name) ?? null;
    if (observed === null) {
      try {
        const created = await member.create(ref, manifest, { namespace });
        if (written.get(id)?.manifest === JSON.stringify(manifest)) tellRepair(cluster, manifest, id, ['']);
        written.set(id, { manifest: JSON.stringify(manifest), generation: created.metadata.generation });
        return created;
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
      observed = await member.find(ref, name, { namespace });
      if (observed === null) throw new Error(`${manifest.kind} ${name} vanished while it was being written`);
      if (!isManaged(observed) && !isMine(observed) && !mayAdopt(cluster, manifest)) return observed;
    }
    return update(cluster, ref, manifest, observed, id);
  }

  /** Its labels were taken off, as a control plane does with what it lets go of: one that the federation has left, say. */
  function isMine({ metadata }: KubeObject): boolean {
    return metadata.annotations?.[MANAGED_BY] === context.manager.federationId;
  }

  /** An object that somebody else made is only taken over when the policy says so; a namespace is used as it is. */
  function mayAdopt(cluster: string, manifest: KubeObject): boolean {
    const resolution = manifest.metadata.annotations?.[KEYS.conflictResolution] ?? '';
    if (resolution === 'overwrite') return true;
    if (manifest.kind === 'Namespace' && manifest.apiVersion === 'v1') return false;
    const { namespace, name } = manifest.metadata;
    const where = namespace ? `${namespace}/${name}` : name;
    throw new Error(
      `resource(kind=${manifest.kind}, ${where}) already exists in the cluster ${cluster} and the ${KEYS.conflictResolution} strategy value is ${resolution === '' ? 'empty' : resolution}, Karmada will not manage this resource`,
    );
  }

  async function update(
    cluster: string,
    ref: ResourceRef,
    manifest: KubeObject,
    observed: KubeObject,
    id: string,
  ): Promise<KubeObject> {
    const merged = mergedObject(manifest, observed, context.interpreter);
    const text = JSON.stringify(manifest);
    const last = written.get(id);
    const { generation } = observed.metadata;
    // Servers rewrite values on the way in (`0.5` becomes `500m`): an unchanged generation tells that nobody else wrote.
    const untouched =
      last !== undefined && last.manifest === text && generation !== undefined && last.generation === generation;
    if (untouched ? isMarkedAs(merged, observed) : isAsDesired(merged, observed)) {
      if (last === undefined || !untouched) written.set(id, { manifest: text, generation });
      return observed;
    }
    const { namespace } = manifest.metadata;
    const result = await context.members.client(cluster).update(ref, merged, { namespace });
    if (last?.manifest === text) tellRepair(cluster, manifest, id, differingPaths(observed, merged));
    written.set(id, { manifest: text, generation: result.metadata.generation });
    return result;
  }

  /** What the federation asked for has not changed: somebody in the member did it. A tug of war is told once a minute. */
  function tellRepair(cluster: string, manifest: KubeObject, id: string, fields: string[]): void {
    const told = repaired.get(id) ?? 0;
    if (Date.now() - told < REPAIR_TOLD_MS) return;
    repaired.set(id, Date.now());
    journal.record(referenceTo(manifest), { kind: 'repaired', cluster, fields });
  }

  async function withdraw(work: Work, name: string, cluster: ClusterObject | undefined): Promise<number | undefined> {
    if (!(work.metadata.finalizers ?? []).includes(FINALIZERS.execution)) return undefined;
    const leaving = cluster === undefined || Boolean(cluster.metadata.deletionTimestamp);
    if (!leaving && (!isReady(cluster) || management.of(name) !== 'ours')) return NOT_READY_RETRY_MS;
    // A cluster that leaves keeps what runs in it: leaving a federation is no order to stop anything.
    const release = leaving || work.spec.preserveResourcesOnDeletion === true;
    const theirs = typeof management.of(name) === 'object';
    try {
      if (!theirs)
        for (const manifest of work.spec.workload.manifests ?? []) await takeAway(work, name, manifest, release);
    } catch (error) {
      if (!leaving) throw error;
      log.warn('member left without being told', { cluster: name, work: work.metadata.name, error: errorText(error) });
    }
    const { namespace, name: workName = '' } = work.metadata;
    await mutate(client, WORKS, { namespace, name: workName }, (live) =>
      setFinalizer(live, FINALIZERS.execution, false),
    );
    return undefined;
  }

  async function takeAway(work: Work, cluster: string, manifest: KubeObject, release: boolean): Promise<void> {
    const ref = await objects.refOf(cluster, manifest.apiVersion, manifest.kind);
    const member = context.members.client(cluster);
    const { namespace, name = '' } = manifest.metadata;
    const observed = await member.find(ref, name, { namespace });
    // Not ours (any more): another Work or a person owns it now.
    if (observed === null || !isManaged(observed) || !isOf(work, observed)) return;
    if (!release) {
      await remove(member, ref, { namespace, name, uid: observed.metadata.uid });
      return;
    }
    try {
      await member.update(ref, withoutMarks(observed), { namespace });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async function report(
    work: Work,
    outcome: { dispatching: boolean; failures: readonly string[] | null; found?: readonly ManifestStatus[] },
  ): Promise<void> {
    const { namespace, name = '', uid } = work.metadata;
    const count = work.spec.workload.manifests?.length ?? 0;
    const key = `${namespace}/${name}`;
    const text = JSON.stringify([uid, outcome.dispatching, outcome.failures, outcome.found?.length ?? 0]);
    // The watch brings back what was just applied: said once, it need not even be read again.
    if (reported.get(key) === text) return;
    const told = await mutate<Work>(client, WORKS, { namespace, name, subresource: 'status', upper: true }, (live) => {
      const { dispatching, failures } = outcome;
      let conditions = withCondition(live.status?.conditions, {
        type: 'Dispatching',
        status: dispatching ? 'True' : 'False',
        reason: dispatching ? 'Dispatching' : 'SuspendDispatching',
        message: dispatching
          ? 'Work is being dispatched to member clusters.'
          : 'Work dispatching is in a suspended state.',
      });
      if (failures !== null) {
        const failed = failures.length > 0;
        conditions = withCondition(conditions, {
          type: 'Applied',
          status: failed ? 'False' : 'True',
          reason: failed ? 'AppliedFailed' : 'AppliedSuccessful',
          message: failed
            ? `Failed to apply all manifests (${count - failures.length}/${count}): ${failures.join('; ')}`
            : 'Manifest has been successfully applied',
        });
      }
      live.status = { ...live.status, conditions };
      // The first one goes along; what changes later is told by the watch, which may have been faster here too.
      if (outcome.found?.length && live.status.manifestStatuses === undefined)
        live.status.manifestStatuses = [...outcome.found];
    });
    if (told?.metadata.uid === uid) reported.set(key, text);
  }

  const queue = createWorkQueue({
    name: 'execution',
    concurrency: 64,
    reconcile,
    onError: (key, error, attempt) => log.debug('work not applied yet', { key, attempt, error: errorText(error) }),
  });
  function retry(cluster: string): void {
    for (const [key, work] of cache.works.items)
      if (clusterOfExecutionNamespace(work.metadata.namespace ?? '') === cluster) queue.add(key);
  }
  cache.works.subscribe({
    onAdd: (_, key) => queue.add(key),
    onUpdate: (work, previous, key) => {
      const same =
        work.metadata.generation === previous.metadata.generation &&
        work.metadata.deletionTimestamp === previous.metadata.deletionTimestamp;
      if (!same) queue.add(key);
    },
    onDelete: (_, key) => reported.delete(key),
  });
  objects.subscribe((_, object) => {
    const { annotations = {} } = object.metadata;
    const work = annotations[KEYS.workName];
    if (work !== undefined) queue.add(`${annotations[KEYS.workNamespace]}/${work}`);
  });
  cache.clusters.subscribe({
    onUpdate: (cluster, previous) => {
      const became = isReady(cluster) && !isReady(previous);
      const terminating = cluster.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp;
      if (became || terminating) retry(cluster.metadata.name ?? '');
    },
  });
  return { retry, stop: () => queue.stop() };
}

/** The manifest with the name of who manages it in the member. */
function managedBy(manifest: KubeObject, federationId: string): KubeObject {
  const annotations = { ...manifest.metadata.annotations, [MANAGED_BY]: federationId };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

/** The template that a manifest was rendered from, as far as an event names it. */
function templateOf({ apiVersion, kind, metadata }: KubeObject): EventSubject | null {
  const uid = metadata.annotations?.[KEYS.templateUid];
  const { name, namespace } = metadata;
  return uid ? { apiVersion, kind, metadata: { name, uid, ...(namespace ? { namespace } : {}) } } : null;
}

/** Whether the member's object was made by this Work: two federations may manage the same member. */
function isOf(work: Work, observed: KubeObject): boolean {
  const { annotations = {}, labels = {} } = observed.metadata;
  if (annotations[KEYS.workName] !== work.metadata.name) return false;
  if (annotations[KEYS.workNamespace] !== work.metadata.namespace) return false;
  const id = work.metadata.labels?.[KEYS.workId];
  return id === undefined || labels[KEYS.workId] === undefined || labels[KEYS.workId] === id;
}
