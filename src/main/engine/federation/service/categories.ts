/** In which part of the console a kind is shown. Pure. */
import type { FederatedCategory } from '#shared/federated-categories.ts';

const WORKLOADS = new Set(['apps', 'batch']);
const NETWORK_GROUPS = new Set(['networking.k8s.io', 'discovery.k8s.io', 'gateway.networking.k8s.io']);
const CONFIGURATION = new Set(['ConfigMap', 'Secret', 'ServiceAccount', 'LimitRange', 'ResourceQuota']);
const CONFIGURATION_GROUPS = new Set([
  'rbac.authorization.k8s.io',
  'policy',
  'autoscaling',
  'scheduling.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
]);

export function categoryOf(apiVersion: string, kind: string): FederatedCategory {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  if (group === '') {
    if (kind === 'Namespace') return 'namespaces';
    if (kind === 'Service' || kind === 'Endpoints') return 'network';
    if (kind === 'PersistentVolume' || kind === 'PersistentVolumeClaim') return 'storage';
    if (CONFIGURATION.has(kind)) return 'configuration';
    return 'workloads';
  }
  if (WORKLOADS.has(group)) return 'workloads';
  if (NETWORK_GROUPS.has(group)) return 'network';
  if (group === 'storage.k8s.io') return 'storage';
  return CONFIGURATION_GROUPS.has(group) ? 'configuration' : 'custom';
}
