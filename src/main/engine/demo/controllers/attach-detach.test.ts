import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { BEHAVIOUR_ANNOTATION } from '../kubelet/behaviour.ts';
import { detachesAt } from './attach-detach.ts';

const node = (behaviour: string, taint?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', annotations: { [BEHAVIOUR_ANNOTATION]: behaviour } },
  spec: taint === undefined ? {} : { taints: [{ key: taint, effect: 'NoExecute' }] },
});

test.each([
  ['a node that has gone', undefined, 1, 0],
  ['a node that works', node(''), 1, 0],
  ['a silent node', node('down'), 1, 360_000],
  ['a silent node, where time passes faster', node('down'), 0.1, 36_000],
  ['a silent node that is out of service', node('down', 'node.kubernetes.io/out-of-service'), 1, 0],
])('a disk that nobody needs leaves %s in its time', (_what, from, pace, wait) => {
  expect(detachesAt(from, 1000, pace) - 1000).toBe(wait);
});
