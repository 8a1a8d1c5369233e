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
const RULES = NODE_RULES.map(parseRule);

export class NodeAuthorizer implements Authorizer {
  readonly #store: ObjectStore;
  readonly #next: Authorizer;

  constructor(store: ObjectStore, next: Authorizer) {
    this.#store = store;
    this.#next = next;
  }

  decide(user: UserInfo, access: AccessAttributes): AccessDecision {
    if (!user.username.startsWith(USER) || !user.groups.includes(GROUP)) return this.#next.decide(user, access);
    const refusal = this.#refusal(user.username.slice(USER.length), access);
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
      case '/serviceaccounts/token':
        return this.#podsOn(node, namespace).some((pod) => pod.spec?.serviceAccountName === name)
          ? null
          : unrelated(node);
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

/** Whether the kubelet needs the object to run the pod. */
export function refersTo({ metadata, spec }: KubeObject, resource: string, name: string): boolean {
  const volumes: Json[] = (spec?.volumes ?? []).flatMap((volume: Json) => [
    volume,
    ...(volume.projected?.sources ?? []),
  ]);
  if (resource === 'persistentvolumeclaims')
    return volumes.some(
      (volume) =>
        volume.persistentVolumeClaim?.claimName === name ||
        (volume.ephemeral !== undefined && `${metadata.name}-${volume.name}` === name),
    );
  const containers: Json[] = [
    ...(spec?.initContainers ?? []),
    ...(spec?.containers ?? []),
    ...(spec?.ephemeralContainers ?? []),
  ];
  const secret = resource === 'secrets';
  return (
    volumes.some((volume) =>
      secret ? volume.secret?.secretName === name || volume.secret?.name === name : volume.configMap?.name === name,
    ) ||
    (secret && (spec?.imagePullSecrets ?? []).some((each: Json) => each.name === name)) ||
    containers.some(
      (container) =>
        (container.envFrom ?? []).some((from: Json) => (secret ? from.secretRef : from.configMapRef)?.name === name) ||
        (container.env ?? []).some(
          ({ valueFrom }: Json) => (secret ? valueFrom?.secretKeyRef : valueFrom?.configMapKeyRef)?.name === name,
        ),
    )
  );
}
