/**
 * Nodes: an identity `system:node:NAME` in the group `system:nodes` may do what a kubelet needs, and of secrets, config maps,
 * claims, volumes and account tokens only what pods bound to it refer to; of pods and nodes only its own. Everything else is left to the authoriser behind.
 * Source: Kubernetes documentation, "Using Node Authorization".
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { fieldTerms } from '../selectors/fields.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { UserInfo } from '../types.ts';
import type { AccessAttributes, AccessDecision, ApplicableRules, Authorizer } from './authorize.ts';
import { NODE_RULES } from './presets/components.ts';
import { parseRule } from './presets/rules.ts';
import { covers } from './rbac.ts';

const USER = 'system:node:';
const GROUP = 'system:nodes';

/** The node that a user is; empty when it is one without a name, null when it is none. */
export function nodeOf({ username, groups }: UserInfo): string | null {
  return username.startsWith(USER) && groups.includes(GROUP) ? username.slice(USER.length) : null;
}

type Target = NonNullable<AccessAttributes['resource']>;

const READS = ['get', 'list', 'watch'];
/** What a node does with what is its own by name. */
const OWN_VERBS = ['get', 'create', 'update', 'patch', 'delete'];
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
    if (decision.allowed) return decision;
    return { allowed: false, reason: [refusal, decision.reason].filter((reason) => reason !== '').join('\n') };
  }

  rulesFor(user: UserInfo, namespace: string): ApplicableRules {
    return this.#next.rulesFor(user, namespace);
  }

  /** Null: the node may. */
  #refusal(node: string, access: AccessAttributes): string | null {
    const { verb, resource: target } = access;
    if (node === '') return `unknown node for user "${USER}"`;
    const subdivided = target && this.#subdivided(node, verb, target, access.fieldSelector ?? '');
    if (subdivided !== undefined) return subdivided;
    return RULES.some((rule) => covers(rule, access)) ? null : '';
  }

  /** Undefined: the rules of all nodes say it. */
  #subdivided(node: string, verb: string, target: Target, fieldSelector: string): string | null | undefined {
    const { group, resource, subresource, namespace, name } = target;
    const related = (isRelated: () => boolean): string | null => {
      if (name === '') return 'No Object name found';
      return isRelated() ? null : unrelated(node);
    };
    const readOne = (isRelated: () => boolean): string | null => {
      if (verb !== 'get') return 'can only get individual resources of this type';
      return subresource === '' ? related(isRelated) : 'cannot get subresource';
    };
    const readNamed = (isRelated: () => boolean): string | null => {
      if (!READS.includes(verb)) return 'can only read resources of this type';
      if (subresource !== '') return 'cannot read subresource';
      return namespace === '' ? 'can only read namespaced object of this type' : related(isRelated);
    };
    const isReferredTo = () => this.#podsOn(node, namespace).some((pod) => refersTo(pod, resource, name));
    switch (`${group}/${resource}`) {
      case '/secrets':
      case '/configmaps':
        return readNamed(isReferredTo);
      case '/persistentvolumeclaims':
        if (subresource !== 'status') return readOne(isReferredTo);
        return verb === 'update' || verb === 'patch' ? related(isReferredTo) : 'can only get/update/patch this type';
      case '/persistentvolumes':
        return readOne(() => this.#usesVolume(node, name));
      case 'resource.k8s.io/resourceclaims':
        return readOne(() => this.#podsOn(node, namespace).some((pod) => claimsOf(pod).includes(name)));
      case 'storage.k8s.io/volumeattachments':
        return readOne(() => this.#object('storage.k8s.io/volumeattachments', name)?.spec?.nodeName === node);
      case '/serviceaccounts': {
        const isUsed = () => this.#podsOn(node, namespace).some((pod) => pod.spec?.serviceAccountName === name);
        if (verb === 'get' && subresource === '') return readNamed(isUsed);
        if (verb !== 'create' || name === '') return 'can only create tokens for individual service accounts';
        if (subresource !== 'token') return 'can only create token subresource of serviceaccount';
        return isUsed() ? null : unrelated(node);
      }
      case 'coordination.k8s.io/leases':
        if (!OWN_VERBS.includes(verb)) return 'can only get, create, update, patch, or delete a node lease';
        if (namespace !== 'kube-node-lease') return `can only access leases in the "kube-node-lease" system namespace`;
        return name === node || verb === 'create'
          ? null
          : 'can only access node lease with the same name as the requesting node';
      case 'storage.k8s.io/csinodes':
        if (!OWN_VERBS.includes(verb)) return 'can only get, create, update, patch, or delete a CSINode';
        if (subresource !== '') return 'cannot authorize CSINode subresources';
        return name === node || verb === 'create'
          ? null
          : 'can only access CSINode with the same name as the requesting node';
      case 'resource.k8s.io/resourceslices':
        if (subresource !== '') return 'cannot authorize ResourceSlice subresources';
        if (verb === 'create') return null;
        if (OWN_VERBS.includes(verb))
          return related(() => this.#object('resource.k8s.io/resourceslices', name)?.spec?.nodeName === node);
        if (verb !== 'watch' && verb !== 'list' && verb !== 'deletecollection')
          return 'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection';
        return selects(fieldSelector, 'spec.nodeName', node)
          ? null
          : 'can only list/watch/deletecollection resourceslices with nodeName field selector';
      case '/nodes':
        if (subresource === 'status') return verb === 'update' || verb === 'patch' ? null : '';
        if (subresource !== '') return '';
        if (verb === 'create' || verb === 'update' || verb === 'patch') return null;
        if (!READS.includes(verb)) return '';
        if (name === node) return null;
        return name === ''
          ? `node '${node}' cannot read all nodes, only its own Node object`
          : `node '${node}' cannot read '${name}', only its own Node object`;
      case '/pods': {
        const isOwn = () => this.#object('/pods', `${namespace}/${name}`)?.spec?.nodeName === node;
        if (subresource === 'status') return verb === 'update' || verb === 'patch' ? null : '';
        if (subresource === 'eviction') return verb === 'create' ? null : '';
        if (subresource !== '') return '';
        if (verb === 'create' || verb === 'delete') return null;
        if (verb === 'get') return readOne(isOwn);
        if (verb !== 'list' && verb !== 'watch') return '';
        if (selects(fieldSelector, 'spec.nodeName', node)) return null;
        return name === '' ? 'can only list/watch pods with spec.nodeName field selector' : related(isOwn);
      }
      default:
        return undefined;
    }
  }

  #object(collection: string, key: string): KubeObject | undefined {
    return this.#store.collection(collection).items.get(key)?.object;
  }

  #podsOn(node: string, namespace: string): KubeObject[] {
    const pods = this.#store.collection('/pods');
    return pods
      .keys(`${namespace}/`)
      .map((key) => pods.items.get(key)!.object)
      .filter((pod) => pod.spec?.nodeName === node);
  }

  #usesVolume(node: string, name: string): boolean {
    const claim = this.#object('/persistentvolumes', name)?.spec?.claimRef;
    if (claim === undefined) return false;
    return this.#podsOn(node, claim.namespace).some((pod) => refersTo(pod, 'persistentvolumeclaims', claim.name));
  }
}

/** Whether only what has this value is asked for. */
function selects(selector: string, field: string, value: string): boolean {
  try {
    return fieldTerms(selector).some((term) => term.field === field && !term.differs && term.value === value);
  } catch {
    return false;
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
