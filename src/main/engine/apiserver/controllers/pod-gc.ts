/**
 * Pods nobody looks after any more: bound to a node that is gone, deleted on one that is out of service, ended and too
 * many, deleted before they ran anywhere. Source: Kubernetes documentation, "Pod Lifecycle", garbage collection of Pods;
 * KEP-2268 (non-graceful node shutdown).
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type Core, SYSTEM_USER, timestamp } from '../core.ts';
import { cloneJson } from '../json.ts';
import { deleteObject } from '../verbs/delete.ts';
import { PLAIN_DELETE } from '../verbs/delete-options.ts';
import { changeObject } from '../verbs/update.ts';
import { Periodic } from './periodic.ts';

const SWEEP_MS = 20_000;
/** A node may only have been away for a moment. */
const QUARANTINE_MS = 40_000;
const TERMINATED_KEPT = 12_500;
/** Conditions say of which generation they speak. */
const GENERATIONS_SINCE_MINOR = 34;

/** What has to be known of every pod, so that nothing has to be read again to look over all of them. */
export interface PodRecord {
  namespace: string;
  name: string;
  uid: string;
  /** Empty before it is scheduled. */
  node: string;
  ended: boolean;
  deleting: boolean;
  evicted: boolean;
  created: string;
}

export class PodGarbageCollector {
  readonly #core: Core;
  readonly #pods = new Map<string, PodRecord>();
  readonly #periodic: Periodic;
  /** Nodes that pods name and nobody knows, since when (ms). */
  readonly #missing = new Map<string, number>();

  constructor(core: Core) {
    this.#core = core;
    this.#periodic = new Periodic(
      () => this.#sweep(),
      SWEEP_MS,
      (error) => core.onError(error, 'pod garbage collector'),
    );
  }

  start(): void {
    const pods = this.#core.store.collection('/pods');
    for (const [key, { object }] of pods.items) this.#pods.set(key, recordOf(object));
    pods.watchers.add(({ type, key, current }) => {
      if (type === 'DELETED') this.#pods.delete(key);
      else this.#pods.set(key, recordOf(current.object));
    });
    this.#periodic.start();
  }

  stop(): Promise<void> {
    return this.#periodic.stop();
  }

  async #sweep(): Promise<void> {
    const pods = [...this.#pods.values()];
    const { items } = this.#core.store.collection('/nodes');
    const gone = missingNodes(pods, new Set(items.keys()), this.#missing, Date.now());
    const lost = new Set([...items].filter(([, { object }]) => isLost(object)).map(([name]) => name));
    for (const { pod, why } of collectable(pods, gone, lost, TERMINATED_KEPT)) {
      if (!pod.ended) await this.#fail(pod, why === 'orphaned');
      await this.#delete(pod);
    }
  }

  async #fail({ namespace, name }: PodRecord, orphaned: boolean): Promise<void> {
    await this.#quietly(
      changeObject({
        core: this.#core,
        kind: this.#core.registry.find('', 'v1', 'pods')!,
        namespace,
        name,
        subresource: 'status',
        user: SYSTEM_USER,
        options: { dryRun: false, fieldManager: 'kube-controller-manager' },
        next: (old) => failedPod(old, orphaned, timestamp(), this.#core.version),
      }),
    );
  }

  async #delete({ namespace, name, uid }: PodRecord): Promise<void> {
    const kind = this.#core.registry.find('', 'v1', 'pods')!;
    const options = { ...PLAIN_DELETE, gracePeriodSeconds: 0, uid };
    await this.#quietly(deleteObject(this.#core, kind, namespace, name, options, SYSTEM_USER));
  }

  async #quietly(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      // Gone meanwhile, or another one of that name.
      if (!isNotFound(error) && (error as { status?: number }).status !== 409) throw error;
    }
  }
}

export function recordOf({ metadata, spec, status }: KubeObject): PodRecord {
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    node: spec?.nodeName ?? '',
    ended: status?.phase === 'Succeeded' || status?.phase === 'Failed',
    deleting: metadata.deletionTimestamp !== undefined,
    evicted: status?.phase === 'Failed' && status.reason === 'Evicted',
    created: String(metadata.creationTimestamp ?? ''),
  };
}

/** The pod as it is given up, unless it has ended by itself; an orphaned one is told why. */
export function failedPod(pod: KubeObject, orphaned: boolean, lastTransitionTime: string, version: string): KubeObject {
  const next = cloneJson(pod);
  if (recordOf(pod).ended) return next;
  next.status = { ...next.status, phase: 'Failed' };
  if (!orphaned) return next;
  const tracked = Number(/^v?1\.(\d+)/.exec(version)?.[1]) >= GENERATIONS_SINCE_MINOR;
  const condition = {
    type: 'DisruptionTarget',
    ...(tracked ? { observedGeneration: pod.metadata.generation ?? 1 } : {}),
    status: 'True',
    lastTransitionTime,
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
  };
  const others = ((next.status.conditions ?? []) as { type: string }[]).filter(({ type }) => type !== condition.type);
  next.status.conditions = [...others, condition];
  return next;
}

/** Nodes that have been missing long enough. `since` is kept from one look to the next. */
export function missingNodes(
  pods: readonly PodRecord[],
  nodes: ReadonlySet<string>,
  since: Map<string, number>,
  now: number,
): Set<string> {
  const named = new Set(pods.map(({ node }) => node).filter((node) => node !== ''));
  for (const name of since.keys()) if (nodes.has(name) || !named.has(name)) since.delete(name);
  const gone = new Set<string>();
  for (const name of named) {
    if (nodes.has(name)) continue;
    const first = since.get(name) ?? now;
    since.set(name, first);
    if (now - first >= QUARANTINE_MS) gone.add(name);
  }
  return gone;
}

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** Said to be out of service, which is not believed of a node that is ready. */
export function isLost({ spec, status }: KubeObject): boolean {
  const marked = (spec?.taints ?? []).some(({ key }: { key: string }) => key === OUT_OF_SERVICE);
  const ready = (condition: { type: string; status: string }) =>
    condition.type === 'Ready' && condition.status === 'True';
  return marked && !(status?.conditions ?? []).some(ready);
}

/** What has to go, and why: its node is gone or lost, it never had one, there are too many that ended. */
export function collectable(
  pods: readonly PodRecord[],
  goneNodes: ReadonlySet<string>,
  lostNodes: ReadonlySet<string>,
  kept: number,
): { pod: PodRecord; why: 'orphaned' | 'lost' | 'unscheduled' | 'tooMany' }[] {
  const orphaned = pods.filter(({ node }) => goneNodes.has(node));
  const lost = pods.filter(({ deleting, node }) => deleting && lostNodes.has(node));
  const unscheduled = pods.filter(({ deleting, node }) => deleting && node === '');
  const ended = pods.filter((pod) => pod.ended && !pod.deleting && !goneNodes.has(pod.node)).sort(sooner);
  return [
    ...orphaned.map((pod) => ({ pod, why: 'orphaned' as const })),
    ...lost.map((pod) => ({ pod, why: 'lost' as const })),
    ...unscheduled.map((pod) => ({ pod, why: 'unscheduled' as const })),
    ...ended.slice(0, Math.max(0, ended.length - kept)).map((pod) => ({ pod, why: 'tooMany' as const })),
  ];
}

/** Evicted ones before all others, then the oldest. */
function sooner(a: PodRecord, b: PodRecord): number {
  if (a.evicted !== b.evicted) return a.evicted ? -1 : 1;
  const [one, other] = a.created === b.created ? [a.name, b.name] : [a.created, b.created];
  return one < other ? -1 : 1;
}
