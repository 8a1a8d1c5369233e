import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { surgeStep } from './daemon-set.ts';
import { HASH_LABEL } from './revisions.ts';

const pod = (name: string, hash: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { [HASH_LABEL]: hash } },
});
const working = (name: string) => !name.startsWith('broken');
const step = (nodes: Record<string, KubeObject[]>, surge: number) => {
  const { create, remove } = surgeStep(
    Object.entries(nodes).map(([node, living]) => ({ node, living })),
    'new',
    surge,
    (one) => working(one.metadata.name ?? ''),
  );
  return { create, remove: remove.map((one) => one.metadata.name) };
};

test('a surging update adds as many new pods as it may and removes an old one only when its successor works', () => {
  const a = pod('a', 'old');
  const b = pod('b', 'old');
  expect(step({ n1: [a], n2: [b] }, 1)).toEqual({ create: ['n1'], remove: [] });
  expect(step({ n1: [a, pod('broken-a', 'new')], n2: [b] }, 1)).toEqual({ create: [], remove: [] });
  expect(step({ n1: [a, pod('a2', 'new')], n2: [b] }, 1)).toEqual({ create: ['n2'], remove: ['a'] });
  expect(step({ n1: [pod('a2', 'new')], n2: [pod('b2', 'new')] }, 1)).toEqual({ create: [], remove: [] });
});

test('a broken old pod is replaced whatever the limit says', () => {
  expect(step({ n1: [pod('broken', 'old')], n2: [pod('b', 'old')] }, 1)).toEqual({ create: ['n1', 'n2'], remove: [] });
});
