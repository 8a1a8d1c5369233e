/** PersistentVolume and PersistentVolumeClaim. Source: API reference core/v1; texts of the server's validation. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { copyAsSent } from '../../openapi/sent-empty.ts';
import type { FieldError } from '../../types.ts';
import { differenceBelow } from '../difference/index.ts';
import { validateNodeSelector } from '../pods/spec/affinity.ts';
import { noBacksteps } from '../pods/spec/paths.ts';
import { hostPath, PLUGINS, type SourceCheck, validateDriverName } from '../pods/spec/plugins.ts';
import {
  forbiddenField,
  immutable,
  immutableField,
  invalidAll,
  invalidValue,
  notSupported,
  required,
  sameJson,
} from './field.ts';
import { labelName, subdomainName } from './meta.ts';
import { compareQuantities, wholeOf } from './quantity.ts';
import { validateSelector } from './selector.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const VOLUME_MODES = ['Block', 'Filesystem'];
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

function validateModes(modes: string[], at: string, missing: string): FieldError[] {
  const errors = modes.length === 0 ? [required(at, missing)] : [];
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) errors.push(notSupported(at, mode, ACCESS_MODES));
  const known = modes.filter((mode) => ACCESS_MODES.includes(mode));
  if (known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod'))
    errors.push(forbiddenField(at, 'may not use ReadWriteOncePod with other access modes'));
  return errors;
}

function validateVolumeMode(mode: Json, at: string): FieldError[] {
  return mode === undefined || VOLUME_MODES.includes(mode) ? [] : [notSupported(at, mode, VOLUME_MODES)];
}

/** The spec of a claim, also that of a claim template of a pod. */
/** `before`: the spec that there was. */
export function validateClaimSpec(spec: Json, at: string, before: Json = {}): FieldError[] {
  const errors = validateModes(spec.accessModes ?? [], `${at}.accessModes`, 'at least 1 access mode is required');
  errors.push(...validateSelector(spec.selector, `${at}.selector`));
  const size = spec.resources?.requests?.storage;
  if (size === undefined) errors.push(required(`${at}.resources[storage]`));
  else if (compareQuantities(size, '0') <= 0)
    errors.push(invalidValue(`${at}.resources[storage]`, size, 'must be greater than zero'));
  for (const field of ['storageClassName', 'volumeAttributesClassName'])
    if (spec[field]) errors.push(...invalidAll(`${at}.${field}`, spec[field], subdomainName(spec[field])));
  errors.push(...validateVolumeMode(spec.volumeMode, `${at}.volumeMode`));
  const { dataSource, dataSourceRef } = spec;
  // Groups were not judged once.
  const judged = before.dataSource?.apiGroup === undefined && before.dataSourceRef?.apiGroup === undefined;
  if (dataSource) errors.push(...validateDataSource(dataSource, `${at}.dataSource`, judged));
  if (dataSourceRef) errors.push(...validateDataSource(dataSourceRef, `${at}.dataSourceRef`, judged));
  if (dataSource && dataSourceRef?.namespace)
    errors.push(invalidValue(at, {}, 'may not be specified when dataSourceRef.namespace is specified'));
  else if (dataSource && dataSourceRef) {
    const same = ['apiGroup', 'kind', 'name'].every((field) => sameJson(dataSource[field], dataSourceRef[field]));
    if (!same) errors.push(invalidValue(at, {}, 'must match dataSourceRef'));
  }
  return errors;
}

function validateDataSource({ name, kind = '', apiGroup, namespace }: Json, at: string, judged: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${at}.name`));
  if (!kind) errors.push(required(`${at}.kind`));
  if (!apiGroup && kind !== 'PersistentVolumeClaim')
    errors.push(invalidValue(at, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  if (apiGroup && judged) errors.push(...invalidAll(`${at}.apiGroup`, apiGroup, subdomainName(apiGroup)));
  if (namespace) errors.push(...invalidAll(`${at}.namespace`, namespace, labelName(namespace)));
  return errors;
}

const CLAIM_FIXED =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

export function validateClaim(object: KubeObject, old: KubeObject | null): FieldError[] {
  const errors = validateClaimSpec(object.spec ?? {}, 'spec', old?.spec);
  return old === null ? errors : [...errors, ...validateClaimUpdate(object, old)];
}

/** Both as the refusal compares them: what may change is the same in them. */
function compared(
  spec: Json,
  before: Json,
  { bound, laterClass, upgraded }: Record<'bound' | 'laterClass' | 'upgraded', boolean>,
): [was: Json, is: Json] {
  const was = before.volumeName ? before : { ...before, volumeName: spec.volumeName };
  const is = copyAsSent(spec);
  if (laterClass || upgraded) delete is.storageClassName;
  if (!bound) return [was, is];
  is.volumeAttributesClassName = before.volumeAttributesClassName;
  const storage = before.resources?.requests?.storage;
  if (spec.resources?.requests)
    is.resources = { ...copyAsSent(spec.resources), requests: { ...spec.resources.requests, storage } };
  return [was, is];
}

function validateClaimUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = object.spec ?? {};
  const before = old.spec ?? {};
  const annotation = old.metadata.annotations?.[BETA_CLASS];
  const newAnnotation = object.metadata.annotations?.[BETA_CLASS];
  const upgraded =
    annotation !== undefined &&
    before.storageClassName === undefined &&
    spec.storageClassName === annotation &&
    (newAnnotation === undefined || newAnnotation === annotation);
  if (!upgraded && newAnnotation !== annotation)
    errors.push(...immutable(`metadata.annotations[${BETA_CLASS}]`, newAnnotation ?? '', annotation ?? ''));
  // A class may be named later on where none was; binding fills in the volume once.
  const laterClass =
    before.storageClassName === undefined &&
    spec.storageClassName !== undefined &&
    (annotation === undefined || spec.storageClassName === annotation);
  const bound = object.status?.phase === 'Bound';
  const fixed = (given: Json): Json => {
    const { volumeName, storageClassName, volumeAttributesClassName, resources = {}, ...rest } = given;
    const { storage, ...requests } = resources.requests ?? {};
    return {
      ...rest,
      resources: { ...resources, requests: bound ? requests : { ...requests, storage } },
      ...(before.volumeName ? { volumeName } : {}),
      ...(laterClass || upgraded ? {} : { storageClassName }),
      ...(bound ? {} : { volumeAttributesClassName }),
    };
  };
  if (!sameJson(fixed(spec), fixed(before))) {
    const [was, is] = compared(spec, before, { bound, laterClass, upgraded });
    errors.push(forbiddenField('spec', CLAIM_FIXED + differenceBelow('PersistentVolumeClaimSpec', was, is)));
  }
  const size = spec.resources?.requests?.storage ?? '0';
  if (compareQuantities(size, before.resources?.requests?.storage ?? '0') < 0) {
    // As far as the volume has not grown yet, a claim that asked for too much may ask for less.
    if (compareQuantities(size, old.status?.capacity?.storage ?? '0') <= 0)
      errors.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  }
  errors.push(...immutable('volumeMode', spec.volumeMode, before.volumeMode));
  const at = 'spec.volumeAttributesClassName';
  const applied = 'is forbidden when status.currentVolumeAttributesClassName is not nil';
  if (old.status?.currentVolumeAttributesClassName !== undefined) {
    if (spec.volumeAttributesClassName === undefined) errors.push(forbiddenField(at, `update to nil ${applied}`));
    else if (spec.volumeAttributesClassName === '')
      errors.push(forbiddenField(at, `update to empty string ${applied}`));
  }
  return errors;
}

/** Fields of a volume's spec that are not its source. */
const COMMON = new Set([
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeMode',
  'nodeAffinity',
  'volumeAttributesClassName',
]);
const RECLAIM = ['Delete', 'Recycle', 'Retain'];

function secretReference(secret: Json, at: string): FieldError[] {
  const { name, namespace } = secret;
  return [
    ...(name ? invalidAll(`${at}.name`, name, subdomainName(name)) : [required(`${at}.name`)]),
    ...(namespace ? invalidAll(`${at}.namespace`, namespace, labelName(namespace)) : [required(`${at}.namespace`)]),
  ];
}

const CSI_SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
];

const csi: SourceCheck = (source, at) => [
  ...validateDriverName(source.driver ?? '', `${at}.driver`),
  ...(source.volumeHandle ? [] : [required(`${at}.volumeHandle`)]),
  ...CSI_SECRETS.flatMap((field) => (source[field] ? secretReference(source[field], `${at}.${field}`) : [])),
];

const local: SourceCheck = ({ path = '' }, at) =>
  path === '' ? [required(`${at}.path`)] : noBacksteps(path, `${at}.path`);

/** What is no name of an initiator is told in fewer words than of pods. */
const iscsi: SourceCheck = (source, at) => [
  ...PLUGINS.iscsi!(source, at).map((error) => ({
    ...error,
    message: error.message.replace('valid format starting with iqn, eui, or naa', 'valid format'),
  })),
  ...(source.secretRef && !source.secretRef.name ? [required(`${at}.secretRef.name`)] : []),
];

/** A volume is in no namespace: what it names is. */
const cinder: SourceCheck = (source, at) => {
  const errors = PLUGINS.cinder!(source, at);
  if (source.secretRef && !source.secretRef.namespace) errors.push(required(`${at}.secretRef.namespace`));
  return errors;
};
const glusterfs: SourceCheck = (source, at) => {
  const { endpointsNamespace: namespace } = source;
  const errors = PLUGINS.glusterfs!(source, at);
  if (namespace === undefined) return errors;
  const where = `${at}.endpointsNamespace`;
  return namespace === ''
    ? [...errors, invalidValue(where, '', 'if the endpointnamespace is set, it must be a valid namespace name')]
    : [...errors, ...invalidAll(where, namespace, labelName(namespace))];
};

const SOURCES: Readonly<Record<string, SourceCheck>> = { ...PLUGINS, cinder, csi, glusterfs, hostPath, iscsi, local };

function sourcesOf(spec: Json): Json {
  return Object.fromEntries(Object.entries(spec ?? {}).filter(([key, value]) => !COMMON.has(key) && value));
}

export function validateVolume(object: KubeObject, old: KubeObject | null): FieldError[] {
  const spec = object.spec ?? {};
  const { persistentVolumeReclaimPolicy: policy, nodeAffinity: affinity, storageClassName } = spec;
  const errors = [...validateModes(spec.accessModes ?? [], 'spec.accessModes', ''), ...validateSize(spec.capacity)];
  if (policy && !RECLAIM.includes(policy))
    errors.push(notSupported('spec.persistentVolumeReclaimPolicy', policy, RECLAIM));
  if (affinity && !affinity.required)
    errors.push(required('spec.nodeAffinity.required', 'must specify required node constraints'));
  else if (affinity) errors.push(...validateNodeSelector(affinity.required, 'spec.nodeAffinity.required'));
  errors.push(...validateSources(spec, 'spec', affinity !== undefined));
  if (storageClassName)
    errors.push(...invalidAll('spec.storageClassName', storageClassName, subdomainName(storageClassName)));
  errors.push(...validateVolumeMode(spec.volumeMode, 'spec.volumeMode'), ...validateAttributesClass(spec));
  // A change is looked at as a whole once more, and clients see both causes.
  return old === null ? errors : [...errors, ...errors, ...validateVolumeUpdate(spec, old.spec ?? {})];
}

/** A volume that an attachment describes by itself, in place of naming one. */
export function validateInlineVolume(spec: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (field: string, text = 'may not be specified') =>
    errors.push(forbiddenField(`${at}.${field}`, `${text} in the context of inline volumes`));
  const { persistentVolumeReclaimPolicy: policy, volumeMode = 'Filesystem' } = spec;
  if (spec.claimRef) refuse('claimRef');
  if (Object.keys(spec.capacity ?? {}).length > 0) refuse('capacity');
  if (!spec.csi) errors.push(required(`${at}.csi`, 'has to be specified in the context of inline volumes'));
  errors.push(...validateModes(spec.accessModes ?? [], `${at}.accessModes`, ''));
  if (policy && policy !== 'Retain') refuse('persistentVolumeReclaimPolicy', 'may only be Retain');
  if (spec.nodeAffinity) refuse('nodeAffinity');
  errors.push(...validateSources(spec, at, false));
  if (spec.storageClassName) refuse('storageClassName');
  if (volumeMode !== 'Filesystem') refuse('volumeMode', 'may not specify volumeMode other than Filesystem');
  return errors;
}

function validateSize(given: Json): FieldError[] {
  const capacity: Json = given ?? {};
  const errors = Object.keys(capacity).length === 0 ? [required('spec.capacity')] : [];
  if (capacity.storage === undefined || Object.keys(capacity).length > 1)
    errors.push(notSupported('spec.capacity', given ?? null, ['storage']));
  for (const [name, quantity] of Object.entries(capacity as Record<string, string>))
    errors.push(...validateCapacity(quantity, `spec.capacity[${name}]`));
  return errors;
}

function validateCapacity(quantity: string, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const whole = wholeOf(quantity);
  if (whole < 0n) {
    const message = `Invalid value: ${whole}: must be a valid resource quantity`;
    errors.push({ type: 'FieldValueInvalid', field: at, message });
  }
  if (compareQuantities(quantity, '0') <= 0) errors.push(invalidValue(at, quantity, 'must be greater than zero'));
  return errors;
}

/** The order in which they are looked at; the first one counts. */
const ORDER = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
];

/** One that the real server spells by itself. */
const SPELLED: Readonly<Record<string, string>> = { cephfs: 'cephFS' };

/** `placed`: it is said which nodes have the volume. */
function validateSources(spec: Json, at: string, placed: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const given = Object.keys(sourcesOf(spec));
  const [first, ...more] = given.sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
  if (first === undefined) return [required(at, 'must specify a volume type')];
  errors.push(...(SOURCES[first]?.(spec[first], `${at}.${first}`) ?? []));
  if (first === 'local' && !placed) errors.push(required(`${at}.nodeAffinity`, 'Local volume requires node affinity'));
  // The real server forgets to count this one.
  for (const extra of more)
    if (extra === 'flexVolume') errors.push(...(SOURCES[extra]?.(spec[extra], `${at}.${extra}`) ?? []));
    else errors.push(forbiddenField(`${at}.${SPELLED[extra] ?? extra}`, 'may not specify more than 1 volume type'));
  if (spec.persistentVolumeReclaimPolicy === 'Recycle' && /^\/+\.?\/*$/.test(spec.hostPath?.path ?? ''))
    errors.push(
      forbiddenField(`${at}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'"),
    );
  return errors;
}

function validateAttributesClass({ volumeAttributesClassName: name, csi: driver }: Json): FieldError[] {
  if (name === undefined) return [];
  const at = 'spec.volumeAttributesClassName';
  const errors =
    name === '' ? [required(at, 'an empty string is disallowed')] : invalidAll(at, name, subdomainName(name));
  if (!driver) errors.push(required('spec.csi', 'has to be specified when using volumeAttributesClassName'));
  return errors;
}

/** Labels of nodes that may become those that came after them. */
const AFTER: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

/** The affinity with the later names where the new one has them; a name that is left out is let be, too. */
function withNewLabels(old: Json, given: Json): Json {
  const terms: Json[] = old?.required?.nodeSelectorTerms ?? [];
  const renamed = (list: string) => (term: Json, index: number) => {
    const others: Json[] = given?.required?.nodeSelectorTerms?.[index]?.[list] ?? [];
    const items = term[list]?.map((item: Json, place: number) => {
      const key = others[place]?.key;
      return key !== undefined && key !== item.key && (AFTER[item.key] ?? '') === key ? { ...item, key } : item;
    });
    return items === undefined ? term : { ...term, [list]: items };
  };
  const nodeSelectorTerms = terms.map(renamed('matchExpressions')).map(renamed('matchFields'));
  return old?.required ? { ...old, required: { ...old.required, nodeSelectorTerms } } : old;
}

function validateVolumeUpdate(spec: Json, old: Json): FieldError[] {
  const errors: FieldError[] = [];
  const given = sourcesOf(spec);
  // The secret for growing may come later.
  if (old.csi && !old.csi.controllerExpandSecretRef && given.csi?.controllerExpandSecretRef) {
    const { controllerExpandSecretRef: _secret, ...rest } = given.csi;
    given.csi = rest;
  }
  if (!sameJson(given, sourcesOf(old))) {
    const text = 'spec.persistentvolumesource is immutable after creation';
    const difference = differenceBelow('PersistentVolumeSource', sourcesOf(old), given);
    errors.push(forbiddenField('spec.persistentvolumesource', text + difference));
  }
  errors.push(...immutable('volumeMode', spec.volumeMode, old.volumeMode));
  if (old.nodeAffinity)
    for (const { field, message, type } of immutableField(
      'core.PersistentVolumeSpec',
      'nodeAffinity',
      'nodeAffinity',
      spec,
      { nodeAffinity: withNewLabels(old.nodeAffinity, spec.nodeAffinity) },
    ))
      errors.push({ type, field, message: `${message}, except for updating from beta label to GA` });
  if (old.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined)
    errors.push(forbiddenField('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'));
  return errors;
}
