/** Kinds of API groups that the host serves, and the APIService that says so. Source: apiregistration.k8s.io/v1. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { AggregatedApi } from '../backend.ts';
import { AGGREGATED_PRIORITY, available } from '../bootstrap/api-services.ts';
import { age } from '../table/cells.ts';
import type { KindDefinition } from '../types.ts';

export function aggregatedKinds(api: AggregatedApi): KindDefinition[] {
  return api.resources.map((resource) => ({
    group: api.group,
    version: api.version,
    resource: resource.resource,
    singular: resource.singular,
    kind: resource.kind,
    listKind: `${resource.kind}List`,
    namespaced: resource.namespaced,
    verbs: ['get', 'list'],
    shortNames: resource.shortNames ?? [],
    categories: [],
    subresources: [],
    generation: 'none',
    hasStatus: false,
    columns: [...(resource.columns ?? []), age],
    aggregated: resource,
  }));
}

/** `now`: RFC 3339. */
export function apiServiceOf({ group, version, service }: AggregatedApi, now: string): KubeObject {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `${version}.${group}` },
    spec: {
      group,
      version,
      service: { ...service, port: 443 },
      insecureSkipTLSVerify: true,
      groupPriorityMinimum: AGGREGATED_PRIORITY,
      versionPriority: 100,
    },
    status: { conditions: [available(now, 'Passed', 'all checks passed')] },
  };
}
