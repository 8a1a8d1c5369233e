/**
 * Refusals of the API server: ApiErrors that carry the Status body, with the texts clients know.
 * Source: API conventions, "Response Status Kind", and the field's error constructors (k8s.io/apimachinery api/errors).
 * Every function returns an error to throw; none throws.
 */

import type { KubeStatus } from '#shared/kubernetes/types.ts';
import { ApiError } from '../kube/index.ts';
import { goQuoted } from './go-quote.ts';
import type { FieldError, KindDefinition } from './types.ts';

export type StatusDetails = NonNullable<KubeStatus['details']>;
/** What a message needs to know of a kind; a KindDefinition fits. */
export type KindName = Pick<KindDefinition, 'group' | 'resource' | 'kind'>;

/** Any refusal. Without `reason` the Status has none, as the real server does for plain Go errors (code 500). */
export function refuse(status: number, reason: string, message: string, details?: StatusDetails): ApiError {
  const body: KubeStatus = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message };
  if (reason !== '') body.reason = reason;
  if (details !== undefined) body.details = details;
  body.code = status;
  return new ApiError(status, body, '');
}

/** `deployments.apps`, `pods`. */
export function qualifiedResource(kind: { group: string; resource: string }): string {
  return kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`;
}

/** `Deployment.apps`, `Pod`. */
export function qualifiedKind(kind: { group: string; kind: string }): string {
  return kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
}

/** Details that name the resource (plural) in `kind`, as everything but 422 does; empty parts are left out. */
export function resourceDetails(kind: { group: string; resource: string }, name = ''): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.resource,
  };
}

export function notFound(kind: KindName, name: string): ApiError {
  // The one resource that its storage names in the singular.
  if (kind.group === '' && kind.resource === 'componentstatuses')
    return notFound({ ...kind, resource: 'componentstatus' }, name);
  return refuse(404, 'NotFound', `${qualifiedResource(kind)} ${goQuoted(name)} not found`, resourceDetails(kind, name));
}

/** The path names nothing that is served. */
export function noSuchResource(): ApiError {
  return refuse(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(kind: KindName, name: string): ApiError {
  const text = `${qualifiedResource(kind)} ${goQuoted(name)} already exists`;
  return refuse(409, 'AlreadyExists', text, resourceDetails(kind, name));
}

/** The text every client retries on. */
export const MODIFIED_TEXT =
  'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(kind: KindName, name: string, text: string = MODIFIED_TEXT): ApiError {
  const message = `Operation cannot be fulfilled on ${qualifiedResource(kind)} ${goQuoted(name)}: ${text}`;
  return refuse(409, 'Conflict', message, resourceDetails(kind, name));
}

/**
 * 422 with one cause per error. One error stands alone in the message, several in brackets, repeated texts once.
 * `kind.kind` is what the message names: pass `{group: 'meta.k8s.io', kind: 'PatchOptions'}` for bad options.
 */
export function invalid(kind: { group: string; kind: string }, name: string, errors: readonly FieldError[]): ApiError {
  // Events of both groups are one kind, and that is the older one's.
  if (kind.group === 'events.k8s.io' && kind.kind === 'Event')
    return invalid({ group: '', kind: kind.kind }, name, errors);
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  const list = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  const details: StatusDetails = {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    causes: errors.map((error) => ({ reason: error.type, message: error.message, field: error.field })),
  };
  return refuse(422, 'Invalid', `${qualifiedKind(kind)} ${goQuoted(name)} is invalid: ${list}`, details);
}

export function badRequest(text: string): ApiError {
  return refuse(400, 'BadRequest', text);
}

/** Refused by admission or by a rule of the kind: `pods "p" is forbidden: <text>`. */
export function forbidden(kind: KindName, name: string, text: string): ApiError {
  const subject = name === '' ? qualifiedResource(kind) : `${qualifiedResource(kind)} ${goQuoted(name)}`;
  const message = kind.resource === '' ? `forbidden: ${text}` : `${subject} is forbidden: ${text}`;
  return refuse(403, 'Forbidden', message, resourceDetails(kind, name));
}

export function unauthorized(): ApiError {
  return refuse(401, 'Unauthorized', 'Unauthorized');
}

export function namespaceTerminating(kind: KindName, name: string, namespace: string): ApiError {
  const text = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const error = forbidden(kind, name, text);
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  return refuse(403, 'Forbidden', error.message, { ...error.body?.details, causes: [cause] });
}

export function methodNotAllowed(): ApiError {
  return refuse(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** What serves custom resources says it in other words. */
export function verbNotSupported({ group, resource }: KindName, verb: string): ApiError {
  const text = `${verb} is not supported on resources of kind "${resource}.${group}"`;
  return refuse(405, 'MethodNotAllowed', text, { group, kind: resource });
}

export function notAcceptable(accepted: readonly string[]): ApiError {
  return refuse(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  const text = 'the body of the request was in an unknown format - accepted media types include: ';
  return refuse(415, 'UnsupportedMediaType', text + accepted.join(', '));
}

/** A watch or continue token whose history is gone; the client lists again. */
export function expired(text: string): ApiError {
  return refuse(410, 'Expired', text);
}

export function gone(text: string): ApiError {
  return refuse(410, 'Gone', text);
}

export function timeout(text: string): ApiError {
  return refuse(504, 'Timeout', `Timeout: ${text}`);
}

export function tooManyRequests(text: string, details?: StatusDetails): ApiError {
  return refuse(429, 'TooManyRequests', text, details);
}

/** A failure of the server, or of what it has to ask. */
export function internalError(problem: string): ApiError {
  const details = { causes: [{ message: problem }] } as StatusDetails;
  return refuse(500, 'InternalError', `Internal error occurred: ${problem}`, details);
}

/** A failure the real server reports without a reason. */
export function internal(text: string): ApiError {
  return refuse(500, '', text);
}
