/** What the expressions of policies see of a request. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { Authorizer } from '../../auth/authorize.ts';
import type { AdmissionValues } from '../../cel/admission.ts';
import { fromJson } from '../../cel/json.ts';
import { inVersion } from '../../core.ts';
import type { ObjectStore } from '../../storage/store.ts';
import type { AdmissionRequest, KindDefinition, KindRegistry } from '../../types.ts';
import { authorizerValues } from '../judge.ts';
import { requestOf } from '../webhooks/review.ts';

export interface PolicyOptions {
  store: ObjectStore;
  registry: KindRegistry;
  authorizer: Authorizer;
}

const POLICIES = /^(validating|mutating)admissionpolic(ies|ybindings)$/;

/** Policies are never asked about policies: a broken one must not keep anybody from repairing it. */
export function isPolicy({ group, resource }: Pick<KindDefinition, 'group' | 'resource'>): boolean {
  return group === 'admissionregistration.k8s.io' && POLICIES.test(resource);
}

/** `kind` is the version in which the policy sees the objects. */
export function valuesOf(
  { authorizer }: PolicyOptions,
  request: AdmissionRequest,
  kind: KindDefinition,
  params: KubeObject | null,
  namespaceOf: (name: string) => KubeObject | undefined,
): AdmissionValues {
  const shown = (object: KubeObject | null) =>
    object === null ? null : fromJson(request.objectKind === undefined ? inVersion(kind, object) : object);
  const isNamespace = request.kind.group === '' && request.kind.resource === 'namespaces';
  const home = isNamespace || request.namespace === '' ? undefined : namespaceOf(request.namespace);
  return {
    object: shown(request.object),
    oldObject: shown(request.old),
    namespaceObject: home === undefined ? null : fromJson(namespaceShown(home)),
    request: fromJson(requestOf(request, kind)),
    params: params === null ? null : fromJson(params),
    ...authorizerValues(authorizer, request),
  };
}

/** Without what no expression may depend on. */
function namespaceShown({ metadata, spec, status }: KubeObject): unknown {
  const { managedFields: _fields, ownerReferences: _owners, ...rest } = metadata;
  return { metadata: rest, spec, status };
}
