/** Validation of custom resources against their schema, with the texts of the API server's validator. */

import { isFormat, matchesFormat } from '../cel/formats.ts';
import { compilePattern } from '../cel/pattern.ts';
import { isRecord } from '../json.ts';
import { invalidValue, required, sameJson, show } from '../kinds/validation/field.ts';
import type { FieldError } from '../types.ts';
import { isUnchanged, oldItems } from './correlate.ts';
import { isJsonInteger, isWhole, numberProblems, shownNumber } from './numbers.ts';
import type { CustomSchema } from './structural.ts';

/**
 * Errors of a value; `path` is empty for the whole object. What is the same as in `old` is not judged again, so that a
 * stricter schema does not stop every change of what was stored before (KEP-4008).
 */
export function validateSchema(value: unknown, schema: CustomSchema, path = '', old?: unknown): FieldError[] {
  const errors: FieldError[] = [];
  check(value, schema, path, errors, old);
  return errors;
}

const BLOCKING = new Set<FieldError['type']>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

/** Rules are not looked at while the object does not even have the right shape; the answer says so. */
export function rulesNotChecked(errors: readonly FieldError[]): FieldError[] {
  if (!errors.some((error) => BLOCKING.has(error.type))) return [];
  const text =
    'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
  return [invalidValue('<nil>', null, text)];
}

function child(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** Type and format of a value, as Go has it after reading it. */
function shapeOf(value: unknown): { type: string; format: string } {
  if (value === null) return { type: 'null', format: '' };
  if (Array.isArray(value)) return { type: 'array', format: '' };
  if (typeof value !== 'number') return { type: typeof value, format: '' };
  return isWhole(value) ? { type: 'integer', format: 'int64' } : { type: 'number', format: 'float64' };
}

function typesOf(schema: CustomSchema): string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string'];
  return schema.type ? [schema.type] : [];
}

/** Formats mean something with some types alone; of others nobody knows. */
function formatOf({ type = '', format = '' }: CustomSchema): string {
  if (type === 'integer') return ['int32', 'int64'].includes(format) ? format : '';
  if (type === 'number') return ['float', 'double'].includes(format) ? format : '';
  return (type === '' || type === 'string') && isFormat(format) ? format : '';
}

/** Null when the value has the type. A list passes for a text of a format, in the API server as well. */
function typeProblem(value: unknown, schema: CustomSchema, path: string): FieldError | null {
  const [types, format] = [typesOf(schema), formatOf(schema)];
  if (types.length === 0 && format === '') return null;
  const shape = shapeOf(value);
  if (value === null) return types.length > 0 && schema.nullable !== true ? mistyped(path, types.join(), 'null') : null;
  const asNumber =
    (typeof value === 'number' && shape.type === 'number' && isJsonInteger(value) && types.includes('integer')) ||
    (shape.type === 'integer' && types.includes('number'));
  const isType = types.includes(shape.type) || asNumber;
  const listed = typeof value === 'string' || Array.isArray(value);
  if (format !== '' && !listed && !isType && shape.format !== format) return mistyped(path, format, shape.format);
  if (format !== '' && listed && !types.includes('number') && !types.includes('integer')) return null;
  return isType ? null : mistyped(path, types.join(), shape.type);
}

function mistyped(path: string, wanted: string, got: string): FieldError {
  const detail = `${path} in body must be of type ${wanted}: "${got}"`;
  return { type: 'FieldValueTypeInvalid', field: path, message: `Invalid value: "${got}": ${detail}` };
}

/** A number is made one of the choice's type before it is compared. */
function isChoice(choice: unknown, value: unknown): boolean {
  if (typeof choice === 'number' && typeof value === 'number' && isWhole(choice)) return Math.trunc(value) === choice;
  return sameJson(choice, value);
}

/** Whether it is one of the values that the schema lists, whatever its type. */
function checkChoice(value: unknown, schema: CustomSchema, path: string, errors: FieldError[]): void {
  if (schema.enum === undefined || schema.enum.some((each) => isChoice(each, value))) return;
  const list = schema.enum.map((each) => JSON.stringify(typeof each === 'string' ? each : show(each))).join(', ');
  const given = typeof value === 'number' ? shownNumber(value) : show(value);
  const message = `Unsupported value: ${given}: supported values: ${list}`;
  errors.push({ type: 'FieldValueNotSupported', field: path, message });
}

/** In the order in which the API server judges. */
function check(value: unknown, schema: CustomSchema, path: string, errors: FieldError[], old?: unknown): void {
  if (isUnchanged(value, old)) return;
  const problem = typeProblem(value, schema, path);
  if (problem !== null) errors.push(problem);
  if (value === null) {
    checkChoice(value, schema, path, errors);
    return;
  }
  checkCombined(value, schema, path, errors);
  if (typeof value === 'string') checkString(value, schema, path, errors);
  if (typeof value === 'number') errors.push(...numberProblems(value, schema, formatOf(schema), path));
  if (Array.isArray(value)) checkList(value, schema, path, errors, old);
  checkChoice(value, schema, path, errors);
  if (isRecord(value)) checkObject(value, schema, path, errors, old);
}

function bad(errors: FieldError[], path: string, value: unknown, text: string): void {
  errors.push(invalidValue(path, value, `${path} in body ${text}`));
}

function checkString(value: string, schema: CustomSchema, path: string, errors: FieldError[]): void {
  const length = [...value].length;
  const { maxLength, minLength, pattern } = schema;
  if (maxLength !== undefined && length > maxLength) {
    const message = `Too long: may not be more than ${maxLength} bytes`;
    errors.push({ type: 'FieldValueTooLong', field: path, message });
  } else if (minLength !== undefined && length < minLength)
    bad(errors, path, value, `should be at least ${minLength} chars long`);
  else if (pattern !== undefined && compilePattern(pattern)?.test(value) === false)
    bad(errors, path, value, `should match '${pattern}'`);
  const format = formatOf(schema);
  if (format !== '' && !matchesFormat(value, format)) {
    const message = `Invalid value: ${show(value)}: ${path} in body must be of type ${format}: ${JSON.stringify(value)}`;
    errors.push({ type: 'FieldValueTypeInvalid', field: path, message });
  }
}

/** What the whole value is judged by, without a field of its own. */
function ofWhole(errors: FieldError[], text: string): void {
  errors.push(invalidValue('<nil>', '', text));
}

function tooMany(errors: FieldError[], path: string, got: number, max: number): void {
  const message = `Too many: ${got}: must have at most ${max} items`;
  errors.push({ type: 'FieldValueTooMany', field: path, message });
}

function checkList(value: unknown[], schema: CustomSchema, path: string, errors: FieldError[], old: unknown): void {
  const { items } = schema;
  if (items !== undefined) {
    const before = oldItems(schema, value, old);
    value.forEach((item, index) => {
      check(item, items, `${path}[${index}]`, errors, before[index]);
    });
  }
  if (schema.minItems !== undefined && value.length < schema.minItems)
    bad(errors, path, value.length, `should have at least ${schema.minItems} items`);
  if (schema.maxItems !== undefined && value.length > schema.maxItems)
    tooMany(errors, path, value.length, schema.maxItems);
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const kind = schema['x-kubernetes-list-type'];
  if (kind !== 'map' && kind !== 'set' && schema.uniqueItems !== true) return;
  const seen = new Set<string>();
  value.forEach((item, index) => {
    const identity =
      kind === 'map' ? Object.fromEntries(keys.map((key) => [key, (item as Record<string, unknown>)?.[key]])) : item;
    const text = JSON.stringify(identity);
    if (seen.has(text))
      errors.push({
        type: 'FieldValueDuplicate',
        field: `${path}[${index}]`,
        message: `Duplicate value: ${show(identity)}`,
      });
    seen.add(text);
  });
}

function checkObject(
  value: Record<string, unknown>,
  schema: CustomSchema,
  path: string,
  errors: FieldError[],
  old: unknown,
): void {
  const before = isRecord(old) && schema['x-kubernetes-map-type'] !== 'atomic' ? old : {};
  const count = Object.keys(value).length;
  if (schema.maxProperties !== undefined && count > schema.maxProperties)
    tooMany(errors, path, count, schema.maxProperties);
  if (schema.minProperties !== undefined && count < schema.minProperties)
    bad(errors, path, count, `should have at least ${schema.minProperties} properties`);
  for (const name of schema.required ?? [])
    if (!Object.hasOwn(value, name) || value[name] === undefined) errors.push(required(child(path, name)));
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const known = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : undefined;
    const next = known ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
    if (next !== undefined) check(inner, next, child(path, key), errors, before[key]);
  }
}

function checkCombined(value: unknown, schema: CustomSchema, path: string, errors: FieldError[]): void {
  const judge = (each: CustomSchema): FieldError[] => validateSchema(value, each, path);
  const { allOf, anyOf, oneOf, not } = schema;
  if (anyOf !== undefined) {
    const outcomes = anyOf.map(judge);
    if (!outcomes.some((each) => each.length === 0)) {
      ofWhole(errors, `"${path}" must validate at least one schema (anyOf)`);
      errors.push(...(outcomes[0] ?? []));
    }
  }
  if (oneOf !== undefined) {
    const outcomes = oneOf.map(judge);
    const valid = outcomes.filter((each) => each.length === 0).length;
    const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
    if (valid !== 1) ofWhole(errors, `"${path}" must validate one and only one schema (oneOf). ${found}`);
    if (valid === 0) errors.push(...(outcomes[0] ?? []));
  }
  if (allOf !== undefined) {
    const outcomes = allOf.map(judge);
    errors.push(...outcomes.flat());
    const valid = outcomes.filter((each) => each.length === 0).length;
    const none = valid === 0 ? '. None validated' : '';
    if (valid < outcomes.length) ofWhole(errors, `"${path}" must validate all the schemas (allOf)${none}`);
  }
  if (not !== undefined && judge(not).length === 0) ofWhole(errors, `"${path}" must not validate the schema (not)`);
}
