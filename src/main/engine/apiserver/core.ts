/** What the parts of one server share: the kinds, the store, admission, the clock. Passed around, never global. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import type { Auditor } from './audit/auditor.ts';
import type { TokenAuthenticator } from './auth/authenticate.ts';
import type { Authorizer } from './auth/authorize.ts';
import type { ServiceAccountTokens } from './auth/tokens.ts';
import type { ObjectProxy, PodBackend } from './backend.ts';
import type { Chance } from './chance.ts';
import { type CustomSchema, prune } from './crd/structural.ts';
import { cloneJson } from './json.ts';
import { convert } from './kinds/convert.ts';
import type { MutableKindRegistry } from './kinds/index.ts';
import type { Metrics } from './request/metrics.ts';
import type { Collection } from './storage/collection.ts';
import type { ObjectStore } from './storage/store.ts';
import type { Stored } from './storage/stored.ts';
import type { AdmissionPlugin, KindDefinition, UserInfo } from './types.ts';

export interface Core {
  name: string;
  /** The server's clock, ms since the epoch; not this machine's where clock skew is staged. */
  now(): number;
  /** What nobody decides. */
  chance: Chance;
  /** gitVersion of /version. */
  version: string;
  registry: MutableKindRegistry;
  store: ObjectStore;
  admission: AdmissionPlugin[];
  authorizer: Authorizer;
  tokens: ServiceAccountTokens;
  /** Tokens that name a user without being a service account's. */
  fixedTokens: readonly TokenAuthenticator[];
  metrics: Metrics;
  /** The server has been asked to end. */
  ending: boolean;
  /** What runs pods; null: nothing does. */
  pods: PodBackend | null;
  /** What passes on requests behind objects, by `group/resource`. */
  proxies: ReadonlyMap<string, ObjectProxy>;
  /** Null: nothing is written down. */
  auditor: Auditor | null;
  /** Reports what nobody waits for. */
  onError(error: unknown, where: string): void;
}

/** Who writes on behalf of the server itself. */
export const SYSTEM_USER: UserInfo = {
  username: 'system:apiserver',
  groups: ['system:masters', 'system:authenticated'],
};

/** All versions of a kind share one collection; events live in one whichever group they are asked through. */
export function collectionOf(
  core: Core,
  kind: Pick<KindDefinition, 'group' | 'resource'> & Partial<Pick<KindDefinition, 'custom'>>,
): Collection {
  const group = kind.group === 'events.k8s.io' ? '' : kind.group;
  // Of custom resources nothing is known from before their definition.
  return core.store.collection(`${group}/${kind.resource}`, kind.custom !== undefined);
}

/** Some version of the kind that a collection holds; undefined when it is no longer served. */
export function kindOfCollection(core: Core, id: string): KindDefinition | undefined {
  const slash = id.lastIndexOf('/');
  const group = id.slice(0, slash);
  const resource = id.slice(slash + 1);
  return core.registry.all().find((kind) => kind.group === group && kind.resource === resource);
}

export function keyOf(kind: Pick<KindDefinition, 'namespaced'>, namespace: string, name: string): string {
  return kind.namespaced ? `${namespace}/${name}` : name;
}

/** The object under the version that was asked for; the same object when it is stored so. */
export function inVersion(kind: KindDefinition, object: KubeObject): KubeObject {
  const apiVersion = apiVersionOf(kind);
  const same = object.apiVersion === apiVersion && object.kind === kind.kind;
  const { custom } = kind;
  if (custom === undefined) return same ? object : convert(object, apiVersion);
  const outdated = custom.conversion === null && Number(object.metadata.resourceVersion ?? custom.since) < custom.since;
  if (same && !outdated) return object;
  const converted = cloneJson(object);
  if (outdated) custom.inVersion(versionOf(object))?.defaults?.(converted);
  converted.kind = kind.kind;
  converted.apiVersion = apiVersion;
  if (!same) prune(converted, custom.structuralSchema as CustomSchema);
  return converted;
}

function versionOf({ apiVersion = '' }: KubeObject): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

/** Whether what is stored is what storing the same object again would store. */
export function isCurrent({ group, custom }: KindDefinition, { object, revision }: Stored): boolean {
  return (
    custom === undefined || (object.apiVersion === `${group}/${custom.storageVersion}` && revision >= custom.since)
  );
}

/** meta/v1 Time: whole seconds. */
/** Places of kinds in etcd that are not called after their resource. */
const PLACES: Readonly<Record<string, string>> = {
  endpoints: 'services/endpoints',
  ingresses: 'ingress',
  nodes: 'minions',
  replicationcontrollers: 'controllers',
  services: 'services/specs',
};
const OWN_PLACES = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/** Where the real server keeps an object, which some of its refusals name; without what all places begin with. */
export function placeInStore(kind: KindDefinition, namespace: string, name: string): string {
  const { group, resource, custom } = kind;
  const own = custom !== undefined || OWN_PLACES.has(group);
  return `/${own ? `${group}/${resource}` : (PLACES[resource] ?? resource)}/${keyOf(kind, namespace, name)}`;
}

export function timestamp(at: number = Date.now()): string {
  const second = Math.floor(at / 1000);
  // Writes come in hundreds within one second.
  if (second !== lastSecond) {
    lastTimestamp = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
    lastSecond = second;
  }
  return lastTimestamp;
}

let lastSecond = Number.NaN;
let lastTimestamp = '';
