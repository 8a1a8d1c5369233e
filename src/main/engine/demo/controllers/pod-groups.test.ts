import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { groupOf, groupRefusal } from './pod-groups.ts';

const pod = (name: string, labels = groupOf('job', 3), phase = 'Pending'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels },
  status: { phase },
});

test('pods of a group wait until there are enough of them, others never do', () => {
  const [a, b, c] = [pod('a'), pod('b'), pod('c')];
  expect(groupRefusal(a, [a, b])).toBe('less than minAvailable');
  expect(groupRefusal(a, [a, b, pod('x', groupOf('other', 1)), pod('y', undefined, 'Succeeded')])).not.toBeNull();
  expect(groupRefusal(a, [a, b, c])).toBeNull();
  expect(groupRefusal(pod('z', {} as Record<string, string>), [])).toBeNull();
});
