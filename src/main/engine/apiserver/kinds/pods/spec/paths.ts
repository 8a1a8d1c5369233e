/** Paths inside volumes and directories of nodes: relative, and never out of where they start. */
import type { FieldError } from '../../../types.ts';
import { invalidValue } from '../../validation/field.ts';

/** No element of the path may lead upwards. */
export function noBacksteps(path: string, at: string): FieldError[] {
  return path.split('/').includes('..') ? [invalidValue(at, path, "must not contain '..'")] : [];
}

export function localPath(path: string, at: string): FieldError[] {
  const errors = path.startsWith('/') ? [invalidValue(at, path, 'must be a relative path')] : [];
  return [...errors, ...noBacksteps(path, at)];
}

/** Names that start with two dots belong to the kubelet, which keeps versions of projected files in them. */
export function unreservedPath(path: string, at: string): FieldError[] {
  const errors = localPath(path, at);
  if (path.startsWith('..') && !path.startsWith('../')) errors.push(invalidValue(at, path, "must not start with '..'"));
  return errors;
}
