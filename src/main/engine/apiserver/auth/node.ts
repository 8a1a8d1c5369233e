/**
 * Nodes: an identity `system:node:NAME` in the group `system:nodes` may do what a kubelet needs, and of secrets, config maps,
 * claims, volumes and account tokens only what pods bound to it refer to. Everything else is left to the authoriser behind.
 * Source: Kubernetes documentation, "Using Node Authorization".
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { UserInfo } from '../types.ts';
import type { AccessAttributes, AccessDecision, Authorizer, PolicyRule } from './authorize.ts';
import { NODE_RULES } from './presets/components.ts';
import { parseRule } from './presets/rules.ts';
import { covers } from './rbac.ts';

const USER = 'system:node:';
const GROUP = 'system:nodes';

/** The node that a user is; empty when it is one without a name, null when it is none. */
export function nodeOf({ username, groups }: UserInfo): string | null {
  return username.startsWith(USER) && groups.includes(GROUP) ? username.slice(USER.length) : null;
}

const RULES = NODE_RULES.map(parseRule);

export class NodeAuthorizer implements Authorizer {
  readonly #store: ObjectStore;
  readonly #next: Authorizer;

  constructor(store: ObjectStore, next: Authorizer) {
    this.#store = store;
    this.#next = next;
  }

  decide(user: UserInfo, access: AccessAttributes): AccessDecision {
    const node = nodeOf(user);
    if (node === null) return this.#next.decide(user, access);
    const refusal = this.#refusal(node, access);
    if (refusal === null) return { allowed: true, reason: '' };
    const decision = this.#next.decide(user, access);
    return decision.allowed ? decision : { allowed: false, reason: refusal };
  }

  rulesFor(user: UserInfo, namespace: string): Iterable<{ rule: PolicyRule; reason: string }> {
    return this.#next.rulesFor(user, namespace);
  }

  /** Null: the node may. */
  #refusal(node: string, access: AccessAttributes): string | null {
    if (!RULES.some((rule) => covers(rule, access))) return '';
    const { group, resource, subresource, namespace, name } = access.resource!;
    const what = `${group}/${resource}${subresource === '' ? '' : `/${subresource}`}`;
    switch (what) {
      case '/secrets':
      case '/configmaps':
      case '/persistentvolumeclaims':
      case '/persistentvolumeclaims/status':
        if (name === '') return 'No Object name found';
        return this.#podsOn(node, namespace).some((pod) => refersTo(pod, resource, name)) ? null : unrelated(node);
      case '/serviceaccounts':
      case '/serviceaccounts/token':
        return this.#podsOn(node, namespace).some((pod) => pod.spec?.serviceAccountName === name)
          ? null
          : unrelated(node);
      case 'resource.k8s.io/resourceclaims':
        if (name === '') return 'No Object name found';
        return this.#podsOn(node, namespace).some((pod) => claimsOf(pod).includes(name)) ? null : unrelated(node);
      case '/persistentvolumes':
        return this.#usesVolume(node, name) ? null : unrelated(node);
      case 'coordination.k8s.io/leases':
        if (namespace !== 'kube-node-lease') return `can only access leases in the "kube-node-lease" system namespace`;
        return name === node || access.verb === 'create'
          ? null
          : 'can only access node lease with the same name as the requesting node';
      case 'storage.k8s.io/csinodes':
        return name === node || access.verb === 'create'
          ? null
          : 'can only access CSINode with the same name as the requesting node';
      default:
        return null;
    }
  }

  #podsOn(node: string, namespace: string): KubeObject[] {
    const pods = this.#store.collection('/pods');
    return pods
      .keys(`${namespace}/`)
      .map((key) => pods.items.get(key)!.object)
      .filter((pod) => pod.spec?.nodeName === node);
  }

  #usesVolume(node: string, name: string): boolean {
    const claim = this.#store.collection('/persistentvolumes').items.get(name)?.object.spec?.claimRef;
    if (claim === undefined) return false;
    return this.#podsOn(node, claim.namespace).some((pod) => refersTo(pod, 'persistentvolumeclaims', claim.name));
  }
}

function unrelated(node: string): string {
  return `no relationship found between node '${node}' and this object`;
}

/** Names of the resource claims of a pod: its own, and those made for it from templates. */
function claimsOf({ spec, status }: KubeObject): string[] {
  const claims: Json[] = [...(spec?.resourceClaims ?? []), ...(status?.resourceClaimStatuses ?? [])];
  return claims.map((claim) => claim.resourceClaimName).filter((name) => typeof name === 'string');
}

/** Whether the kubelet needs the object to run the pod. */
export function refersTo(pod: KubeObject, resource: string, name: string): boolean {
  return referencesOf(pod, resource).includes(name);
}

/** Names of the secrets, config maps or claims that the kubelet needs to run the pod. */
export function referencesOf({ metadata, spec }: KubeObject, resource: string): string[] {
  const volumes: Json[] = (spec?.volumes ?? []).flatMap((volume: Json) => [
    volume,
    ...(volume.projected?.sources ?? []),
  ]);
  const names: unknown[] = [];
  if (resource === 'persistentvolumeclaims')
    for (const { name, persistentVolumeClaim, ephemeral } of volumes)
      names.push(persistentVolumeClaim?.claimName, ephemeral === undefined ? undefined : `${metadata.name}-${name}`);
  else {
    const secret = resource === 'secrets';
    for (const volume of volumes)
      if (secret) names.push(volume.secret?.secretName, volume.secret?.name);
      else names.push(volume.configMap?.name);
    if (secret) names.push(...(spec?.imagePullSecrets ?? []).map((each: Json) => each.name));
    const containers: Json[] = [
      ...(spec?.initContainers ?? []),
      ...(spec?.containers ?? []),
      ...(spec?.ephemeralContainers ?? []),
    ];
    for (const { envFrom = [], env = [] } of containers) {
      for (const from of envFrom as Json[]) names.push((secret ? from.secretRef : from.configMapRef)?.name);
      for (const { valueFrom } of env as Json[])
        names.push((secret ? valueFrom?.secretKeyRef : valueFrom?.configMapKeyRef)?.name);
    }
  }
  return names.filter((name) => typeof name === 'string');
}
