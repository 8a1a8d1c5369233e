/**
 * kill -9 in the middle of everything: several clients write at random, the process dies and starts again on its folder,
 * over and over. Whatever was acknowledged is there, whatever was not is there whole or not at all, and watches that go
 * on from their last revision see every change once and in order. `FLEETDECK_TEST_SEED` repeats a run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { ApiServerProcess } from '../fixtures/apiserver-process.ts';
import { randomOf } from '../fixtures/random.ts';

const ROUNDS = 4;
const WRITERS = 6;
const MAPS = '/api/v1/namespaces/default/configmaps';
const APPLY = 'fieldManager=applier&force=true';
const seed = Number(process.env.FLEETDECK_TEST_SEED ?? Date.now() % 1_000_000);

const folder = mkdtempSync(path.join(tmpdir(), 'fleetdeck-crash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One client with objects of its own: it always knows what they must look like, up to the request under way. */
class Writer {
  /** Value of each object; absent: it does not exist. */
  readonly known = new Map<string, string>();
  /** The request that was never answered: either of these holds. */
  doubt: { name: string; before: string | undefined; after: string | undefined } | null = null;
  /** Last value acknowledged and last value sent of this writer's field in the object that all share. */
  shared = { acknowledged: 0, sent: 0 };
  acknowledged = 0;
  readonly #id: number;
  readonly #random: () => number;

  constructor(id: number) {
    this.#id = id;
    this.#random = randomOf(seed + id);
  }

  get field(): string {
    return `w${this.#id}`;
  }

  async run(server: ApiServerProcess): Promise<void> {
    try {
      while (server.alive) await this.#step(server);
    } catch (error) {
      // A broken connection is what is expected here; a wrong answer is not.
      if (error instanceof Error && error.message.startsWith('unexpected')) throw error;
    }
  }

  async #step(server: ApiServerProcess): Promise<void> {
    if (this.#random() < 0.2) return this.#bump(server);
    const name = `w${this.#id}-${Math.floor(this.#random() * 8)}`;
    const before = this.known.get(name);
    const value = `${Math.floor(this.#random() * 1e9)}`;
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, labels: { even: String(Number(value) % 2 === 0) } },
      data: { value },
    };
    const removes = before !== undefined && this.#random() < 0.3;
    this.doubt = { name, before, after: removes ? undefined : value };
    const way = this.#random();
    const { status } =
      before === undefined
        ? await server.call('POST', MAPS, object)
        : removes
          ? await server.call('DELETE', `${MAPS}/${name}`)
          : way < 0.3
            ? await server.call('PUT', `${MAPS}/${name}`, object)
            : way < 0.6
              ? await server.call('PATCH', `${MAPS}/${name}?${APPLY}`, object, 'application/apply-patch+yaml')
              : await server.call(
                  'PATCH',
                  `${MAPS}/${name}`,
                  { metadata: object.metadata, data: object.data },
                  'application/merge-patch+json',
                );
    if (status !== 200 && status !== 201) throw new Error(`unexpected status ${status} for ${name}`);
    if (removes) this.known.delete(name);
    else this.known.set(name, value);
    this.doubt = null;
    this.acknowledged++;
  }

  async #bump(server: ApiServerProcess): Promise<void> {
    this.shared.sent++;
    const patch = { data: { [this.field]: String(this.shared.sent) } };
    const { status } = await server.call('PATCH', `${MAPS}/shared`, patch, 'application/merge-patch+json');
    if (status !== 200) throw new Error(`unexpected status ${status} for the shared object`);
    this.shared.acknowledged = this.shared.sent;
    this.acknowledged++;
  }

  /** Compares with what is there after a restart, and takes over how the open request went. */
  check(stored: Map<string, string>): void {
    const { doubt } = this;
    if (doubt !== null) {
      const found = stored.get(doubt.name);
      expect([doubt.before, doubt.after], `${doubt.name} after the crash`).toContain(found);
      if (found === undefined) this.known.delete(doubt.name);
      else this.known.set(doubt.name, found);
      this.doubt = null;
    }
    const own = [...stored].filter(([name]) => name.startsWith(`${this.field}-`));
    expect(new Map(own)).toEqual(this.known);
  }
}

/** A copy kept by watching, which finds out about every event that is missing, comes twice or comes out of order. */
class Watcher {
  readonly copy = new Map<string, Json>();
  readonly problems: string[] = [];
  relists = 0;
  #revision = 0;
  readonly #selector: string;

  constructor(selector: string) {
    this.#selector = selector;
  }

  async list(server: ApiServerProcess): Promise<void> {
    const { json } = await server.call('GET', `${MAPS}?labelSelector=${this.#selector}`);
    this.copy.clear();
    for (const item of json.items) this.copy.set(item.metadata.name, item);
    this.#revision = Number(json.metadata.resourceVersion);
  }

  async run(server: ApiServerProcess): Promise<void> {
    const query = `?watch=1&allowWatchBookmarks=true&labelSelector=${this.#selector}&resourceVersion=`;
    for await (const event of server.watch(`${MAPS}${query}${this.#revision}`)) {
      if (event.type === 'ERROR') {
        this.relists++;
        const listed = await this.list(server).then(
          () => true,
          () => false,
        );
        return listed ? this.run(server) : undefined;
      }
      this.#take(event);
    }
  }

  #take({ type, object }: Json): void {
    const revision = Number(object.metadata.resourceVersion);
    const note = (text: string) => this.problems.push(`${type} ${object.metadata.name} ${revision}: ${text}`);
    if (type === 'BOOKMARK' ? revision < this.#revision : revision <= this.#revision) note(`after ${this.#revision}`);
    this.#revision = revision;
    if (type === 'BOOKMARK') return;
    const { name } = object.metadata;
    if ((type === 'ADDED') === this.copy.has(name)) note(this.copy.has(name) ? 'is there already' : 'is not there');
    if (type === 'DELETED') this.copy.delete(name);
    else this.copy.set(name, object);
  }

  /** Until it has seen everything up to `revision`. */
  async reached(revision: number): Promise<void> {
    while (this.#revision < revision) await wait(10);
  }
}

test(`acknowledged writes and watches outlive kill -9 (seed ${seed})`, async () => {
  const random = randomOf(seed);
  const writers = Array.from({ length: WRITERS }, (_, id) => new Writer(id));
  const watchers = [new Watcher(''), new Watcher('even%3Dtrue'), new Watcher('even%3Dfalse')];
  const start = () => ApiServerProcess.start(['--data', folder]);

  let server = await start();
  await server.call('POST', MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shared' } });
  for (const watcher of watchers) await watcher.list(server);

  for (let round = 0; round < ROUNDS; round++) {
    const running = [...writers, ...watchers].map((client) => client.run(server));
    await wait(400 + random() * 600);
    await server.end('SIGKILL');
    await Promise.all(running);

    server = await start();
    const { json } = await server.call('GET', MAPS);
    const stored = new Map<string, string>(json.items.map((item: Json) => [item.metadata.name, item.data?.value]));
    for (const writer of writers) writer.check(stored);
    const { data = {} } = json.items.find((item: Json) => item.metadata.name === 'shared');
    for (const { field, shared } of writers) {
      expect(Number(data[field] ?? 0)).toBeGreaterThanOrEqual(shared.acknowledged);
      expect(Number(data[field] ?? 0)).toBeLessThanOrEqual(shared.sent);
    }
  }

  // Once more without a crash: what the watchers have put together is what is stored.
  const watching = watchers.map((watcher) => watcher.run(server));
  const { json: last } = await server.call(
    'PATCH',
    `${MAPS}/shared`,
    { metadata: { labels: { even: 'true' } } },
    'application/merge-patch+json',
  );
  const { json: other } = await server.call('POST', MAPS, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'last', labels: { even: 'false' } },
  });
  await watchers[1]!.reached(Number(last.metadata.resourceVersion));
  for (const index of [0, 2]) await watchers[index]!.reached(Number(other.metadata.resourceVersion));
  const { json } = await server.call('GET', MAPS);
  const expected = (even?: string) =>
    new Map(
      json.items
        .filter((item: Json) => even === undefined || item.metadata.labels?.even === even)
        .map((item: Json) => [item.metadata.name, item.data]),
    );
  for (const [index, even] of [undefined, 'true', 'false'].entries()) {
    const { copy, problems } = watchers[index]!;
    expect(problems).toEqual([]);
    // The history outlives the process, so nobody has to list again.
    expect(watchers[index]!.relists).toBe(0);
    expect(new Map([...copy].map(([name, item]) => [name, item.data]))).toEqual(expected(even));
  }
  await server.end('SIGTERM');
  await Promise.all(watching);
  expect(writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBeGreaterThan(ROUNDS * WRITERS);
});
