/** patch: json, merge, strategic merge, apply. */
import { ApiError } from '#engine/kube/index.ts';
import { apiVersionOf, type KubeObject } from '#shared/kubernetes/types.ts';
import { apply } from '../apply/apply.ts';
import { cloneJson, goTypeOf, isRecord, jsonProblem, parseJson, sortedJson, withoutMarkup } from '../json.ts';
import { conversionProblem, runOver } from '../openapi/conversion.ts';
import { sendsEmpty } from '../openapi/emptiness.ts';
import { messageOfSchema } from '../openapi/fields.ts';
import { mismatchOf } from '../openapi/mismatch.ts';
import { inDeclaredOrder } from '../openapi/shown.ts';
import { jsonPatch } from '../patch/json.ts';
import { mergePatch } from '../patch/merge.ts';
import { goValue, strategicPatch } from '../patch/strategic.ts';
import { mediaTypeOf, objectOf } from '../request/body.ts';
import { parseWriteOptions } from '../request/options.ts';
import { presentStored } from '../request/present.ts';
import type { ApiAnswer, ApiRequest } from '../request/types.ts';
import { patchStrategyOf } from '../schemas.ts';
import { badRequest, internal, refuse, unsupportedMediaType } from '../status.ts';
import type { KindDefinition } from '../types.ts';
import type { VerbContext } from './context.ts';
import { checkFields, type PatchedBody, refuseUndecodable, refuseUnreadAside, unturnedProblem } from './fields.ts';
import { changeObject, checkPlace } from './update.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
export const APPLY_PATCH = 'application/apply-patch+yaml';

/** `left` of a patch is what has not been followed; a strategic one is taken apart. */
export interface PatchFunction {
  (old: unknown): unknown;
  left?: unknown;
}

export async function patch(context: VerbContext): Promise<ApiAnswer> {
  const { kind, request, route } = context;
  if (mediaTypeOf(request) === APPLY_PATCH) return apply(context);
  refusePatchType(kind, request);
  const options = parseWriteOptions('PatchOptions', request.query, request.headers['user-agent']);
  context.patched?.();
  /** Read when the object is there: of one that is not, nothing else is said. */
  let compute: PatchFunction | undefined;
  let warnings: string[] = [];
  let sentEmpty = false;
  // What was decoded is told ahead of what came of it.
  const place = context.warnings.length;
  const stored = await changeObject({
    core: context.core,
    kind,
    namespace: route.namespace,
    name: route.name,
    subresource: route.subresource,
    user: context.user,
    options,
    notes: context,
    defaulted: true,
    patching: true,
    sharing: kind.custom === undefined,
    sentEmpty: () => sentEmpty,
    next: (old) => {
      warnings = [];
      compute ??= patchFunction(kind, request);
      const value = named(compute(old), kind, request);
      const settle = (value: unknown): KubeObject => {
        const read = objectOf({ value, text: null }, kind, route.subresource);
        // What a patch leaves alone is shared with the stored object. Built-in kinds are read into new objects below, as
        // far as something changed; the rest is not looked at again.
        const object = kind.custom === undefined ? read : cloneJson(read);
        // What cannot be decoded is said before what the object is called.
        const elsewhere = kind.namespaced && (object.metadata.namespace ?? route.namespace) !== route.namespace;
        if (object.metadata.name !== route.name || elsewhere) refuseUndecodable(kind, object);
        refuseUnreadAside(kind, object, route.subresource, old as KubeObject);
        const body = { value: object, text: null };
        checkFields(kind, object, body, options.fieldValidation, warnings, old as KubeObject, patched);
        checkPlace(object, route);
        sentEmpty = sendsEmpty(kind, object);
        kind.defaults?.(object, route.subresource, old as KubeObject);
        return object;
      };
      const patched = patchedBody(value, old, kind, request);
      const quoted = (error: unknown) => inPatch(error, kind, request, value, old, compute?.left);
      try {
        return settle(value);
      } catch (error) {
        const again = patched.text === null ? fitting(kind, value) : value;
        if (again === value) throw quoted(error);
        warnings = [];
        try {
          return settle(again);
        } catch (inAgain) {
          throw quoted(inAgain);
        }
      }
    },
  }).finally(() => context.warnings.splice(place, 0, ...warnings));
  return presentStored(kind, stored, context.accept, context.include);
}

/** What a strategic patch makes is of the type it is converted to, whatever text it says of that. */
export function named(value: unknown, kind: KindDefinition, request: ApiRequest): unknown {
  if (mediaTypeOf(request) !== STRATEGIC_PATCH || !isRecord(value)) return value;
  const [apiVersion, name] = [apiVersionOf(kind), kind.kind];
  const says = typeof value.apiVersion === 'string' && typeof value.kind === 'string';
  const otherwise = value.apiVersion !== apiVersion || value.kind !== name;
  return says && otherwise ? { ...value, apiVersion, kind: name } : value;
}

/** What a strategic patch makes is not decoded: numbers that are too large for their fields run over. */
function fitting(kind: KindDefinition, value: unknown): unknown {
  const type = messageOfSchema(kind.schema);
  return type === undefined ? value : runOver(type, value);
}

/** What is wrong with the outcome of a patch is a fault of the patch: 422 that quotes it. */
export function inPatch(
  error: unknown,
  kind: KindDefinition,
  request: ApiRequest,
  value: unknown,
  old: unknown,
  left?: unknown,
): unknown {
  if (!(error instanceof ApiError) || error.status !== 400 || /^the name(space)? of the /.test(error.message))
    return error;
  const type = messageOfSchema(kind.schema);
  const strategic = mediaTypeOf(request) === STRATEGIC_PATCH;
  const written = strategic ? goValue(left ?? patchBody(request)) : writtenOutcome(value, old, kind, request);
  const shown = JSON.stringify(written);
  // What is made of a strategic patch is not read: it is turned into the form that is worked with, or nothing will do.
  const unturned = unturnedProblem(error.message);
  if (strategic && unturned !== null) return internal(unturned);
  // What is told first is what stands first in the text that is read, once it is known to be of the kind.
  const isMismatch = /: json: cannot unmarshal \S+( \S+)? into Go (struct field [^.]|value)/.test(error.message);
  const first = () => (isMismatch ? mismatchOf(type!, JSON.parse(written)) : null);
  const text =
    (type === undefined ? null : strategic ? conversionProblem(type, value) : first()) ??
    error.message
      .replace(/^.*? cannot be handled as a [^:]*: /s, '')
      .replace(/^the object provided is unrecognized \([^)]*\): (.*) \(.*$/s, '$1')
      .replace(/^illegal base64/, strategic ? 'error decoding from json: illegal base64' : 'illegal base64');
  const message = `Invalid value: ${shown}: ${text}`;
  return refuse(422, 'Invalid', ` "" is invalid: patch: ${message}`, {
    causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }],
  });
}

export function patchedBody(value: unknown, old: unknown, kind: KindDefinition, request: ApiRequest): PatchedBody {
  const converted = mediaTypeOf(request) === STRATEGIC_PATCH;
  return { text: converted ? null : () => writtenOutcome(value, old, kind, request) };
}

/** What a JSON or merge patch makes of an object, as it is written to be read then. */
function writtenOutcome(value: unknown, old: unknown, kind: KindDefinition, request: ApiRequest): string {
  const type = messageOfSchema(kind.schema);
  return withoutMarkup(type === undefined ? sortedJson(value) : outcomeText(inDeclaredOrder(type, old), kind, request));
}

/** What a JSON or merge patch makes of an object with its fields as they are declared. */
function outcomeText(old: unknown, kind: KindDefinition, request: ApiRequest): string {
  const value = patchFunction(kind, request)(old);
  // Operations have put in order what they went through.
  return mergedJson(value, mediaTypeOf(request) === JSON_PATCH ? {} : patchBody(request), old);
}

/** What a merge touched is written with its keys in order, what it brought through and through, the rest as it is. */
function mergedJson(value: unknown, touched: unknown, old: unknown): string {
  // A list in place of a map is taken as it was sent.
  if (Array.isArray(touched) && !isRecord(old)) return sortedJson(value);
  if (!isRecord(value) || !isRecord(touched)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map(
      (key) => `${JSON.stringify(key)}:${mergedJson(value[key], touched[key], isRecord(old) ? old[key] : undefined)}`,
    );
  return `{${members.join(',')}}`;
}

/** Throws 415 for what is no kind of patch, or none that this kind takes. */
export function refusePatchType(kind: KindDefinition, request: ApiRequest): void {
  const type = mediaTypeOf(request);
  const accepted = [JSON_PATCH, MERGE_PATCH, ...(kind.custom === undefined ? [STRATEGIC_PATCH] : []), APPLY_PATCH];
  if (type === STRATEGIC_PATCH && kind.custom !== undefined) throw unsupportedMediaType(accepted);
  if (!accepted.includes(type) && kind.custom !== undefined) throw unsupportedMediaType(accepted);
  if (!accepted.includes(type)) throw refuse(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

/** What the body asks for, checked as far as possible before the object is looked at. */
export function patchFunction(kind: KindDefinition, request: ApiRequest): PatchFunction {
  refusePatchType(kind, request);
  const type = mediaTypeOf(request);
  const body = patchBody(request);
  if (type === JSON_PATCH) {
    if (!Array.isArray(body)) jsonPatch({}, body);
    return (old) => jsonPatch(old, body);
  }
  if (body === null && type === MERGE_PATCH) throw badRequest('Invalid JSON Patch');
  if (!isRecord(body))
    throw undecodable(
      request,
      `json: cannot unmarshal ${goTypeOf(body)} into Go value of type map[string]interface {}`,
    );
  if (type === MERGE_PATCH) return (old) => mergePatch(old, body);
  const merge: PatchFunction = (old) => {
    const patch = cloneJson(body);
    merge.left = patch;
    return strategicPatch(old, patch, (path) => patchStrategyOf(kind, path));
  };
  return merge;
}

/** Strategic patches are not said to be patches when they cannot be read. */
const undecodable = (request: ApiRequest, problem: string) =>
  badRequest(mediaTypeOf(request) === STRATEGIC_PATCH ? problem : `error decoding patch: ${problem}`);

function patchBody(request: ApiRequest): unknown {
  const body = request.body;
  if (body !== null && 'value' in body) return body.value;
  const text = Buffer.from(body?.bytes ?? new Uint8Array()).toString('utf8');
  try {
    return parseJson(text);
  } catch (error) {
    throw undecodable(request, jsonProblem(text, error));
  }
}
