import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { cgroupFiles } from './cgroup-files.ts';

const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, status: { qosClass: 'Burstable' } };
const resources = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '500m', memory: '128Mi' } };

test('a container sees its bounds and what it has used of them', () => {
  const files = new Map(cgroupFiles(pod, resources, 2 ** 34, { memory: 10_000_000, cpu: 1.5 }));
  expect(files.get('/sys/fs/cgroup/cpu.max')).toBe('50000 100000\n');
  expect(files.get('/sys/fs/cgroup/memory.max')).toBe('134217728\n');
  // Whole pages.
  expect(files.get('/sys/fs/cgroup/memory.current')).toBe('9998336\n');
  expect(files.get('/sys/fs/cgroup/cpu.stat')).toBe('usage_usec 1500000\nuser_usec 1050000\nsystem_usec 450000\n');
  const stat = new Map(
    String(files.get('/sys/fs/cgroup/memory.stat'))
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
  expect(Number(stat.get('anon')) + Number(stat.get('file'))).toBe(9_998_336);
});

test('without limits there are none', () => {
  const files = new Map(cgroupFiles(pod, {}, 2 ** 34, { memory: 0, cpu: 0 }));
  expect([files.get('/sys/fs/cgroup/cpu.max'), files.get('/sys/fs/cgroup/memory.max')]).toEqual([
    'max 100000\n',
    'max\n',
  ]);
});
