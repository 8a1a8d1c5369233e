import { expect, test } from 'vitest';
import type { KubeObject, ResourceInfo } from '#shared/kubernetes/types.ts';
import type { KubeClient } from '../kube/index.ts';
import { Collection } from './collection.ts';

const pods = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true } as ResourceInfo;
const pod = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { containers: [{ name: 'c', image: 'registry.example/cart:1' }] },
});

/** A server of two pages, which says how many come after the first, and leaves out what is not asked for. */
function serverOf(remaining: number) {
  const asked: unknown[] = [];
  const client = {
    transport: { server: 'https://east' },
    async rawList(_resource: unknown, options: { continue?: string; metadataOnly?: boolean }) {
      asked.push(options.metadataOnly ?? false);
      const object = pod(options.continue === undefined ? 'first' : 'second');
      if (options.metadataOnly) delete object['spec'];
      const next = options.continue === undefined ? { continue: 'more', remainingItemCount: remaining } : {};
      return { apiVersion: 'v1', kind: 'PodList', items: [object], metadata: next };
    },
  } as unknown as KubeClient;
  return { asked, client };
}

test('images of tens of thousands of pods are known', async () => {
  const { client, asked } = serverOf(40_000);
  const collection = new Collection(pods);
  await collection.fresh(client, 1_000);
  expect(collection.entries.map(({ facts }) => facts)).toEqual(Array(2).fill('image registry.example/cart:1'));
  expect(collection.shallow).toBe(false);
  expect(asked).toEqual([false, false]);
});

test('of more than can be read as a whole it is said that something is not known', async () => {
  const { client, asked } = serverOf(200_000);
  const collection = new Collection(pods);
  await collection.fresh(client, 1_000);
  expect(collection.entries.map(({ name }) => name)).toEqual(['first', 'second']);
  expect(collection.shallow).toBe(true);
  expect(asked).toEqual([false, true]);
  expect(collection.fresh(client, 60_000)).toBeNull();
});
