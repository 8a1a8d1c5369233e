/**
 * Objects that an API server makes by itself when it starts: what clients and operators' tools read of it before anybody
 * has created anything. Roles have their own place (auth/presets). Source: kube-apiserver's post-start hooks.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { KindDefinition } from '../types.ts';
import { localServices } from './api-services.ts';
import { flowSchemas, priorityLevels } from './flow-control.ts';

/** What aggregated servers need to trust the requests they get. Source: "Configure the Aggregation Layer". */
function authentication(caCertificate: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: { 'client-ca-file': caCertificate },
  };
}

/** Since when unused token secrets are noticed. Source: KEP-2799. */
function tokenTracking(now: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: 'kube-system' },
    data: { since: now.slice(0, 10) },
  };
}

function priorityClass(name: string, value: number, description: string): KubeObject {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name, generation: 1 },
    value,
    description,
    preemptionPolicy: 'PreemptLowerPriority',
  };
}

/** Clients compare these texts with those of other clusters, so they are the field's own. */
const CLUSTER_CRITICAL =
  'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.';
const NODE_CRITICAL = 'Used for system critical pods that must not be moved from their current node.';

/** Name of the ServiceCIDR that the server makes itself. */
export const SERVICE_RANGE = 'kubernetes';

/** The range that services have from the start, which comes back when somebody takes it away. */
export function serviceRange(now: string): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: SERVICE_RANGE },
    spec: { cidrs: ['10.96.0.0/16'] },
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          lastTransitionTime: now,
          reason: '',
          message: 'Kubernetes default Service CIDR is ready',
        },
      ],
    },
  };
}

/** Made when they are missing at a start, and then left to whoever changes them. */
export function startingObjects(now: string): KubeObject[] {
  return [
    tokenTracking(now),
    priorityClass('system-cluster-critical', 2_000_000_000, CLUSTER_CRITICAL),
    priorityClass('system-node-critical', 2_000_001_000, NODE_CRITICAL),
    serviceRange(now),
  ];
}

/** Kept as they are for as long as the server runs. */
export function keptObjects(caCertificate: string, kinds: readonly KindDefinition[], now: string): KubeObject[] {
  return [authentication(caCertificate), ...priorityLevels(), ...flowSchemas(now), ...localServices(kinds, now)];
}
