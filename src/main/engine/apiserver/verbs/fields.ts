/** fieldValidation: fields the schema does not know and fields given twice. Source: KEP-2885. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type CustomSchema, readEmbedded } from '../crd/index.ts';
import { cloneJson } from '../json.ts';
import { messageOfSchema } from '../openapi/fields.ts';
import { canonicalise, readingProblem } from '../openapi/typed.ts';
import { type DecodedBody, decodeBody, objectOf } from '../request/body.ts';
import type { WriteOptions } from '../request/options.ts';
import { fieldProblems } from '../schemas.ts';
import { badRequest } from '../status.ts';
import type { KindDefinition } from '../types.ts';
import type { VerbContext } from './context.ts';

/** What a patch made: the text that the real server reads then; null where it reads none, but converts. */
export interface PatchedBody {
  text: (() => string) | null;
}

/**
 * Refuses (Strict) or warns (Warn) about unknown fields of `object`, which are dropped in any case. What it shares with
 * `known`, the stored object, has none.
 */
export function checkFields(
  kind: KindDefinition,
  object: KubeObject,
  decoded: DecodedBody,
  mode: WriteOptions['fieldValidation'],
  warnings: string[],
  known: KubeObject | null = null,
  patched: PatchedBody | null = null,
): void {
  if (mode === 'Ignore') return;
  const text = hasNoDuplicates(decoded) ? null : decoded.text;
  let problems = fieldProblems(kind, object, text, known, patched !== null && patched.text === null);
  // What comes out of a patch is written before it is read, or converted.
  if (problems.length > 1 && patched !== null)
    problems = patched.text === null ? problems.sort() : fieldProblems(kind, JSON.parse(patched.text()), null);
  const repeated = decoded.repeated?.() ?? [];
  if (problems.length + repeated.length === 0) return;
  // What cannot be decoded at all is what the decoder tells first.
  refuseUndecodable(kind, object);
  if (mode === 'Strict')
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${[...yamlProblem(repeated), ...problems].join(', ')}`,
    );
  warnings.push(...repeated, ...problems);
}

/**
 * Throws 400 with the decoder's own text for what a built-in type cannot hold, or the metadata of a custom resource and
 * of those embedded in it; the object stays as it is.
 */
export function refuseUndecodable(kind: KindDefinition, object: KubeObject): void {
  const { kind: name, apiVersion, metadata } = object;
  canonicalise(kind.schema, cloneJson(kind.custom === undefined ? object : { kind: name, apiVersion, metadata }));
  if (kind.custom !== undefined) readEmbedded(cloneJson(object), kind.custom.structuralSchema as CustomSchema);
}

/**
 * What a write to the object or to its status leaves aside has to be readable all the same. What it shares with `known`,
 * the stored object, is. Throws 400.
 */
export function refuseUnreadAside(
  kind: KindDefinition,
  object: KubeObject,
  subresource: string,
  known: KubeObject | null = null,
): void {
  const type = kind.custom === undefined && kind.hasStatus ? messageOfSchema(kind.schema) : undefined;
  if (type === undefined) return;
  const { kind: name, apiVersion, metadata, status, ...rest } = object;
  const parts = subresource === '' ? { status } : subresource === 'status' ? { ...rest, metadata } : { ...object };
  const aside = Object.fromEntries(Object.entries(parts).filter(([name, part]) => part !== known?.[name]));
  if (Object.keys(aside).length === 0) return;
  if (readingProblem(type, { kind: name, apiVersion, metadata: {}, ...aside }) !== undefined)
    refuseUndecodable(kind, object);
}

/** A body of another kind than the one that is written: what is asked for of an object. Throws 400 and 415. */
export function readBody(
  { request, warnings, heard }: Pick<VerbContext, 'request' | 'warnings' | 'heard'>,
  kind: KindDefinition,
  { fieldValidation }: Pick<WriteOptions, 'fieldValidation'>,
  decoded: DecodedBody = decodeBody(request, kind.kind),
): KubeObject {
  const object = objectOf(decoded, kind);
  checkFields(kind, object, decoded, fieldValidation, warnings);
  canonicalise(kind.schema, object);
  heard?.(object, kind);
  return object;
}

/** All that YAML gives twice is one problem of several lines. */
export function yamlProblem(repeated: readonly string[]): string[] {
  return repeated.length === 0 ? [] : [['yaml: unmarshal errors:', ...repeated].join('\n  ')];
}

/** Text that comes out again as it was has no field twice: far cheaper to see than to look for one, and true of most clients. */
function hasNoDuplicates({ value, text }: DecodedBody): boolean {
  return text === null || JSON.stringify(value) === text;
}

/** What was wrong with an object that could be read and not be turned into the form that is worked with; null: nothing. */
export const unturnedProblem = (message: string): string | null =>
  /^\w+ in version "\w+" cannot be handled as a \w+: (strconv\..*)$/s.exec(message)?.[1] ?? null;
