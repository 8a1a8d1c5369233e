/** What is done to pods through subresources: binding to a node, eviction under a disruption budget. */
import { apiVersionOf, type KubeObject, type ObjectMeta } from '#shared/kubernetes/types.ts';
import { type Core, SYSTEM_USER, timestamp } from '../core.ts';
import { cloneJson, isRecord } from '../json.ts';
import { decodeBody } from '../request/body.ts';
import { parseWriteOptions, type WriteOptions } from '../request/options.ts';
import { type ApiAnswer, jsonAnswer } from '../request/types.ts';
import { matchesLabelSelector } from '../selectors/structured.ts';
import { badRequest, conflict, internal, refuse, tooManyRequests } from '../status.ts';
import type { KindDefinition } from '../types.ts';
import { admit, admitted } from './admit.ts';
import type { VerbContext } from './context.ts';
import { deleteObject, parseDeleteBody } from './delete.ts';
import { readBody } from './fields.ts';
import { readObject } from './read.ts';
import { changeObject } from './update.ts';

const BINDING: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'bindings',
  kind: 'Binding',
  listKind: '',
  singular: 'binding',
  namespaced: true,
  verbs: ['create'],
  shortNames: [],
  categories: [],
  subresources: [],
  generation: 'none',
  hasStatus: false,
  schema: 'io.k8s.api.core.v1.Binding',
};
const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction' };
const SUCCESS = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** pods/binding, and `bindings` with the pod's name in the body. Source: API reference, core/v1 Binding. */
export async function bind(context: VerbContext): Promise<ApiAnswer> {
  const { core, request, route, user } = context;
  const options = parseWriteOptions('CreateOptions', request.query, request.headers['user-agent']);
  const sent = readBody(context, BINDING, options);
  const { metadata } = sent;
  const name = route.name !== '' ? route.name : (metadata.name ?? '');
  const binding = await admitAction(context, BINDING, sent, name, options);
  const node = String(binding.target?.name ?? '');
  if (node === '') throw internal('target.name: Required value');
  await changeObject({
    core: admitted(core),
    kind: core.registry.find('', 'v1', 'pods')!,
    namespace: route.namespace,
    name,
    subresource: 'binding',
    user,
    options,
    next: (old) => bound(old, node, name, metadata),
  });
  return jsonAnswer(SUCCESS, 201);
}

function bound(old: KubeObject, node: string, name: string, metadata: ObjectMeta): KubeObject {
  const refusal = (text: string) => conflict({ group: '', resource: 'pods/binding', kind: 'Pod' }, name, text);
  if (typeof metadata.uid === 'string' && metadata.uid !== '' && metadata.uid !== old.metadata.uid)
    throw refusal(`Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${old.metadata.uid}`);
  if (old.metadata.deletionTimestamp !== undefined)
    throw refusal(`pod ${name} is being deleted, cannot be assigned to a host`);
  const current = old.spec?.nodeName ?? '';
  if (current !== '') throw refusal(`pod ${name} is already assigned to node "${current}"`);
  const pod = cloneJson(old);
  pod.spec = { ...pod.spec, nodeName: node };
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: timestamp() };
  pod.status = { ...pod.status, conditions: withCondition(pod.status?.conditions, scheduled) };
  return pod;
}

/** Asks admission about what is done to a pod; resolves with the object as plugins have left it. */
async function admitAction(
  { core, kind, route, user, warnings, annotations }: VerbContext,
  objectKind: Pick<KindDefinition, 'group' | 'version' | 'kind'>,
  sent: Record<string, unknown>,
  name: string,
  { dryRun, fieldManager }: Pick<WriteOptions, 'dryRun' | 'fieldManager'>,
): Promise<KubeObject> {
  const { namespace, subresource } = route;
  const metadata = { ...(isRecord(sent.metadata) ? sent.metadata : {}), name, namespace };
  const object: KubeObject = { ...sent, kind: objectKind.kind, apiVersion: apiVersionOf(objectKind), metadata };
  const target = { operation: 'CREATE' as const, kind, subresource, objectKind, namespace, name };
  const notes = { warnings, annotations };
  await admit(core, { ...target, object, old: null, user, dryRun, fieldManager, notes });
  return object;
}

/** pods/eviction: admitted as such; the deletion that follows is not one that anybody asked for. Source: Kubernetes documentation, "API-initiated Eviction". */
export async function evict(context: VerbContext): Promise<ApiAnswer> {
  const { core, kind, request, route, user } = context;
  const { value } = decodeBody(request, 'Eviction');
  const body = isRecord(value) ? value : {};
  const metadata = isRecord(body.metadata) ? body.metadata : {};
  if (typeof metadata.name === 'string' && metadata.name !== '' && metadata.name !== route.name)
    throw badRequest('name in URL does not match name in Eviction object');
  const created = parseWriteOptions('CreateOptions', request.query, request.headers['user-agent']);
  const eviction = await admitAction(context, EVICTION, body, route.name, created);
  const options = parseDeleteBody(isRecord(eviction.deleteOptions) ? eviction.deleteOptions : {}, request.query);
  const pod = readObject(context).object;
  if (canDisrupt(pod)) await chargeBudget(core, pod, options.dryRun);
  if (!options.dryRun && pod.metadata.deletionTimestamp === undefined) await markDisrupted(context);
  await deleteObject(admitted(core), kind, route.namespace, route.name, options, user, context);
  return jsonAnswer(SUCCESS, 201);
}

/** Pods that run nothing disrupt nothing. */
function canDisrupt(pod: KubeObject): boolean {
  const phase = pod.status?.phase;
  return (
    pod.metadata.deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed' && phase !== 'Pending'
  );
}

async function markDisrupted({ core, kind, route }: VerbContext): Promise<void> {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  await changeObject({
    core: admitted(core),
    kind,
    namespace: route.namespace,
    name: route.name,
    subresource: 'status',
    user: SYSTEM_USER,
    options: { dryRun: false, fieldManager: 'kube-apiserver' },
    next: (old) => {
      const next = cloneJson(old);
      next.status = { ...next.status, conditions: withCondition(next.status?.conditions, condition) };
      return next;
    },
  });
}

async function chargeBudget(core: Core, pod: KubeObject, dryRun: boolean): Promise<void> {
  const { namespace = '', name = '', labels } = pod.metadata;
  const budgets = core.store.collection('policy/poddisruptionbudgets');
  const matching = budgets
    .keys(`${namespace}/`)
    .map((key) => budgets.items.get(key)!.object)
    .filter((budget) => matchesLabelSelector(budget.spec?.selector, labels));
  if (matching.length === 0) return;
  if (matching.length > 1)
    throw refuse(
      500,
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  const budget = matching[0]!;
  const status = budget.status ?? {};
  const budgetName = budget.metadata.name ?? '';
  if ((status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0))
    throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: `The disruption budget ${budgetName} is still being processed by the server.`,
        },
      ],
      retryAfterSeconds: 10,
    });
  if ((status.disruptionsAllowed ?? 0) <= 0)
    throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: `The disruption budget ${budgetName} needs ${status.desiredHealthy ?? 0} healthy pods and has ${status.currentHealthy ?? 0} currently`,
        },
      ],
    });
  if (dryRun) return;
  await changeObject({
    core,
    kind: core.registry.find('policy', 'v1', 'poddisruptionbudgets')!,
    namespace,
    name: budgetName,
    subresource: 'status',
    user: SYSTEM_USER,
    options: { dryRun: false, fieldManager: 'kube-apiserver' },
    next: (old) => countedDown(old, name),
  });
}

function countedDown(old: KubeObject, pod: string): KubeObject {
  const next = cloneJson(old);
  const allowed = (next.status?.disruptionsAllowed ?? 0) - 1;
  const generation = next.status?.observedGeneration;
  const condition = {
    type: 'DisruptionAllowed',
    status: allowed > 0 ? 'True' : 'False',
    observedGeneration: generation,
    lastTransitionTime: timestamp(),
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  };
  next.status = {
    ...next.status,
    disruptionsAllowed: allowed,
    disruptedPods: { ...next.status?.disruptedPods, [pod]: timestamp() },
    conditions: withCondition(next.status?.conditions, condition),
  };
  return next;
}

function withCondition(conditions: unknown, added: { type: string }): unknown[] {
  const others = (Array.isArray(conditions) ? conditions : []) as { type?: string }[];
  const at = others.findIndex((each) => each.type === added.type);
  return at < 0 ? [...others, added] : others.map((each, index) => (index === at ? added : each));
}
