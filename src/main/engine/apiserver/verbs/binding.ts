/** pods/binding, and `bindings` with the pod's name in the body: a pod is given its node. Source: API reference, core/v1 Binding. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { timestamp } from '../core.ts';
import { cloneJson } from '../json.ts';
import type { ApiAnswer } from '../request/types.ts';
import { badRequest, conflict, internal } from '../status.ts';
import { actionDone, actionKind, readAction, withCondition } from './action.ts';
import { admitted } from './admit.ts';
import type { VerbContext } from './context.ts';
import { changeObject } from './update.ts';

const BINDING = actionKind('', 'Binding', 'io.k8s.api.core.v1.Binding');

export async function bind(context: VerbContext): Promise<ApiAnswer> {
  const { core, route, user } = context;
  const { object: binding, name, options, judge } = await readAction(context, BINDING);
  if (name === '') throw badRequest('Name parameter required.');
  if ((binding.metadata.name ?? '') !== name) throw badRequest('name in URL does not match name in Binding object');
  const problems = bindingProblems(binding);
  if (problems.length > 0) throw internal(problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`);
  await judge();
  await changeObject({
    core: admitted(core),
    kind: core.registry.find('', 'v1', 'pods')!,
    namespace: route.namespace,
    name,
    subresource: 'binding',
    user,
    options,
    // Who gives a pod its node owns nothing of it.
    recordManager: false,
    next: (old) => bound(old, binding, name, options.dryRun),
  });
  return actionDone(context);
}

function bindingProblems({ target }: KubeObject): string[] {
  const { kind = '', name = '' } = target ?? {};
  return [
    ...(['', 'Node'].includes(kind)
      ? []
      : [`target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`]),
    ...(name === '' ? ['target.name: Required value'] : []),
  ];
}

function bound(old: KubeObject, binding: KubeObject, name: string, dryRun: boolean): KubeObject {
  const { labels, annotations, uid = '', resourceVersion = '' } = binding.metadata;
  const refusal = (text: string) => conflict({ group: '', resource: 'pods/binding', kind: 'Pod' }, name, text);
  // A dry run gets no further than to the place that adds the rest.
  const key = `${dryRun ? '' : '/registry'}/pods/${old.metadata.namespace}/${name}`;
  const unmet = (what: string, asked: string, is: unknown) =>
    conflict(
      { group: '', resource: 'pods', kind: 'Pod' },
      name,
      `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ${what} in precondition: ${asked}, ${what} in object meta: ${is}`,
    );
  if (uid !== '' && uid !== old.metadata.uid) throw unmet('UID', uid, old.metadata.uid);
  if (resourceVersion !== '' && resourceVersion !== old.metadata.resourceVersion)
    throw unmet('ResourceVersion', resourceVersion, old.metadata.resourceVersion);
  if (old.metadata.deletionTimestamp !== undefined)
    throw refusal(`pod ${name} is being deleted, cannot be assigned to a host`);
  const current = old.spec?.nodeName ?? '';
  if (current !== '') throw refusal(`pod ${name} is already assigned to node "${current}"`);
  if ((old.spec?.schedulingGates ?? []).length > 0) throw refusal(`pod ${name} has non-empty .spec.schedulingGates`);
  const pod = cloneJson(old);
  const { metadata } = pod;
  if (labels !== undefined && Object.keys(labels).length > 0) metadata.labels = { ...metadata.labels, ...labels };
  if (annotations !== undefined && Object.keys(annotations).length > 0)
    metadata.annotations = { ...metadata.annotations, ...annotations };
  pod.spec = { ...pod.spec, nodeName: binding.target?.name };
  const { nominatedNodeName: _nominated, ...status } = pod.status ?? {};
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: timestamp() };
  pod.status = { ...status, conditions: withCondition(status.conditions, scheduled) };
  return pod;
}
