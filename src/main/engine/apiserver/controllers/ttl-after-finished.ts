/** Deletes finished jobs whose time is up. Source: Kubernetes documentation, "Automatic Cleanup for Finished Jobs". */
import { isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { type Core, SYSTEM_USER } from '../core.ts';
import type { Collection } from '../storage/collection.ts';
import { deleteObject } from '../verbs/delete.ts';
import { PLAIN_DELETE } from '../verbs/delete-options.ts';
import { Debouncer } from './debouncer.ts';

export class TtlAfterFinished {
  readonly #core: Core;
  readonly #jobs: Collection;
  readonly #queue: Debouncer;

  constructor(core: Core) {
    this.#core = core;
    this.#jobs = core.store.collection('batch/jobs');
    this.#queue = new Debouncer((key) => this.#reconcile(key), core.onError);
  }

  start(): void {
    for (const key of this.#jobs.items.keys()) this.#queue.add(key);
    this.#jobs.watchers.add(({ type, key }) => {
      if (type !== 'DELETED') this.#queue.add(key);
    });
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  async #reconcile(key: string): Promise<void> {
    const job = this.#jobs.latest(key)?.object;
    if (job === undefined || job.metadata.deletionTimestamp !== undefined) return;
    const due = dueAt(job);
    if (due === null) return;
    if (due > Date.now()) {
      this.#queue.addAfter(key, Math.min(due - Date.now(), 24 * 3600 * 1000));
      return;
    }
    const { namespace = '', name = '', uid = '' } = job.metadata;
    const kind = this.#core.registry.find('batch', 'v1', 'jobs')!;
    const options = { ...PLAIN_DELETE, propagation: 'Foreground' as const, uid };
    try {
      await deleteObject(this.#core, kind, namespace, name, options, SYSTEM_USER);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** When the job has to go (ms); null while it runs or when it is kept. */
export function dueAt(job: KubeObject): number | null {
  const ttl = job.spec?.ttlSecondsAfterFinished;
  if (typeof ttl !== 'number') return null;
  const finished = ((job.status?.conditions ?? []) as Json[]).find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  const at = Date.parse(finished?.lastTransitionTime ?? '');
  return Number.isNaN(at) ? null : at + ttl * 1000;
}
