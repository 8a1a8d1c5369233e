/**
 * Volumes of pods: names, exactly one source each, and what is in the sources that Kubernetes itself fills.
 * Source: API reference core/v1 Volume; "Volumes", "Projected Volumes"; texts of the server's validation.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { duplicate, eachAt, forbiddenField, invalidAll, invalidValue, required } from '../../validation/field.ts';
import { labelName, subdomainName } from '../../validation/meta.ts';
import { validateClaimSpec } from '../../validation/persistent.ts';
import { compareQuantities } from '../../validation/quantity.ts';
import { validateTemplateMeta } from '../../validation/template-meta.ts';
import { FILE_FIELDS, validateFieldRef, validateResourceRef } from './downward.ts';
import type { Volumes } from './mounts.ts';
import { unreservedPath } from './paths.ts';
import { hostPath, PLUGINS, type SourceCheck } from './plugins.ts';
import { validatePullPolicy } from './pulling.ts';

const MODE_TEXT = 'must be a number between 0 and 0777 (octal), both inclusive';

function validateMode(mode: unknown, at: string): FieldError[] {
  return typeof mode === 'number' && (mode < 0 || mode > 0o777) ? [invalidValue(at, mode, MODE_TEXT)] : [];
}

function validateItem({ key = '', path = '', mode }: Json, at: string): FieldError[] {
  const errors = key === '' ? [required(`${at}.key`)] : [];
  if (path === '') errors.push(required(`${at}.path`));
  return [...errors, ...unreservedPath(path, `${at}.path`), ...validateMode(mode, `${at}.mode`)];
}

const filesOf =
  (name: string): SourceCheck =>
  (source, at) => [
    ...(source[name] ? [] : [required(`${at}.${name}`)]),
    ...validateMode(source.defaultMode, `${at}.defaultMode`),
    ...eachAt(source.items, `${at}.items`, validateItem),
  ];

/** `at` is the path of the list's owner: the server names no element here. */
function validateFile({ path = '', fieldRef, resourceFieldRef, mode }: Json, at: string): FieldError[] {
  const errors = path === '' ? [required(`${at}.path`)] : [];
  errors.push(...unreservedPath(path, `${at}.path`));
  if (fieldRef) {
    errors.push(...validateFieldRef(fieldRef, `${at}.fieldRef`, FILE_FIELDS));
    if (resourceFieldRef)
      errors.push(invalidValue(at, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
  } else if (resourceFieldRef) errors.push(...validateResourceRef(resourceFieldRef, `${at}.resourceFieldRef`, true));
  else errors.push(required(at, 'one of fieldRef and resourceFieldRef is required'));
  return [...errors, ...validateMode(mode, `${at}.mode`)];
}

const emptyDir: SourceCheck = ({ sizeLimit }, at) =>
  sizeLimit !== undefined && compareQuantities(sizeLimit, '0') < 0
    ? [forbiddenField(`${at}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
    : [];

const downwardAPI: SourceCheck = (source, at) => [
  ...validateMode(source.defaultMode, `${at}.defaultMode`),
  ...((source.items ?? []) as Json[]).flatMap((item) => validateFile(item, at)),
];

const ephemeral: SourceCheck = ({ volumeClaimTemplate: template }, at) => {
  const where = `${at}.volumeClaimTemplate`;
  if (!template) return [required(where)];
  return [
    ...validateTemplateMeta(template.metadata ?? {}, `${where}.metadata`),
    ...validateClaimSpec(template.spec ?? {}, `${where}.spec`),
  ];
};

const TOKEN_LEAST = 600;
const TOKEN_MOST = 2 ** 32;
const CONFLICT = 'conflicting duplicate paths';

function validateToken({ expirationSeconds = 0, path = '' }: Json, at: string, volume: string): FieldError[] {
  const errors: FieldError[] = [];
  const where = `${at}.expirationSeconds`;
  if (expirationSeconds < TOKEN_LEAST)
    errors.push(invalidValue(where, expirationSeconds, 'may not specify a duration less than 10 minutes'));
  if (expirationSeconds > TOKEN_MOST)
    errors.push(invalidValue(where, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
  return [...errors, ...(path === '' ? [required(`${volume}.path`)] : unreservedPath(path, `${volume}.path`))];
}

const projected: SourceCheck = (volume, at) => {
  const taken = new Set<string>();
  const take = (path: string, value: string): FieldError[] => {
    if (path === '') return [];
    if (taken.has(path)) return [invalidValue(at, value, CONFLICT)];
    taken.add(path);
    return [];
  };
  const errors = validateMode(volume.defaultMode, `${at}.defaultMode`);
  const sources = eachAt(volume.sources, `${at}.sources`, (source, where) => {
    const found: FieldError[] = [];
    for (const kind of ['secret', 'configMap']) {
      const files = source[kind];
      if (!files) continue;
      if (!files.name) found.push(required(`${where}.${kind}.name`));
      found.push(
        ...eachAt(files.items, `${where}.${kind}.items`, (item, place) => [
          ...validateItem(item, place),
          ...take(item.path ?? '', files.name ?? ''),
        ]),
      );
    }
    for (const file of (source.downwardAPI?.items ?? []) as Json[])
      found.push(...validateFile(file, `${where}.downwardAPI`), ...take(file.path ?? '', file.path ?? ''));
    if (source.serviceAccountToken)
      found.push(...validateToken(source.serviceAccountToken, `${where}.serviceAccountToken`, at));
    if (Object.values(source).filter(Boolean).length > 1)
      found.push(forbiddenField(where, 'may not specify more than 1 volume type per source'));
    return found;
  });
  return [...errors, ...sources];
};

const SOURCES: Readonly<Record<string, SourceCheck>> = {
  ...PLUGINS,
  configMap: filesOf('name'),
  downwardAPI,
  emptyDir,
  ephemeral,
  hostPath,
  persistentVolumeClaim: ({ claimName }, at) => (claimName ? [] : [required(`${at}.claimName`)]),
  projected,
  secret: filesOf('secretName'),
};

/** In this order a second source is found to be one too many. */
const ORDER = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
];
/** Fields the server calls otherwise when they are one too many. */
const SPELLED: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

/** `inPod`: a template may leave out which image it is. */
function validateImage({ reference, pullPolicy }: Json, at: string, inPod: boolean): FieldError[] {
  const errors = inPod && !reference ? [required(`${at}.reference`)] : [];
  return [...errors, ...validatePullPolicy(pullPolicy, `${at}.pullPolicy`)];
}

function validateSources(volume: Json, at: string, pod: string, inPod: boolean): FieldError[] {
  const given = ORDER.filter((source) => volume[source]);
  const [first] = given;
  if (first === undefined) return [required(at, 'must specify a volume type')];
  const errors =
    first === 'image'
      ? validateImage(volume.image, `${at}.image`, inPod)
      : (SOURCES[first]?.(volume[first], `${at}.${first}`) ?? []);
  if (first === 'ephemeral' && pod !== '' && volume.name) {
    const claim = `${pod}-${volume.name}`;
    for (const text of subdomainName(claim))
      errors.push(invalidValue(`${at}.name`, volume.name, `PVC name ${JSON.stringify(claim)}: ${text}`));
  }
  for (const extra of given.slice(1))
    errors.push(forbiddenField(`${at}.${SPELLED[extra] ?? extra}`, 'may not specify more than 1 volume type'));
  return errors;
}

/** The errors of all volumes, and those without any by name. `pod` is the pod's name, empty in a template. */
export function validateVolumes(
  volumes: Json,
  at: string,
  pod: string,
  inPod: boolean,
): { errors: FieldError[]; sound: Volumes } {
  const sound = new Map<string, Json>();
  const errors = eachAt(volumes, at, (volume, where) => {
    const { name = '' } = volume;
    const found = validateSources(volume, where, pod, inPod);
    if (name === '') found.push(required(`${where}.name`));
    else found.push(...invalidAll(`${where}.name`, name, labelName(name)));
    if (sound.has(name)) found.push(duplicate(`${where}.name`, name));
    if (found.length === 0) sound.set(name, volume);
    return found;
  });
  return { errors, sound };
}
