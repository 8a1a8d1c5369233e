/**
 * The fields behind the scale of a custom resource: found by the paths of its definition in objects of any shape.
 * Source: apimachinery, unstructured.NestedInt64 and its kin; apiextensions-apiserver, customresource/validator.go.
 */
import { isRecord } from '../json.ts';
import { invalidValue } from '../kinds/validation/field.ts';
import { goValue } from '../patch/strategic.ts';
import type { FieldError, KindDefinition } from '../types.ts';

type Scale = NonNullable<KindDefinition['scale']>;

/** A path that leads through, or to, a value of another type; the text is the real server's. */
export class MisfitAtPath extends Error {
  override readonly name = 'MisfitAtPath';
}

const MAX_INT32 = 2 ** 31 - 1;

const segments = (path: string): string[] => path.replace(/^\./, '').split('.');

/** Undefined: there is none. Throws MisfitAtPath. */
export function integerAt(object: unknown, path: string): number | undefined {
  const value = valueAt(object, path);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw misfit(segments(path), value, 'int64');
}

/** Undefined: there is none. Throws MisfitAtPath. */
export function textAt(object: unknown, path: string): string | undefined {
  const value = valueAt(object, path);
  if (value === undefined || typeof value === 'string') return value;
  throw misfit(segments(path), value, 'string');
}

function valueAt(object: unknown, path: string): unknown {
  const names = segments(path);
  let value = object;
  for (const [index, name] of names.entries()) {
    if (value === null) return undefined;
    if (!isRecord(value)) throw misfit(names.slice(0, index + 1), value, 'map[string]interface{}');
    value = value[name];
    if (value === undefined) return undefined;
  }
  return value;
}

/** Puts a value where the path leads, through maps that are made on the way. Throws MisfitAtPath. */
export function putAt(object: Record<string, unknown>, path: string, value: unknown): void {
  const names = segments(path);
  let parent = object;
  for (const [index, name] of names.slice(0, -1).entries()) {
    const inner = parent[name];
    if (inner !== undefined && !isRecord(inner)) {
      const place = `.${names.slice(0, index + 1).join('.')}`;
      throw new MisfitAtPath(`value cannot be set because ${place} is not a map[string]interface{}`);
    }
    const next: Record<string, unknown> = inner ?? {};
    parent[name] = next;
    parent = next;
  }
  parent[names.at(-1)!] = value;
}

function misfit(names: readonly string[], value: unknown, expected: string): MisfitAtPath {
  const place = `.${names.join('.')}`;
  return new MisfitAtPath(
    `${place} accessor error: ${goValue(value)} is of the type ${typeOf(value)}, expected ${expected}`,
  );
}

/** Types of JSON as Go has them. */
function typeOf(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}

/** What an object may not have where its scale is; a write of the status is judged by the status alone. */
export function scaleErrors(object: unknown, scale: Scale, isStatus: boolean): FieldError[] {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  return [
    ...(isStatus ? [] : numberErrors(object, specReplicasPath)),
    ...numberErrors(object, statusReplicasPath),
    ...(labelSelectorPath === undefined ? [] : misfits(labelSelectorPath, '', () => textAt(object, labelSelectorPath))),
  ];
}

function numberErrors(object: unknown, path: string): FieldError[] {
  let value = 0;
  const errors = misfits(path, 0, () => {
    value = integerAt(object, path) ?? 0;
  });
  if (value < 0) errors.push(invalidValue(path, value, 'should be a non-negative integer'));
  if (value > MAX_INT32) errors.push(invalidValue(path, value, `should be less than or equal to ${MAX_INT32}`));
  return errors;
}

function misfits(path: string, shown: unknown, read: () => unknown): FieldError[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof MisfitAtPath) return [invalidValue(path, shown, error.message)];
    throw error;
  }
}
