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
    this.#periodic.start();
  }

  stop(): Promise<void> {
    return this.#periodic.stop();
  }

  async #sweep(): Promise<void> {
    const events = this.#core.store.collection('/events');
    const now = Date.now();
    const removals: Promise<unknown>[] = [];
    for (const [key, { object }] of events.items)
      if (lastWritten(object) + this.#ttlMs < now && events.latest(key) !== undefined)
        removals.push(this.#core.store.remove(events, key));
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
