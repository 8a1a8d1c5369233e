/**
 * Finds the policy for each template, claims the template for it, and keeps the template's binding as policy and
 * template say. A template without a policy stays in the API and goes nowhere.
 */
import { type KubeObject, objectKey, type ResourceRef } from '#shared/kubernetes/types.ts';
import { createWorkQueue, isAlreadyExists } from '../../kube/index.ts';
import type { Binding, PropagationPolicy } from '../api.ts';
import { InterpretError } from '../interpreter/index.ts';
import { equalJson } from '../json.ts';
import { bindingKeyOf, claimedBinding, referenceTo } from './binding-build.ts';
import { bindingRef } from './cache.ts';
import { type PolicyChoice, policyChoice } from './choice.ts';
import { claimedBy, claimOf, clearClaim, hasClaim, onlyClaimDiffers, setClaim } from './claim.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import { isIgnoredTemplate, type Templates } from './templates.ts';
import { mutate, remove } from './write.ts';

const WAIT_FOR_OVERRIDES_MS = 1_000;
const WAIT_FOR_POLICY_MS = 500;

/** A lazy policy waits for the next change of what was there before it. */
function isLazyFor({ spec, metadata }: PropagationPolicy, template: KubeObject): boolean {
  if (spec.activationPreference !== 'Lazy') return false;
  return (template.metadata.creationTimestamp ?? '') <= (metadata.creationTimestamp ?? '');
}

export interface Detector extends Controller {
  /** Looks at the template again: a policy that may concern it has changed. */
  enqueue(template: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>): void;
}

export function startDetector(
  context: FederationContext,
  templates: Templates,
  onTemplate: (bindingKey: string) => void,
): Detector {
  const { client, cache, interpreter, journal, log } = context;
  const events = context.events('resource-detector');
  /** Templates whose content has changed since their binding was written. */
  const touched = new Set<string>();
  const keyOf = (object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>): string =>
    `${object.apiVersion} ${object.kind} ${objectKey(object)}`;

  async function reconcile(key: string): Promise<number | undefined> {
    const [apiVersion = '', kind = '', path = ''] = key.split(' ');
    const slash = path.indexOf('/');
    const namespace = slash < 0 ? undefined : path.slice(0, slash);
    const name = path.slice(slash + 1);
    const ref = templates.refOf(apiVersion, kind);
    if (ref === undefined) return undefined;
    const template = templates.get(apiVersion, kind, namespace, name);
    if (template === undefined) {
      await removeOrphan(ref, { apiVersion, kind, namespace, name });
      return undefined;
    }
    if (template.metadata.deletionTimestamp || isIgnoredTemplate(template)) return undefined;
    return assign(ref, template, key);
  }

  async function assign(ref: ResourceRef, template: KubeObject, key: string): Promise<number | undefined> {
    const choice = policyChoice(template, cache.policyIndex);
    if (choice.how === 'waiting') return WAIT_FOR_POLICY_MS;
    if (choice.how === 'orphaned') await release(ref, template);
    return apply(ref, template, choice, key);
  }

  async function apply(
    ref: ResourceRef,
    template: KubeObject,
    choice: PolicyChoice,
    key: string,
  ): Promise<number | undefined> {
    const { policy, how } = choice;
    if (policy == null) return undefined;
    if (missingOverride(policy) !== undefined) return WAIT_FOR_OVERRIDES_MS;
    const claim = claimOf(policy);
    let current = template;
    if (!hasClaim(template, claim)) {
      const { namespace, name = '' } = template.metadata;
      const claimed = await mutate(client, ref, { namespace, name, upper: true }, (object) => {
        if (object.metadata.uid !== template.metadata.uid) return false;
        setClaim(object, claim);
      });
      if (claimed === null) return undefined;
      if (how === 'new' || how === 'orphaned' || how === 'preempted') tellClaim(template, policy, how);
      current = claimed;
    }
    const changed = touched.delete(key);
    if (!changed && isLazyFor(policy, current)) return undefined;
    await writeBinding(current, policy, changed);
    onTemplate(bindingKeyOf(current));
    return undefined;
  }

  function tellClaim(template: KubeObject, policy: PropagationPolicy, how: 'new' | 'orphaned' | 'preempted'): void {
    const key = objectKey(policy);
    const wide = policy.metadata.namespace === undefined;
    journal.record(referenceTo(template), { kind: 'claimed', policy: key, by: how });
    events.normal(template, 'ApplyPolicySucceed', `Apply ${wide ? 'cluster ' : ''}policy(${key}) succeed`);
    const before = how === 'preempted' ? claimedBy(template) : null;
    if (before === null) return;
    const named = (cluster: boolean, name: string): string => `${cluster ? 'cluster ' : ''}propagation policy(${name})`;
    const text = `${named(wide, key)} preempted ${named(before.cluster, before.key)} successfully`;
    events.normal(template, 'PreemptPolicySucceed', `${text.charAt(0).toUpperCase()}${text.slice(1)}`);
  }

  function missingOverride(policy: PropagationPolicy): string | undefined {
    const { namespace } = policy.metadata;
    return policy.spec.dependentOverrides?.find((name) =>
      namespace === undefined
        ? cache.clusterOverrides.get(name) === undefined
        : cache.overrides.get(`${namespace}/${name}`) === undefined,
    );
  }

  async function writeBinding(template: KubeObject, policy: PropagationPolicy, changed: boolean): Promise<void> {
    const key = bindingKeyOf(template);
    const ref = bindingRef(key);
    const { namespace } = template.metadata;
    const priority = priorityOf(policy);
    const wanted = claimedBinding(template, policy, null, changed, interpreter, priority);
    const name = wanted.metadata.name ?? '';
    if (cache.binding(key) === undefined) {
      try {
        await client.create(ref, wanted, { namespace });
        return;
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }
    await mutate<Binding>(client, ref, { namespace, name }, (present) => {
      const owner = present.metadata.ownerReferences?.find((reference) => reference.controller);
      if (owner !== undefined && owner.uid !== template.metadata.uid) {
        throw new Error(`binding ${key} still belongs to an earlier object of that name`);
      }
      const next = claimedBinding(template, policy, present, changed, interpreter, priority);
      next.metadata.ownerReferences = wanted.metadata.ownerReferences;
      if (equalJson(next, present)) return false;
      Object.assign(present, next);
      return true;
    });
  }

  /** Undefined without one; a class that does not exist is waited for, as for a pod. */
  function priorityOf({ spec }: PropagationPolicy): number | undefined {
    if (spec.schedulePriority == null) return undefined;
    const { priorityClassName } = spec.schedulePriority;
    const found = templates.get('scheduling.k8s.io/v1', 'PriorityClass', undefined, priorityClassName);
    if (found === undefined) throw new Error(`priority class ${priorityClassName} does not exist`);
    return Number((found as { value?: unknown }).value ?? 0);
  }

  async function release(ref: ResourceRef, template: KubeObject): Promise<void> {
    const { namespace, name = '' } = template.metadata;
    const key = bindingKeyOf(template);
    await mutate(client, ref, { namespace, name }, clearClaim);
    await mutate(client, bindingRef(key), { namespace, name: key.slice(key.indexOf('/') + 1) }, clearClaim);
  }

  /** The garbage collector does the same; doing it here too makes it prompt, and right after a crash. */
  async function removeOrphan(
    ref: ResourceRef,
    gone: { apiVersion: string; kind: string; namespace: string | undefined; name: string },
  ): Promise<void> {
    const key = bindingKeyOf({ ...gone, metadata: { namespace: gone.namespace, name: gone.name } });
    const binding = cache.binding(key);
    const owner = binding?.metadata.ownerReferences?.find((reference) => reference.controller);
    if (binding === undefined || owner === undefined || binding.metadata.deletionTimestamp) return;
    if (owner.kind !== gone.kind || owner.apiVersion !== gone.apiVersion || owner.name !== gone.name) return;
    const live = await client.find(ref, gone.name, { namespace: gone.namespace });
    if (live !== null && live.metadata.uid === owner.uid) return;
    const { namespace, name = '', uid } = binding.metadata;
    await remove(client, bindingRef(key), { namespace, name, uid });
  }

  /** A person wrote the script and has to know that it fails. */
  function tellInterpreter(key: string, error: InterpretError): void {
    const [apiVersion = '', kind = '', path = ''] = key.split(' ');
    const slash = path.indexOf('/');
    const template = templates.get(
      apiVersion,
      kind,
      slash < 0 ? undefined : path.slice(0, slash),
      path.slice(slash + 1),
    );
    if (template !== undefined) events.warning(template, 'GetReplicasFailed', error.message);
  }

  const queue = createWorkQueue({
    name: 'detector',
    concurrency: 16,
    reconcile,
    onError: (key, error, attempt) => {
      log.debug('template not distributed yet', { key, attempt, error: errorText(error) });
      if (error instanceof InterpretError) tellInterpreter(key, error);
    },
  });

  templates.subscribe(({ type, object, previous }) => {
    const key = keyOf(object);
    if (type === 'changed' && !(previous !== undefined && onlyClaimDiffers(object, previous))) touched.add(key);
    if (type === 'deleted') touched.delete(key);
    queue.add(key);
  });
  const onBinding = (binding: Binding): void => {
    const { apiVersion, kind, namespace, name } = binding.spec.resource;
    queue.add(keyOf({ apiVersion, kind, metadata: { namespace, name } }));
  };
  // Bindings whose template was deleted while nobody watched.
  for (const informer of [cache.bindings, cache.clusterBindings])
    informer.subscribe({ onAdd: onBinding, onDelete: onBinding });

  return {
    enqueue: (template) => queue.add(keyOf(template)),
    stop: () => queue.stop(),
  };
}
