/** A scripted API server for tests of views: one collection in memory, paged lists, watches, and faults on demand. */
import { AppError } from '#shared/errors.ts';
import type { KubeObject, WatchEvent } from '#shared/kubernetes/types.ts';
import {
  ApiError,
  createKubeClient,
  type KubeClient,
  type KubeTransport,
  type TransportRequest,
  type TransportResponse,
} from '../../kube/index.ts';

export class FakeApi {
  readonly client: KubeClient;
  readonly requests: string[] = [];
  /** What the next requests answer instead: an HTTP status, or a network error to throw. */
  fault: ((request: TransportRequest) => number | AppError | null) | null = null;
  /** Called before each page of a list but the first. */
  beforePage: (() => Promise<void>) | null = null;
  pageSize = 500;
  /** What the metrics API answers; null: there is none. */
  metrics: unknown[] | null = null;
  /** What the server prints of an object, for whoever asks for tables; null: it knows no tables. */
  printed: { name: string; type: string; priority: number; cell: (object: KubeObject) => unknown }[] | null = null;
  readonly #objects = new Map<string, KubeObject>();
  readonly #watchers = new Set<(event: WatchEvent | null) => void>();
  #version = 100;

  constructor() {
    const transport: KubeTransport = {
      server: 'https://fake',
      request: (request) => this.#request(request),
      stream: (request) => this.#stream(request),
      close: async () => {},
    };
    this.client = createKubeClient(transport);
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  set(object: KubeObject): void {
    const key = keyOf(object);
    const known = this.#objects.get(key);
    const stored: KubeObject = {
      ...object,
      metadata: { uid: `uid-${key}`, ...object.metadata, resourceVersion: String(++this.#version) },
    };
    this.#objects.set(key, stored);
    this.#tell({ type: known === undefined ? 'ADDED' : 'MODIFIED', object: stored });
  }

  delete(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) throw new Error(`no ${key}`);
    this.#objects.delete(key);
    this.#tell({
      type: 'DELETED',
      object: { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } },
    });
  }

  /** Ends every watch, as a connection that breaks. */
  cut(): void {
    for (const watcher of [...this.#watchers]) watcher(null);
  }

  #tell(event: WatchEvent): void {
    for (const watcher of [...this.#watchers]) watcher(event);
  }

  #check(request: TransportRequest): TransportResponse | null {
    this.requests.push(`${request.path}${request.query?.watch === true ? '?watch' : ''}`);
    const fault = this.fault?.(request) ?? null;
    if (fault instanceof AppError) throw fault;
    return fault === null ? null : { status: fault, headers: {}, body: statusOf(fault) };
  }

  async #request(request: TransportRequest): Promise<TransportResponse> {
    const from = Number(request.query?.continue ?? 0);
    if (from > 0) await this.beforePage?.();
    const refused = this.#check(request);
    if (refused !== null) return refused;
    if (request.path.startsWith('/apis/metrics.k8s.io/')) {
      return this.metrics === null
        ? { status: 404, headers: {}, body: statusOf(404) }
        : {
            status: 200,
            headers: {},
            body: { kind: 'PodMetricsList', apiVersion: 'v1', metadata: {}, items: this.metrics },
          };
    }
    const one = /\/namespaces\/([^/]+)\/[^/]+\/([^/]+)$/.exec(request.path);
    if (one !== null) {
      const object = this.#objects.get(`${one[1]}/${one[2]}`);
      return object === undefined
        ? { status: 404, headers: {}, body: statusOf(404) }
        : { status: 200, headers: {}, body: object };
    }
    const namespace = /\/namespaces\/([^/]+)\//.exec(request.path)?.[1];
    const all = [...this.#objects.values()].filter(
      (o) => namespace === undefined || o.metadata.namespace === namespace,
    );
    const items = all.slice(from, from + this.pageSize);
    const next = from + items.length;
    const metadata = {
      resourceVersion: String(this.#version),
      ...(next < all.length ? { continue: String(next) } : {}),
    };
    const body = this.#asTable(request)
      ? { ...this.#table(items), metadata }
      : { apiVersion: 'v1', kind: 'List', metadata, items };
    return { status: 200, headers: {}, body };
  }

  #asTable({ headers }: TransportRequest): boolean {
    return this.printed !== null && (headers?.accept ?? '').includes('as=Table');
  }

  #table(items: readonly KubeObject[]) {
    const columns = this.printed ?? [];
    return {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: {},
      columnDefinitions: columns.map(({ name, type, priority }) => ({ name, type, format: '', priority })),
      rows: items.map((object) => ({ cells: columns.map(({ cell }) => cell(object)), object })),
    };
  }

  async *#stream(request: TransportRequest): AsyncGenerator<unknown> {
    // As a server before Kubernetes 1.32: the first state comes from a list.
    if (request.query?.sendInitialEvents === true) throw new ApiError(422, statusOf(422), 'WATCH');
    const refused = this.#check(request);
    if (refused !== null) throw new ApiError(refused.status, refused.body, 'WATCH');
    request.onOpen?.();
    const events: (WatchEvent | null)[] = [];
    let first = true;
    let wake: (() => void) | null = null;
    const watcher = (event: WatchEvent | null): void => {
      events.push(event);
      wake?.();
    };
    const since = Number(request.query?.resourceVersion ?? 0);
    for (const object of this.#objects.values())
      if (Number(object.metadata.resourceVersion) > since) events.push({ type: 'MODIFIED', object });
    const onAbort = (): void => watcher(null);
    request.signal?.addEventListener('abort', onAbort);
    this.#watchers.add(watcher);
    try {
      for (;;) {
        const event = events.shift();
        if (event === null) return;
        if (event !== undefined && this.#asTable(request)) {
          // As the real one: only the first event of a watch names the columns.
          const table = { ...this.#table([event.object]), ...(first ? {} : { columnDefinitions: null }) };
          first = false;
          yield { type: event.type, object: table };
        } else if (event !== undefined) yield event;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      this.#watchers.delete(watcher);
      request.signal?.removeEventListener('abort', onAbort);
    }
  }
}

function keyOf({ metadata }: KubeObject): string {
  return metadata.namespace === undefined ? String(metadata.name) : `${metadata.namespace}/${metadata.name}`;
}

function statusOf(code: number): unknown {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: `fault ${code}`, code };
}
