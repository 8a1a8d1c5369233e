/** Pods that are resized beyond what their node could hold. */
import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { openMemory } from '../storage/memory.ts';
import { ObjectStore } from '../storage/store.ts';
import type { AdmissionRequest } from '../types.ts';
import { podResizeValidator } from './pod-resize.ts';

async function judged(requests: object, labels: Record<string, string> = {}): Promise<unknown> {
  const store = new ObjectStore(openMemory());
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n', labels },
    status: { allocatable: { cpu: '3920m', memory: '8Gi' } },
  };
  await store.put(store.collection('/nodes'), 'n', node);
  const pod = (generation: number): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default', generation },
    spec: { nodeName: 'n', containers: [{ name: 'c', resources: { requests } }] },
  });
  const kind = { group: '', version: 'v1', kind: 'Pod', resource: 'pods' };
  const request = { object: pod(2), old: pod(1), kind, name: 'p' } as unknown as AdmissionRequest;
  try {
    await podResizeValidator(store).validate?.(request);
    return null;
  } catch (error) {
    const { message, body } = error as { message: string; body: { details: { causes: object[] } } };
    return [message, body.details.causes];
  }
}

test('what the node could hold is let through', async () => {
  expect(await judged({ cpu: '3920m', memory: '8Gi' })).toBeNull();
});

test('what it could not is refused with all that is too much', async () => {
  expect(await judged({ cpu: '4', memory: '9Gi' })).toEqual([
    'pods "p" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 4000, allocatable: 3920; memory, requested: 9663676416, allocatable: 8589934592',
    [{ reason: 'NodeCapacity' }],
  ]);
});

test('on a node of another system nothing is resized', async () => {
  expect(await judged({ cpu: '1' }, { 'kubernetes.io/os': 'windows' })).toEqual([
    'pods "p" is forbidden: pod resize is only supported on linux nodes, node "n" is "windows"',
    [{ reason: 'UnsupportedPlatform' }],
  ]);
});
