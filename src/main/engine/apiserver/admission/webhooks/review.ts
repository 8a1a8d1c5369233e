/** AdmissionReview: the question as it is sent, the answer as it has to be. Source: API reference, admission.k8s.io/v1. */

import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { ApiError } from '../../../kube/index.ts';
import { inVersion } from '../../core.ts';
import { isRecord, jsonProblem } from '../../json.ts';
import type { PatchOperation } from '../../patch/json.ts';
import { internalError, refuse, type StatusDetails } from '../../status.ts';
import type { ObjectStore } from '../../storage/store.ts';
import type { AdmissionRequest, KindDefinition } from '../../types.ts';
import { objectIn } from '../../versions.ts';

const GROUP = 'admission.k8s.io';
const SUPPORTED = ['v1', 'v1beta1'];

export interface ReviewVerdict {
  allowed: boolean;
  /** JSON patch; null: nothing to change. */
  patch: PatchOperation[] | null;
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
    ...(namespace === '' ? {} : { namespace }),
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

/** Throws an Error that says what is wrong with the answer. */
export function verdictOf(answer: unknown, version: string, uid: string): ReviewVerdict {
  const { apiVersion = '', kind = '', response } = isRecord(answer) ? answer : {};
  const expected = `${GROUP}/${version}, Kind=AdmissionReview`;
  const given = `${String(apiVersion) === '' ? '/' : String(apiVersion)}, Kind=${String(kind)}`;
  const known = [`${GROUP}/v1, Kind=AdmissionReview`, `${GROUP}/v1beta1, Kind=AdmissionReview`];
  if (String(kind) !== '' && !known.includes(given))
    throw new Error(
      `failed to call webhook: no kind "${String(kind)}" is registered for version "${String(apiVersion)}" in scheme "pkg/runtime/scheme.go:110"`,
    );
  if (given !== expected) throw unfit(`expected webhook response of ${expected}, got ${given}`);
  if (!isRecord(response)) throw unfit('webhook response was absent');
  if (response.uid !== uid) throw unfit(`expected response.uid="${uid}", got "${String(response.uid ?? '')}"`);
  return {
    allowed: response.allowed === true,
    patch: patchOf(response),
    warnings: Array.isArray(response.warnings) ? response.warnings.map(String) : [],
    auditAnnotations: isRecord(response.auditAnnotations)
      ? Object.fromEntries(Object.entries(response.auditAnnotations).map(([key, value]) => [key, String(value)]))
      : {},
    status: isRecord(response.status) ? response.status : {},
  };
}

function unfit(problem: string): Error {
  return new Error(`received invalid webhook response: ${problem}`);
}

function patchOf(response: Record<string, unknown>): PatchOperation[] | null {
  const type = typeof response.patchType === 'string' ? response.patchType : '';
  if (response.patch === undefined || response.patch === null || response.patch === '') {
    if (type !== '') throw unfit('webhook returned response.patchType but not response.patch');
    return null;
  }
  if (type === '') throw unfit('webhook returned response.patch but not response.patchType');
  const text = Buffer.from(String(response.patch), 'base64').toString('utf8');
  let patch: unknown;
  try {
    patch = JSON.parse(text);
  } catch (error) {
    throw undecodable(jsonProblem(text, error));
  }
  if (!Array.isArray(patch)) {
    const got = typeof patch === 'boolean' ? 'bool' : typeof patch;
    throw undecodable(`json: cannot unmarshal ${got} into Go value of type jsonpatch.Patch`);
  }
  return patch as PatchOperation[];
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
  return refuse(code, text(status.reason), message, details);
}

/** What a client sees when a webhook that must be asked cannot be. */
export function callFailure(hook: string, problem: string): ApiError {
  return internalError(`failed calling webhook "${hook}": ${problem}`);
}

export function dryRunRefusal(hook: string): ApiError {
  return refuse(400, 'BadRequest', `admission webhook "${hook}" does not support dry run`);
}
