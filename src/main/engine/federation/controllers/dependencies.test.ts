import { expect, test } from 'vitest';
import type { BindingSpec } from '../api.ts';
import { whereItRuns } from './dependencies.ts';

const task = (fromCluster: string, purgeMode = 'Gracefully') =>
  ({ fromCluster, purgeMode, reason: 'r', producer: 'p' }) as NonNullable<BindingSpec['gracefulEvictionTasks']>[number];

test('what a workload refers to stays where a copy of it still runs, and goes where the copy goes first', () => {
  const clusters = [{ name: 'a', replicas: 2 }];
  expect(whereItRuns({ clusters })).toEqual(clusters);
  expect(whereItRuns({ clusters, gracefulEvictionTasks: [task('b'), task('a')] })).toEqual([
    ...clusters,
    { name: 'b' },
  ]);
  // Everything is lost: nothing was chosen yet, and nothing is taken away.
  expect(whereItRuns({ gracefulEvictionTasks: [task('a'), task('b')] })).toEqual([{ name: 'a' }, { name: 'b' }]);
  expect(whereItRuns({ clusters: [], gracefulEvictionTasks: [task('a', 'Directly')] })).toEqual([]);
});
