/** patch: json, merge, strategic merge, apply. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { apply } from '../apply/apply.ts';
import { cloneJson, isRecord } from '../json.ts';
import { jsonPatch } from '../patch/json.ts';
import { mergePatch } from '../patch/merge.ts';
import { strategicPatch } from '../patch/strategic.ts';
import { jsonProblem, mediaTypeOf, objectOf } from '../request/body.ts';
import { parseWriteOptions } from '../request/options.ts';
import { presentObject } from '../request/present.ts';
import type { ApiAnswer, ApiRequest } from '../request/types.ts';
import { patchStrategyOf } from '../schemas.ts';
import { badRequest, unsupportedMediaType } from '../status.ts';
import type { KindDefinition } from '../types.ts';
import type { VerbContext } from './context.ts';
import { checkFields } from './fields.ts';
import { changeObject, checkName } from './update.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const APPLY_PATCHES = ['application/apply-patch+yaml', 'application/apply-patch+cbor'];

export type PatchFunction = (old: unknown) => unknown;

export async function patch(context: VerbContext): Promise<ApiAnswer> {
  const { kind, request, route } = context;
  if (mediaTypeOf(request) === APPLY_PATCHES[0]) return apply(context);
  const compute = patchFunction(kind, request);
  const options = parseWriteOptions('PatchOptions', request.query, request.headers['user-agent']);
  let warnings: string[] = [];
  const stored = await changeObject({
    core: context.core,
    kind,
    namespace: route.namespace,
    name: route.name,
    subresource: route.subresource,
    user: context.user,
    options,
    next: (old) => {
      warnings = [];
      const object = patched(kind, compute, old);
      checkName(object, route.name);
      checkFields(kind, object, { value: object, text: null }, options.fieldValidation, warnings);
      return object;
    },
  });
  context.warnings.push(...warnings);
  return presentObject(kind, stored.object, context.accept, context.include, 200, stored);
}

function patched(kind: KindDefinition, compute: PatchFunction, old: KubeObject): KubeObject {
  const value = compute(old);
  const object = objectOf({ value, text: null }, kind);
  // Merging shares what did not change with the stored object; the metadata and what defaults touch must be our own.
  return cloneJson(object);
}

/** What the body asks for, checked as far as possible before anything is looked up. */
export function patchFunction(kind: KindDefinition, request: ApiRequest): PatchFunction {
  const type = mediaTypeOf(request);
  const accepted = [JSON_PATCH, MERGE_PATCH, ...(kind.custom === undefined ? [STRATEGIC_PATCH] : []), ...APPLY_PATCHES];
  if (!accepted.includes(type)) throw unsupportedMediaType(accepted);
  const body = patchBody(request);
  if (type === JSON_PATCH) {
    if (!Array.isArray(body)) jsonPatch({}, body);
    return (old) => jsonPatch(old, body);
  }
  if (!isRecord(body))
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${Array.isArray(body) ? 'array' : typeof body} into Go value of type map[string]interface {}`,
    );
  if (type === MERGE_PATCH) return (old) => mergePatch(old, body);
  return (old) => strategicPatch(old, body, (path) => patchStrategyOf(kind, path));
}

function patchBody(request: ApiRequest): unknown {
  const body = request.body;
  if (body !== null && 'value' in body) return body.value;
  const text = Buffer.from(body?.bytes ?? new Uint8Array()).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`error decoding patch: ${jsonProblem(text, error)}`);
  }
}
