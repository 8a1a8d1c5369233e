/** CustomResourceDefinition: what is filled in and what is refused. Source: API reference apiextensions.k8s.io/v1. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { isFormat } from '../cel/formats.ts';
import { equalJson, isRecord } from '../json.ts';
import {
  asJson,
  duplicate,
  immutable,
  invalidValue,
  notSupported,
  required,
  tooMany,
} from '../kinds/validation/field.ts';
import { label1035Name, subdomainName } from '../kinds/validation/meta.ts';
import { asSent } from '../openapi/sent-empty.ts';
import type { FieldError } from '../types.ts';
import { validateConversion } from './conversion-rules.ts';
import { followPath } from './field-path.ts';
import { AT_ROOT_TEXT, internalPart, internalSchema, saysTooMuchAtRoot } from './internal-form.ts';
import { validateSchemaDefinition } from './schema-rules.ts';
import type { CustomSchema } from './structural.ts';

/** What is filled in whenever a definition is written. */
export function defaultDefinition(object: KubeObject): void {
  const names = object.spec?.names;
  if (names) {
    names.singular ||= String(names.kind ?? '').toLowerCase();
    if (names.kind) names.listKind ||= `${names.kind}List`;
  }
  if (!object.spec) return;
  object.spec.conversion ??= { strategy: 'None' };
  const webhook = object.spec.conversion.webhook?.clientConfig?.service;
  if (webhook) webhook.port ??= 443;
  const storage = storageVersion(object);
  if (storage !== undefined && (object.status?.storedVersions ?? []).length === 0)
    object.status = { ...object.status, storedVersions: [storage] };
}

function storageVersion(object: KubeObject): string | undefined {
  return ((object.spec?.versions ?? []) as Json[]).find((version) => version.storage === true)?.name;
}

/** A new definition starts with nothing accepted; storage versions that were ever used are remembered. */
export function prepareDefinition(object: KubeObject, old: KubeObject | null): void {
  if (old === null) {
    object.status = { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null };
    delete object.metadata.deletionTimestamp;
  } else object.status = old.status;
  const storage = storageVersion(object);
  const stored: string[] = object.status?.storedVersions ?? [];
  if (storage !== undefined && object.status && !stored.includes(storage))
    object.status = { ...object.status, storedVersions: [...stored, storage] };
}

export function validateDefinition(object: KubeObject, old: KubeObject | null): FieldError[] {
  // A change of status or metadata judges nothing else again.
  if (old !== null && equalJson(object.spec, old.spec)) return [];
  const spec = object.spec ?? {};
  const errors: FieldError[] = [];
  const { group = '', names = {}, scope = '' } = spec;
  const versions: Json[] = spec.versions ?? [];

  if (group === '') errors.push(required('spec.group'));
  const unfit = group === '' ? [] : subdomainName(group);
  for (const text of unfit) errors.push(invalidValue('spec.group', group, text));
  if (group !== '' && unfit.length === 0 && group.split('.').length < 2)
    errors.push(invalidValue('spec.group', group, 'should be a domain with at least one dot'));
  errors.push(...validateNames(names));
  if (old === null && object.metadata.name !== `${names.plural}.${group}`)
    errors.push(invalidValue('metadata.name', object.metadata.name ?? '', 'must be spec.names.plural+"."+spec.group'));
  if (!['Cluster', 'Namespaced'].includes(scope))
    errors.push(scope === '' ? required('spec.scope') : notSupported('spec.scope', scope, ['Cluster', 'Namespaced']));

  const storage = versions.filter((version) => version.storage === true);
  const shown = isRecord(spec) && Array.isArray(spec.versions) ? internalVersions(versions) : null;
  if (storage.length !== 1) {
    const text = 'must have exactly one version marked as storage version';
    errors.push(invalidValue('spec.versions', shown, text));
  }
  errors.push(...validateStored(object.status?.storedVersions ?? [], versions));
  const seen = new Set<string>();
  const [first] = versions;
  if (first !== undefined)
    for (const text of label1035Name(first.name ?? ''))
      if (first.name) errors.push(invalidValue('spec.version', first.name, text));
  versions.forEach((version, index) => {
    const at = `spec.versions[${index}]`;
    for (const text of label1035Name(version.name ?? ''))
      errors.push(invalidValue(`${at}.name`, version.name ?? '', text));
    seen.add(version.name);
  });
  if (seen.size < versions.length)
    errors.push(invalidValue('spec.versions', shown, 'must contain unique version names'));
  const keepsUnknown = spec.preserveUnknownFields === true;
  if (keepsUnknown && versions.some(({ schema }) => hasDefaults(schema?.openAPIV3Schema)))
    errors.push(
      invalidValue('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'),
    );
  errors.push(...validateVersions(versions));
  const strategy = spec.conversion?.strategy ?? 'None';
  if (keepsUnknown && strategy !== 'None')
    errors.push(
      invalidValue('spec.conversion.strategy', strategy, 'must be None if spec.preserveUnknownFields is true'),
    );
  errors.push(...validateConversion(spec.conversion, old));
  if (keepsUnknown) {
    const text =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
    errors.push(invalidValue('spec.preserveUnknownFields', true, text));
  }
  errors.push(...approval(object, group));
  if (
    old !== null &&
    (old.status?.conditions ?? []).some((each: Json) => each.type === 'Established' && each.status === 'True')
  )
    errors.push(
      ...immutable('spec.group', group, old.spec?.group),
      ...immutable('spec.scope', scope, old.spec?.scope),
      ...immutable('spec.names.kind', names.kind, old.spec?.names?.kind),
      ...immutable('spec.names.plural', names.plural, old.spec?.names?.plural),
    );
  return errors;
}

/** Formats that mean nothing to the server, each once; of a definition that is changed those that are new. */
export function definitionWarnings(object: KubeObject, old: KubeObject | null): string[] {
  const before = old === null ? new Set<string>() : unknownFormats(old);
  const found = [...unknownFormats(object)].filter((format) => !before.has(format));
  return found.map((format) => `unrecognized format "${format}"`);
}

function unknownFormats(object: KubeObject): Set<string> {
  const found = new Set<string>();
  const look = (schema: CustomSchema | undefined): void => {
    if (!isRecord(schema)) return;
    const { format, properties, additionalProperties, items, type = '' } = schema;
    if (format && !isKnownFormat(type, format)) found.add(format);
    look(items);
    for (const list of [schema.allOf, schema.anyOf, schema.oneOf]) for (const each of list ?? []) look(each);
    look(schema.not);
    for (const each of Object.values(properties ?? {})) look(each);
    if (typeof additionalProperties === 'object') look(additionalProperties);
  };
  for (const version of (object.spec?.versions ?? []) as Json[]) look(version.schema?.openAPIV3Schema);
  return found;
}

/** Formats are those of texts, unless a type says that it is numbers; other types have none. */
function isKnownFormat(type: string, format: string): boolean {
  return type === '' || type === 'string' ? isFormat(format) : (NUMBER_FORMATS[type] ?? []).includes(format);
}

const NUMBER_FORMATS: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
};

function validateNames(names: Json): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['plural', 'singular']) {
    const value: string = names[field] ?? '';
    if (value === '') {
      errors.push(required(`spec.names.${field}`));
      continue;
    }
    for (const text of label1035Name(value)) errors.push(invalidValue(`spec.names.${field}`, value, text));
  }
  for (const field of ['kind', 'listKind']) {
    const value: string = names[field] ?? '';
    if (value === '') {
      errors.push(required(`spec.names.${field}`));
      continue;
    }
    const text = label1035Name(value.toLowerCase()).join(',');
    if (text !== '')
      errors.push(
        invalidValue(`spec.names.${field}`, value, `may have mixed case, but should otherwise match: ${text}`),
      );
  }
  if (names.kind !== undefined && names.kind !== '' && names.kind === names.listKind)
    errors.push(invalidValue('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'));
  for (const list of ['shortNames', 'categories'])
    ((names[list] ?? []) as string[]).forEach((value, index) => {
      for (const text of label1035Name(value)) errors.push(invalidValue(`spec.names.${list}[${index}]`, value, text));
    });
  return errors;
}

/** Parts that are the same in all versions count as the definition's own, and their errors name that place, once. */
function validateVersions(versions: Json[]): FieldError[] {
  const errors: FieldError[] = [];
  const same = (part: string) => versions.every((version) => equalJson(version[part], versions[0][part]));
  const shared = {
    schema: same('schema'),
    subresources: same('subresources'),
    additionalPrinterColumns: same('additionalPrinterColumns'),
    selectableFields: same('selectableFields'),
  };
  versions.forEach((version, index) => {
    const at = `spec.versions[${index}]`;
    errors.push(...validateDeprecation(version, at));
    const schema = version.schema?.openAPIV3Schema ?? null;
    const isFirst = index === 0;
    const where = `${shared.schema ? 'spec.validation' : `${at}.schema`}.openAPIV3Schema`;
    if (schema === null) errors.push(required(`${at}.schema.openAPIV3Schema`));
    else if (isFirst || !shared.schema)
      errors.push(...validateRoot(version, schema, where), ...validateSchemaDefinition(schema, where));
    const place = (part: keyof typeof shared) => (shared[part] ? `spec.${part}` : `${at}.${part}`);
    if (isFirst || !shared.subresources) errors.push(...validateScale(version, place('subresources')));
    if (isFirst || !shared.additionalPrinterColumns)
      errors.push(...validateColumns(version.additionalPrinterColumns ?? [], place('additionalPrinterColumns')));
    // What all versions select stands beside a schema of all versions or nowhere.
    if (isFirst && shared.selectableFields && !shared.schema && (version.selectableFields ?? []).length > 0)
      errors.push(invalidValue('spec.selectableFields', '', 'may only be set when validations.schema is included'));
    else if (schema !== null && (isFirst || !shared.selectableFields))
      errors.push(...validateSelectable(version.selectableFields ?? [], schema, place('selectableFields')));
    else if (schema === null && !shared.selectableFields && (version.selectableFields ?? []).length > 0) {
      const text = 'may only be set when `version.schema.openAPIV3Schema` is not included';
      errors.push(invalidValue(`${at}.selectableFields`, '', text));
    }
  });
  return errors;
}

/** The status is judged by a part of the schema, which has to be there. */
function validateRoot({ subresources }: Json, schema: CustomSchema, at: string): FieldError[] {
  if (!subresources?.status) return [];
  const { type = '' } = schema;
  if (type === '' || type === 'object')
    return saysTooMuchAtRoot(schema) ? [invalidValue(at, internalSchema(schema), AT_ROOT_TEXT)] : [];
  const text = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
  return [invalidValue(`${at}.type`, type, text)];
}

function validateDeprecation(version: Json, at: string): FieldError[] {
  const text: unknown = version.deprecationWarning;
  if (typeof text !== 'string') return [];
  const bad = (detail: string): FieldError[] => {
    const message = `Invalid value: ${asJson(text)}: ${detail}`;
    return [{ type: 'FieldValueInvalid', field: `${at}.deprecationWarning`, message }];
  };
  if (version.deprecated !== true) return bad('can only be set for deprecated versions');
  if (text === '') return bad('must not be an empty string');
  const errors = text.length > 256 ? bad('must be <= 256 characters long') : [];
  const unprintable = text.search(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u);
  if (unprintable < 0) return errors;
  const at256 = Buffer.byteLength(text.slice(0, unprintable));
  const detail = `must only contain printable UTF-8 characters; non-printable character found at index ${at256}`;
  return [...errors, ...bad(detail)];
}

const SIMPLE_PATH = 'must be a simple json path starting with .';
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function validateColumns(columns: Json[], at: string): FieldError[] {
  const errors: FieldError[] = [];
  columns.forEach((column, index) => {
    const where = `${at}[${index}]`;
    const types = `must be one of ${COLUMN_TYPES.join(',')}`;
    if (!column.name) errors.push(required(`${where}.name`));
    if (!column.type) errors.push(required(`${where}.type`, types));
    else if (!COLUMN_TYPES.includes(column.type)) errors.push(invalidValue(`${where}.type`, column.type, types));
    if (column.format && !COLUMN_FORMATS.includes(column.format))
      errors.push(invalidValue(`${where}.format`, column.format, `must be one of ${COLUMN_FORMATS.join(',')}`));
    if (!column.jsonPath) errors.push(required(`${where}.JSONPath`));
    else if (!column.jsonPath.startsWith('.'))
      errors.push(invalidValue(`${where}.JSONPath`, column.jsonPath, SIMPLE_PATH));
  });
  return errors;
}

function validateScale(version: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const scale = version.subresources?.scale;
  if (!scale) return errors;
  for (const [field, root] of [
    ['specReplicasPath', '.spec'],
    ['statusReplicasPath', '.status'],
    ['labelSelectorPath', '.spec or .status'],
  ] as const) {
    const value: string = scale[field] ?? '';
    const roots = root.split(' or ');
    if (value === '') {
      if (field !== 'labelSelectorPath') errors.push(required(`${at}.scale.${field}`));
    } else if (!value.startsWith('.')) errors.push(invalidValue(`${at}.scale.${field}`, value, SIMPLE_PATH));
    else if (!roots.some((each) => value.startsWith(`${each}.`)))
      errors.push(
        invalidValue(
          `${at}.scale.${field}`,
          value,
          roots.length > 1
            ? `should be a json path under either ${roots.join(' or ')}`
            : `should be a json path under ${root}`,
        ),
      );
  }
  return errors;
}

const MAX_SELECTABLE = 8;

function validateSelectable(fields: Json[], schema: CustomSchema, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  fields.forEach(({ jsonPath = '' }: { jsonPath?: string }, index) => {
    const where = `${at}[${index}].jsonPath`;
    if (jsonPath === '') {
      errors.push(required(where));
      return;
    }
    const found = /[[\]]/.test(jsonPath) ? null : followPath(jsonPath, schema);
    if (found === null) {
      const why = /[[\]]/.test(jsonPath)
        ? 'array notation is not allowed'
        : /^[.]/.test(jsonPath)
          ? 'does not refer to a valid field'
          : `expected [ or . but got: ${jsonPath}`;
      errors.push(invalidValue(where, jsonPath, `is an invalid path: ${why}`));
    } else if (jsonPath.startsWith('.metadata'))
      errors.push(invalidValue(where, jsonPath, 'must not point to fields in metadata'));
    else if (!['string', 'boolean', 'integer'].includes(found.schema.type ?? '')) {
      const text =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(invalidValue(where, jsonPath, text));
    }
    if (seen.has(jsonPath)) errors.push(duplicate(where, jsonPath));
    seen.add(jsonPath);
  });
  if (seen.size > MAX_SELECTABLE) errors.push(tooMany(at, seen.size, MAX_SELECTABLE));
  return errors;
}

function hasDefaults(schema: Json): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  if (schema.default !== undefined) return true;
  const children = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties];
  return children.some(hasDefaults);
}

/** Versions that objects may still be stored under cannot go. */
function validateStored(stored: string[], versions: Json[]): FieldError[] {
  const at = 'status.storedVersions';
  if (stored.length === 0) return [invalidValue(at, null, 'must have at least one stored version')];
  const missing = versions
    // A name that another version has had already is not there again.
    .filter(({ name }, index) => !stored.includes(name) || versions.findIndex((each) => each.name === name) < index)
    .filter((version) => version.storage === true)
    .map((version) => invalidValue(at, stored, `must have the storage version ${version.name}`));
  const gone = stored.flatMap((name, index) => {
    if (versions.some((version) => version.name === name)) return [];
    const text = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    return [invalidValue(`${at}[${index}]`, name, text)];
  });
  return [...missing, ...gone];
}

/** Groups of the project itself need its approval. */
function approval(object: KubeObject, group: string): FieldError[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return [];
  const field = 'metadata.annotations[api-approved.kubernetes.io]';
  const value = object.metadata.annotations?.['api-approved.kubernetes.io'] ?? '';
  if (/^https?:\/\//.test(value) || value.startsWith('unapproved')) return [];
  const need = 'protected groups must have approval annotation "api-approved.kubernetes.io"';
  const see = ', see https://github.com/kubernetes/enhancements/pull/1111';
  const form = ' with either a URL or a reason starting with "unapproved"';
  return [value === '' ? required(field, need + see) : invalidValue(field, value, need + form + see)];
}

/** Versions the way the server's own messages print them: what is the same in all is not part of any. */
function internalVersions(versions: Json[]): Json[] {
  const own = (part: string) => (versions.every((each) => equalJson(each[part], versions[0][part])) ? null : part);
  const [schema, subresources] = [own('schema'), own('subresources')];
  const [columns, fields] = [own('additionalPrinterColumns'), own('selectableFields')];
  const part = (version: Json, name: string | null) => {
    const given = name === null ? null : asSent(version, name);
    return given === null ? null : internalPart[name!]!(given);
  };
  return versions.map((version) => ({
    Name: version.name ?? '',
    Served: version.served ?? false,
    Storage: version.storage ?? false,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: part(version, schema),
    Subresources: part(version, subresources),
    AdditionalPrinterColumns: part(version, columns),
    SelectableFields: part(version, fields),
  }));
}
