/**
 * Events go an hour after they were last written. kube-apiserver stores them with a lease of etcd, so nobody is asked: no
 * admission, no finalizers. Source: kube-apiserver, --event-ttl.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { Core } from '../core.ts';
import { Periodic } from './periodic.ts';

const SWEEP_MS = 60_000;

export class EventExpiry {
  readonly #core: Core;
  readonly #ttlMs: number;
  readonly #periodic: Periodic;
  /** When each event was written last (ms), oldest first. */
  readonly #written = new Map<string, number>();

  constructor(core: Core, ttlSeconds: number) {
    this.#core = core;
    this.#ttlMs = ttlSeconds * 1000;
    const everyMs = Math.min(SWEEP_MS, this.#ttlMs);
    this.#periodic = new Periodic(
      () => this.#sweep(),
      everyMs,
      (error) => core.onError(error, 'event expiry'),
    );
  }

  start(): void {
    const events = this.#core.store.collection('/events');
    const known = [...events.items].map(([key, { object }]) => [key, lastWritten(object)] as const);
    for (const [key, at] of known.sort(([, a], [, b]) => a - b)) this.#written.set(key, at);
    events.watchers.add(({ type, key }) => {
      // Put back at the end: the map stays in the order of the writes.
      this.#written.delete(key);
      if (type !== 'DELETED') this.#written.set(key, Date.now());
    });
    this.#periodic.start();
  }

  stop(): Promise<void> {
    return this.#periodic.stop();
  }

  async #sweep(): Promise<void> {
    const events = this.#core.store.collection('/events');
    const before = Date.now() - this.#ttlMs;
    const removals: Promise<unknown>[] = [];
    for (const [key, at] of this.#written) {
      if (at >= before) break;
      if (events.latest(key) !== undefined) removals.push(this.#core.store.remove(events, key));
    }
    await Promise.all(removals);
  }
}

/** As far as an event tells (ms): it was made, counted up or written by a manager. */
export function lastWritten(event: KubeObject): number {
  const times = [
    event.metadata.creationTimestamp,
    ...((event.metadata.managedFields ?? []) as { time?: string }[]).map((entry) => entry.time),
  ];
  return Math.max(0, ...times.map((time) => Date.parse(String(time ?? ''))).filter((time) => !Number.isNaN(time)));
}
