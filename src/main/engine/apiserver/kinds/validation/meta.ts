/**
 * Rules every object obeys: names, labels, annotations, finalizers, owner references.
 * Source: Kubernetes documentation, "Object Names and IDs", "Labels and Selectors"; texts of util/validation.
 */
import type { KubeObject, ObjectMeta, OwnerReference } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../types.ts';
import { forbiddenField, immutable, invalidAll, invalidValue, required, tooLong } from './field.ts';

/** Complaints about a name, without the field; `prefix` is true for generateName, where a trailing dash is fine. */
export type NameRule = (name: string, prefix?: boolean) => string[];

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const NO_DOTS = 'must not contain dots';
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const QUALIFIED_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;
const CONFIG_KEY_TEXT =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

function longerThan(max: number): string {
  return `must be no more than ${max} characters`;
}

/** What a generated name begins with goes on after its dash. */
const completed = (name: string, prefix: boolean): string =>
  prefix && name.endsWith('-') && name.length > 1 ? `${name.slice(0, -1)}a` : name;

function rule(pattern: RegExp, max: number, text: string): NameRule {
  return (name, prefix = false) => {
    const tested = completed(name, prefix);
    const complaints: string[] = [];
    if (tested.length > max) complaints.push(longerThan(max));
    if (!pattern.test(tested)) complaints.push(text);
    return complaints;
  };
}

/** RFC 1123 subdomain, up to 253: most kinds. */
export const subdomainName: NameRule = rule(SUBDOMAIN, 253, SUBDOMAIN_TEXT);
const plainLabel: NameRule = rule(LABEL, 63, LABEL_TEXT);

/** RFC 1123 label, up to 63: namespaces, container names. */
export const labelName: NameRule = (name, prefix = false) => {
  const complaints = plainLabel(name, prefix);
  // A good domain name is told what alone is wrong with it.
  if (complaints.at(-1) === LABEL_TEXT && SUBDOMAIN.test(completed(name, prefix)))
    complaints[complaints.length - 1] = NO_DOTS;
  return complaints;
};
/** RFC 1035 label, up to 63. */
export const label1035Name: NameRule = rule(LABEL_1035, 63, LABEL_1035_TEXT);
/** Anything that can stand in a path: RBAC kinds. */
export const pathSegmentName: NameRule = (name) => {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((bad) => name.includes(bad)).map((bad) => `may not contain '${bad}'`);
};

export function qualifiedName(name: string): string[] {
  const parts = name.split('/');
  const complaints: string[] = [];
  if (parts.length > 2)
    return [
      `a valid label key ${QUALIFIED_TEXT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const [prefix, local] = parts.length === 2 ? [parts[0] ?? '', parts[1] ?? ''] : [null, parts[0] ?? ''];
  if (prefix === '') complaints.push('prefix part must be non-empty');
  else if (prefix !== null)
    complaints.push(
      ...subdomainName(prefix).map(
        (text) => `prefix part ${text === longerThan(253) ? 'must be no more than 253 bytes' : text}`,
      ),
    );
  if (local === '') complaints.push('name part must be non-empty');
  else if (Buffer.byteLength(local) > 63) complaints.push('name part must be no more than 63 bytes');
  if (!QUALIFIED.test(local)) complaints.push(`name part ${QUALIFIED_TEXT}`);
  return complaints;
}

const HTTP_PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

/** `example.com/some/path`: names of controllers and the like. */
export function domainPath(value: string, field: string): FieldError[] {
  if (value === '') return [required(field)];
  const slash = value.indexOf('/');
  if (slash <= 0 || slash === value.length - 1)
    return [invalidValue(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const [host, path] = [value.slice(0, slash), value.slice(slash + 1)];
  const errors = invalidAll(field, host, subdomainName(host));
  if (HTTP_PATH.test(path)) return errors;
  const text = "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')";
  return [...errors, invalidValue(field, path, text)];
}

export function labelValue(value: string): string[] {
  const complaints: string[] = [];
  if (Buffer.byteLength(value) > 63) complaints.push('must be no more than 63 bytes');
  if (!LABEL_VALUE.test(value)) complaints.push(LABEL_VALUE_TEXT);
  return complaints;
}

export function configMapKey(key: string): string[] {
  const complaints: string[] = [];
  if (key.length > 253) complaints.push(longerThan(253));
  if (!CONFIG_KEY.test(key)) complaints.push(CONFIG_KEY_TEXT);
  else if (key === '.') complaints.push("must not be '.'");
  else if (key === '..') complaints.push("must not be '..'");
  else if (key.startsWith('..')) complaints.push("must not start with '..'");
  return complaints;
}

export function validateLabels(labels: unknown, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries((labels ?? {}) as Record<string, string>)) {
    for (const text of qualifiedName(key)) errors.push(invalidValue(field, key, text));
    for (const text of labelValue(String(value))) errors.push(invalidValue(field, value, text));
  }
  return errors;
}

const ANNOTATIONS_MAX = 256 * 1024;

export function validateAnnotations(annotations: unknown, field: string): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries((annotations ?? {}) as Record<string, string>)) {
    for (const text of qualifiedName(key.toLowerCase())) errors.push(invalidValue(field, key, text));
    size += Buffer.byteLength(key) + Buffer.byteLength(String(value));
  }
  if (size > ANNOTATIONS_MAX) errors.push(tooLong(field, ANNOTATIONS_MAX));
  return errors;
}

const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** `at`: where the name itself is. */
export function validateFinalizer(name: string, field: string, at: string): FieldError[] {
  return [...invalidAll(field, name, qualifiedName(name)), ...standardFinalizer(name, at)];
}

function standardFinalizer(name: string, at: string): FieldError[] {
  if (name.includes('/') || STANDARD_FINALIZERS.has(name)) return [];
  return [invalidValue(at, name, 'name is neither a standard finalizer name nor is it fully qualified')];
}

function standardFinalizers(finalizers: readonly string[], field: string): FieldError[] {
  return finalizers.flatMap((name, index) => standardFinalizer(name, `${field}[${index}]`));
}

/** Finalizers of custom resources need no domain. */
function qualifiedFinalizers(finalizers: readonly string[], field: string): FieldError[] {
  const errors = finalizers.flatMap((name) => invalidAll(field, name, qualifiedName(name)));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion'))
    errors.push(invalidValue(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  return errors;
}

export function validateOwnerReferences(owners: readonly OwnerReference[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  let controller: OwnerReference | null = null;
  for (const owner of owners) {
    const parts = (owner.apiVersion ?? '').split('/');
    const [group, version] = parts.length === 1 ? ['', parts[0]!] : parts.length === 2 ? parts : ['', ''];
    if (version === '')
      errors.push(invalidValue(`${field}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'));
    if (!owner.kind) errors.push(invalidValue(`${field}.kind`, owner.kind ?? '', 'must not be empty'));
    if (!owner.name) errors.push(invalidValue(`${field}.name`, owner.name ?? '', 'must not be empty'));
    if (!owner.uid) errors.push(invalidValue(`${field}.uid`, owner.uid ?? '', 'must not be empty'));
    if (owner.kind === 'Event' && ((group === '' && version === 'v1') || group === 'events.k8s.io'))
      errors.push(invalidValue(field, owner, `${group}/${version}, Kind=Event is disallowed from being an owner`));
    if (owner.controller !== true) continue;
    if (controller === null) controller = owner;
    else {
      const pair = `${controller.kind}/${controller.name} and ${owner.kind}/${owner.name}`;
      const text = `Only one reference can have Controller set to true. Found "true" in references for ${pair}`;
      errors.push(invalidValue(field, owners, text));
    }
  }
  return errors;
}

/** A kind looks at the change of its metadata, at the metadata as they are, at both, at what they are twice, or at neither. */
export type MetaChecks = 'change' | 'object' | 'both' | 'twice' | 'none';

/**
 * Everything the server checks in metadata, on create (`old` null) and update. An update passes these checks several times
 * (as an object, as a change, by its kind), and clients see every cause.
 */
export function validateMeta(
  object: KubeObject,
  old: KubeObject | null,
  namespaced: boolean,
  name: NameRule,
  /** What the kind itself looks at in metadata on an update, beside what is looked at for every kind. */
  again: MetaChecks = 'change',
  custom = false,
): FieldError[] {
  const meta = object.metadata;
  const finalizers = meta.finalizers ?? [];
  const written = [
    ...validateLabels(meta.labels, 'metadata.labels'),
    ...validateAnnotations(meta.annotations, 'metadata.annotations'),
    ...validateOwnerReferences(meta.ownerReferences ?? [], 'metadata.ownerReferences'),
  ];
  const qualified = qualifiedFinalizers(finalizers, 'metadata.finalizers');
  // That they need a domain is for the kind to say.
  const standard = custom ? [] : standardFinalizers(finalizers, 'metadata.finalizers');
  const rule = again === 'none' ? pathSegmentName : name;
  const start = [
    ...generatedName(meta, old === null ? rule : pathSegmentName),
    ...placeErrors(meta, old === null, namespaced, rule),
    ...written,
    ...qualified,
  ];
  if (old === null) return again === 'none' ? start : [...start, ...standard];
  const asObject = [...generatedName(meta, name), ...written, ...qualified, ...standard];
  const byKind: Record<MetaChecks, FieldError[]> = {
    none: [],
    change: [...written, ...standard],
    object: asObject,
    both: [...written, ...standard, ...asObject],
    twice: [...asObject, ...asObject],
  };
  return [...start, ...written, ...byKind[again], ...immutable('metadata.name', meta.name, old.metadata.name)];
}

function generatedName({ generateName }: ObjectMeta, rule: NameRule): FieldError[] {
  return generateName ? invalidAll('metadata.generateName', generateName, rule(generateName, true)) : [];
}

/** Names and generations, which only a new object brings. */
function placeErrors(meta: ObjectMeta, isNew: boolean, namespaced: boolean, name: NameRule): FieldError[] {
  const errors: FieldError[] = [];
  if (meta.name === undefined || meta.name === '')
    errors.push(required('metadata.name', 'name or generateName is required'));
  else if (isNew) errors.push(...invalidAll('metadata.name', meta.name, name(meta.name)));
  if (namespaced) {
    if (!meta.namespace) errors.push(required('metadata.namespace'));
    else if (isNew) errors.push(...invalidAll('metadata.namespace', meta.namespace, labelName(meta.namespace)));
  } else if (meta.namespace) errors.push(forbiddenField('metadata.namespace', 'not allowed on this type'));
  if ((meta.generation ?? 0) < 0)
    errors.push(invalidValue('metadata.generation', meta.generation, 'must be greater than or equal to 0'));
  return errors;
}
