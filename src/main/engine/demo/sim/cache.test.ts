import { describe, expect, test } from 'vitest';
import type { Informer, InformerHandler } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { Cache } from './cache.ts';

/** An informer whose watch is the test. */
function watched() {
  const items = new Map<string, KubeObject>();
  let handler: InformerHandler<KubeObject> = {};
  const informer = {
    items,
    synced: Promise.resolve(),
    get: (key: string) => items.get(key),
    subscribe(given: InformerHandler<KubeObject>) {
      handler = given;
      return () => undefined;
    },
    stop: () => undefined,
  } as unknown as Informer;
  const cache = new Cache(informer, () => undefined, { node: (pod) => pod.spec?.nodeName });
  return {
    cache,
    show(object: KubeObject) {
      const key = objectKey(object);
      const previous = items.get(key);
      items.set(key, object);
      if (previous === undefined) handler.onAdd?.(object, key);
      else handler.onUpdate?.(object, previous, key);
    },
    remove(object: KubeObject) {
      items.delete(objectKey(object));
      handler.onDelete?.(object, objectKey(object));
    },
  };
}

function pod(name: string, node: string | undefined, version: number): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'a', uid: `uid-${name}`, resourceVersion: String(version) },
    spec: node === undefined ? {} : { nodeName: node },
  };
}
const names = (objects: KubeObject[]) => objects.map(({ metadata }) => metadata.name).sort();

describe('an index', () => {
  test('finds by the present value, in the watch and in own writes that the watch has not shown', () => {
    const { cache, show } = watched();
    show(pod('one', 'n1', 1));
    show(pod('two', undefined, 2));
    cache.wrote(pod('two', 'n1', 3));
    expect(names(cache.byIndex('node', 'n1'))).toEqual(['one', 'two']);
    show(pod('one', 'n2', 4));
    expect(names(cache.byIndex('node', 'n1'))).toEqual(['two']);
    expect(names(cache.byIndex('node', 'n2'))).toEqual(['one']);
  });

  test('forgets what an own delete took away, and finds another of the name that came after it', () => {
    const { cache, show, remove } = watched();
    const first = pod('one', 'n1', 1);
    show(first);
    cache.removed(first);
    expect(cache.byIndex('node', 'n1')).toEqual([]);
    remove(first);
    show({ ...pod('one', 'n1', 5), metadata: { ...first.metadata, uid: 'other', resourceVersion: '5' } });
    expect(names(cache.byIndex('node', 'n1'))).toEqual(['one']);
  });

  test('an older version shown by the watch does not hide an own write', () => {
    const { cache, show } = watched();
    show(pod('one', 'n1', 1));
    cache.wrote(pod('one', 'n2', 3));
    show(pod('one', 'n1', 2));
    expect(names(cache.byIndex('node', 'n2'))).toEqual(['one']);
    expect(cache.byIndex('node', 'n1')).toEqual([]);
    show(pod('one', 'n2', 3));
    expect(names(cache.byIndex('node', 'n2'))).toEqual(['one']);
  });

  test('does not keep what an own write let go for good, however late its answer comes', () => {
    const { cache, show, remove } = watched();
    const first = pod('one', 'n1', 1);
    show(first);
    const going = { ...first.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', resourceVersion: '2' };
    cache.wrote({ ...first, metadata: { ...going, deletionGracePeriodSeconds: 30 } });
    expect(names(cache.list())).toEqual(['one']);
    remove(first);
    cache.wrote({ ...first, metadata: { ...going, resourceVersion: '3', deletionGracePeriodSeconds: 0 } });
    expect([cache.get('a/one'), cache.list(), cache.byIndex('node', 'n1')]).toEqual([undefined, [], []]);
  });
});
