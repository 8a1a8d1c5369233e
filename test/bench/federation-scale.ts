/** Decisions over many clusters, and what-if over many workloads: the pure parts of a federation, without any server. */
import { type Binding, type ClusterObject, KEYS, type PropagationPolicy } from '#engine/federation/api.ts';
import { claimedBinding } from '#engine/federation/controllers/binding-build.ts';
import { claimOf, setClaim } from '#engine/federation/controllers/claim.ts';
import { DEFAULT_FAILOVER } from '#engine/federation/failover/settings.ts';
import { builtIn } from '#engine/federation/interpreter/index.ts';
import { schedule } from '#engine/federation/scheduler/schedule.ts';
import { whatIf } from '#engine/federation/whatif/whatif.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type Metric, metric, percentile, progress } from './frame.ts';

const SIZES = [100, 1000, 5000];
const DECISIONS = 60;
const SUPPOSED_CLUSTERS = 100;
const SUPPOSED_WORKLOADS = 1000;
const QUESTIONS = 5;

export function decisionsOverMany(): Metric[] {
  const metrics = SIZES.map((size) => {
    progress(`decisions over ${size} clusters`);
    const clusters = Array.from({ length: size }, (_, index) => cluster(index));
    const { spec } = claimedBinding(deployment(0), policy(0), null, true);
    const times = Array.from({ length: DECISIONS }, () => timed(() => schedule(clusters, spec)));
    return metric(`decision-over-${size}`, percentile(times, 50), 'ms');
  });
  return [...metrics, supposed()];
}

/** One of 100 clusters is lost, and 1,000 workloads divided by room over all of them are placed anew. */
function supposed(): Metric {
  progress(`what if, ${SUPPOSED_WORKLOADS} workloads`);
  const clusters = Array.from({ length: SUPPOSED_CLUSTERS }, (_, index) => cluster(index));
  const parts = Array.from({ length: SUPPOSED_WORKLOADS }, (_, index) => {
    const by = policy(index);
    const template = deployment(index);
    setClaim(template, claimOf(by));
    const binding = claimedBinding(template, by, null, true);
    binding.spec.clusters = [
      { name: 'c0', replicas: 5 },
      { name: `c${1 + (index % (SUPPOSED_CLUSTERS - 1))}`, replicas: 5 },
    ];
    binding.metadata.annotations = {
      ...binding.metadata.annotations,
      [KEYS.appliedPlacement]: JSON.stringify(binding.spec.placement),
    };
    return { by, template, binding };
  });
  const bindings = new Map<string, Binding>(parts.map(({ binding }) => [`default/${binding.metadata.name}`, binding]));
  const snapshot = {
    clusters,
    policies: parts.map(({ by }) => by),
    templates: parts.map(({ template }) => template),
    binding: (key: string) => bindings.get(key),
    failover: DEFAULT_FAILOVER,
    foreign: false,
    quotas: [],
    interpreter: builtIn,
  };
  const times = Array.from({ length: QUESTIONS }, () =>
    timed(() => {
      const { workloads } = whatIf(snapshot, [{ kind: 'cluster', name: 'c0', gone: 'lost' }]);
      if (workloads.length !== SUPPOSED_WORKLOADS) throw new Error(`only ${workloads.length} workloads were moved`);
    }),
  );
  return metric('what-if-1000', percentile(times, 50), 'ms');
}

function timed(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

function cluster(index: number): ClusterObject {
  return {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name: `c${index}` },
    spec: { region: `r${index % 10}` },
    status: {
      apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ name: 'deployments', kind: 'Deployment' }] }],
      resourceSummary: {
        allocatable: { cpu: '4000', memory: '8000Gi', pods: '50000' },
        allocated: { cpu: String(index % 1000), memory: '100Gi', pods: '100' },
      },
    },
  };
}

function policy(index: number): PropagationPolicy {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name: `w${index}`, namespace: 'default', uid: `p${index}`, labels: { [KEYS.ppId]: `p${index}` } },
    spec: {
      resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: `w${index}` }],
      placement: {
        replicaScheduling: {
          replicaSchedulingType: 'Divided',
          replicaDivisionPreference: 'Weighted',
          weightPreference: { dynamicWeight: 'AvailableReplicas' },
        },
      },
    },
  };
}

function deployment(index: number): KubeObject {
  const requests = { cpu: '1', memory: '1Gi' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `w${index}`, namespace: 'default', uid: `t${index}`, generation: 1 },
    spec: { replicas: 10, template: { spec: { containers: [{ name: 'web', resources: { requests } }] } } },
  };
}
