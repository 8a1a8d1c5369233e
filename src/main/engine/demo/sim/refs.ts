/** Addresses of every resource the simulation reads or writes. Source: Kubernetes API reference. */
import type { ResourceRef } from '#shared/kubernetes/types.ts';

const core = (resource: string): ResourceRef => ({ group: '', version: 'v1', resource });
const apps = (resource: string): ResourceRef => ({ group: 'apps', version: 'v1', resource });
const batch = (resource: string): ResourceRef => ({ group: 'batch', version: 'v1', resource });

export const PODS = core('pods');
export const NODES = core('nodes');
export const SERVICES = core('services');
export const ENDPOINTS = core('endpoints');
export const EVENTS = core('events');
export const NAMESPACES = core('namespaces');
export const CONFIG_MAPS = core('configmaps');
export const SECRETS = core('secrets');
export const SERVICE_ACCOUNTS = core('serviceaccounts');
export const REPLICATION_CONTROLLERS = core('replicationcontrollers');
export const VOLUME_CLAIMS = core('persistentvolumeclaims');
export const VOLUMES = core('persistentvolumes');
export const DEPLOYMENTS = apps('deployments');
export const REPLICA_SETS = apps('replicasets');
export const DAEMON_SETS = apps('daemonsets');
export const STATEFUL_SETS = apps('statefulsets');
export const CONTROLLER_REVISIONS = apps('controllerrevisions');
export const JOBS = batch('jobs');
export const CRON_JOBS = batch('cronjobs');
export const ENDPOINT_SLICES: ResourceRef = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' };
export const INGRESSES: ResourceRef = { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses' };
export const NETWORK_POLICIES: ResourceRef = { group: 'networking.k8s.io', version: 'v1', resource: 'networkpolicies' };
export const INGRESS_CLASSES: ResourceRef = { group: 'networking.k8s.io', version: 'v1', resource: 'ingressclasses' };
export const LEASES: ResourceRef = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };
export const VOLUME_ATTACHMENTS: ResourceRef = {
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'volumeattachments',
};
export const CSI_NODES: ResourceRef = { group: 'storage.k8s.io', version: 'v1', resource: 'csinodes' };
export const CSI_DRIVERS: ResourceRef = { group: 'storage.k8s.io', version: 'v1', resource: 'csidrivers' };
export const RESOURCE_CLAIMS: ResourceRef = { group: 'resource.k8s.io', version: 'v1', resource: 'resourceclaims' };
export const RESOURCE_CLAIM_TEMPLATES: ResourceRef = {
  group: 'resource.k8s.io',
  version: 'v1',
  resource: 'resourceclaimtemplates',
};
export const DEVICE_CLASSES: ResourceRef = { group: 'resource.k8s.io', version: 'v1', resource: 'deviceclasses' };
export const STORAGE_CLASSES: ResourceRef = { group: 'storage.k8s.io', version: 'v1', resource: 'storageclasses' };
export const VOLUME_ATTRIBUTES_CLASSES: ResourceRef = {
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'volumeattributesclasses',
};
export const AUTOSCALERS: ResourceRef = { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' };
export const DISRUPTION_BUDGETS: ResourceRef = { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets' };
export const TOKEN_REVIEWS: ResourceRef = { group: 'authentication.k8s.io', version: 'v1', resource: 'tokenreviews' };
