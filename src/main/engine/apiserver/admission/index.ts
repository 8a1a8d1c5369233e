/**
 * The admission chain, in the order of kube-apiserver. Source: Kubernetes documentation, "Admission Controllers", plugins on
 * by default. NamespaceLifecycle is part of the verbs; ValidatingAdmissionPolicy and MutatingAdmissionPolicy are stored only.
 */
import type { Authorizer } from '../auth/authorize.ts';
import { serviceAllocator } from '../kinds/core/allocate.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { AdmissionPlugin } from '../types.ts';
import { certificatePlugins } from './certificates.ts';
import { claimResize, defaultIngressClass, defaultStorageClass, storageProtection, taintNodes } from './defaults.ts';
import { limitRanger } from './limit-ranger.ts';
import { type PodSecurityExemptions, podSecurity } from './pod-security/plugin.ts';
import { defaultTolerations, serviceAccount } from './pods.ts';
import { priority } from './priority.ts';
import { resourceQuota } from './quota/plugin.ts';
import { roleEscalation } from './role-escalation.ts';
import { runtimeClass } from './runtime-class.ts';

export interface AdmissionOptions {
  store: ObjectStore;
  authorizer: Authorizer;
  /** Names of plugins to leave out. */
  disabled: readonly string[];
  podSecurityExemptions?: PodSecurityExemptions | undefined;
  /** Run after the defaults and before quotas are charged. */
  more: readonly AdmissionPlugin[];
  onError(error: unknown, where: string): void;
}

export function admissionChain(options: AdmissionOptions): AdmissionPlugin[] {
  const { store, authorizer, disabled, more, onError } = options;
  const services = store.collection('/services');
  const defaults = [
    limitRanger(store),
    serviceAccount(store),
    taintNodes,
    podSecurity(store, options.podSecurityExemptions),
    priority(store),
    defaultTolerations,
    defaultStorageClass(store),
    storageProtection,
    claimResize(store),
    runtimeClass(store),
    ...certificatePlugins(authorizer),
    defaultIngressClass(store),
    serviceAllocator(function* () {
      for (const { object } of services.items.values()) yield object;
    }),
    roleEscalation(store, authorizer),
  ];
  return [...defaults, ...more, resourceQuota(store, onError)].filter((plugin) => !disabled.includes(plugin.name));
}
