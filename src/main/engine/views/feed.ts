/**
 * One collection on one API server as lean rows, shared by every view that looks at it. Runs one informer; after the last
 * view has gone it stays for a grace period, so that going back and forth does not list again.
 *
 * The informer delivers a first list only when it is complete. The feed already passes rows on while they are parsed, so
 * that a person sees the first of 100,000 rows at once; what did not make it into the complete list is taken back.
 */
import type { Freshness, Target } from '#shared/contract/views.ts';
import { type AppErrorShape, toErrorShape } from '#shared/errors.ts';
import { type KubeObject, objectKey, type ResourceRef } from '#shared/kubernetes/types.ts';
import { createInformer, type Informer, type KubeClient, nextTurn } from '../kube/index.ts';
import type { Cell, KindDefinition } from './columns/index.ts';
import { searchedCells } from './filter.ts';
import { projectRow, type Row, type RowSource, searchText, TextPool } from './row.ts';
import { type Usage, UsagePoll } from './usage.ts';

export interface FeedListener {
  /** Either may be null: a row appeared, changed or went. */
  onRow(before: Row | null, after: Row | null): void;
  onFreshness(): void;
}

export interface FeedOptions {
  target: Target;
  resource: ResourceRef;
  definition: KindDefinition;
  /** Empty: all namespaces. */
  namespace: string;
  name: string;
  /** May throw: the target is not known, not started yet, or its kubeconfig is broken. */
  client: () => KubeClient;
  retryMs: number;
}

export class Feed {
  readonly source: RowSource;
  readonly namespace: string;
  readonly definition: KindDefinition;
  readonly #options: FeedOptions;
  readonly #rows = new Map<string, Row>();
  readonly #listeners = new Set<FeedListener>();
  #informer: Informer<Row> | null = null;
  #unavailable: AppErrorShape | null = null;
  #since = new Date().toISOString();
  #synced = false;
  #retry: NodeJS.Timeout | undefined;
  #usage: ReadonlyMap<string, Usage> = new Map();
  #usagePoll: UsagePoll | null = null;
  #closed = false;
  /** The version really asked for: a server may serve another one of the same kind than the view was opened with. */
  #version: string;
  #lookedForVersion = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#version = options.resource.version;
    this.source = {
      target: options.target,
      prefix: `${options.target.kind}/${options.target.id}/`,
      name: options.name,
      shared: new TextPool(),
    };
    this.namespace = options.namespace;
    this.definition = options.definition;
    this.#start();
  }

  get rows(): ReadonlyMap<string, Row> {
    return this.#rows;
  }

  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    this.#followUsage();
    return () => {
      this.#listeners.delete(listener);
      this.#followUsage();
    };
  }

  freshness(): Freshness {
    const { target } = this.source;
    const known = {
      target,
      count: this.#rows.size,
      ...(this.namespace === '' ? {} : { within: [this.namespace] }),
    };
    if (this.#informer === null)
      return { ...known, state: 'disconnected', since: this.#since, reason: this.#unavailable };
    const { state, reason, since } = this.#informer;
    return { ...known, state: this.#stateOf(state, reason), since, reason };
  }

  /** Asks again at once for a client that could not be had. */
  retryNow(): void {
    if (this.#informer === null && !this.#closed) this.#start();
  }

  /** The target is gone for good: its rows with it. */
  dropTarget(reason: AppErrorShape): void {
    this.#informer?.stop();
    this.#informer = null;
    this.#synced = false;
    this.#giveUp(reason);
    for (const key of [...this.#rows.keys()]) this.#set(key, null);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#informer?.stop();
    this.#usagePoll?.close();
    this.#listeners.clear();
    this.#rows.clear();
  }

  #stateOf(state: Informer['state'], reason: AppErrorShape | null): Freshness['state'] {
    if (state === 'live') return 'live';
    if (reason?.code === 'FORBIDDEN') return 'forbidden';
    if (reason?.code === 'NOT_FOUND') return 'unknownResource';
    if (state === 'stale') return 'stale';
    if (reason !== null && !this.#synced) return 'disconnected';
    return state === 'catchingUp' || this.#rows.size > 0 ? 'catchingUp' : 'connecting';
  }

  #start(): void {
    clearTimeout(this.#retry);
    let client: KubeClient;
    try {
      client = this.#options.client();
    } catch (error) {
      this.#giveUp(toErrorShape(error, this.source.name));
      return;
    }
    this.#unavailable = null;
    const { resource, namespace } = this.#options;
    const informer = createInformer<Row>({
      client,
      resource: { ...resource, version: this.#version },
      ...(namespace === '' ? {} : { namespace }),
      ...(this.definition.served === true ? { table: true } : {}),
      project: (object) => this.#project(object),
    });
    this.#informer = informer;
    informer.subscribe({
      onAdd: (row, key) => this.#set(key, row),
      onUpdate: (row, _previous, key) => this.#set(key, row),
      onDelete: (_row, key) => this.#set(key, null),
      onState: () => this.#onState(client),
    });
    this.#tellFreshness();
  }

  /** An older or newer cluster may serve the kind under another version: its rows look the same. */
  async #findVersion(client: KubeClient): Promise<void> {
    const { group, resource } = this.#options.resource;
    const served = await client.resources().catch(() => []);
    const other = served.find(
      (info) => info.group === group && info.resource === resource && info.version !== this.#version,
    );
    if (other === undefined || this.#closed || this.#synced || this.#informer === null) return;
    this.#informer.stop();
    this.#version = other.version;
    this.#start();
  }

  #giveUp(reason: AppErrorShape): void {
    if (this.#unavailable?.message !== reason.message) this.#since = new Date().toISOString();
    this.#unavailable = reason;
    this.#tellFreshness();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.retryNow(), this.#options.retryMs);
    this.#retry.unref();
  }

  #project(object: KubeObject): Row {
    const row = this.#withUsage(projectRow(this.source, this.definition, object));
    if (!this.#synced) this.#set(objectKey(object), row);
    return row;
  }

  /** Measured only while somebody looks and there is something to measure. */
  #followUsage(): void {
    const resource = this.#options.resource.resource;
    const wanted = this.#synced && this.#listeners.size > 0 && this.definition.columns.some(({ usage }) => usage);
    if (!wanted || (resource !== 'pods' && resource !== 'nodes')) {
      this.#usagePoll?.close();
      this.#usagePoll = null;
      return;
    }
    if (this.#usagePoll !== null) return;
    let client: KubeClient;
    try {
      client = this.#options.client();
    } catch {
      // The rows say why; whoever comes back starts this too.
      return;
    }
    this.#usagePoll = new UsagePoll({ client, resource, namespace: this.namespace }, (samples) => {
      this.#usage = samples;
      for (const [key, row] of this.#rows) {
        const measured = this.#withUsage(row);
        if (measured !== row) this.#set(key, measured);
      }
    });
  }

  #withUsage(row: Row): Row {
    if (this.#usage.size === 0) return row;
    const used = this.#usage.get(row.namespace === '' ? row.name : `${row.namespace}/${row.name}`);
    let cells: Cell[] | null = null;
    for (const [index, { usage }] of this.definition.columns.entries()) {
      if (usage === undefined) continue;
      const value = used === undefined ? null : this.source.shared.of(used[usage]);
      if (row.cells[index] === value) continue;
      cells ??= [...row.cells];
      cells[index] = value;
    }
    return cells === null ? row : { ...row, cells };
  }

  #onState(client: KubeClient): void {
    if (this.#informer?.reason?.code === 'NOT_FOUND' && !this.#synced && !this.#lookedForVersion) {
      this.#lookedForVersion = true;
      void this.#findVersion(client);
    }
    if (this.#informer?.state === 'live' && !this.#synced) {
      this.#synced = true;
      // Shown early, but deleted before the list was complete.
      for (const key of [...this.#rows.keys()]) if (!this.#informer.items.has(key)) this.#set(key, null);
      this.#followUsage();
      void this.#prepareSearch();
    }
    this.#tellFreshness();
  }

  /** The first word that a person types asks for the text of every row: it is made before, in what time others leave. */
  async #prepareSearch(): Promise<void> {
    const cells = searchedCells(this.definition);
    for (const row of this.#rows.values()) {
      const turn = nextTurn();
      if (turn !== undefined) await turn;
      searchText(row, cells);
    }
  }

  #set(key: string, after: Row | null): void {
    const before = this.#rows.get(key) ?? null;
    if (before === after) return;
    if (after === null) this.#rows.delete(key);
    else this.#rows.set(key, after);
    for (const listener of this.#listeners) listener.onRow(before, after);
  }

  #tellFreshness(): void {
    for (const listener of this.#listeners) listener.onFreshness();
  }
}
