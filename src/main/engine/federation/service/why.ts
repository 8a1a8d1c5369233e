/** The way of one workload, put together from what lies in the caches and the journal: nothing is decided or written here. */
import type {
  FederatedObjectName,
  JournalEntry,
  RivalPolicy,
  Verdicts,
  Why,
  WhyCluster,
  WhyCondition,
} from '#shared/contract/federation-decisions.ts';
import { AppError } from '#shared/errors.ts';
import { type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import { type Binding, type Condition, KEYS, type PropagationPolicy, type Work } from '../api.ts';
import { bindingKeyOf } from '../controllers/binding-build.ts';
import { bindingId } from '../controllers/cache.ts';
import { claimedBy } from '../controllers/claim.ts';
import type { ControlPlane } from '../controllers/control-plane.ts';
import { isReady } from '../controllers/execution.ts';
import { targetsOf } from '../controllers/works.ts';
import { selectorsPriority } from '../matching/selectors.ts';
import { clusterOfExecutionNamespace } from '../naming.ts';
import { schedule } from '../scheduler/schedule.ts';
import { verdictsOf } from '../scheduler/verdicts.ts';
import { overrideProblem } from './override-problem.ts';
import { createChangeSignal } from './signal.ts';
import { overridesOf } from './workloads.ts';

const HISTORY = 100;

export interface WhySource {
  plane: ControlPlane;
  journal(object: FederatedObjectName, limit: number): JournalEntry[];
  onJournal(listener: () => void): () => void;
}

/** Live; throws AppError NOT_FOUND when there is no such template, also when it goes away later. */
export async function* watchWhy(
  object: FederatedObjectName,
  source: WhySource,
  signal: AbortSignal | undefined,
): AsyncIterable<Why> {
  const { plane } = source;
  const changes = createChangeSignal();
  const { bindings, clusterBindings, works, clusters, policies, clusterPolicies, overrides, clusterOverrides } =
    plane.cache;
  const handler = { onAdd: changes.changed, onUpdate: changes.changed, onDelete: changes.changed };
  const ends = [
    ...[bindings, clusterBindings, works, clusters, policies, clusterPolicies, overrides, clusterOverrides].map(
      (informer) => (informer as typeof bindings).subscribe(handler),
    ),
    plane.templates.subscribe(changes.changed, { status: true }),
    source.onJournal(changes.changed),
  ];
  try {
    yield* changes.watch(() => whyOf(object, source), signal);
  } finally {
    for (const end of ends) end();
  }
}

export function whyOf(object: FederatedObjectName, { plane, journal }: WhySource): Why {
  const { apiVersion, kind, namespace, name } = object;
  const template = plane.templates.get(apiVersion, kind, namespace === '' ? undefined : namespace, name);
  if (template === undefined)
    throw new AppError('NOT_FOUND', `no ${kind} ${namespace}/${name} in the federation`, { params: { id: name } });
  const binding = plane.cache.binding(bindingKeyOf(template));
  const history = journal(object, HISTORY);
  const last = history.find(({ event }) => event.kind === 'scheduled' || event.kind === 'notScheduled');
  const recorded = last !== undefined && binding !== undefined && isOfBinding(last, binding) ? last : undefined;
  const event = recorded?.event;
  const verdicts =
    event !== undefined && 'verdicts' in event
      ? event.verdicts
      : binding === undefined
        ? null
        : asOfNow(binding, plane);
  return {
    object,
    template: {
      generation: template.metadata.generation ?? 0,
      createdAt: template.metadata.creationTimestamp ?? '',
      deleting: Boolean(template.metadata.deletionTimestamp),
    },
    policy: policyOf(template, plane),
    rivals: rivalsOf(template, plane),
    binding:
      binding === undefined
        ? null
        : {
            name: binding.metadata.name ?? '',
            conditions: (binding.status?.conditions ?? []).map(conditionOf),
            suspended: binding.spec.suspension?.dispatching === true || binding.spec.suspension?.scheduling === true,
          },
    decidedAt: recorded?.time ?? null,
    cause: event !== undefined && 'cause' in event ? event.cause : null,
    verdicts,
    clusters: binding === undefined ? [] : clustersOf(binding, verdicts, plane),
    journal: history,
  };
}

/** A record of an earlier object of the same name explains nothing. */
function isOfBinding({ time }: JournalEntry, binding: Binding): boolean {
  return Date.parse(time) >= Date.parse(binding.metadata.creationTimestamp ?? '');
}

/** Decisions from before there was a journal: how it would be decided with what runs now. */
function asOfNow(binding: Binding, plane: ControlPlane): Verdicts | null {
  if (claimedBy(binding) === null) return null;
  const { spec, status } = binding;
  return verdictsOf(spec, schedule([...plane.cache.clusters.items.values()], spec, status));
}

const SELECTORS = ['none', 'kind', 'label', 'name'] as const;

function policyOf(template: KubeObject, plane: ControlPlane): Why['policy'] {
  const claim = claimedBy(template);
  if (claim === null) return null;
  const { policies, clusterPolicies, overrides, clusterOverrides } = plane.cache;
  const policy = (claim.cluster ? clusterPolicies : policies).get(claim.key);
  if (policy === undefined) return null;
  const { namespace } = policy.metadata;
  return {
    key: claim.key,
    priority: policy.spec.priority ?? 0,
    selector: SELECTORS[selectorsPriority(template, policy.spec.resourceSelectors ?? [])],
    lazy: policy.spec.activationPreference === 'Lazy',
    deleting: Boolean(policy.metadata.deletionTimestamp),
    missingOverrides: (policy.spec.dependentOverrides ?? []).filter((name) =>
      namespace === undefined
        ? clusterOverrides.get(name) === undefined
        : overrides.get(`${namespace}/${name}`) === undefined,
    ),
  };
}

/** Policies that would take the workload if the one that claims it were not there. */
function rivalsOf(template: KubeObject, plane: ControlPlane): Why['rivals'] {
  const claim = claimedBy(template);
  const { policies, clusterPolicies } = plane.cache;
  const claiming = claim === null ? undefined : (claim.cluster ? clusterPolicies : policies).get(claim.key);
  if (claiming === undefined) return [];
  const rivals: Why['rivals'] = [];
  for (const policy of [...policies.items.values(), ...clusterPolicies.items.values()]) {
    const { namespace, uid } = policy.metadata;
    if (uid === claiming.metadata.uid || policy.metadata.deletionTimestamp) continue;
    if (namespace !== undefined && namespace !== template.metadata.namespace) continue;
    if (selectorsPriority(template, policy.spec.resourceSelectors ?? []) === 0) continue;
    rivals.push({ key: objectKey(policy), why: whyNot(policy, claiming, template) });
  }
  return rivals.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function whyNot(
  rival: PropagationPolicy,
  claiming: PropagationPolicy,
  template: KubeObject,
): (typeof RivalPolicy)['_output']['why'] {
  const wide = ({ metadata }: PropagationPolicy): boolean => metadata.namespace === undefined;
  if (wide(rival) && !wide(claiming)) return 'clusterWide';
  if (!wide(rival) && wide(claiming)) return 'claimed';
  const priority = (policy: PropagationPolicy): number => policy.spec.priority ?? 0;
  if (priority(rival) !== priority(claiming)) return priority(rival) < priority(claiming) ? 'priority' : 'claimed';
  const precision = (policy: PropagationPolicy): number =>
    selectorsPriority(template, policy.spec.resourceSelectors ?? []);
  if (precision(rival) !== precision(claiming)) return precision(rival) < precision(claiming) ? 'selector' : 'claimed';
  return (rival.metadata.name ?? '') > (claiming.metadata.name ?? '') ? 'name' : 'claimed';
}

function clustersOf(binding: Binding, verdicts: Verdicts | null, plane: ControlPlane): WhyCluster[] {
  const works = new Map(
    plane.cache
      .worksOfBinding(bindingId(binding) ?? '')
      .map((work) => [clusterOfExecutionNamespace(work.metadata.namespace ?? '') ?? '', work]),
  );
  const names = new Set([
    ...(binding.spec.clusters ?? []).map(({ name }) => name),
    ...works.keys(),
    ...(verdicts?.clusters ?? []).map(({ name }) => name),
    ...(binding.spec.requiredBy ?? []).flatMap(({ clusters = [] }) => clusters.map(({ name }) => name)),
  ]);
  return [...names].sort().map((name) => clusterOf(name, binding, works.get(name), verdicts, plane));
}

function clusterOf(
  name: string,
  binding: Binding,
  work: Work | undefined,
  verdicts: Verdicts | null,
  plane: ControlPlane,
): WhyCluster {
  const { spec, status } = binding;
  const cluster = plane.cache.clusters.get(name);
  const target = spec.clusters?.find((entry) => entry.name === name);
  const task = spec.gracefulEvictionTasks?.find(({ fromCluster }) => fromCluster === name);
  const item = status?.aggregatedStatus?.find(({ clusterName }) => clusterName === name);
  const seen = work?.status?.manifestStatuses?.[0];
  const problem = overrideProblem(binding, target ?? { name }, plane);
  return {
    name,
    known: cluster !== undefined,
    ready: cluster !== undefined && isReady(cluster),
    target: target === undefined ? null : { name, replicas: target.replicas ?? null },
    verdict: verdicts?.clusters.find((verdict) => verdict.name === name) ?? null,
    requiredBy: (spec.requiredBy ?? [])
      .filter(({ clusters = [] }) => clusters.some((entry) => entry.name === name))
      .map((entry) => entry.name),
    eviction:
      task === undefined
        ? null
        : { reason: task.reason ?? '', message: task.message ?? '', since: task.creationTimestamp ?? null },
    work: workOf(work, targetsOf(binding).has(name) ? problem : null),
    overrides: overridesOf(work),
    object:
      seen === undefined
        ? null
        : {
            replicas: target?.replicas === undefined ? null : (item?.status?.replicas ?? 0),
            ready: target?.replicas === undefined ? null : (item?.status?.readyReplicas ?? 0),
            health: item?.health ?? 'Unknown',
            templateGeneration: generationOf(work),
          },
  };
}

/** With what keeps the present template from it, which no Work tells: there may be none yet. */
function workOf(work: Work | undefined, problem: string | null): WhyCluster['work'] {
  if (work === undefined && problem === null) return null;
  const conditions = (work?.status?.conditions ?? []).map(conditionOf);
  const stopped = {
    type: 'Applied',
    status: 'False',
    reason: 'ApplyOverridePolicyFailed',
    message: problem ?? '',
    since: null,
  };
  return {
    name: work?.metadata.name ?? '',
    suspended: work?.spec.suspendDispatching === true,
    deleting: Boolean(work?.metadata.deletionTimestamp),
    conditions: problem === null ? conditions : [...conditions.filter(({ type }) => type !== 'Applied'), stopped],
  };
}

function generationOf(work: Work | undefined): number | null {
  const text = work?.spec.workload.manifests?.[0]?.metadata.annotations?.[KEYS.templateGeneration];
  return text === undefined ? null : Number(text);
}

function conditionOf({ type, status, reason = '', message = '', lastTransitionTime }: Condition): WhyCondition {
  return { type, status, reason, message, since: lastTransitionTime ?? null };
}
