/** AdmissionReview: the question as it is sent, the answer as it has to be. Source: API reference, admission.k8s.io/v1. */

import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { ApiError } from '../../../kube/index.ts';
import { inVersion } from '../../core.ts';
import { goTypeOf, isRecord, jsonProblem } from '../../json.ts';
import { canonicalValue } from '../../openapi/typed.ts';
import { internalError, refuse, type StatusDetails } from '../../status.ts';
import type { ObjectStore } from '../../storage/store.ts';
import type { AdmissionRequest, KindDefinition } from '../../types.ts';
import { objectIn } from '../../versions.ts';

const GROUP = 'admission.k8s.io';
const SUPPORTED = ['v1', 'v1beta1'];

export interface ReviewVerdict {
  allowed: boolean;
  /** JSON patch; null: nothing to change. */
  patch: unknown[] | null;
  warnings: string[];
  auditAnnotations: Record<string, string>;
  status: Record<string, unknown>;
}

/** The first version both sides know; null when there is none. */
export function reviewVersion(wanted: readonly string[]): string | null {
  return wanted.find((version) => SUPPORTED.includes(version)) ?? null;
}

/** `kind` is the version the webhook wants, the objects are in it already. */
export function reviewOf(
  version: string,
  uid: string,
  request: AdmissionRequest,
  kind: KindDefinition,
  objects: { object: KubeObject | null; old: KubeObject | null },
): Record<string, unknown> {
  return {
    kind: 'AdmissionReview',
    apiVersion: `${GROUP}/${version}`,
    request: { uid, ...requestOf(request, kind), object: objects.object, oldObject: objects.old },
  };
}

/** An object of the request in the version in which the webhook wants to see it. */
export async function shownAs(
  store: ObjectStore,
  kind: KindDefinition,
  { objectKind, operation }: AdmissionRequest,
  object: KubeObject,
): Promise<KubeObject> {
  // What a connection is asked for with has no metadata.
  if (operation === 'CONNECT') return { ...object, metadata: undefined } as unknown as KubeObject;
  return objectKind === undefined ? inVersion(kind, await objectIn(store, kind, object)) : object;
}

/** What is said of a request besides its objects. */
export function requestOf(request: AdmissionRequest, kind: KindDefinition): Record<string, unknown> {
  const { operation, subresource, namespace, name, user, dryRun } = request;
  // A namespace is in itself.
  const isNamespace = request.kind.group === '' && request.kind.resource === 'namespaces';
  const home = isNamespace ? name : namespace;
  const kindOf = (each: KindDefinition) => {
    const { group, version, kind: name } = request.objectKind ?? each;
    return { group, version, kind: name };
  };
  const resourceOf = (each: KindDefinition) => ({ group: each.group, version: each.version, resource: each.resource });
  return {
    kind: kindOf(kind),
    resource: resourceOf(kind),
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: kindOf(request.kind),
    requestResource: resourceOf(request.kind),
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(home === '' ? {} : { namespace: home }),
    operation,
    userInfo: user,
    dryRun,
    options: optionsOf(request),
  };
}

function optionsOf({ operation, dryRun, options }: AdmissionRequest): Record<string, unknown> | null {
  if (operation === 'CONNECT') return null;
  const kind = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' }[operation];
  return {
    kind,
    apiVersion: 'meta.k8s.io/v1',
    ...(options ?? (dryRun ? { dryRun: ['All'] } : {})),
  };
}

/**
 * Reads an answer as the real server's decoder does: what it does not say of itself is taken to be what was asked for.
 * Throws an Error that says what is wrong with it.
 */
export function verdictOf(answer: unknown, version: string, uid: string, mutating: boolean): ReviewVerdict {
  const { apiVersion, kind } = namesOf(answer);
  const response = responseOf(answer, version);
  if (response === null) throw unfit('webhook response was absent');
  if (version === 'v1') {
    if (response.uid !== uid) throw unfit(`expected response.uid="${uid}", got "${response.uid ?? ''}"`);
    const expected = `${GROUP}/v1, Kind=AdmissionReview`;
    const given = `${apiVersion === '' ? '/' : apiVersion}, Kind=${kind}`;
    if (given !== expected) throw unfit(`expected webhook response of ${expected}, got ${given}`);
    checkPatchType(response, mutating);
  }
  return {
    allowed: response.allowed === true,
    patch: mutating && response.patch ? patchOf(response.patch) : null,
    warnings: response.warnings ?? [],
    auditAnnotations: response.auditAnnotations ?? {},
    status: response.status ?? {},
  };
}

function namesOf(answer: unknown): { apiVersion: string; kind: string } {
  const { apiVersion, kind } = isRecord(answer) ? answer : {};
  return { apiVersion: String(apiVersion ?? ''), kind: String(kind ?? '') };
}

/** The response in canonical form; null: there is none. */
function responseOf(answer: unknown, version: string): Json | null {
  const asked = `${GROUP}/${version}`;
  const { apiVersion, kind } = namesOf(answer);
  const said = apiVersion === '' ? asked : apiVersion;
  const known = SUPPORTED.some((each) => said === `${GROUP}/${each}`);
  if (!known || (kind !== '' && kind !== 'AdmissionReview'))
    throw uncalled(
      `no kind "${kind === '' ? 'AdmissionReview' : kind}" is registered for version "${said}" in scheme "pkg/runtime/scheme.go:110"`,
    );
  let review: Json;
  try {
    review = canonicalValue('admission.AdmissionReview', answer ?? {});
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw uncalled(error.message);
  }
  if (said !== asked) {
    const other = said.slice(GROUP.length + 1);
    throw uncalled(`converting (${other}.AdmissionReview) to (${version}.AdmissionReview): unknown conversion`);
  }
  return review.response ?? null;
}

/** In v1beta1 there was one type of patches, whatever an answer called it. */
function checkPatchType({ patch = '', patchType }: Json, mutating: boolean): void {
  if (!mutating) {
    if (patch !== '') throw unfit('validating webhook may not return response.patch');
    if (patchType !== undefined) throw unfit('validating webhook may not return response.patchType');
    return;
  }
  if (patch !== '' && patchType === undefined)
    throw unfit('webhook returned response.patch but not response.patchType');
  if (patch === '' && patchType !== undefined)
    throw unfit('webhook returned response.patchType but not response.patch');
  if (patchType === '') throw unfit('webhook returned invalid response.patchType of ""');
  if (patchType !== undefined && patchType !== 'JSONPatch') throw new Error(`unsupported patch type "${patchType}"`);
}

function uncalled(problem: string): Error {
  return new Error(`failed to call webhook: ${problem}`);
}

function unfit(problem: string): Error {
  return new Error(`received invalid webhook response: ${problem}`);
}

/** Null: nothing to change. */
function patchOf(encoded: string): unknown[] | null {
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  let patch: unknown;
  try {
    patch = JSON.parse(text);
  } catch (error) {
    throw undecodable(jsonProblem(text, error));
  }
  if (patch === null) return null;
  if (!Array.isArray(patch))
    throw undecodable(`json: cannot unmarshal ${goTypeOf(patch)} into Go value of type jsonpatch.Patch`);
  const odd = patch.find((operation) => operation !== null && !isRecord(operation));
  if (odd !== undefined)
    throw undecodable(`json: cannot unmarshal ${goTypeOf(odd)} into Go value of type jsonpatch.Operation`);
  return patch.length === 0 ? null : patch;
}

function undecodable(problem: string): Error {
  return new Error(`received undecodable patch in webhook response: ${problem}`);
}

/** The refusal a client sees: what the webhook says, behind its name. */
export function denial(hook: string, status: Record<string, unknown>): ApiError {
  const code = typeof status.code === 'number' && status.code >= 400 ? status.code : 400;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const why = text(status.message) || text(status.reason);
  const start = `admission webhook "${hook}" denied the request`;
  const message = why === '' ? `${start} without explanation` : `${start}: ${why}`;
  const details = isRecord(status.details) ? (status.details as StatusDetails) : undefined;
  const error = refuse(code, text(status.reason), message, details);
  // What else a webhook says of its refusal is passed on.
  if (isRecord(status.metadata) && error.body !== null) error.body.metadata = status.metadata;
  return error;
}

/** What a client sees when a webhook that must be asked cannot be. */
export function callFailure(hook: string, problem: string): ApiError {
  return internalError(`failed calling webhook "${hook}": ${problem}`);
}

export function dryRunRefusal(hook: string): ApiError {
  return refuse(400, 'BadRequest', `admission webhook "${hook}" does not support dry run`);
}
