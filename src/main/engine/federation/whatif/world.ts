/** A federation as it is and as it is supposed to be. Pure: what is given is never changed. */
import type { SupposedChange } from '#shared/contract/federation-what-if.ts';
import { AppError } from '#shared/errors.ts';
import { type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import { defaultPolicy } from '../admission/defaults.ts';
import {
  type Binding,
  type ClusterObject,
  type FederatedResourceQuota,
  KEYS,
  type PropagationPolicy,
  type ResourceSummary,
  TAINTS,
} from '../api.ts';
import { bindingKeyOf } from '../controllers/binding-build.ts';
import type { FailoverSettings } from '../failover/settings.ts';
import type { Interpreter } from '../interpreter/index.ts';
import { PolicyIndex } from '../matching/policy-index.ts';
import { formatMilli, milliValue } from '../quantity.ts';

const LONG_AGO = '2000-01-01T00:00:00Z';

/** Everything that decides where things run, at one moment. */
export interface Snapshot {
  clusters: Iterable<ClusterObject>;
  policies: Iterable<PropagationPolicy>;
  /** Everything that can be distributed. */
  templates: Iterable<KubeObject>;
  /** By key: `namespace/name`, or `name` for cluster-scoped ones. */
  binding(key: string): Binding | undefined;
  /** What placements must not exceed; none where others admit them. */
  quotas: readonly FederatedResourceQuota[];
  failover: FailoverSettings;
  /**
   * Karmada itself decides: it does not tell whether it takes over from a lost cluster, takes the copies away from one that
   * leaves, and takes away what fits nowhere.
   */
  foreign: boolean;
  interpreter: Interpreter;
}

export type ClusterState = 'same' | 'added' | 'lost' | 'left' | 'cordoned';

export interface World {
  clusters: Map<string, ClusterObject>;
  states: Map<string, ClusterState>;
  policies: PolicyIndex;
  /** By binding key. */
  templates: Map<string, KubeObject>;
  /** Keys of templates that are supposed to be changed. */
  touched: Set<string>;
  /** Binding keys and last states of templates that are supposed to be deleted. */
  deleted: Map<string, KubeObject>;
  rebalance: boolean;
}

/** @throws AppError NOT_FOUND for a change to what is not there, INVALID for what is no policy or name. */
export function suppose(snapshot: Snapshot, changes: readonly SupposedChange[]): World {
  const world: World = {
    clusters: new Map([...snapshot.clusters].map((cluster) => [cluster.metadata.name ?? '', cluster])),
    states: new Map(),
    policies: new PolicyIndex(snapshot.policies),
    templates: new Map([...snapshot.templates].map((template) => [bindingKeyOf(template), template])),
    touched: new Set(),
    deleted: new Map(),
    rebalance: false,
  };
  for (const change of changes) apply(world, change, snapshot);
  return world;
}

function apply(world: World, change: SupposedChange, snapshot: Snapshot): void {
  switch (change.kind) {
    case 'policy':
      supposePolicy(change.object as PropagationPolicy, world.policies, snapshot);
      return;
    case 'deletePolicy': {
      if (world.policies.get(change.key) === undefined) throw missing('policy', change.key);
      world.policies.drop(change.key);
      return;
    }
    case 'template': {
      const key = bindingKeyOf(change.object);
      const present = world.templates.get(key);
      // An existing object lends its identity and its claim: only what it says is supposed to be different.
      const metadata = { ...present?.metadata, ...change.object.metadata, uid: present?.metadata.uid };
      world.templates.set(key, { ...change.object, metadata });
      world.touched.add(key);
      return;
    }
    case 'deleteTemplate': {
      const { apiVersion, kind, namespace, name } = change.object;
      const key = bindingKeyOf({ apiVersion, kind, metadata: { name, ...(namespace === '' ? {} : { namespace }) } });
      const template = world.templates.get(key);
      if (template === undefined) throw missing(kind, name);
      world.templates.delete(key);
      world.deleted.set(key, template);
      return;
    }
    case 'rebalance':
      world.rebalance = true;
      return;
    case 'addCluster':
      addCluster(world, change);
      return;
    case 'cluster':
      changeCluster(world, change);
      return;
  }
}

function supposePolicy(given: PropagationPolicy, policies: PolicyIndex, { failover }: Snapshot): void {
  if (!/^(Cluster)?PropagationPolicy$/.test(given.kind) || !given.metadata.name)
    throw new AppError('INVALID', `${given.kind} is not a propagation policy with a name`);
  const policy = structuredClone(given);
  policy.spec ??= { resourceSelectors: [] };
  if (policy.kind === 'PropagationPolicy') policy.metadata.namespace ||= 'default';
  else delete policy.metadata.namespace;
  const present = policies.get(objectKey(policy));
  defaultPolicy(policy, false, failover.enabled ? failover.tolerationSeconds : null);
  const idKey = policy.kind === 'PropagationPolicy' ? KEYS.ppId : KEYS.cppId;
  const id = present?.metadata.labels?.[idKey] ?? 'supposed';
  policy.metadata = {
    ...present?.metadata,
    ...policy.metadata,
    uid: present?.metadata.uid ?? `supposed ${objectKey(policy)}`,
    labels: { ...policy.metadata.labels, [idKey]: id },
  };
  policies.put(policy);
}

function changeCluster(world: World, change: Extract<SupposedChange, { kind: 'cluster' }>): void {
  const present = world.clusters.get(change.name);
  if (present === undefined) throw missing('cluster', change.name);
  if (change.gone !== undefined) world.states.set(change.name, change.gone);
  if (change.gone === 'left') {
    world.clusters.delete(change.name);
    return;
  }
  const cluster = structuredClone(present);
  if (change.labels !== undefined) cluster.metadata.labels = change.labels;
  const { provider, region, zones } = change;
  const given = Object.entries({ provider, region, zones }).filter(([, value]) => value !== undefined);
  cluster.spec = { ...cluster.spec, ...Object.fromEntries(given) };
  const taints = cluster.spec.taints ?? [];
  if (change.gone === 'lost')
    cluster.spec.taints = [
      ...taints,
      { key: TAINTS.unreachable, effect: 'NoSchedule' },
      // Long ago: every limited toleration is used up.
      { key: TAINTS.unreachable, effect: 'NoExecute', timeAdded: LONG_AGO },
    ];
  if (change.gone === 'cordoned')
    cluster.spec.taints = [...taints, { key: 'cluster.karmada.io/unschedulable', effect: 'NoSchedule' }];
  if (change.capacityPercent !== undefined && cluster.status?.resourceSummary !== undefined)
    cluster.status.resourceSummary = scaled(cluster.status.resourceSummary, change.capacityPercent / 100);
  world.clusters.set(change.name, cluster);
}

function addCluster(
  world: World,
  { name, like, labels, region }: Extract<SupposedChange, { kind: 'addCluster' }>,
): void {
  const model = world.clusters.get(like);
  if (model === undefined) throw missing('cluster', like);
  if (world.clusters.has(name)) throw new AppError('NAME_TAKEN', `cluster ${name} exists`, { params: { name } });
  const cluster = structuredClone(model);
  cluster.metadata = { name, labels };
  cluster.spec = { ...cluster.spec, taints: [], ...(region === undefined ? {} : { region }) };
  const summary = cluster.status?.resourceSummary;
  if (summary !== undefined) {
    summary.allocated = {};
    summary.allocating = {};
  }
  world.clusters.set(name, cluster);
  world.states.set(name, 'added');
}

function scaled(summary: ResourceSummary, factor: number): ResourceSummary {
  const part = (resource: string, milli: number): number =>
    resource === 'cpu' ? Math.floor(milli * factor) : Math.floor((milli * factor) / 1000) * 1000;
  const allocatable = Object.fromEntries(
    Object.entries(summary.allocatable ?? {}).map(([resource, quantity]) => [
      resource,
      formatMilli(part(resource, milliValue(quantity))),
    ]),
  );
  const models = summary.allocatableModelings?.map(({ grade, count }) => ({
    grade,
    count: Math.floor(count * factor),
  }));
  return { ...summary, allocatable, ...(models === undefined ? {} : { allocatableModelings: models }) };
}

function missing(kind: string, name: string): AppError {
  return new AppError('NOT_FOUND', `no ${kind} ${name} in the federation`, { params: { id: name } });
}
