/** What holds for every decision, over many drawn ones. */
import { describe, expect, test } from 'vitest';
import { randomOf } from '../../../../../test/fixtures/random.ts';
import type { BindingSpec, ClusterLike, Placement, ReplicaScheduling, TargetCluster } from '../api.ts';
import { schedule } from './schedule.ts';

const upTo = (next: () => number, most: number): number => Math.floor(next() * (most + 1));

const DIVISIONS: Record<string, (clusters: readonly ClusterLike[], next: () => number) => ReplicaScheduling> = {
  static: (clusters, next) => ({
    replicaSchedulingType: 'Divided',
    replicaDivisionPreference: 'Weighted',
    weightPreference: {
      staticWeightList: clusters.map(({ metadata }) => ({
        targetCluster: { clusterNames: [metadata.name ?? ''] },
        weight: 1 + upTo(next, 9),
      })),
    },
  }),
  dynamic: () => ({
    replicaSchedulingType: 'Divided',
    replicaDivisionPreference: 'Weighted',
    weightPreference: { dynamicWeight: 'AvailableReplicas' },
  }),
  aggregated: () => ({ replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' }),
};
const NAMES = Object.keys(DIVISIONS);

interface Drawn {
  clusters: ClusterLike[];
  spec: BindingSpec;
}

function draw(seed: number, division: string): Drawn {
  const next = randomOf(seed);
  const clusters = Array.from({ length: 1 + upTo(next, 7) }, (_, index): ClusterLike => {
    const used = upTo(next, 20);
    return {
      metadata: { name: `c${index}`, labels: { even: String(index % 2 === 0) } },
      spec: { region: `r${index % 3}` },
      status: {
        apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ name: 'deployments', kind: 'Deployment' }] }],
        resourceSummary: {
          allocatable: { cpu: String(used + upTo(next, 20)), pods: '110' },
          allocated: { cpu: String(used) },
        },
      },
    };
  });
  const placement: Placement = {
    replicaScheduling: DIVISIONS[division]!(clusters, next),
    ...(next() < 0.3 ? { clusterAffinity: { labelSelector: { matchLabels: { even: 'true' } } } } : {}),
  };
  return {
    clusters,
    spec: {
      resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: `uid-${seed}` },
      replicas: 1 + upTo(next, 60),
      replicaRequirements: { resourceRequest: { cpu: '1' } },
      placement,
    },
  };
}

const sum = (targets: readonly TargetCluster[] | null): number =>
  (targets ?? []).reduce((all, { replicas = 0 }) => all + replicas, 0);
const count = (targets: readonly TargetCluster[] | null, name: string): number =>
  targets?.find((target) => target.name === name)?.replicas ?? 0;
const room = ({ status }: ClusterLike): number =>
  Number(status?.resourceSummary?.allocatable?.cpu) - Number(status?.resourceSummary?.allocated?.cpu);
const SEEDS = Array.from({ length: 400 }, (_, seed) => seed);

describe.each(NAMES)('%s division', (division) => {
  test('gives all replicas, or none and says why', () => {
    for (const seed of SEEDS) {
      const { clusters, spec } = draw(seed, division);
      const result = schedule(clusters, spec);
      if (result.error === null) expect(sum(result.clusters), `seed ${seed}`).toBe(spec.replicas);
      else expect(result.error.message, `seed ${seed}`).not.toBe('');
    }
  });

  test('is the same whatever the order of the clusters, and changes nothing it was given', () => {
    for (const seed of SEEDS) {
      const { clusters, spec } = draw(seed, division);
      const before = JSON.stringify({ clusters, spec });
      const byName = (targets: TargetCluster[] | null) =>
        [...(targets ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
      const one = schedule(clusters, spec);
      const other = schedule([...clusters].reverse(), spec);
      expect(byName(other.clusters), `seed ${seed}`).toEqual(byName(one.clusters));
      expect(JSON.stringify({ clusters, spec })).toBe(before);
    }
  });

  test('explains every cluster once, and its explanation adds up', () => {
    for (const seed of SEEDS) {
      const { clusters, spec } = draw(seed, division);
      const result = schedule(clusters, spec);
      expect(result.explanation.map(({ name }) => name).sort()).toEqual(
        clusters.map(({ metadata }) => metadata.name).sort(),
      );
      if (result.error !== null) continue;
      for (const { name, replicas, rejected } of result.explanation)
        expect(rejected === null ? replicas : 0, `seed ${seed} ${name}`).toBe(count(result.clusters, name));
    }
  });
});

describe.each(['dynamic', 'aggregated'])('%s division', (division) => {
  test('never gives a cluster more than fits', () => {
    for (const seed of SEEDS) {
      const { clusters, spec } = draw(seed, division);
      const result = schedule(clusters, spec);
      for (const cluster of clusters)
        expect(count(result.clusters, cluster.metadata.name ?? ''), `seed ${seed}`).toBeLessThanOrEqual(room(cluster));
    }
  });

  test('takes nothing away when there are to be more, and adds nothing when there are to be fewer', () => {
    for (const seed of SEEDS) {
      const { clusters, spec } = draw(seed, division);
      const first = schedule(clusters, spec);
      if (first.error !== null || first.clusters === null) continue;
      const held = first.clusters;
      // What was placed runs: it takes its room.
      const running = clusters.map((cluster): ClusterLike => {
        const used = Number(cluster.status?.resourceSummary?.allocated?.cpu) + count(held, cluster.metadata.name ?? '');
        const summary = { ...cluster.status?.resourceSummary, allocated: { cpu: String(used) } };
        return { ...cluster, status: { ...cluster.status, resourceSummary: summary } };
      });
      const more = schedule(running, { ...spec, clusters: held, replicas: (spec.replicas ?? 0) + 3 });
      const fewer = schedule(running, { ...spec, clusters: held, replicas: Math.ceil((spec.replicas ?? 0) / 2) });
      for (const { name, replicas = 0 } of held) {
        if (more.error === null) expect(count(more.clusters, name), `seed ${seed}`).toBeGreaterThanOrEqual(replicas);
        if (fewer.error === null) expect(count(fewer.clusters, name), `seed ${seed}`).toBeLessThanOrEqual(replicas);
      }
    }
  });

  test('moves nothing while the number stays the same', () => {
    for (const seed of SEEDS) {
      const { clusters, spec } = draw(seed, division);
      const first = schedule(clusters, spec);
      if (first.error !== null || first.clusters === null) continue;
      const again = schedule(clusters, { ...spec, clusters: first.clusters });
      const sorted = (targets: TargetCluster[] | null) =>
        [...(targets ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
      expect(sorted(again.clusters), `seed ${seed}`).toEqual(sorted(first.clusters));
    }
  });
});
