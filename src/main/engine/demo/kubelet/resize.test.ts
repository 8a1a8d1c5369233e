/** What a node can give a pod that asks for more where it runs. */
import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { resizeRefusal } from './resize.ts';

const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n' },
  status: { allocatable: { cpu: '4', memory: '8Gi', pods: '10' } },
};
const pod = (requests: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', resources: { requests } }] },
});

test.each([
  [{ cpu: '1' }, 35, null],
  [{ cpu: '3' }, 35, "OutOfcpu: Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000"],
  [{ cpu: '5' }, 35, "Infeasible: Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000"],
  [
    { cpu: '5', memory: '9Gi' },
    35,
    "Infeasible: Node didn't have enough capacity: memory, requested: 9663676416, capacity: 8589934592",
  ],
  [{ cpu: '5' }, 36, "OutOfcpu: Node didn't have enough resource: cpu, requested: 5000, used: 2000, capacity: 4000"],
])('%j with a kubelet of 1.%d', (requests, minor, expected) => {
  const found = resizeRefusal(pod(requests), node, [pod({ cpu: '2' })], minor);
  expect(found === null ? null : `${found.reason}: ${found.message}`).toBe(expected);
});
