/** Validation of custom resources against their schema, with the texts of the API server's validator. */

import { matchesFormat } from '../cel/formats.ts';
import { compilePattern } from '../cel/pattern.ts';
import { isRecord } from '../json.ts';
import { invalidValue, required, sameJson, show } from '../kinds/validation/field.ts';
import type { FieldError } from '../types.ts';
import { isUnchanged, oldItems } from './correlate.ts';
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

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function fits(value: unknown, schema: CustomSchema): boolean {
  const type = typeOf(value);
  if (type === 'null') return schema.nullable === true || schema.type === undefined;
  if (schema['x-kubernetes-int-or-string'] === true) return type === 'integer' || type === 'string';
  if (schema.type === undefined || schema.type === '') return true;
  return schema.type === type || (schema.type === 'number' && type === 'integer');
}

/** Whether it is one of the values that the schema lists, whatever its type. */
function checkChoice(value: unknown, schema: CustomSchema, path: string, errors: FieldError[]): void {
  if (schema.enum === undefined || schema.enum.some((each) => sameJson(each, value))) return;
  const list = schema.enum.map((each) => JSON.stringify(typeof each === 'string' ? each : show(each))).join(', ');
  const message = `Unsupported value: ${show(value)}: supported values: ${list}`;
  errors.push({ type: 'FieldValueNotSupported', field: path, message });
}

function check(value: unknown, schema: CustomSchema, path: string, errors: FieldError[], old?: unknown): void {
  if (isUnchanged(value, old)) return;
  if (!fits(value, schema)) {
    const got = typeOf(value);
    checkChoice(value, schema, path, errors);
    if (typeof value === 'number') checkNumber(value, schema, path, errors);
    const wanted = schema['x-kubernetes-int-or-string'] === true ? 'integer,string' : schema.type;
    const detail = `${path} in body must be of type ${wanted}: "${got}"`;
    errors.push({ type: 'FieldValueTypeInvalid', field: path, message: `Invalid value: "${got}": ${detail}` });
    return;
  }
  checkChoice(value, schema, path, errors);
  if (value === null) return;
  if (typeof value === 'string') checkString(value, schema, path, errors);
  else if (typeof value === 'number') checkNumber(value, schema, path, errors);
  else if (Array.isArray(value)) checkList(value, schema, path, errors, old);
  else if (typeof value === 'object') checkObject(value as Record<string, unknown>, schema, path, errors, old);
  checkCombined(value, schema, path, errors);
}

function bad(errors: FieldError[], path: string, value: unknown, text: string): void {
  errors.push(invalidValue(path, value, `${path} in body ${text}`));
}

function checkString(value: string, schema: CustomSchema, path: string, errors: FieldError[]): void {
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength)
    errors.push({
      type: 'FieldValueTooLong',
      field: path,
      message: `Too long: may not be more than ${schema.maxLength} bytes`,
    });
  if (schema.minLength !== undefined && length < schema.minLength)
    bad(errors, path, value, `should be at least ${schema.minLength} chars long`);
  if (schema.pattern !== undefined && compilePattern(schema.pattern)?.test(value) === false)
    bad(errors, path, value, `should match '${schema.pattern}'`);
  if (schema.format !== undefined && !matchesFormat(value, schema.format))
    errors.push({
      type: 'FieldValueTypeInvalid',
      field: path,
      message: `Invalid value: ${show(value)}: ${path} in body must be of type ${schema.format}: ${JSON.stringify(value)}`,
    });
}

/** What the whole value is judged by, without a field of its own. */
function ofWhole(errors: FieldError[], text: string): void {
  errors.push(invalidValue('<nil>', '', text));
}

function checkNumber(value: number, schema: CustomSchema, path: string, errors: FieldError[]): void {
  const { minimum, maximum, multipleOf } = schema;
  if (maximum !== undefined) {
    if (schema.exclusiveMaximum && value >= maximum) bad(errors, path, value, `should be less than ${maximum}`);
    else if (value > maximum) bad(errors, path, value, `should be less than or equal to ${maximum}`);
  }
  if (minimum !== undefined) {
    if (schema.exclusiveMinimum && value <= minimum) bad(errors, path, value, `should be greater than ${minimum}`);
    else if (value < minimum) bad(errors, path, value, `should be greater than or equal to ${minimum}`);
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf))
    bad(errors, path, value, `should be a multiple of ${multipleOf}`);
  const limit = multipleOf === undefined && minimum === undefined && maximum === undefined ? null : 'default';
  if (schema.type !== 'integer') return;
  if (schema.format === 'int32' && (value > 2 ** 31 - 1 || value < -(2 ** 31)))
    ofWhole(errors, `Checked value must be of type integer with format int32 in ${path}`);
  else if (limit !== null && !Number.isInteger(value))
    ofWhole(errors, `Checked value must be of type integer (default format) in ${path}`);
}

function tooMany(errors: FieldError[], path: string, got: number, max: number): void {
  const message = `Too many: ${got}: must have at most ${max} items`;
  errors.push({ type: 'FieldValueTooMany', field: path, message });
}

function checkList(value: unknown[], schema: CustomSchema, path: string, errors: FieldError[], old: unknown): void {
  if (schema.maxItems !== undefined && value.length > schema.maxItems)
    tooMany(errors, path, value.length, schema.maxItems);
  if (schema.minItems !== undefined && value.length < schema.minItems)
    bad(errors, path, value.length, `should have at least ${schema.minItems} items`);
  const { items } = schema;
  if (items !== undefined) {
    const before = oldItems(schema, value, old);
    value.forEach((item, index) => {
      check(item, items, `${path}[${index}]`, errors, before[index]);
    });
  }
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
  if (schema['x-kubernetes-embedded-resource'] === true)
    for (const field of ['apiVersion', 'kind']) if (!value[field]) errors.push(required(child(path, field)));
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
