/**
 * What makes a schema structural. Source: "Specifying a structural schema" in the documentation of custom resource
 * definitions; texts of the API server's validator.
 */

import { compilePattern } from '../cel/pattern.ts';
import { equalJson } from '../json.ts';
import { forbiddenField, invalidValue, required } from '../kinds/validation/field.ts';
import type { FieldError } from '../types.ts';
import type { CustomSchema } from './structural.ts';

type Level = 'root' | 'item' | 'field';

const EMPTY_TYPE: Record<Level, string> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};
const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

/** Errors in alphabetical order: the order of properties has no meaning. */
export function validateStructural(schema: CustomSchema, at: string): FieldError[] {
  const errors = [...invariants(schema, 'root', at), ...completeness(schema, at)];
  return errors.sort((a, b) => (`${a.field}: ${a.message}` < `${b.field}: ${b.message}` ? -1 : 1));
}

function invariants(schema: CustomSchema, level: Level, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { type = '', items, additionalProperties: values } = schema;
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const either = schema['x-kubernetes-int-or-string'] === true;
  if (type === 'array' && !items) errors.push(required(`${at}.items`, 'must be specified'));
  if (items) errors.push(...invariants(items, 'item', `${at}.items`));
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    errors.push(...invariants(property, 'field', `${at}.properties[${name}]`));
  if (values !== undefined) {
    if (level === 'root') errors.push(forbiddenField(`${at}.additionalProperties`, 'must not be used at the root'));
    if (typeof values === 'object') errors.push(...invariants(values, 'field', `${at}.additionalProperties`));
  }
  if (either && open)
    errors.push(
      invalidValue(
        `${at}.x-kubernetes-preserve-unknown-fields`,
        true,
        'must be false if x-kubernetes-int-or-string is true',
      ),
    );
  if (either && embedded)
    errors.push(
      invalidValue(`${at}.x-kubernetes-embedded-resource`, true, 'must be false if x-kubernetes-int-or-string is true'),
    );
  errors.push(...valueValidation(schema, at, isEither(schema.anyOf), isEither(schema.allOf?.[0]?.anyOf)));
  if (embedded && type !== 'object') {
    const text = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(`${at}.type`, text) : invalidValue(`${at}.type`, type, text));
  } else if (type === '' && !either && !open) errors.push(required(`${at}.type`, EMPTY_TYPE[level]));
  if (embedded && values !== undefined)
    errors.push(
      forbiddenField(`${at}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'),
    );
  if (level === 'root' && type !== '' && type !== 'object')
    errors.push(invalidValue(`${at}.type`, type, 'must be object at the root'));
  errors.push(...typeAndMeta(schema, level, at));
  if (embedded && !open && Object.keys(schema.properties ?? {}).length === 0) {
    const text =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(`${at}.properties`, text));
  }
  return errors;
}

const isEither = (anyOf: CustomSchema[] | undefined): boolean => anyOf !== undefined && equalJson(anyOf, INT_OR_STRING);

/** apiVersion and kind are texts, and of metadata a schema restricts the name alone. */
function typeAndMeta(schema: CustomSchema, level: Level, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { kind, apiVersion, metadata } = schema.properties ?? {};
  const isResource = level === 'root' || schema['x-kubernetes-embedded-resource'] === true;
  for (const [name, property] of [
    ['kind', kind],
    ['apiVersion', apiVersion],
  ] as const)
    if (isResource && property !== undefined && property.type !== 'string')
      errors.push(invalidValue(`${at}.properties[${name}].type`, property.type ?? '', 'must be string'));
  if (metadata === undefined) return errors;
  const where = `${at}.properties[metadata]`;
  if (isResource && metadata.type !== 'object')
    errors.push(invalidValue(`${where}.type`, metadata.type ?? '', 'must be object'));
  if (level !== 'root') return errors;
  const { type: _type, properties = {}, default: _default, ...rest } = metadata;
  const named = Object.keys(properties).every((name) => name === 'name' || name === 'generateName');
  if (!named || Object.keys(rest).filter((key) => key !== 'description').length > 0) {
    const text = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbiddenField(where, text));
  }
  return errors;
}

function valueValidation(schema: CustomSchema, at: string, skipAnyOf: boolean, skipFirst: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!skipAnyOf)
    schema.anyOf?.forEach((each, index) => {
      errors.push(...nested(each, `${at}.anyOf[${index}]`, false));
    });
  schema.allOf?.forEach((each, index) => {
    errors.push(...nested(each, `${at}.allOf[${index}]`, skipFirst && index === 0));
  });
  schema.oneOf?.forEach((each, index) => {
    errors.push(...nested(each, `${at}.oneOf[${index}]`, false));
  });
  if (schema.not !== undefined) errors.push(...nested(schema.not, `${at}.not`, false));
  if (schema.pattern !== undefined && compilePattern(schema.pattern) === null) {
    const text = "must be a valid regular expression, but isn't: error parsing regexp";
    errors.push(invalidValue(`${at}.pattern`, schema.pattern, `${text}${patternProblem(schema.pattern)}`));
  }
  return errors;
}

/** What the server's parser of expressions says about the commonest faults. */
function patternProblem(pattern: string): string {
  const plain = pattern.replace(/\\./gs, '  ');
  const open = /\[(?:\^?\])?[^\]]*$/.exec(plain);
  if (open !== null) return `: missing closing ]: \`${pattern.slice(open.index)}\``;
  const outside = plain.replace(/\[(?:\^?\])?[^\]]*\]/g, ' ');
  const depth = [...outside].reduce((count, each) => count + (each === '(' ? 1 : each === ')' ? -1 : 0), 0);
  if (depth !== 0) return `: ${depth > 0 ? 'missing closing' : 'unexpected'} ): \`${pattern}\``;
  const repeat = /(?:^|[(|])([*+?])/.exec(outside)?.[1];
  return repeat === undefined ? '' : `: missing argument to repetition operator: \`${repeat}\``;
}

const NESTED_FORBIDDEN: readonly [key: string, text: string][] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

/** Inside anyOf, allOf, oneOf and not values are judged only; what they are is said outside. */
function nested(schema: CustomSchema, at: string, skipAnyOf: boolean): FieldError[] {
  const errors = valueValidation(schema, at, skipAnyOf, false);
  if (schema.items) errors.push(...nested(schema.items, `${at}.items`, false));
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    errors.push(...nested(property, `${at}.properties[${name}]`, false));
  for (const [key, text] of NESTED_FORBIDDEN) {
    const value = (schema as Record<string, unknown>)[key];
    if (value !== undefined && value !== false && value !== '') errors.push(forbiddenField(`${at}.${key}`, text));
  }
  if (schema.properties?.metadata !== undefined)
    errors.push(forbiddenField(`${at}.properties[metadata]`, 'must not be specified in a nested context'));
  return errors;
}

/** Whatever a nested schema judges has to be specified outside of it. */
function completeness(schema: CustomSchema, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const parts: [string, CustomSchema][] = [];
  for (const key of ['allOf', 'anyOf', 'oneOf'] as const)
    schema[key]?.forEach((each, index) => {
      parts.push([`${at}.${key}[${index}]`, each]);
    });
  if (schema.not !== undefined) parts.push([`${at}.not`, schema.not]);
  for (const [where, part] of parts) errors.push(...specified(part, schema, where, at));
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    errors.push(...completeness(property, `${at}.properties[${name}]`));
  if (schema.items) errors.push(...completeness(schema.items, `${at}.items`));
  if (typeof schema.additionalProperties === 'object')
    errors.push(...completeness(schema.additionalProperties, `${at}.additionalProperties`));
  return errors;
}

function specified(part: CustomSchema, schema: CustomSchema | undefined, where: string, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (part.items) {
    if (!schema?.items) errors.push(required(`${at}.items`, `because it is defined in ${where}.items`));
    else errors.push(...specified(part.items, schema.items, `${where}.items`, `${at}.items`));
  }
  for (const [name, property] of Object.entries(part.properties ?? {})) {
    const known = schema?.properties?.[name];
    const key = `properties[${name}]`;
    if (known === undefined) errors.push(required(`${at}.${key}`, `because it is defined in ${where}.${key}`));
    else errors.push(...specified(property, known, `${where}.${key}`, `${at}.${key}`));
  }
  for (const key of ['allOf', 'anyOf', 'oneOf'] as const)
    part[key]?.forEach((each, index) => {
      errors.push(...specified(each, schema, `${where}.${key}[${index}]`, at));
    });
  if (part.not !== undefined) errors.push(...specified(part.not, schema, `${where}.not`, at));
  return errors;
}
