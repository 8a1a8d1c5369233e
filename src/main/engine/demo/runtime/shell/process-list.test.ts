import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { processesOf } from './process-list.ts';

const web = { name: 'web', image: 'nginx:1.29' };
const store = { name: 'store', image: 'redis:8' };
const debug = { name: 'debug', image: 'busybox' };
const seen = (container: Json, spec: Json = {}) =>
  processesOf({ metadata: {}, spec: { containers: [web, store], ...spec } } as unknown as KubeObject, container).map(
    ({ pid, command }) => `${pid} ${command.split(/[ :]/)[0]}`,
  );

test('a container sees its own processes, a debug container those of its target as well', () => {
  expect(seen(store)).toEqual(['1 redis-server']);
  expect(seen(debug)).toEqual(['1 sh']);
  expect(seen({ ...debug, targetContainerName: 'web' })).toEqual(['1 nginx', '29 nginx', '30 nginx', '37 sh']);
});

test('in a pod that shares them everybody sees all', () => {
  const all = ['1 /pause', '7 nginx', '35 nginx', '36 nginx', '43 redis-server'];
  expect(seen(store, { shareProcessNamespace: true })).toEqual(all);
  expect(seen(debug, { shareProcessNamespace: true })).toEqual([...all, '79 sh']);
});
