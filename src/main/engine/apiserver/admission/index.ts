/**
 * The admission chain, in the order of kube-apiserver. Source: Kubernetes documentation, "Admission Controllers", plugins on
 * by default. NamespaceLifecycle is part of the verbs.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { Authorizer } from '../auth/authorize.ts';
import { SERVICE_RANGE } from '../bootstrap/index.ts';
import type { Chance } from '../chance.ts';
import { type ServiceStock, serviceAllocator } from '../kinds/core/allocate.ts';
import { isServerMade } from '../kinds/core/service-ranges.ts';
import type { Collection } from '../storage/collection.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { AdmissionPlugin, KindRegistry } from '../types.ts';
import { adminAccess } from './admin-access.ts';
import { certificatePlugins, keptCertificateRequests } from './certificates.ts';
import {
  claimResize,
  defaultIngressClass,
  defaultStorageClass,
  storageProtection,
  taintNodes,
  topologyLabels,
} from './defaults.ts';
import { limitRanger } from './limit-ranger.ts';
import { mutatingAdmission } from './mutators.ts';
import { nodeRestriction } from './node-restriction.ts';
import { podResizeValidator } from './pod-resize.ts';
import { type PodSecurityExemptions, podSecurity } from './pod-security/plugin.ts';
import { defaultTolerations, serviceAccount } from './pods.ts';
import { mutatingPolicies } from './policies/mutating.ts';
import { validatingPolicies } from './policies/validating.ts';
import { priority } from './priority.ts';
import { resourceQuota } from './quota/plugin.ts';
import { roleEscalation } from './role-escalation.ts';
import { runtimeClass } from './runtime-class.ts';
import { webhookPlugins } from './webhooks/plugin.ts';

/** Plugins that look again at what policies and webhooks have made of a pod. */
const REINVOKED = new Set(['LimitRanger', 'ServiceAccount', 'Priority', 'DefaultTolerationSeconds', 'RuntimeClass']);

/** What can be left out, by the names of kube-apiserver. The life cycle of namespaces is no plugin here. */
export const PLUGIN_NAMES = [
  'CertificateApproval',
  'CertificateSigning',
  'CertificateSubjectRestriction',
  'DefaultIngressClass',
  'DefaultStorageClass',
  'DefaultTolerationSeconds',
  'LimitRanger',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionWebhook',
  'NodeRestriction',
  'PersistentVolumeClaimResize',
  'PodResizeValidator',
  'PodSecurity',
  'PodTopologyLabels',
  'Priority',
  'ResourceQuota',
  'RuntimeClass',
  'ServiceAccount',
  'StorageObjectInUseProtection',
  'TaintNodesByCondition',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionWebhook',
] as const;

/** What of a choice names no plugin. */
export function unknownPlugins(names: readonly string[]): string[] {
  return names.filter((name) => !(PLUGIN_NAMES as readonly string[]).includes(name));
}

export interface AdmissionOptions {
  store: ObjectStore;
  authorizer: Authorizer;
  chance: Chance;
  /** Names of plugins to leave out. */
  disabled: readonly string[];
  podSecurityExemptions?: PodSecurityExemptions | undefined;
  /** Run after the defaults and before quotas are charged. */
  more: readonly AdmissionPlugin[];
  registry: KindRegistry;
  onError(error: unknown, where: string): void;
}

export function admissionChain(options: AdmissionOptions): AdmissionPlugin[] {
  const { store, authorizer, chance, disabled, more, registry, onError } = options;
  const defaults = [
    limitRanger(store),
    serviceAccount(store, chance),
    ...nodeRestriction(store, authorizer),
    taintNodes,
    podSecurity(store, options.podSecurityExemptions),
    priority(store),
    defaultTolerations,
    defaultStorageClass(store),
    storageProtection,
    claimResize(store),
    runtimeClass(store),
    podResizeValidator(store),
    ...certificatePlugins(authorizer),
    defaultIngressClass(store),
    topologyLabels(store),
    roleEscalation(store, authorizer),
  ];
  // Parts of storing an object rather than of admission: what changes it before sees it as it was sent.
  const storing = [keptCertificateRequests, serviceAllocator(serviceStock(store), chance)];
  const on = (plugin: AdmissionPlugin) => !disabled.includes(plugin.name);
  const again = defaults.filter((plugin) => on(plugin) && REINVOKED.has(plugin.name));
  const judged = { store, registry, authorizer };
  const webhooks = webhookPlugins(judged);
  const mutators = [mutatingPolicies(judged), webhooks.mutating].filter(({ name }) => !disabled.includes(name));
  const mutating = mutatingAdmission(mutators, async (request) => {
    for (const plugin of again)
      if (plugin.matches(request.kind, request.operation, request.subresource)) await plugin.mutate?.(request);
  });
  const judges = [validatingPolicies(judged), webhooks.validating, resourceQuota(store, onError)];
  return [...defaults, ...more, mutating, ...storing, adminAccess(store), ...judges].filter(on);
}

function isFirst({ metadata }: KubeObject): boolean {
  return metadata.name === SERVICE_RANGE;
}

function serviceStock(store: ObjectStore): ServiceStock {
  const services = store.collection('/services');
  const ranges = store.collection('networking.k8s.io/servicecidrs');
  const addresses = store.collection('networking.k8s.io/ipaddresses');
  return {
    services: () => newest(services),
    // The first one before all others, as up to 1.33; since then the real server takes any.
    ranges: () => [...newest(ranges)].sort((a, b) => Number(isFirst(b)) - Number(isFirst(a))),
    // What the server made for a service that is gone is no hindrance.
    reserved: (address) => {
      const stored = addresses.latest(address);
      return stored !== undefined && !isServerMade(stored.object);
    },
  };
}

/** What is stored, with what is about to be. */
function* newest(collection: Collection): Iterable<KubeObject> {
  for (const key of collection.items.keys()) {
    const stored = collection.latest(key);
    if (stored !== undefined) yield stored.object;
  }
  for (const [key, { type, current }] of collection.pending)
    if (type !== 'DELETED' && !collection.items.has(key)) yield current.object;
}
