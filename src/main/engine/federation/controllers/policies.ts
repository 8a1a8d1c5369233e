/**
 * Follows propagation and override policies: hands templates that a change concerns to the detector, and lets go of what
 * a policy no longer selects. Deleting or narrowing a policy never removes anything from a member.
 */
import { type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import { createWorkQueue, type Informer } from '../../kube/index.ts';
import {
  CLUSTER_PROPAGATION_POLICIES,
  FINALIZERS,
  type OverridePolicy,
  PROPAGATION_POLICIES,
  type PropagationPolicy,
} from '../api.ts';
import { selectorsPriority } from '../matching/selectors.ts';
import { overridesObject } from '../override/policies.ts';
import { referenceTo } from './binding-build.ts';
import { bindingRef, policyIdOf } from './cache.ts';
import { claimedBy, clearClaim } from './claim.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import type { Detector } from './detector.ts';
import { createRelation } from './relation.ts';
import type { Templates } from './templates.ts';
import { mutate, setFinalizer, splitKey } from './write.ts';

export function startPolicyController(
  context: FederationContext,
  templates: Templates,
  detector: Detector,
): Controller {
  const { client, cache, journal, log } = context;
  /** Which policy each template says it belongs to, by their ids. */
  const claims = createRelation();
  const policyOf = (key: string): PropagationPolicy | undefined =>
    key.includes('/') ? cache.policies.get(key) : cache.clusterPolicies.get(key);

  function ofPolicy(id: string): KubeObject[] {
    return claims.sources(id).flatMap((key) => {
      const [apiVersion = '', kind = '', path = ''] = key.split(' ');
      const { namespace, name } = splitKey(path);
      const object = templates.get(apiVersion, kind, namespace, name);
      return object !== undefined && policyIdOf(object) === id ? [object] : [];
    });
  }

  async function reconcile(key: string): Promise<undefined> {
    const policy = policyOf(key);
    if (policy === undefined) return;
    const deleting = Boolean(policy.metadata.deletionTimestamp);
    const id = policyIdOf(policy);
    const selects = (object: KubeObject): boolean =>
      !deleting && selectorsPriority(object, policy.spec.resourceSelectors ?? []) > 0;
    if (id !== undefined) {
      for (const object of ofPolicy(id)) if (!selects(object)) await releaseTemplate(object, id);
      for (const [bindingKey, binding] of cache.bindingsOfPolicy(id)) {
        const { apiVersion, kind, namespace, name } = binding.spec.resource;
        const template = templates.get(apiVersion, kind, namespace, name);
        if (template === undefined || !selects(template)) await releaseBinding(bindingKey, id);
      }
    }
    if (deleting) {
      await finish(policy, key);
      return;
    }
    for (const selector of policy.spec.resourceSelectors ?? [])
      for (const object of templates.all(selector)) if (inScope(policy, object)) detector.enqueue(object);
  }

  async function releaseTemplate(object: KubeObject, id: string): Promise<void> {
    const ref = templates.refOf(object.apiVersion, object.kind);
    if (ref === undefined) return;
    const { namespace, name = '' } = object.metadata;
    const policy = claimedBy(object)?.key ?? '';
    let released = false;
    await mutate(client, ref, { namespace, name }, (current) => {
      released = policyIdOf(current) === id;
      if (!released) return false;
      clearClaim(current);
    });
    if (released) journal.record(referenceTo(object), { kind: 'released', policy });
    detector.enqueue(object);
  }

  async function releaseBinding(key: string, id: string): Promise<void> {
    const slash = key.indexOf('/');
    const where = { namespace: slash < 0 ? undefined : key.slice(0, slash), name: key.slice(slash + 1) };
    await mutate(client, bindingRef(key), where, (current) => {
      if (policyIdOf(current) !== id) return false;
      clearClaim(current);
    });
  }

  async function finish(policy: PropagationPolicy, key: string): Promise<void> {
    const { namespace, name = '' } = policy.metadata;
    const [ref, finalizer] = key.includes('/')
      ? [PROPAGATION_POLICIES, FINALIZERS.policy]
      : [CLUSTER_PROPAGATION_POLICIES, FINALIZERS.clusterPolicy];
    await mutate(client, ref, { namespace, name }, (current) => setFinalizer(current, finalizer, false));
  }

  const queue = createWorkQueue({
    name: 'policies',
    concurrency: 2,
    reconcile,
    onError: (key, error) => log.warn('policy not followed yet', { key, error: errorText(error) }),
  });
  templates.subscribe(({ type, object }) => {
    const id = type === 'deleted' ? undefined : policyIdOf(object);
    claims.set(`${object.apiVersion} ${object.kind} ${objectKey(object)}`, id === undefined ? [] : [id]);
  });
  for (const informer of [cache.policies, cache.clusterPolicies]) {
    informer.subscribe({
      onAdd: (_, key) => queue.add(key),
      onUpdate: (policy, previous, key) => {
        const same =
          policy.metadata.generation !== undefined &&
          policy.metadata.generation === previous.metadata.generation &&
          policy.metadata.deletionTimestamp === previous.metadata.deletionTimestamp;
        if (!same) queue.add(key);
      },
      // Without our finalizer a policy may vanish at once: the detector notices on every template that was its own.
      onDelete: (policy) => {
        const id = policyIdOf(policy);
        if (id === undefined) return;
        for (const object of ofPolicy(id)) detector.enqueue(object);
      },
    });
  }
  return { stop: () => queue.stop() };
}

function inScope(policy: PropagationPolicy, object: KubeObject): boolean {
  return policy.metadata.namespace === undefined || policy.metadata.namespace === object.metadata.namespace;
}

/** Tells which bindings an override policy concerns whenever one changes. */
export function followOverrides(
  context: FederationContext,
  templates: Templates,
  enqueue: (bindingKey: string) => void,
): void {
  const { cache } = context;
  const concern = (policy: OverridePolicy): void => {
    for (const [key, { spec }] of cache.allBindings()) {
      const namespace = spec.resource.namespace;
      if (policy.metadata.namespace !== undefined && policy.metadata.namespace !== namespace) continue;
      const template = templates.get(spec.resource.apiVersion, spec.resource.kind, namespace, spec.resource.name);
      if (template !== undefined && overridesObject(policy, template)) enqueue(key);
    }
  };
  const follow = (informer: Informer<OverridePolicy>): void => {
    informer.subscribe({
      onAdd: concern,
      onUpdate: (policy, previous) => {
        concern(previous);
        concern(policy);
      },
      onDelete: concern,
    });
  };
  follow(cache.overrides);
  follow(cache.clusterOverrides);
}
