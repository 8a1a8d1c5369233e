/** A simulated cluster for tests of its controllers, and the few workloads that most of them need. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect } from 'vitest';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { type SimulatedCluster, startCluster } from '../cluster.ts';
import { isActive, isReady } from '../sim/pods.ts';
import { EVENTS, NAMESPACES, NODES, PODS } from '../sim/refs.ts';

/** A namespace of its own with what a test asks of it. */
export interface Space {
  create(
    ref: ResourceRef,
    apiVersion: string,
    kind: string,
    name: string,
    spec: Json,
    labels?: object,
  ): Promise<KubeObject>;
  get(ref: ResourceRef, name: string): Promise<KubeObject>;
  list(ref: ResourceRef): Promise<KubeObject[]>;
  /** Those that have neither ended nor are to go. */
  pods(): Promise<KubeObject[]>;
  patch(ref: ResourceRef, name: string, change: object): Promise<KubeObject>;
  remove(ref: ResourceRef, name: string, propagationPolicy?: 'Orphan' | 'Background'): Promise<KubeObject>;
  /** Messages of the events with that reason. */
  told(reason: string): Promise<string[]>;
}

export interface Simulated {
  cluster: SimulatedCluster;
  client: KubeClient;
  space(namespace: string): Promise<Space>;
  /** While the kubelet of its node looks away, what is deleted does not end. */
  look(pod: KubeObject | undefined, away: boolean): Promise<KubeObject>;
}

/** Two nodes on which everything takes no time, until the tests of the file are over. */
export async function simulated(name: string): Promise<Simulated> {
  const dir = mkdtempSync(path.join(tmpdir(), `fleetdeck-${name}-`));
  const sizes = { index: 0, seed: 1, nodes: 2, pods: 0, churn: 0, pace: 0 };
  const cluster = await startCluster({ dir, ...sizes, report: () => undefined, onProgress: () => undefined });
  afterAll(async () => {
    await cluster.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const client = cluster.client('tester');
  return {
    cluster,
    client,
    space: (namespace) => makeSpace(client, namespace),
    look: (pod, away) =>
      client.patch(NODES, pod?.spec?.nodeName ?? '', 'merge', {
        metadata: { annotations: { 'demo.fleetdeck/behaviour': away ? 'ignores-pods' : null } },
      }),
  };
}

async function makeSpace(client: KubeClient, namespace: string): Promise<Space> {
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const inside = { namespace };
  return {
    create: (ref, apiVersion, kind, name, spec, labels = {}) =>
      client.create(ref, { apiVersion, kind, metadata: { name, namespace, labels: { ...labels } }, spec }, inside),
    get: async (ref, name) => (await client.find(ref, name, inside)) as KubeObject,
    list: async (ref) => (await client.list(ref, inside)).items,
    pods: async () => (await client.list(PODS, inside)).items.filter((pod) => isActive(pod)),
    patch: (ref, name, change) => client.patch(ref, name, 'merge', change, inside),
    remove: (ref, name, propagationPolicy) =>
      client.delete(ref, name, { ...inside, ...(propagationPolicy === undefined ? {} : { propagationPolicy }) }),
    told: async (reason) =>
      (await client.list(EVENTS, inside)).items
        .filter((event) => event.reason === reason)
        .map(({ message }) => String(message)),
  };
}

export const template = (app: string, image = 'nginx:1.29') => ({
  metadata: { labels: { app } },
  spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image }] },
});

export const workload = (app: string, replicas: number, more: object = {}) => ({
  replicas,
  selector: { matchLabels: { app } },
  template: template(app),
  ...more,
});

/** Of a Job. */
export const batch = (script: string, more: object = {}) => ({
  ...more,
  template: {
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', script] }],
    },
  },
});

/** The pods when they are so many and all ready. */
export const ready = async (pods: Promise<KubeObject[]>, count: number) => {
  const found = await pods;
  return found.length === count && found.every(isReady) ? found : undefined;
};

/** What `look` finds when that is anything. */
export const until = <T>(look: () => Promise<T>): Promise<NonNullable<T>> =>
  expect.poll(look, { timeout: 20_000, interval: 20 }).toBeTruthy().then(look) as Promise<NonNullable<T>>;
