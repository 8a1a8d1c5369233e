/**
 * Claims to devices that others use, as monitoring needs them: only in namespaces that an administrator has labelled.
 * Source: KEP-5018. The real server judges it together with the claim, so the causes are told together here, too.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { forbiddenField } from '../kinds/validation/field.ts';
import { invalid } from '../status.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { AdmissionPlugin } from '../types.ts';

const LABEL = 'resource.kubernetes.io/admin-access';
const TEXT = `admin access to devices requires the \`${LABEL}: true\` label on the containing namespace`;

export function adminAccess(store: ObjectStore): AdmissionPlugin {
  const namespaces = store.collection('/namespaces');
  return {
    name: 'ResourceClaimAdminAccess',
    matches: (kind, operation, subresource) =>
      kind.group === 'resource.k8s.io' &&
      (kind.resource === 'resourceclaimtemplates' || kind.resource === 'resourceclaims') &&
      (operation === 'CREATE' ? subresource === '' : operation === 'UPDATE' && subresource === 'status'),
    mutate: ({ kind, namespace, name, object, old, subresource }) => {
      if (object === null) return;
      const at = subresource === 'status' ? grantedAt(object, old) : requestedAt(object);
      if (at === null || namespaces.latest(namespace)?.object.metadata.labels?.[LABEL] === 'true') return;
      throw invalid(kind, name, [forbiddenField(at, TEXT), ...(kind.validate?.(object, old, subresource) ?? [])]);
    },
  };
}

/** The path is that of a claim, in templates too, and without the kind of the request, as the server says it. */
function requestedAt({ spec }: KubeObject): string | null {
  const requests: Json[] = (spec?.spec ?? spec)?.devices?.requests ?? [];
  const index = requests.findIndex((request) => request?.exactly?.adminAccess === true);
  return index < 0 ? null : `spec.devices.requests[${index}].adminAccess`;
}

/** What was granted once stays. */
function grantedAt(object: KubeObject, old: KubeObject | null): string | null {
  const granted = (of: KubeObject | null): number =>
    ((of?.status?.allocation?.devices?.results ?? []) as Json[]).findIndex((each) => each?.adminAccess === true);
  const index = granted(object);
  return index < 0 || granted(old) >= 0 ? null : `status.allocation.devices.results[${index}].adminAccess`;
}
