/**
 * Pods nobody looks after any more: bound to a node that is gone, ended and too many, deleted before they ran anywhere.
 * Source: Kubernetes documentation, "Pod Lifecycle", garbage collection of Pods.
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type Core, SYSTEM_USER, timestamp } from '../core.ts';
import { cloneJson } from '../json.ts';
import { deleteObject, PLAIN_DELETE } from '../verbs/delete.ts';
import { changeObject } from '../verbs/update.ts';
import { Periodic } from './periodic.ts';

const SWEEP_MS = 20_000;
/** A node may only have been away for a moment. */
const QUARANTINE_MS = 40_000;
const TERMINATED_KEPT = 12_500;

export class PodGarbageCollector {
  readonly #core: Core;
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
    this.#periodic.start();
  }

  stop(): Promise<void> {
    return this.#periodic.stop();
  }

  async #sweep(): Promise<void> {
    const { store } = this.#core;
    const pods = [...store.collection('/pods').items.values()].map(({ object }) => object);
    const nodes = new Set(store.collection('/nodes').items.keys());
    const gone = missingNodes(pods, nodes, this.#missing, Date.now());
    for (const { pod, orphaned } of collectable(pods, gone, TERMINATED_KEPT)) {
      if (orphaned) await this.#fail(pod);
      await this.#delete(pod);
    }
  }

  async #fail({ metadata }: KubeObject): Promise<void> {
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      lastTransitionTime: timestamp(),
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
    };
    await this.#quietly(
      changeObject({
        core: this.#core,
        kind: this.#core.registry.find('', 'v1', 'pods')!,
        namespace: metadata.namespace ?? '',
        name: metadata.name ?? '',
        subresource: 'status',
        user: SYSTEM_USER,
        options: { dryRun: false, fieldManager: 'kube-controller-manager' },
        next: (old) => {
          const next = cloneJson(old);
          const others = (next.status?.conditions ?? []).filter(
            (each: { type: string }) => each.type !== condition.type,
          );
          const ended = next.status?.phase === 'Succeeded' || next.status?.phase === 'Failed';
          next.status = {
            ...next.status,
            phase: ended ? next.status.phase : 'Failed',
            conditions: [...others, condition],
          };
          return next;
        },
      }),
    );
  }

  async #delete({ metadata }: KubeObject): Promise<void> {
    const kind = this.#core.registry.find('', 'v1', 'pods')!;
    const options = { ...PLAIN_DELETE, gracePeriodSeconds: 0, uid: metadata.uid ?? '' };
    await this.#quietly(
      deleteObject(this.#core, kind, metadata.namespace ?? '', metadata.name ?? '', options, SYSTEM_USER),
    );
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

/** Nodes that have been missing long enough. `since` is kept from one look to the next. */
export function missingNodes(
  pods: readonly KubeObject[],
  nodes: ReadonlySet<string>,
  since: Map<string, number>,
  now: number,
): Set<string> {
  const named = new Set(pods.map((pod) => String(pod.spec?.nodeName ?? '')).filter((name) => name !== ''));
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

/** What has to go, and which of it because its node is gone. */
export function collectable(
  pods: readonly KubeObject[],
  goneNodes: ReadonlySet<string>,
  kept: number,
): { pod: KubeObject; orphaned: boolean }[] {
  const orphaned = pods.filter((pod) => goneNodes.has(pod.spec?.nodeName ?? ''));
  const unscheduled = pods.filter(
    (pod) => pod.metadata.deletionTimestamp !== undefined && (pod.spec?.nodeName ?? '') === '',
  );
  const ended = pods
    .filter((pod) => !goneNodes.has(pod.spec?.nodeName ?? '') && pod.metadata.deletionTimestamp === undefined)
    .filter((pod) => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed')
    .sort((a, b) => String(a.metadata.creationTimestamp).localeCompare(String(b.metadata.creationTimestamp)));
  return [
    ...orphaned.map((pod) => ({ pod, orphaned: true })),
    ...unscheduled.map((pod) => ({ pod, orphaned: false })),
    ...ended.slice(0, Math.max(0, ended.length - kept)).map((pod) => ({ pod, orphaned: false })),
  ];
}
