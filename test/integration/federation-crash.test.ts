/**
 * kill -9 at every step: a workload is distributed, scaled, taken over from a lost member and deleted, while the engine is
 * killed after its n-th change in the federation's API, for n after n, and started again on its folder. Each time the end
 * is the one that was asked for; what shall stay in a member is never deleted there, not even to be made again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonAnswer } from '#engine/apiserver/index.ts';
import { PROPAGATION_POLICIES, RESOURCE_BINDINGS, WORKS } from '#engine/federation/api.ts';
import { connectExternal, type ExternalConnection } from '#engine/federation/external/connect.ts';
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { DEPLOYMENTS, type Member, startMember, until } from '../fixtures/federation.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const inDefault = { namespace: 'default' };
const script = fileURLToPath(new URL('../fixtures/federation-process.ts', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'fleetdeck-federation-crash-'));
const members: Member[] = [];
/** `member name` of every object that was deleted in a member. */
const deleted: string[] = [];
let engine: Engine;

class Engine {
  readonly child: ChildProcess;
  readonly connection: ExternalConnection;
  readonly #watching = new AbortController();

  private constructor(child: ChildProcess, connection: ExternalConnection) {
    this.child = child;
    this.connection = connection;
  }

  static async start(): Promise<Engine> {
    const input = {
      dataDir: folder,
      members: members.map(({ name, server }) => ({ name, kubeconfig: server.kubeconfig() })),
      clusterStatus: { intervalMs: 200, thresholdMs: 200 },
    };
    const file = path.join(folder, 'input.json');
    writeFileSync(file, JSON.stringify(input));
    const child = spawn(process.execPath, [script, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_COMPILE_CACHE: path.join(folder, 'compiled') },
    });
    for await (const line of createInterface(child.stdout!)) {
      const { kubeconfigPath } = JSON.parse(line) as { kubeconfigPath: string };
      child.stdout?.resume();
      return new Engine(child, await connectExternal(readFileSync(kubeconfigPath, 'utf8'), undefined));
    }
    throw new Error('the engine ended before it ran');
  }

  get client() {
    return this.connection.client;
  }

  /** Dies in the moment in which its n-th change from now on is seen. Resolves when that is watched for. */
  async killAfter(changes: number): Promise<{ killed: Promise<void> }> {
    let left = changes;
    const { promise, resolve } = Promise.withResolvers<void>();
    const killed = promise.then(() => this.kill());
    const follow = async (ref: ResourceRef): Promise<void> => {
      const { metadata } = await this.client.list(ref);
      const opened = Promise.withResolvers<void>();
      const watch = this.client.watch(ref, {
        resourceVersion: metadata.resourceVersion ?? '',
        signal: this.#watching.signal,
        onOpen: opened.resolve,
      });
      void (async () => {
        for await (const _ of watch) if (--left === 0) resolve();
      })().catch(opened.reject);
      await opened.promise;
    };
    const unlessDead = (error: unknown): void => {
      // What was begun before goes on meanwhile: it may be dead before everything is watched.
      if (!this.#watching.signal.aborted) throw error;
    };
    for (const ref of [DEPLOYMENTS, PROPAGATION_POLICIES, RESOURCE_BINDINGS, WORKS])
      await follow(ref).catch(unlessDead);
    return { killed };
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.#watching.abort();
    this.child.kill('SIGKILL');
    await ended;
    await this.connection.close();
  }
}

beforeAll(async () => {
  members.push(await startMember('north'), await startMember('south'));
  for (const member of members) {
    // A stranger's object, named and labelled like ours: nobody may touch it.
    await member.client.create(CONFIG_MAPS, configMap('stranger'), inDefault);
    void (async () => {
      for (const ref of [DEPLOYMENTS, CONFIG_MAPS])
        void (async () => {
          for await (const { type, object } of member.server.client('witness').watch(ref))
            if (type === 'DELETED') deleted.push(`${member.name} ${object.metadata.name}`);
        })().catch(() => {});
    })();
  }
  engine = await Engine.start();
  await until(
    'both members are ready',
    async () => {
      const { items } = await engine.client.list({
        group: 'cluster.karmada.io',
        version: 'v1alpha1',
        resource: 'clusters',
      });
      return items.length === 2 && items.every(isReady) ? true : undefined;
    },
    30_000,
  );
}, 120_000);
afterAll(async () => {
  await engine?.kill();
  for (const member of members) await member.close();
  rmSync(folder, { recursive: true, force: true });
});

const isReady = ({ status }: KubeObject): boolean =>
  status?.conditions?.some(
    ({ type, status: value }: { type: string; status: string }) => type === 'Ready' && value === 'True',
  );

function configMap(name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
    data: { a: 'b' },
  };
}

const template: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
  spec: {
    replicas: 4,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx', envFrom: [{ configMapRef: { name: 'settings' } }] }] },
    },
  },
};
const policy: KubeObject = {
  apiVersion: 'policy.karmada.io/v1alpha1',
  kind: 'PropagationPolicy',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }],
    propagateDeps: true,
    placement: { replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' } },
  },
};

/** What each member runs: replicas of the Deployment and whether its ConfigMap is there. */
async function seen(): Promise<(number | null)[]> {
  const inMembers = members.map(async ({ server }) => {
    const found = await server.client('witness').find(DEPLOYMENTS, 'web', inDefault);
    return found === null ? null : (found.spec.replicas as number);
  });
  return await Promise.all(inMembers);
}

type Seen = (number | null)[];
const reached = (wanted: Seen, ms = 60_000) =>
  until(
    `replicas ${wanted} in the members`,
    async () => (String(await seen()) === String(wanted) ? true : undefined),
    ms,
  );

/** Asks for something and kills the engine after each number of changes in turn; what was asked for is reached all the same. */
async function throughCrashes(steps: readonly number[], ask: () => Promise<unknown>, wanted: Seen): Promise<void> {
  for (const step of steps) {
    const { killed } = await engine.killAfter(step);
    // The request itself may be cut off: whoever asks asks again.
    await ask().catch(() => {});
    await Promise.race([killed, reached(wanted)]);
    // Nothing more to do than that: killed at rest.
    await engine.kill();
    engine = await Engine.start();
  }
  await ask();
  await reached(wanted);
}

async function unless<T>(test: (error: unknown) => boolean, work: Promise<T>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!test(error)) throw error;
  });
}

test('a workload is distributed, once in each member', { timeout: 300_000 }, async () => {
  const ask = async () => {
    for (const [ref, object] of [
      [CONFIG_MAPS, configMap('settings')],
      [DEPLOYMENTS, template],
      [PROPAGATION_POLICIES, policy],
    ] as const)
      await unless(isAlreadyExists, engine.client.create(ref, object, inDefault));
  };
  await throughCrashes([1, 4, 8], ask, [2, 2]);
  for (const { server } of members)
    await until('what it needs has come along', () =>
      server
        .client('witness')
        .find(CONFIG_MAPS, 'settings', inDefault)
        .then((one) => one ?? undefined),
    );
});

test('it is scaled, though every second write to a member fails', { timeout: 300_000 }, async () => {
  let writes = 0;
  for (const { server } of members)
    server.door.setGate(async ({ method }) => {
      if (method === 'GET' || writes++ % 2 === 1) return null;
      return jsonAnswer(
        { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 500, message: 'etcd is down' },
        500,
      );
    });
  const patch = { spec: { replicas: 6 } };
  await throughCrashes([2], () => engine.client.patch(DEPLOYMENTS, 'web', 'merge', patch, inDefault), [3, 3]);
  for (const { server } of members) server.door.setGate(null);
  expect(writes).toBeGreaterThan(1);
  expect(deleted).toEqual([]);
});

test('a lost member is taken over from; what it ran stays until it is back', { timeout: 300_000 }, async () => {
  await members[1]!.server.door.setPort('closed');
  await throughCrashes([3], async () => {}, [6, 3]);
  expect(deleted).toEqual([]);
  await members[1]!.server.door.setPort('open');
  await reached([6, null]);
  expect(deleted.filter((one) => !one.startsWith('south '))).toEqual([]);
});

test('it is deleted everywhere, and nothing else', { timeout: 300_000 }, async () => {
  // Half way: the workload is gone, what it needed is being let go.
  await throughCrashes([4], () => unless(isNotFound, engine.client.delete(DEPLOYMENTS, 'web', inDefault)), [
    null,
    null,
  ]);
  await until(
    'no binding is left',
    async () => ((await engine.client.list(RESOURCE_BINDINGS, inDefault)).items.length === 0 ? true : undefined),
    60_000,
  );
  // The watches of the test may tell it a moment after the members have it.
  await until('each deletion is told', () =>
    deleted.filter((one) => one.endsWith(' web')).length < members.length ? undefined : true,
  );
  for (const { server } of members)
    expect(await server.client('witness').find(CONFIG_MAPS, 'stranger', inDefault)).not.toBeNull();
  expect(deleted.filter((one) => one === 'north web')).toHaveLength(1);
});
