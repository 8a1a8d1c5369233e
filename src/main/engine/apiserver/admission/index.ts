/**
 * The admission chain every server has. Source: Kubernetes documentation, "Admission Controllers", plugins on by default.
 * Left out: LimitRanger, ResourceQuota, PodSecurity and the webhook plugins. NamespaceLifecycle is part of the verbs.
 */
import { serviceAllocator } from '../kinds/core/allocate.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { AdmissionPlugin } from '../types.ts';
import { defaultIngressClass, defaultStorageClass, storageProtection, taintNodes } from './defaults.ts';
import { defaultTolerations, priority, serviceAccount } from './pods.ts';

export function defaultAdmission(store: ObjectStore, disabled: readonly string[]): AdmissionPlugin[] {
  const services = store.collection('/services');
  const plugins = [
    serviceAccount(store),
    taintNodes,
    priority(store),
    defaultTolerations,
    defaultStorageClass(store),
    storageProtection,
    defaultIngressClass(store),
    serviceAllocator(function* () {
      for (const { object } of services.items.values()) yield object;
    }),
  ];
  return plugins.filter((plugin) => !disabled.includes(plugin.name));
}
