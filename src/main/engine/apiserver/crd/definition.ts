/** CustomResourceDefinition: what is filled in and what is refused. Source: API reference apiextensions.k8s.io/v1. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { duplicate, immutable, invalidValue, notSupported, required } from '../kinds/validation/field.ts';
import { label1035Name, subdomainName } from '../kinds/validation/meta.ts';
import type { FieldError } from '../types.ts';
import { isPath } from './jsonpath.ts';

/** What is filled in whenever a definition is written. */
export function defaultDefinition(object: KubeObject): void {
  const names = object.spec?.names;
  if (names) {
    names.singular ||= String(names.kind ?? '').toLowerCase();
    names.listKind ||= `${names.kind ?? ''}List`;
  }
  if (!object.spec) return;
  object.spec.conversion ??= { strategy: 'None' };
  const webhook = object.spec.conversion.webhook?.clientConfig?.service;
  if (webhook) webhook.port ??= 443;
}

/** A new definition starts with nothing accepted; storage versions that were ever used are remembered. */
export function prepareDefinition(object: KubeObject, old: KubeObject | null): void {
  if (old === null) {
    object.status = { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null };
    delete object.metadata.deletionTimestamp;
  } else object.status = old.status;
  const storage = ((object.spec?.versions ?? []) as Json[]).find((version) => version.storage === true)?.name;
  const stored: string[] = object.status?.storedVersions ?? [];
  if (storage !== undefined && object.status && !stored.includes(storage))
    object.status = { ...object.status, storedVersions: [...stored, storage] };
}

export function validateDefinition(object: KubeObject, old: KubeObject | null): FieldError[] {
  const spec = object.spec ?? {};
  const errors: FieldError[] = [];
  const { group = '', names = {}, scope = '' } = spec;
  const versions: Json[] = spec.versions ?? [];

  if (group === '') errors.push(required('spec.group'));
  else for (const text of subdomainName(group)) errors.push(invalidValue('spec.group', group, text));
  if (group !== '' && group.split('.').length < 2)
    errors.push(invalidValue('spec.group', group, 'should be a domain with at least one dot'));
  errors.push(...validateNames(names));
  if (object.metadata.name !== `${names.plural}.${group}`)
    errors.push(invalidValue('metadata.name', object.metadata.name ?? '', 'must be spec.names.plural+"."+spec.group'));
  if (!['Cluster', 'Namespaced'].includes(scope))
    errors.push(scope === '' ? required('spec.scope') : notSupported('spec.scope', scope, ['Cluster', 'Namespaced']));

  if (versions.length === 0) errors.push(required('spec.versions', 'must have at least one version'));
  const storage = versions.filter((version) => version.storage === true);
  if (versions.length > 0 && storage.length !== 1) {
    const text = 'must have exactly one version marked as storage version';
    errors.push(invalidValue('spec.versions', versions.map(internalVersion), text));
  }
  if ((object.status?.storedVersions ?? []).length === 0)
    errors.push(invalidValue('status.storedVersions', null, 'must have at least one stored version'));
  const seen = new Set<string>();
  const [first] = versions;
  if (first !== undefined)
    for (const text of label1035Name(first.name ?? ''))
      errors.push(invalidValue('spec.version', first.name ?? '', text));
  versions.forEach((version, index) => {
    const at = `spec.versions[${index}]`;
    for (const text of label1035Name(version.name ?? ''))
      errors.push(invalidValue(`${at}.name`, version.name ?? '', text));
    if (seen.has(version.name)) errors.push(duplicate(`${at}.name`, version.name));
    seen.add(version.name);
    // The schema of a version that stands alone counts as the definition's own, and its errors name that place.
    const schemaAt = versions.length === 1 ? 'spec.validation.openAPIV3Schema' : `${at}.schema.openAPIV3Schema`;
    errors.push(...validateVersion(version, at, schemaAt));
  });
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

function validateNames(names: Json): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['plural', 'singular']) {
    const value: string = names[field] ?? '';
    if (value === '') {
      if (field === 'plural') errors.push(required('spec.names.plural'));
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

function validateVersion(version: Json, at: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const schema = version.schema?.openAPIV3Schema;
  if (schema === undefined || schema === null) errors.push(required(`${at}.schema.openAPIV3Schema`));
  else {
    if (schema.type !== 'object')
      errors.push(
        schema.type === undefined || schema.type === ''
          ? required(`${path}.type`, 'must not be empty at the root')
          : invalidValue(`${path}.type`, schema.type, 'must be object at the root'),
      );
    validateStructure(schema, path, errors);
  }
  ((version.additionalPrinterColumns ?? []) as Json[]).forEach((column, index) => {
    const where = `${at}.additionalPrinterColumns[${index}]`;
    if (!column.name) errors.push(required(`${where}.name`));
    const types = ['integer', 'number', 'string', 'boolean', 'date'];
    if (!column.type) errors.push(required(`${where}.type`, `must be one of ${types.join(',')}`));
    else if (!types.includes(column.type))
      errors.push(invalidValue(`${where}.type`, column.type, `must be one of ${types.join(',')}`));
    if (!column.jsonPath) errors.push(required(`${where}.JSONPath`));
    else if (!isPath(column.jsonPath))
      errors.push(invalidValue(`${where}.JSONPath`, column.jsonPath, 'is an invalid JSON path'));
  });
  const scale = version.subresources?.scale;
  if (scale)
    for (const [field, root] of [
      ['specReplicasPath', '.spec'],
      ['statusReplicasPath', '.status'],
    ] as const) {
      const value: string = scale[field] ?? '';
      if (value === '') errors.push(required(`${at}.subresources.scale.${field}`));
      else if (!value.startsWith(`${root}.`))
        errors.push(invalidValue(`${at}.subresources.scale.${field}`, value, `should be a json path under ${root}`));
    }
  return errors;
}

/** Every field has to say what it is. */
function validateStructure(schema: Json, path: string, errors: FieldError[]): void {
  for (const [name, property] of Object.entries((schema.properties ?? {}) as Record<string, Json>)) {
    const at = `${path}.properties[${name}]`;
    if (untyped(property)) errors.push(required(`${at}.type`, 'must not be empty for specified object fields'));
    validateStructure(property, at, errors);
  }
  if (schema.additionalProperties !== null && typeof schema.additionalProperties === 'object') {
    const at = `${path}.additionalProperties`;
    if (untyped(schema.additionalProperties))
      errors.push(required(`${at}.type`, 'must not be empty for specified object fields'));
    validateStructure(schema.additionalProperties, at, errors);
  }
  if (schema.type === 'array' && (schema.items === undefined || schema.items === null))
    errors.push(required(`${path}.items`, 'must be specified'));
  if (schema.items !== null && typeof schema.items === 'object') {
    if (untyped(schema.items))
      errors.push(required(`${path}.items.type`, 'must not be empty for specified array items'));
    validateStructure(schema.items, `${path}.items`, errors);
  }
}

function untyped(schema: Json): boolean {
  if (schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true)
    return false;
  return schema.type === undefined || schema.type === '';
}

/** Groups of the project itself need its approval. */
function approval(object: KubeObject, group: string): FieldError[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return [];
  const field = 'metadata.annotations[api-approved.kubernetes.io]';
  const value = object.metadata.annotations?.['api-approved.kubernetes.io'] ?? '';
  if (/^https?:\/\//.test(value) || value.startsWith('unapproved')) return [];
  const text =
    'protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111';
  return [value === '' ? required(field, text) : invalidValue(field, value, text)];
}

/** A version the way the server's own messages print it. */
function internalVersion(version: Json): Json {
  return {
    Name: version.name ?? '',
    Served: version.served ?? false,
    Storage: version.storage ?? false,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: version.schema ?? null,
    Subresources: version.subresources ?? null,
    AdditionalPrinterColumns: version.additionalPrinterColumns ?? null,
    SelectableFields: version.selectableFields ?? null,
  };
}
