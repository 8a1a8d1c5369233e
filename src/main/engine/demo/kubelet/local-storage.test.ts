import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { binaryText, isStorageLimited, storageExcess } from './local-storage.ts';

const MI = 2 ** 20;
const scratch = (name: string, sizeLimit?: string, medium?: string): Json => ({
  name,
  emptyDir: { sizeLimit, medium },
});
const container = (name: string, limit?: string): Json => ({
  name,
  resources: limit === undefined ? {} : { limits: { 'ephemeral-storage': limit } },
});
const pod = (volumes: Json[], ...containers: Json[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { volumes, containers },
});
const use = (volumes: Record<string, number>, containers: Record<string, number> = {}) => ({
  volumes: new Map(Object.entries(volumes).map(([name, size]) => [name, size * MI])),
  containers: new Map(Object.entries(containers).map(([name, size]) => [name, size * MI])),
});

test.each<[string, KubeObject, ReturnType<typeof use>, string | null]>([
  ['nothing', pod([], container('a')), use({}, { a: 60 }), null],
  ['a volume that has its size', pod([scratch('v', '10Mi')], container('a')), use({ v: 10 }), null],
  [
    'a volume',
    pod([scratch('v', '10Mi')], container('a')),
    use({ v: 11 }),
    'Usage of EmptyDir volume "v" exceeds the limit "10Mi". ',
  ],
  ['a volume in memory', pod([scratch('v', '10Mi', 'Memory')], container('a')), use({ v: 11 }), null],
  ['a volume without a size', pod([scratch('v')], container('a')), use({ v: 60 }), null],
  [
    'all together',
    pod([scratch('v')], container('a', '4Mi')),
    use({ v: 3 }, { a: 2 }),
    'Pod ephemeral local storage usage exceeds the total limit of containers 4Mi. ',
  ],
  [
    'all of several containers',
    pod([], container('a', '1Gi'), container('b', '1Gi')),
    use({}, { a: 1500, b: 1500 }),
    'Pod ephemeral local storage usage exceeds the total limit of containers 2Gi. ',
  ],
  [
    'one container of several',
    pod([], container('a', '4Mi'), container('b', '4Mi')),
    use({}, { a: 5, b: 1 }),
    'Container a exceeded its local ephemeral storage limit "4Mi". ',
  ],
])('what exceeds its limit: %s', (_what, object, used, expected) => {
  expect(storageExcess(object, used)).toBe(expected);
});

test('only pods with limits are measured', () => {
  expect(isStorageLimited(pod([scratch('v')], container('a')))).toBe(false);
  expect(isStorageLimited(pod([scratch('v', '0')], container('a')))).toBe(false);
  expect(isStorageLimited(pod([scratch('v', '1Mi')], container('a')))).toBe(true);
  expect(isStorageLimited(pod([], container('a', '1Mi')))).toBe(true);
});

test.each([
  [2 ** 31, '2Gi'],
  [1.5 * 2 ** 30, '1536Mi'],
  [1000, '1000'],
  [0, '0'],
])('%d is written %s', (bytes, text) => {
  expect(binaryText(bytes)).toBe(text);
});
