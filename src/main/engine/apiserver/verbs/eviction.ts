/** pods/eviction: a deletion under a disruption budget. Source: Kubernetes documentation, "API-initiated Eviction". */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type Core, SYSTEM_USER, timestamp } from '../core.ts';
import { cloneJson, isRecord } from '../json.ts';
import { decodeBody } from '../request/body.ts';
import type { ApiAnswer } from '../request/types.ts';
import { matchesLabelSelector } from '../selectors/structured.ts';
import { badRequest, forbidden, internal, invalid, tooManyRequests } from '../status.ts';
import { actionDone, actionKind, readAction, withCondition } from './action.ts';
import { admitted } from './admit.ts';
import type { VerbContext } from './context.ts';
import { checkPreconditions, deleteObject } from './delete.ts';
import { type DeleteOptions, judged } from './delete-options.ts';
import { readObject } from './read.ts';
import { changeObject } from './update.ts';

const EVICTION = actionKind('policy', 'Eviction', 'io.k8s.api.policy.v1.Eviction');
const BUDGET = { group: 'policy', resource: 'poddisruptionbudget', kind: 'PodDisruptionBudget' };
const VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget.";
/** Source: registry/core/pod/storage, MaxDisruptedPodSize. */
const MAX_DISRUPTED = 2000;

/** Admitted as an eviction; the deletion that follows is not one that anybody asked for. */
export async function evict(context: VerbContext): Promise<ApiAnswer> {
  const { core, kind, request, route, user } = context;
  const decoded = decodeBody(request, 'Eviction');
  // The version before is the same.
  if (isRecord(decoded.value) && decoded.value.apiVersion === 'policy/v1beta1') decoded.value.apiVersion = 'policy/v1';
  const { object: eviction, name, options: created, judge } = await readAction(context, EVICTION, decoded);
  if ((eviction.metadata.name ?? '') !== name) throw badRequest('name in URL does not match name in Eviction object');
  const asked = isRecord(eviction.deleteOptions) ? eviction.deleteOptions : {};
  if (asked.ignoreStoreReadErrorWithClusterBreakingPotential === true)
    throw invalid(EVICTION, name, [
      {
        type: 'FieldValueInvalid',
        field: 'deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential',
        message: 'Invalid value: true: can not be set for pod eviction, try after removing the option',
      },
    ]);
  const options = deletionOf(asked, listOf(created.asked?.dryRun));
  if (isRecord(eviction.deleteOptions) && listOf(asked.dryRun).length === 0 && options.dryRun)
    eviction.deleteOptions.dryRun = listOf(created.asked?.dryRun);
  await judge();
  const pod = readObject(context).object;
  if (!isHarmless(pod)) await chargeBudget(core, pod, options.dryRun);
  const marked = options.dryRun ? options : await markDisrupted(context, options);
  // What is wrong with the options is said by the deletion alone.
  judged(asked);
  await deleteObject(admitted(core), kind, route.namespace, route.name, marked, user, context);
  return actionDone(context);
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Nobody judges the options of an eviction, but for what the request itself says of dry runs. */
function deletionOf(asked: Record<string, unknown>, requested: readonly string[]): DeleteOptions {
  const own = listOf(asked.dryRun);
  if (own.length > 0 && requested.length > 0 && String(own) !== String(requested))
    throw internal(
      `Non-matching dry-run options in request and content: [${requested.join(' ')}] and [${own.join(' ')}]`,
    );
  const { uid, resourceVersion } = isRecord(asked.preconditions) ? asked.preconditions : {};
  const policy = asked.propagationPolicy;
  const known = policy === 'Background' || policy === 'Foreground' || policy === 'Orphan' ? policy : null;
  const orphan = asked.orphanDependents;
  return {
    dryRun: own.length > 0 || requested.length > 0,
    gracePeriodSeconds: typeof asked.gracePeriodSeconds === 'number' ? asked.gracePeriodSeconds : null,
    propagation: typeof orphan === 'boolean' ? (orphan ? 'Orphan' : 'Background') : known,
    uid: typeof uid === 'string' ? uid : null,
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : null,
  };
}

/** Pods that run nothing disrupt nothing. */
function isHarmless(pod: KubeObject): boolean {
  const phase = pod.status?.phase;
  return (
    pod.metadata.deletionTimestamp !== undefined || phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending'
  );
}

/** Says in its status why the pod goes. Resolves with the options that the deletion has to fulfil afterwards. */
async function markDisrupted({ core, kind, route }: VerbContext, options: DeleteOptions): Promise<DeleteOptions> {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  const { object } = await changeObject({
    core: admitted(core),
    kind,
    namespace: route.namespace,
    name: route.name,
    subresource: 'status',
    user: SYSTEM_USER,
    options: { dryRun: false, fieldManager: 'kube-apiserver' },
    recordManager: false,
    next: (old) => {
      checkPreconditions(kind, route.name, old, options);
      const next = cloneJson(old);
      next.status = { ...next.status, conditions: withCondition(next.status?.conditions, condition) };
      return next;
    },
  });
  return options.resourceVersion === null
    ? options
    : { ...options, resourceVersion: object.metadata.resourceVersion ?? '' };
}

/** Counts the pod against its budget. Throws 429, and 500 where there is no telling which budget that is. */
async function chargeBudget(core: Core, pod: KubeObject, dryRun: boolean): Promise<void> {
  const { namespace = '', name = '', labels } = pod.metadata;
  const budgets = core.store.collection('policy/poddisruptionbudgets');
  const matching = budgets
    .keys(`${namespace}/`)
    .map((key) => budgets.items.get(key)!.object)
    .filter((budget) => matchesLabelSelector(budget.spec?.selector, labels));
  if (matching.length > 1)
    throw internal('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  const budget = matching[0];
  if (budget === undefined || mayGoUnready(pod, budget)) return;
  const refusal = budgetRefusal(budget);
  if (refusal !== null) throw refusal;
  if (dryRun) return;
  await changeObject({
    core,
    kind: core.registry.find('policy', 'v1', 'poddisruptionbudgets')!,
    namespace,
    name: budget.metadata.name ?? '',
    subresource: 'status',
    user: SYSTEM_USER,
    options: { dryRun: false, fieldManager: 'kube-apiserver' },
    next: (old) => countedDown(old, name),
  });
}

/** Whether a pod that is not ready may go without being counted. Source: KEP-3017, unhealthyPodEvictionPolicy. */
function mayGoUnready(pod: KubeObject, { spec, status }: KubeObject): boolean {
  const conditions = (pod.status?.conditions ?? []) as { type: string; status: string }[];
  if (conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True')) return false;
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const desired = status?.desiredHealthy ?? 0;
  return desired > 0 && (status?.currentHealthy ?? 0) >= desired;
}

function budgetRefusal({ metadata, status = {} }: KubeObject): Error | null {
  const { name = '' } = metadata;
  const violation = (message: string, retryAfterSeconds?: number) =>
    tooManyRequests(VIOLATION, {
      causes: [{ reason: 'DisruptionBudget', message: `The disruption budget ${name} ${message}` }],
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    return violation('is still being processed by the server.', 10);
  const allowed = status.disruptionsAllowed ?? 0;
  if (allowed < 0) return forbidden(BUDGET, name, 'pdb disruptions allowed is negative');
  if (Object.keys(status.disruptedPods ?? {}).length > MAX_DISRUPTED)
    return forbidden(BUDGET, name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  if (allowed > 0) return null;
  const { currentHealthy: has = 0, desiredHealthy: needs = 0 } = status;
  const conditions = (status.conditions ?? []) as { type: string; status: string; reason: string; message: string }[];
  const why = conditions.find((each) => each.type === 'DisruptionAllowed' && each.status === 'False' && each.message);
  if (why?.reason === 'SyncFailed')
    return violation(`does not allow evicting pods currently because it failed sync: ${why.message}`);
  if (has <= needs) return violation(`needs ${needs} healthy pods and has ${has} currently`);
  return violation(
    why === undefined
      ? 'does not allow evicting pods currently'
      : `does not allow evicting pods currently (${why.reason}): ${why.message}`,
  );
}

function countedDown(old: KubeObject, pod: string): KubeObject {
  const next = cloneJson(old);
  const allowed = (next.status?.disruptionsAllowed ?? 0) - 1;
  const status = {
    ...next.status,
    disruptionsAllowed: allowed,
    disruptedPods: { ...next.status?.disruptedPods, [pod]: timestamp() },
  };
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: status.observedGeneration,
    lastTransitionTime: timestamp(),
    reason: 'InsufficientPods',
    message: '',
  };
  next.status = allowed > 0 ? status : { ...status, conditions: withCondition(status.conditions, condition) };
  return next;
}
