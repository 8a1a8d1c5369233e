/**
 * What a schema of a definition may say beyond being structural: list and map types, defaults, rules. Source: API reference
 * of apiextensions.k8s.io/v1, "JSONSchemaProps"; texts of the API server's validator.
 */

import type { CelType } from '../cel/index.ts';
import { cloneJson } from '../json.ts';
import { forbiddenField, invalidValue, notSupported, required } from '../kinds/validation/field.ts';
import { asSent } from '../openapi/sent-empty.ts';
import type { FieldError } from '../types.ts';
import { type Cardinality, CostTotal, within } from './costs.ts';
import { typeOfSchema } from './expressions.ts';
import { followPath } from './field-path.ts';
import { compileRule } from './rules.ts';
import { type CustomSchema, unknownPaths, type ValidationRule } from './structural.ts';
import { validateStructural } from './structural-rules.ts';
import { validateSchema } from './validate.ts';

/** All errors of the schema of a version; rules are looked at when the rest is right. */
export function validateSchemaDefinition(schema: CustomSchema, at: string): FieldError[] {
  // What no schema of a definition may say is refused by itself.
  const beyond = isBeyondStructure(schema);
  const errors = beyond ? [] : validateStructural(schema, at);
  if (errors.length === 0 && !beyond) errors.push(...validateDefaults(schema, at));
  const structural = errors.length === 0;
  const costs = new CostTotal();
  const type = structural ? 'known' : null;
  const root = { schema, at, isRoot: true, type, uncorrelated: null, cardinality: 1, costs } as const;
  errors.push(...check({ ...root, inMetadata: false, noDefaults: null }));
  return [...errors, ...costs.errors(at)];
}

const BEYOND = ['additionalItems', 'dependencies', 'patternProperties', 'definitions'];

function isBeyondStructure(schema: CustomSchema): boolean {
  const { items, properties, additionalProperties: values } = schema;
  if (Array.isArray(items) || BEYOND.some((key) => saidOf(schema, key))) return true;
  const inner = [items, ...Object.values(properties ?? {}), typeof values === 'object' ? values : undefined];
  return inner.some((each) => each !== undefined && isBeyondStructure(each));
}

interface Place {
  schema: CustomSchema;
  at: string;
  isRoot: boolean;
  /** Null where rules cannot be compiled: in nested contexts and in schemas that are not structural. */
  type: 'known' | null;
  /** The part around this place whose items have no old value. */
  uncorrelated: string | null;
  cardinality: Cardinality;
  /** What all rules of the schema cost. */
  costs: CostTotal;
  /** Within what every resource has, of the object itself or of one embedded in it. */
  inMetadata: boolean;
  /** Why nothing may be put here where nothing is given; null: it may. */
  noDefaults: string | null;
}

const RESOURCE_FIELDS = ['metadata', 'kind', 'apiVersion'];

function check(place: Place): FieldError[] {
  const { schema, at, isRoot, uncorrelated } = place;
  const errors: FieldError[] = [];
  if (schema.uniqueItems === true) {
    const text = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbiddenField(`${at}.uniqueItems`, text));
  }
  if (schema.default !== undefined && place.noDefaults !== null)
    errors.push(forbiddenField(`${at}.default`, `must not be set ${place.noDefaults}`));
  errors.push(...unsupported(schema, at));
  if (isRoot && schema.nullable === true)
    errors.push(forbiddenField(`${at}.nullable`, 'nullable cannot be true at the root'));
  const { properties = {}, additionalProperties: values } = schema;
  if (values !== undefined && values !== true && Object.keys(properties).length > 0)
    errors.push(
      forbiddenField(`${at}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    );
  const inside = (
    inner: CustomSchema,
    where: string,
    around: string | null,
    other: Partial<Place> = {},
  ): FieldError[] =>
    check({
      ...place,
      schema: inner,
      at: `${at}.${where}`,
      isRoot: false,
      uncorrelated: uncorrelated ?? around,
      cardinality: within(place.cardinality, schema),
      ...other,
    });
  const below: FieldError[] = [];
  if (typeof values === 'object') {
    // What of a default would be pruned cannot be known without a value.
    const noDefaults = place.inMetadata ? 'inside additionalProperties applying to object metadata' : place.noDefaults;
    below.push(...inside(values, 'additionalProperties', null, { noDefaults }));
  }
  const atomic = schema['x-kubernetes-map-type'] === 'atomic' ? at : null;
  const isResource = isRoot || schema['x-kubernetes-embedded-resource'] === true;
  for (const [name, property] of Object.entries(properties)) {
    const inMetadata = place.inMetadata || (isResource && RESOURCE_FIELDS.includes(name));
    const noDefaults = isRoot && inMetadata ? `in top-level ${name}` : place.noDefaults;
    below.push(...inside(property, `properties[${name}]`, atomic, { inMetadata, noDefaults }));
  }
  if (schema.not !== undefined) below.push(...inside(schema.not, 'not', null, { type: null }));
  for (const key of ['allOf', 'oneOf', 'anyOf'] as const)
    schema[key]?.forEach((each, index) => {
      below.push(...inside(each, `${key}[${index}]`, null, { type: null }));
    });
  if (schema.items && !Array.isArray(schema.items))
    below.push(...inside(schema.items, 'items', schema['x-kubernetes-list-type'] === 'map' ? null : at));
  errors.push(...below, ...mapType(schema, at), ...listType(schema, at), ...keysOfMapList(schema, at));
  errors.push(...ruleShape(schema, at));
  if (errors.length > 0 || place.type === null) return errors;
  const type = typeOfSchema(schema, isRoot);
  return type === null ? [] : ruleMeaning(place, type);
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** Dependencies count though there are none in them. */
function saidOf(schema: CustomSchema, key: string): boolean {
  const given = key === 'dependencies' ? asSent(schema, key) : (schema as Record<string, unknown>)[key];
  return given !== undefined && given !== null && given !== '';
}

/** What JSON Schema knows and definitions do not. */
function unsupported(schema: CustomSchema, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { type = '', items } = schema;
  if (type !== '' && !TYPES.includes(type)) errors.push(notSupported(`${at}.type`, type, TYPES));
  for (const key of ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'])
    if (saidOf(schema, key)) errors.push(forbiddenField(`${at}.${key}`, `${key} is not supported`));
  if (type === 'null')
    errors.push(forbiddenField(`${at}.type`, 'type cannot be set to null, use nullable as an alternative'));
  if (Array.isArray(items))
    errors.push(forbiddenField(`${at}.items`, 'items must be a schema object and not an array'));
  return errors;
}

function mapType(schema: CustomSchema, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { type = '', 'x-kubernetes-map-type': kind } = schema;
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(invalidValue(`${at}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  if (kind === undefined) return errors;
  const text = 'must be object if x-kubernetes-map-type is specified';
  if (type !== 'object')
    errors.push(type === '' ? required(`${at}.type`, text) : invalidValue(`${at}.type`, type, text));
  if (kind !== 'atomic' && kind !== 'granular')
    errors.push(notSupported(`${at}.x-kubernetes-map-type`, kind, ['atomic', 'granular']));
  return errors;
}

function listType(schema: CustomSchema, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { type = '', items, 'x-kubernetes-list-type': kind } = schema;
  if (kind === undefined) return errors;
  if (type !== 'array') {
    const text = 'must be array if x-kubernetes-list-type is specified';
    errors.push(type === '' ? required(`${at}.type`, text) : invalidValue(`${at}.type`, type, text));
  } else if (kind === 'set' && items) {
    const text = 'must be atomic as item of a list with x-kubernetes-list-type=set';
    const inner = items['x-kubernetes-list-type'];
    if (items.type === 'array' && inner !== undefined && inner !== 'atomic')
      errors.push(invalidValue(`${at}.items.x-kubernetes-list-type`, inner, text));
    if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic')
      errors.push(invalidValue(`${at}.items.x-kubernetes-map-type`, inner ?? null, text));
    if (items.nullable === true)
      errors.push(forbiddenField(`${at}.items.nullable`, 'cannot be nullable when x-kubernetes-list-type is set'));
  }
  if (!['atomic', 'set', 'map'].includes(kind))
    errors.push(notSupported(`${at}.x-kubernetes-list-type`, kind, ['atomic', 'set', 'map']));
  return errors;
}

function keysOfMapList(schema: CustomSchema, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { items, 'x-kubernetes-list-type': kind, 'x-kubernetes-list-map-keys': keys = [] } = schema;
  if (keys.length > 0 && kind !== 'map') {
    const text = 'must be map if x-kubernetes-list-map-keys is non-empty';
    const where = `${at}.x-kubernetes-list-type`;
    errors.push(kind === undefined ? required(where, text) : invalidValue(where, kind, text));
  }
  if (kind !== 'map') return errors;
  if (keys.length === 0)
    errors.push(required(`${at}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'));
  if (!items) return [...errors, required(`${at}.items`, 'must have a schema if x-kubernetes-list-type is map')];
  if (items.type !== 'object') {
    const text = "must be object if parent array's x-kubernetes-list-type is map";
    return [...errors, invalidValue(`${at}.items.type`, items.type ?? '', text)];
  }
  keys.forEach((key, index) => {
    const property = items.properties?.[key];
    const where = `${at}.x-kubernetes-list-map-keys`;
    if (property === undefined) errors.push(invalidValue(where, keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') {
      const text = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalidValue(`${at}.items.properties[${key}].type`, items.type, text));
    }
    if (keys.indexOf(key) < index) errors.push(invalidValue(where, keys, 'must not contain duplicate entries'));
    if (property !== undefined && property.default === undefined && items.required?.includes(key) !== true) {
      const text =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      errors.push(required(`${at}.items.properties[${key}].default`, text));
    }
    if (property?.nullable === true) {
      const text = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
      errors.push(forbiddenField(`${at}.items.properties[${key}].nullable`, text));
    }
  });
  return errors;
}

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const hasBreaks = (text: string): boolean => /[\n\r]/.test(text);

function ruleShape(schema: CustomSchema, at: string): FieldError[] {
  const errors: FieldError[] = [];
  schema['x-kubernetes-validations']?.forEach((rule, index) => {
    const where = `${at}.x-kubernetes-validations[${index}]`;
    const { message = '', messageExpression = '', fieldPath = '', reason } = rule;
    const text = (rule.rule ?? '').trim();
    if (text === '') errors.push(required(`${where}.rule`, 'rule is not specified'));
    else if (message !== '' && message.trim() === '')
      errors.push(invalidValue(`${where}.message`, message, 'must be non-empty if specified'));
    else if (hasBreaks(message.trim()))
      errors.push(invalidValue(`${where}.message`, message, 'must not contain line breaks'));
    else if (hasBreaks(text) && message.trim() === '')
      errors.push(required(`${where}.message`, 'message must be specified if rule contains line breaks'));
    if (messageExpression !== '' && messageExpression.trim() === '')
      errors.push(required(`${where}.messageExpression`, 'messageExpression must be non-empty if specified'));
    if (reason !== undefined && !REASONS.includes(reason))
      errors.push(notSupported(`${where}.reason`, reason, REASONS));
    if (fieldPath === '') return;
    if (fieldPath.trim() === '')
      errors.push(invalidValue(`${where}.fieldPath`, fieldPath, 'must be non-empty if specified'));
    if (hasBreaks(fieldPath))
      errors.push(invalidValue(`${where}.fieldPath`, fieldPath, 'must not contain line breaks'));
    if (followPath(fieldPath, schema) === null)
      errors.push(invalidValue(`${where}.fieldPath`, fieldPath, 'must be a valid path'));
  });
  return errors;
}

function ruleMeaning({ schema, at, uncorrelated, cardinality, costs }: Place, type: CelType): FieldError[] {
  const errors: FieldError[] = [];
  schema['x-kubernetes-validations']?.forEach((rule, index) => {
    const where = `${at}.x-kubernetes-validations[${index}]`;
    const compiled = compileRule(rule, type, schema);
    if (compiled.problem !== null) errors.push(invalidValue(`${where}.rule`, internalRule(rule), compiled.problem));
    if (compiled.messageProblem !== null)
      errors.push(invalidValue(`${where}.messageExpression`, internalRule(rule), compiled.messageProblem));
    errors.push(...costs.add(where, schema, cardinality, compiled));
    if (compiled.usesOldSelf && uncorrelated !== null) {
      const text = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`;
      errors.push(invalidValue(`${where}.rule`, rule.rule, text));
    }
    if (!compiled.usesOldSelf && rule.optionalOldSelf !== undefined) {
      const text = 'may not be set if oldSelf is not used in rule';
      errors.push(invalidValue(`${where}.optionalOldSelf`, rule.optionalOldSelf, text));
    }
  });
  return errors;
}

/** A rule the way the server's own messages print it. */
function internalRule(rule: ValidationRule): unknown {
  return {
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}

/** Defaults have to be values of their own schema, complete and without unknown fields. */
function validateDefaults(schema: CustomSchema, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.default !== undefined && schema.default !== null) {
    const value = cloneJson(schema.default);
    if (unknownPaths(value, schema).length > 0)
      errors.push(invalidValue(`${at}.default`, value, 'must not have unknown fields'));
    for (const error of validateSchema(value, schema))
      if (error.type !== 'FieldValueDuplicate')
        errors.push({ ...error, field: [`${at}.default`, error.field].filter((part) => part !== '').join('.') });
  }
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    errors.push(...validateDefaults(property, `${at}.properties[${name}]`));
  if (schema.items) errors.push(...validateDefaults(schema.items, `${at}.items`));
  if (typeof schema.additionalProperties === 'object')
    errors.push(...validateDefaults(schema.additionalProperties, `${at}.additionalProperties`));
  return errors;
}
