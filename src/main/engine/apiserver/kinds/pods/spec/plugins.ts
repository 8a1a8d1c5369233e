/**
 * Volumes of storage systems, in pods and in persistent volumes.
 * Source: API reference core/v1 Volume; texts of the server's validation.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { invalidAll, invalidValue, notSupported, required, tooLong } from '../../validation/field.ts';
import { labelName, subdomainName } from '../../validation/meta.ts';
import { localPath, noBacksteps } from './paths.ts';

export type SourceCheck = (source: Json, at: string) => FieldError[];

/** Fields that have to be there, in the order in which they are missed. */
const needs =
  (...fields: string[]): SourceCheck =>
  (source, at) =>
    fields.filter((field) => !source[field]?.length).map((field) => required(`${at}.${field}`));

const isOutside = (value: unknown, most: number): boolean => typeof value === 'number' && (value < 0 || value > most);

const disk =
  (field: string): SourceCheck =>
  (source, at) => [
    ...needs(field)(source, at),
    ...(isOutside(source.partition, 255)
      ? [invalidValue(`${at}.partition`, source.partition, 'must be between 1 and 255, inclusive')]
      : []),
  ];

const LUN = 'must be between 0 and 255, inclusive';
const INITIATOR: Record<string, RegExp> = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
};

function initiator(name: string, at: string): FieldError[] {
  const format = INITIATOR[name.slice(0, 3)];
  if (format === undefined) return [invalidValue(at, name, 'must be valid format starting with iqn, eui, or naa')];
  return format.test(name) ? [] : [invalidValue(at, name, 'must be valid format')];
}

const iscsi: SourceCheck = (source, at) => [
  ...needs('targetPortal', 'iqn')(source, at),
  ...(source.iqn ? initiator(source.iqn, `${at}.iqn`) : []),
  ...(isOutside(source.lun, 255) ? [invalidValue(`${at}.lun`, source.lun, LUN)] : []),
  ...((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef ? [required(`${at}.secretRef`)] : []),
  ...(source.initiatorName === undefined ? [] : initiator(source.initiatorName, `${at}.initiatorname`)),
];

const fc: SourceCheck = ({ targetWWNs = [], wwids = [], lun }, at) => {
  const errors: FieldError[] = [];
  const where = `${at}.targetWWNs`;
  if (targetWWNs.length === 0 && wwids.length === 0)
    errors.push(required(where, 'must specify either targetWWNs or wwids, but not both'));
  if (targetWWNs.length === 0) return errors;
  if (wwids.length > 0)
    errors.push(invalidValue(where, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'));
  if (lun === undefined) errors.push(required(`${at}.lun`, 'lun is required if targetWWNs is specified'));
  else if (isOutside(lun, 255)) errors.push(invalidValue(`${at}.lun`, lun, LUN));
  return errors;
};

const flex: SourceCheck = (source, at) => {
  const reserved = Object.keys(source.options ?? {}).filter((key) =>
    /\.(kubernetes|k8s)\.io$/.test(`.${key.split('/', 1)[0]?.toLowerCase()}`),
  );
  const text = 'kubernetes.io and k8s.io namespaces are reserved';
  return [...needs('driver')(source, at), ...reserved.map((key) => invalidValue(`${at}.options[${key}]`, key, text))];
};

const CACHING = ['None', 'ReadOnly', 'ReadWrite'];
const DISK_KINDS = ['Dedicated', 'Managed', 'Shared'];
const MANAGED = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const BLOB = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

const azureDisk: SourceCheck = (source, at) => {
  const { diskURI = '', cachingMode, kind } = source;
  const errors = needs('diskName', 'diskURI')(source, at);
  if (cachingMode !== undefined && !CACHING.includes(cachingMode))
    errors.push(notSupported(`${at}.cachingMode`, cachingMode, CACHING));
  if (kind === undefined) return errors;
  if (!DISK_KINDS.includes(kind)) errors.push(notSupported(`${at}.kind`, kind, DISK_KINDS));
  const [start, form] = kind === 'Managed' ? ['/subscriptions/', MANAGED] : ['https://', BLOB];
  if (!diskURI.startsWith(start)) errors.push(notSupported(`${at}.diskURI`, diskURI, [form]));
  return errors;
};

const nfs: SourceCheck = (source, at) => {
  const { path = '' } = source;
  const errors = needs('server', 'path')(source, at);
  return path.startsWith('/') ? errors : [...errors, invalidValue(`${at}.path`, path, 'must be an absolute path')];
};

/** Names of CSI drivers are domain names, in either case. */
export function validateDriverName(name: string, at: string): FieldError[] {
  if (name === '') return [required(at)];
  const errors: FieldError[] = [];
  if (name.length > 63) errors.push(tooLong(at, 63));
  return [...errors, ...invalidAll(at, name, subdomainName(name.toLowerCase()))];
}

const csi: SourceCheck = ({ driver = '', nodePublishSecretRef: secret }, at) => {
  const errors = validateDriverName(driver, `${at}.driver`);
  if (!secret) return errors;
  if (!secret.name) return [...errors, required(`${at}.nodePublishSecretRef.name`)];
  return [...errors, ...invalidAll(`${at}.name`, secret.name, subdomainName(secret.name))];
};

const gitRepo: SourceCheck = (source, at) => [
  ...needs('repository')(source, at),
  ...localPath(source.directory ?? '', `${at}.directory`),
];

const secretRef: SourceCheck = (source, at) =>
  source.secretRef && !source.secretRef.name ? [required(`${at}.secretRef.name`)] : [];

const storageos: SourceCheck = (source, at) => [
  ...(source.volumeName
    ? invalidAll(`${at}.volumeName`, source.volumeName, labelName(source.volumeName))
    : [required(`${at}.volumeName`)]),
  ...(source.volumeNamespace
    ? invalidAll(`${at}.volumeNamespace`, source.volumeNamespace, labelName(source.volumeNamespace))
    : []),
  ...secretRef(source, at),
];

const HOST_PATHS = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

export const hostPath: SourceCheck = ({ path = '', type }, at) => {
  if (path === '') return [required(`${at}.path`)];
  const errors = noBacksteps(path, `${at}.path`);
  if (type !== undefined && !HOST_PATHS.includes(type)) errors.push(notSupported(`${at}.type`, type, HOST_PATHS));
  return errors;
};

const flocker: SourceCheck = ({ datasetName = '', datasetUUID = '' }, at) => {
  if (datasetName === '' && datasetUUID === '') return [required(at, 'one of datasetName and datasetUUID is required')];
  const both = 'resource';
  if (datasetName !== '' && datasetUUID !== '')
    return [invalidValue(at, both, 'datasetName and datasetUUID can not be specified simultaneously')];
  return datasetName.includes('/') ? [invalidValue(`${at}.datasetName`, datasetName, "must not contain '/'")] : [];
};

const quobyte: SourceCheck = ({ registry = '', volume = '', tenant = '' }, at) => {
  const errors: FieldError[] = [];
  const form = 'must be a host:port pair or multiple pairs separated by commas';
  if (registry === '') errors.push(required(`${at}.registry`, form));
  else if (!registry.split(',').every((pair: string) => /^[^:]*:[^:]*$/.test(pair)))
    errors.push(invalidValue(`${at}.registry`, registry, form));
  if (tenant.length >= 65)
    errors.push(required(`${at}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
  if (volume === '') errors.push(required(`${at}.volume`));
  return errors;
};

/** Checks by the name of the source's field. */
export const PLUGINS: Readonly<Record<string, SourceCheck>> = {
  awsElasticBlockStore: disk('volumeID'),
  azureDisk,
  azureFile: needs('secretName', 'shareName'),
  cephfs: needs('monitors'),
  cinder: (source, at) => [...needs('volumeID')(source, at), ...secretRef(source, at)],
  csi,
  fc,
  flexVolume: flex,
  flocker,
  gcePersistentDisk: (source, at) => disk('pdName')(source, at.replace(/gcePersistentDisk$/, 'persistentDisk')),
  gitRepo,
  glusterfs: needs('endpoints', 'path'),
  iscsi,
  nfs,
  photonPersistentDisk: needs('pdID'),
  portworxVolume: needs('volumeID'),
  quobyte,
  rbd: needs('monitors', 'image'),
  scaleIO: needs('gateway', 'system', 'volumeName'),
  storageos,
  vsphereVolume: needs('volumePath'),
};
