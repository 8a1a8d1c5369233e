/** Configuration and identity: ConfigMap, Secret, ServiceAccount, Namespace. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { problemOfJson } from '../../json-text.ts';
import { asSent } from '../../openapi/sent-empty.ts';
import { age, text } from '../../table/cells.ts';
import type { FieldError } from '../../types.ts';
import type { KindSpec } from '../define.ts';
import { forbiddenField, immutable, invalidValue, required, sameJson, tooLong } from '../validation/field.ts';
import { keyPairProblems } from '../validation/key-pair.ts';
import { configMapKey, labelName, validateFinalizer } from '../validation/meta.ts';

const MAX_SIZE = 1024 * 1024;

function validateConfigMap(object: KubeObject, old: KubeObject | null): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries((object.data ?? {}) as Record<string, string>)) {
    for (const detail of configMapKey(key)) errors.push(invalidValue(`data[${key}]`, key, detail));
    if (object.binaryData?.[key] !== undefined)
      errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    size += Buffer.byteLength(String(value));
  }
  for (const [key, value] of Object.entries((object.binaryData ?? {}) as Record<string, string>)) {
    for (const detail of configMapKey(key)) errors.push(invalidValue(`binaryData[${key}]`, key, detail));
    size += Buffer.byteLength(value ?? '', 'base64');
  }
  // The whole object is meant.
  if (size > MAX_SIZE) errors.push(tooLong('[]', MAX_SIZE));
  errors.push(...validateImmutable(object, old, ['data', 'binaryData'], 'binaryData'));
  return errors;
}

/** `literal`: the one of the fields of which none is not the same as one that was sent without entries. */
function validateImmutable(
  object: KubeObject,
  old: KubeObject | null,
  fields: readonly string[],
  literal: string,
): FieldError[] {
  if (old?.immutable !== true) return [];
  const detail = 'field is immutable when `immutable` is set';
  const errors: FieldError[] = [];
  if (object.immutable !== true) errors.push(forbiddenField('immutable', detail));
  for (const field of fields) {
    const emptied = field === literal && (old[field] ?? null) === null && asSent(object, field) !== null;
    if (emptied || !sameJson(object[field], old[field])) errors.push(forbiddenField(field, detail));
  }
  return errors;
}

/** Keys that a secret of a well-known type has to have. */
const requiredKeys: Record<string, string[]> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

function validateSecret(object: KubeObject, old: KubeObject | null): FieldError[] {
  const errors = old === null ? [] : immutable('type', object.type, old.type);
  const data = (object.data ?? {}) as Record<string, string>;
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    for (const detail of configMapKey(key)) errors.push(invalidValue(`data[${key}]`, key, detail));
    size += Buffer.byteLength(String(value), 'base64');
  }
  if (size > MAX_SIZE) errors.push(tooLong('data', MAX_SIZE));
  for (const key of requiredKeys[object.type] ?? [])
    if (data[key] === undefined || (key === 'ssh-privatekey' && data[key] === ''))
      errors.push(required(`data[${key}]`));
  if (object.type === 'kubernetes.io/basic-auth' && data.username === undefined && data.password === undefined)
    errors.push(required('data[username]'), required('data[password]'));
  if (object.type === 'kubernetes.io/service-account-token') {
    const name = object.metadata.annotations?.['kubernetes.io/service-account.name'];
    if (!name) errors.push(required('metadata.annotations[kubernetes.io/service-account.name]'));
  }
  for (const field of ['.dockercfg', '.dockerconfigjson']) {
    if (!requiredKeys[object.type]?.includes(field) || data[field] === undefined) continue;
    const problem = problemOfJson(Buffer.from(data[field] ?? '', 'base64').toString('utf8'));
    if (problem !== null) errors.push(invalidValue(`data[${field}]`, '<secret contents redacted>', problem));
  }
  errors.push(...validateImmutable(object, old, ['data'], 'data'));
  return errors;
}

function defaultSecret(object: KubeObject): void {
  object.type ||= 'Opaque';
  if (object.stringData) {
    for (const [key, value] of Object.entries(object.stringData as Record<string, string>)) {
      object.data ??= {};
      object.data[key] = Buffer.from(String(value), 'utf8').toString('base64');
    }
    delete object.stringData;
  }
}

function prepareNamespace(object: KubeObject, old: KubeObject | null): void {
  if (old === null) {
    object.status = { phase: 'Active' };
    object.spec = { ...object.spec };
    const finalizers: string[] = object.spec.finalizers ?? [];
    if (!finalizers.includes('kubernetes')) object.spec.finalizers = [...finalizers, 'kubernetes'];
  } else {
    object.spec = { ...object.spec, finalizers: old.spec?.finalizers };
    object.status = old.status;
  }
}

/** Namespaces can be selected by their name. */
function defaultNamespace(object: KubeObject): void {
  if (!object.status?.phase) object.status = { ...object.status, phase: 'Active' };
  if (object.metadata.name)
    object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
}

function validateNamespace(object: KubeObject, old: KubeObject | null, subresource = ''): FieldError[] {
  const finalizers: string[] = object.spec?.finalizers ?? [];
  if (old === null || subresource === 'finalize') {
    const errors = finalizers.flatMap((name, index) => {
      const at = old === null ? 'spec.finalizers' : `spec.finalizers[${index}]`;
      return validateFinalizer(name, at, at);
    });
    if (errors.length > 0) return errors;
  }
  if (!object.metadata.deletionTimestamp && object.status?.phase !== undefined && object.status.phase !== 'Active') {
    const detail = "may only be 'Active' if `deletionTimestamp` is empty";
    return [invalidValue('status.Phase', object.status.phase, detail)];
  }
  return [];
}

const count = (object: KubeObject, ...fields: string[]): number =>
  fields.reduce((sum, field) => sum + Object.keys(object[field] ?? {}).length, 0);

export const configKinds: KindSpec[] = [
  {
    kind: 'ConfigMap',
    metaChecks: 'both',
    resource: 'configmaps',
    shortNames: ['cm'],
    validate: validateConfigMap,
    columns: [
      text('Data', (object) => count(object, 'data', 'binaryData'), {
        description:
          "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.",
      }),
      age,
    ],
  },
  {
    kind: 'Namespace',
    metaChecks: 'both',
    resource: 'namespaces',
    shortNames: ['ns'],
    namespaced: false,
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    subresources: ['finalize', 'status'],
    nameRule: labelName,
    selectableFields: { 'status.phase': (object) => object.status?.phase ?? '' },
    defaults: defaultNamespace,
    prepare: prepareNamespace,
    validate: validateNamespace,
    columns: [
      text('Status', (object) => object.status?.phase ?? '', { description: 'The status of the namespace' }),
      age,
    ],
  },
  {
    kind: 'Secret',
    metaChecks: 'both',
    resource: 'secrets',
    selectableFields: { type: (object) => object.type ?? '' },
    defaults: defaultSecret,
    validate: validateSecret,
    warnings: ({ type, data }) => (type === 'kubernetes.io/tls' ? keyPairProblems(data ?? {}) : []),
    columns: [
      text('Type', (object) => object.type ?? '', { from: ['core.Secret', 'type'] }),
      text('Data', (object) => count(object, 'data'), { from: ['core.Secret', 'data'] }),
      age,
    ],
  },
  {
    kind: 'ServiceAccount',
    metaChecks: 'both',
    resource: 'serviceaccounts',
    shortNames: ['sa'],
    subresources: ['token'],
    // Secrets of an account are its namespace's own: nothing but their names counts.
    prepare: (object) => {
      if (object.secrets) object.secrets = (object.secrets as Json[]).map(({ name }) => (name ? { name } : {}));
    },
    columns: [age],
  },
];
