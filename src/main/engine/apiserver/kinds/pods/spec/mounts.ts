/** Where containers see volumes. Source: API reference core/v1 VolumeMount, VolumeDevice; texts of the server's validation. */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { eachAt, fieldNotFound, forbiddenField, invalidValue, notSupported, required } from '../../validation/field.ts';
import { localPath, noBacksteps } from './paths.ts';

/** Volumes of a pod by name; of each what it is made from. */
export type Volumes = ReadonlyMap<string, Json>;

const PROPAGATION = ['Bidirectional', 'HostToContainer', 'None'];
const RECURSIVE = ['Disabled', 'Enabled', 'IfPossible'];

const nameOf = (each: Json): string => each.name ?? '';

/** Paths without an index are the server's own. */
export function validateMounts(container: Json, volumes: Volumes, at: string): FieldError[] {
  const paths = new Set<string>();
  const devices: Json[] = container.volumeDevices ?? [];
  return eachAt(container.volumeMounts, at, (mount, where) => {
    const name = nameOf(mount);
    const { mountPath = '', subPath = '', subPathExpr = '' } = mount;
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${where}.name`));
    if (!volumes.has(name)) errors.push(fieldNotFound(`${where}.name`, name));
    if (mountPath === '') errors.push(required(`${where}.mountPath`));
    if (paths.has(mountPath)) errors.push(invalidValue(`${where}.mountPath`, mountPath, 'must be unique'));
    paths.add(mountPath);
    if (devices.some((device) => nameOf(device) === name))
      errors.push(invalidValue(`${where}.name`, name, 'must not already exist in volumeDevices'));
    if (devices.some((device) => (device.devicePath ?? '') === mountPath))
      errors.push(invalidValue(`${where}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
    if (subPath !== '') errors.push(...localPath(subPath, `${at}.subPath`));
    if (subPathExpr !== '') {
      if (subPath !== '')
        errors.push(
          invalidValue(`${where}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'),
        );
      errors.push(...localPath(subPathExpr, `${at}.subPathExpr`));
    }
    return [...errors, ...validatePropagation(mount, container, at), ...validateRecursion(mount, at)];
  });
}

function validatePropagation({ mountPropagation }: Json, container: Json, at: string): FieldError[] {
  const where = `${at}.mountPropagation`;
  if (mountPropagation === undefined) return [];
  if (!PROPAGATION.includes(mountPropagation)) return [notSupported(where, mountPropagation, PROPAGATION)];
  if (mountPropagation !== 'Bidirectional' || container.securityContext?.privileged === true) return [];
  return [forbiddenField(where, 'Bidirectional mount propagation is available only to privileged containers')];
}

function validateRecursion({ recursiveReadOnly, readOnly, mountPropagation }: Json, at: string): FieldError[] {
  const where = `${at}.recursiveReadOnly`;
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return [];
  if (!RECURSIVE.includes(recursiveReadOnly)) return [notSupported(where, recursiveReadOnly, RECURSIVE)];
  const errors: FieldError[] = [];
  if (readOnly !== true) errors.push(forbiddenField(where, 'may only be specified when readOnly is true'));
  if (mountPropagation !== undefined && mountPropagation !== 'None')
    errors.push(forbiddenField(where, 'may only be specified when mountPropagation is None or not specified'));
  return errors;
}

const BLOCK = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';

export function validateDevices(container: Json, volumes: Volumes, at: string): FieldError[] {
  const names = new Set<string>();
  const paths = new Set<string>();
  const mounts: Json[] = container.volumeMounts ?? [];
  return eachAt(container.volumeDevices, at, (device, where) => {
    const name = nameOf(device);
    const path: string = device.devicePath ?? '';
    const volume = volumes.get(name);
    const errors: FieldError[] = [];
    const refuseName = (text: string): number => errors.push(invalidValue(`${where}.name`, name, text));
    const refusePath = (text: string): number => errors.push(invalidValue(`${where}.devicePath`, path, text));
    if (name === '') errors.push(required(`${where}.name`));
    if (names.has(name)) refuseName('must be unique');
    if (volume === undefined) errors.push(fieldNotFound(`${where}.name`, name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) refuseName(BLOCK);
    if (path === '') errors.push(required(`${where}.devicePath`));
    if (paths.has(path)) refusePath('must be unique');
    if (noBacksteps(path, where).length > 0) refusePath("can not contain backsteps ('..')");
    else paths.add(path);
    if (mounts.some((mount) => nameOf(mount) === name)) refuseName('must not already exist in volumeMounts');
    if (mounts.some((mount) => (mount.mountPath ?? '') === path))
      refusePath('must not already exist as a path in volumeMounts');
    if (name !== '') names.add(name);
    return errors;
  });
}
