import { describe, expect, test } from 'vitest';
import { createKindRegistry } from '../kinds/index.ts';
import { patchStrategyOf } from '../schemas.ts';
import { jsonPatch } from './json.ts';
import { mergePatch } from './merge.ts';
import { strategicPatch } from './strategic.ts';

describe('merge patch', () => {
  test('null deletes, objects merge, everything else replaces', () => {
    const target = { a: 1, b: { c: 1, d: 2 }, list: [1, 2] };
    expect(mergePatch(target, { a: null, b: { c: 9 }, list: [3] })).toEqual({ b: { c: 9, d: 2 }, list: [3] });
    expect(target.b.c).toBe(1);
  });
  test('a patch cannot reach the prototype', () => {
    const result = mergePatch({}, JSON.parse('{"__proto__": {"polluted": true}}')) as Record<string, unknown>;
    expect(result.polluted).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('JSON patch', () => {
  test('does not change its input', () => {
    const target = { list: [1], map: { a: 1 } };
    const result = jsonPatch(target, [
      { op: 'add', path: '/list/-', value: 2 },
      { op: 'remove', path: '/map/a' },
    ]);
    expect(result).toEqual({ list: [1, 2], map: {} });
    expect(target).toEqual({ list: [1], map: { a: 1 } });
  });
  test.each([
    [[{ op: 'test', path: '/a', value: 2 }], 422],
    [[{ op: 'remove', path: '/none' }], 422],
    [[{ op: 'replace', path: '/x/y', value: 1 }], 422],
    [[{ op: 'frob', path: '/a' }], 422],
    [[{ op: 'add', path: '/__proto__/polluted', value: true }], 422],
    [{ op: 'add' }, 400],
    [Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 })), 413],
  ])('refuses %#', (patch, status) => {
    expect(() => jsonPatch({ a: 1 }, patch)).toThrowError(expect.objectContaining({ status }));
  });
});

describe('strategic merge patch', () => {
  const deployments = createKindRegistry().find('apps', 'v1', 'deployments')!;
  const apply = (target: unknown, patch: unknown) =>
    strategicPatch(target, patch, (path) => patchStrategyOf(deployments, path)) as ReturnType<typeof podSpec>;
  const podSpec = (spec: Record<string, unknown>) => ({ spec: { template: { spec } } });
  const containers = [
    { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
    { name: 'b', image: 'b:1' },
  ];

  test('merges lists by their key and keeps the rest', () => {
    const result = apply(podSpec({ containers }), podSpec({ containers: [{ name: 'b', image: 'b:2' }] }));
    expect(result.spec.template.spec.containers).toEqual([containers[0], { name: 'b', image: 'b:2' }]);
  });
  test('$patch: delete takes an item out, $patch: replace the whole list', () => {
    const gone = apply(podSpec({ containers }), podSpec({ containers: [{ name: 'a', $patch: 'delete' }] }));
    expect(gone.spec.template.spec.containers).toEqual([containers[1]]);
    const replaced = apply(podSpec({ containers }), podSpec({ containers: [{ $patch: 'replace' }, { name: 'c' }] }));
    expect(replaced.spec.template.spec.containers).toEqual([{ name: 'c' }]);
  });
  test('$setElementOrder orders what it names and leaves the server own items in place', () => {
    const result = apply(
      podSpec({ containers: [...containers, { name: 'injected' }] }),
      podSpec({
        '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
        containers: [{ name: 'b' }, { name: 'a', image: 'a:2' }],
      }),
    );
    expect((result.spec.template.spec.containers as { name: string }[]).map(({ name }) => name)).toEqual([
      'b',
      'a',
      'injected',
    ]);
  });
  test('$deleteFromPrimitiveList and merging of primitive lists', () => {
    const target = { metadata: { finalizers: ['x/a', 'x/b'] } };
    const result = apply(target, {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['x/a'], finalizers: ['x/c'] },
    }) as unknown as typeof target;
    expect(result.metadata.finalizers).toEqual(['x/c', 'x/b']);
  });
  test('$retainKeys names everything that the patch sets', () => {
    const patch = { spec: { strategy: { $retainKeys: ['typ'], type: 'Recreate' } } };
    expect(() => apply({ spec: { strategy: { type: 'RollingUpdate' } } }, patch)).toThrow(
      'invalid patch format of retainKeys',
    );
    expect(() => apply({ spec: { strategy: {} } }, { spec: { strategy: { $retainKeys: 'type' } } })).toThrow(
      'invalid patch format',
    );
  });
  test('$retainKeys drops what it does not name', () => {
    const target = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    const result = apply(target, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }) as unknown;
    expect(result).toEqual({ spec: { strategy: { type: 'Recreate' } } });
  });
  test('an item without its key and an unknown directive are refused', () => {
    expect(() => apply(podSpec({ containers }), podSpec({ containers: [{ image: 'x' }] }))).toThrowError(
      'does not contain declared merge key: name',
    );
    expect(() => apply({ spec: {} }, { spec: { $patch: 'explode' } })).toThrowError('unknown patch type: explode');
  });
});

describe('a strategic patch as the real server merges it', () => {
  const deployments = createKindRegistry().find('apps', 'v1', 'deployments')!;
  const merged = (target: unknown, patch: unknown): unknown => {
    try {
      return strategicPatch(target, patch, (path) => patchStrategyOf(deployments, path));
    } catch (error) {
      return (error as Error).message;
    }
  };
  test.each<[string, unknown, unknown, unknown]>([
    [
      'refuses to be told to merge a map',
      { spec: {} },
      { spec: { $patch: 'merge', replicas: 1 } },
      'unknown patch type: merge in map: map[$patch:merge replicas:1]',
    ],
    [
      'takes what is not there as it is, without maps that are directives',
      {},
      { spec: { $patch: 'merge' }, x: { a: null, b: 1 } },
      {
        x: { b: 1 },
      },
    ],
    ['replaces a value of another kind', { spec: 'text' }, { spec: { replicas: 1 } }, { spec: { replicas: 1 } }],
    [
      'refuses to merge an item',
      { spec: { template: { spec: { containers: [{ name: 'a' }] } } } },
      { spec: { template: { spec: { containers: [{ name: 'a', $patch: 'merge' }] } } } },
      'merging lists cannot yet be specified in the patch',
    ],
    [
      'wants the key of every item that replaces a list',
      { spec: { template: { spec: { containers: [{ name: 'a' }] } } } },
      { spec: { template: { spec: { containers: [{ $patch: 'replace' }, { image: 'x' }] } } } },
      'map: map[image:x] does not contain declared merge key: name',
    ],
    [
      'has no order for an item that it does not name',
      { spec: { template: { spec: { containers: [{ name: 'a' }] } } } },
      { spec: { template: { spec: { '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'b' }] } } } },
      "The order in patch list:\n[map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n",
    ],
    [
      'orders lists alone',
      { spec: { template: [] } },
      { spec: { '$setElementOrder/template': 'x' } },
      'expected a []interface {}, but received a string',
    ],
    [
      'deletes maps without a key from no list',
      { spec: { template: { spec: { imagePullSecrets: [{ name: 'a' }], readinessGates: [{ conditionType: 'x' }] } } } },
      { spec: { template: { spec: { '$deleteFromPrimitiveList/readinessGates': [{ conditionType: 'x' }] } } } },
      'cannot merge lists without merge key for struct',
    ],
  ])('%s', (_name, target, patch, expected) => {
    expect(merged(target, patch)).toEqual(expected);
  });
});

test('a JSON patch leaves the maps that it goes through with their keys in order', () => {
  const target = { spec: { b: 1, a: { z: 1, y: 2 } }, kept: { b: 1, a: 2 } };
  const result = jsonPatch(target, [{ op: 'replace', path: '/spec/a/y', value: 3 }]);
  expect(JSON.stringify(result)).toBe('{"kept":{"b":1,"a":2},"spec":{"a":{"y":3,"z":1},"b":1}}');
});

test('a strategic patch puts new items of a list first, as kubectl patch does with a sidecar', () => {
  const lookup = (path: readonly string[]) =>
    path.at(-1) === 'containers'
      ? { mergeKey: 'name', strategy: ['merge'] }
      : path.at(-1) === 'finalizers'
        ? { strategy: ['merge'] }
        : undefined;
  const target = { containers: [{ name: 'a', image: 'a:1' }, { name: 'b' }], finalizers: ['x/a'] };
  const patch = { containers: [{ name: 'sidecar' }, { name: 'a', image: 'a:2' }], finalizers: ['x/b'] };
  expect(strategicPatch(target, patch, lookup)).toEqual({
    containers: [{ name: 'sidecar' }, { name: 'a', image: 'a:2' }, { name: 'b' }],
    finalizers: ['x/b', 'x/a'],
  });
});

test('lists of several types cannot be merged', () => {
  const lookup = () => ({ mergeKey: 'name', strategy: ['merge'] });
  expect(() => strategicPatch({ d: { a: 1 } }, { d: { a: 2 } }, () => ({ strategy: [], unknown: 'no field' }))).toThrow(
    'no field',
  );
  const taken = { m: { a: 1, $retainKeys: ['a'] }, n: { x: null, y: 1 } };
  strategicPatch({ m: { b: 1 } }, taken, () => undefined);
  // What has been followed is not in the patch any more.
  expect(taken).toEqual({ m: { a: 1 }, n: { y: 1 } });
  expect(() => strategicPatch({ l: [{ name: 'a' }] }, { l: [{ name: 'b' }, null] }, lookup)).toThrow(
    'list element types are not identical: [[map[name:a]] [map[name:b] <nil>]]',
  );
});

test('a JSON patch may leave out the value that is nothing', () => {
  expect(jsonPatch({ a: 1 }, [{ op: 'test', path: '/b' }])).toEqual({ a: 1 });
  expect(jsonPatch({ a: 1 }, [{ op: 'replace', path: '/a' }])).toEqual({ a: null });
});
