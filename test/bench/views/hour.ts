/**
 * An hour of a busy cluster in as long as the changes take: pods report, are replaced, and their cluster's watch ends now
 * and then. Only what the view does is measured, so the API server is a stream of lines.
 */
import { createKubeClient, type KubeTransport } from '#engine/kube/index.ts';
import { parseNdjson } from '#engine/kube/ndjson.ts';
import { createViews } from '#engine/views/index.ts';
import type { Answer } from './protocol.ts';
import { firstPage } from './query.ts';

const PODS = 10_000;
const PER_SECOND = 50;
const CHANGES = PER_SECOND * 3600;
/** Of a hundred changes so many replace a pod by another. */
const REPLACED = 10;
/** Lines that arrive together. */
const CHUNK = 200;
const LOOKS = 12;

/** `heap`: what is kept after a collection, in MB. */
export async function measureHour(heap: () => number): Promise<Answer> {
  const cluster = new StreamedCluster();
  const views = createViews({
    targets: {
      client: () => createKubeClient(cluster.transport),
      name: () => 'busy',
      namespace: async () => null,
      subscribe: () => () => {},
    },
  });
  const abort = new AbortController();
  const query = firstPage([{ kind: 'cluster', id: 'busy' }]);
  let total = 0;
  const looking = (async () => {
    for await (const event of views.service.open({ viewId: 'hour', query }, abort.signal)) total = event.total;
  })();
  const began = performance.now();
  const heaps: number[] = [];
  for (let look = 1; look <= LOOKS; look++) {
    await cluster.changes((CHANGES / LOOKS) * look);
    heaps.push(heap());
  }
  const took = performance.now() - began;
  const rows = total;
  abort.abort();
  await looking;
  views.close();
  return { first: heaps[0] ?? 0, last: heaps.at(-1) ?? 0, max: Math.max(...heaps), took, changes: CHANGES, rows };
}

/** Lists its pods as initial events, then changes them as fast as somebody reads. */
class StreamedCluster {
  readonly #pods: string[] = [];
  #made = 0;
  #version = 0;
  #wanted = 0;
  #reached: () => void = () => {};
  #done = 0;

  readonly transport: KubeTransport = {
    server: 'https://busy.invalid',
    request: async () => ({ status: 404, headers: {}, body: { kind: 'Status', code: 404, reason: 'NotFound' } }),
    stream: (request) => parseNdjson(this.#lines(request.signal)),
    close: async () => {},
  };

  constructor() {
    while (this.#pods.length < PODS) this.#pods.push(this.#newName());
  }

  /** Resolves when so many changes have been made and read. */
  changes(count: number): Promise<void> {
    this.#wanted = count;
    return new Promise((resolve) => {
      this.#reached = resolve;
      this.#wake();
    });
  }

  #wake: () => void = () => {};

  async *#lines(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    yield this.#chunk(this.#pods.map((name) => this.#line('ADDED', name)));
    const metadata = { resourceVersion: String(this.#version), annotations: { 'k8s.io/initial-events-end': 'true' } };
    yield this.#chunk([JSON.stringify({ type: 'BOOKMARK', object: { apiVersion: 'v1', kind: 'Pod', metadata } })]);
    while (!signal?.aborted) {
      if (this.#done >= this.#wanted) {
        this.#reached();
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          signal?.addEventListener('abort', () => resolve(), { once: true });
        });
        continue;
      }
      const lines: string[] = [];
      for (let each = 0; each < CHUNK; each++) lines.push(...this.#change());
      yield this.#chunk(lines);
    }
  }

  #change(): string[] {
    const at = this.#done % PODS;
    const name = this.#pods[at] ?? '';
    if (this.#done++ % 100 >= REPLACED) return [this.#line('MODIFIED', name)];
    const next = this.#newName();
    this.#pods[at] = next;
    return [this.#line('DELETED', name), this.#line('ADDED', next)];
  }

  #newName(): string {
    this.#made += 1;
    return `web-${this.#made % 97}-${this.#made.toString(36)}`;
  }

  #chunk(lines: readonly string[]): Uint8Array {
    return Buffer.from(`${lines.join('\n')}\n`);
  }

  #line(type: string, name: string): string {
    this.#version += 1;
    const version = String(this.#version);
    const seconds = String(this.#version % 60).padStart(2, '0');
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: `team-${name.length % 20}`,
        uid: `uid-${name}`,
        resourceVersion: version,
        creationTimestamp: '2026-01-01T00:00:00Z',
        labels: { app: 'web', 'pod-template-hash': name.slice(4, 7) },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'uid-web', controller: true }],
      },
      spec: { nodeName: `node-${this.#version % 200}`, containers: [{ name: 'web', image: 'nginx:1.27' }] },
      status: {
        phase: 'Running',
        podIP: `10.${this.#version % 250}.0.1`,
        containerStatuses: [
          {
            name: 'web',
            ready: true,
            restartCount: this.#version % 7,
            state: { running: { startedAt: `2026-01-01T00:00:${seconds}Z` } },
          },
        ],
      },
    };
    return JSON.stringify({ type, object });
  }
}
