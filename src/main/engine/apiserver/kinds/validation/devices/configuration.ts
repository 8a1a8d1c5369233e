/** Parameters for drivers, and the requests of a claim that they are meant for. */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { validateDriverName } from '../../pods/spec/plugins.ts';
import { invalidValue, required, tooLong } from '../field.ts';
import { eachOfSet, validateLabel } from './common.ts';

export const MOST_REQUESTS = 32;

/** Names of the requests of a claim, each with those of its alternatives; null: it has none. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string> | null>;

export function requestNames(claim: Json): RequestNames {
  return new Map(
    ((claim?.requests ?? []) as Json[]).map(({ name = '', firstAvailable }) => [
      name,
      firstAvailable?.length > 0 ? new Set((firstAvailable as Json[]).map((each) => each.name ?? '')) : null,
    ]),
  );
}

const REFERENCE_TEXT =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

export function validateRequestName(name: string, at: string, names: RequestNames): FieldError[] {
  const parts = name.split('/');
  if (parts.length > 2) return [invalidValue(at, name, REFERENCE_TEXT)];
  const [request = '', alternative] = parts;
  const known = names.has(request) && (alternative === undefined || names.get(request)?.has(alternative) === true);
  const errors = parts.flatMap((part) => validateLabel(part, at));
  return known ? errors : [...errors, invalidValue(at, name, REFERENCE_TEXT)];
}

export function validateRequestNames(list: Json, at: string, names: RequestNames): FieldError[] {
  return eachOfSet(
    list,
    MOST_REQUESTS,
    at,
    (name) => name,
    (name, where) => validateRequestName(typeof name === 'string' ? name : '', where, names),
  );
}

const LONGEST_PARAMETERS = 10 * 1024;

/** `kept`: as it was stored before, when it may be of any length. */
export function validateConfiguration({ opaque }: Json, at: string, kept: boolean): FieldError[] {
  if (!opaque) return [required(`${at}.opaque`)];
  return [
    ...validateDriverName(opaque.driver ?? '', `${at}.opaque.driver`),
    ...validateParameters(opaque.parameters, `${at}.opaque.parameters`, kept ? Infinity : LONGEST_PARAMETERS),
  ];
}

export function validateParameters(value: Json, at: string, longest: number): FieldError[] {
  if (value === undefined || value === null) return [required(at)];
  if (Buffer.byteLength(JSON.stringify(value)) > longest) return [tooLong(at, longest)];
  if (typeof value === 'object' && !Array.isArray(value)) return [];
  return [invalidValue(at, '<value omitted>', 'must be a valid JSON object')];
}
