/** Address of the page that explains one workload. */
import type { FederatedObjectName } from '#shared/contract/federation-decisions.ts';
import { formatRoute, type Route } from '../../../app/router.ts';

export function whyRoute(federationId: string, { apiVersion, kind, namespace, name }: FederatedObjectName): string {
  return formatRoute(['federations', federationId, 'why'], { apiVersion, kind, namespace, name });
}

export function whyObject({ query }: Route): FederatedObjectName | null {
  const { apiVersion = '', kind = '', namespace = '', name = '' } = query;
  return apiVersion === '' || kind === '' || name === '' ? null : { apiVersion, kind, namespace, name };
}
