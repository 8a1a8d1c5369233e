/**
 * Our answers to the recorded questions, in the form of the recorded answers. Nothing here looks at what was expected.
 */
import type {
  AggregatedStatusItem,
  BindingSpec,
  BindingStatus,
  ClusterLike,
  OverridePolicy,
} from '#engine/federation/api.ts';
import { builtIn, type Dependency, typedObject } from '#engine/federation/interpreter/index.ts';
import { applyOverridePolicies } from '#engine/federation/override/policies.ts';
import { scheduleOnce } from '#engine/federation/scheduler/schedule.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';

/** A recorded question; which fields it has depends on the topic. Its expected answer is read elsewhere. */
export interface Case {
  id: string;
  [field: string]: unknown;
}
export type Answer = Record<string, unknown>;

/** One per topic. What is compared is the whole answer. */
export const topics: Readonly<Record<string, { answer(question: Case): Answer; expected(recorded: Case): Answer }>> = {
  scheduler: {
    answer: decide,
    expected: ({ expect }) => (isError(expect) ? expect : { clusters: [], ...(expect as Answer) }),
  },
  override: { answer: override, expected: ({ expect, applied, error }) => (error ? { error } : { expect, applied }) },
  interpret: {
    answer: interpret,
    expected: ({ expect, error, op }) => (error ? { error } : { expect: inOrder(op, expect) }),
  },
};

function isError(answer: unknown): answer is Answer {
  return (answer as Answer).error !== undefined;
}

function decide({ clusters, spec, status }: Case): Answer {
  const result = scheduleOnce(clusters as ClusterLike[], spec as BindingSpec, (status ?? {}) as BindingStatus);
  if (result.error === null)
    return { clusters: [...(result.clusters ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1)) };
  const rejected = result.explanation.filter((entry) => entry.rejected !== null);
  const filtered = Object.fromEntries(rejected.map((entry) => [entry.name, entry.rejected?.reason]));
  return { error: result.error.message, ...(result.error.reason === 'NoClusterFit' ? { filtered } : {}) };
}

function override({ object, cluster, policies }: Case): Answer {
  const names = (applied: readonly { policyName: string }[]): string[] | null =>
    applied.length === 0 ? null : applied.map((entry) => entry.policyName);
  try {
    const result = applyOverridePolicies(object as KubeObject, cluster as ClusterLike, policies as OverridePolicy[]);
    return { expect: result.object, applied: { cluster: names(result.cluster), namespaced: names(result.namespaced) } };
  } catch {
    return { error: true };
  }
}

/** Objects reach the interpreter out of an API server, which holds them in their declared types. */
const OPERATIONS: Record<string, (object: KubeObject, args: unknown) => unknown> = {
  InterpretReplica: (object) => builtIn.getReplicas(typedObject(object)),
  ReviseReplica: (object, args) => builtIn.reviseReplicas(object, args as number),
  Retain: (object, args) =>
    object.kind === 'Pod'
      ? typedObject(builtIn.retain(typedObject(object), typedObject(args as KubeObject)))
      : builtIn.retain(object, args as KubeObject),
  InterpretHealth: (object) => builtIn.isHealthy(typedObject(object)),
  InterpretStatus: (object) => builtIn.reflectStatus(object),
  InterpretDependency: (object) => builtIn.getDependencies(typedObject(object)),
  AggregateStatus: (object, args) => {
    const typed = typedObject(object);
    const status = builtIn.aggregateStatus(object, args as AggregatedStatusItem[]);
    return status === undefined ? object : typedObject({ ...typed, status });
  },
};

function interpret({ op, object, args }: Case): Answer {
  const operation = OPERATIONS[op as string];
  if (operation === undefined) throw new Error(`unknown interpreter operation ${String(op)}`);
  try {
    return { expect: inOrder(op, operation(object as KubeObject, args)) };
  } catch {
    return { error: true };
  }
}

/** Upstream walks hash maps when it collects dependencies: their order carries no meaning. */
function inOrder(op: unknown, answer: unknown): unknown {
  if (op !== 'InterpretDependency') return answer;
  if (!Array.isArray(answer) || answer.length === 0) return null;
  const key = ({ kind, name }: Dependency): string => `${kind}/${name}`;
  return [...(answer as Dependency[])].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
