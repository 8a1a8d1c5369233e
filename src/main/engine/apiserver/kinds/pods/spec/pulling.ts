/** When images are pulled. Source: API reference core/v1 Container, ImageVolumeSource; "Images". */
import type { FieldError } from '../../../types.ts';
import { notSupported, required } from '../../validation/field.ts';

const POLICIES = ['Always', 'IfNotPresent', 'Never'];

/** One of `choices`, and not nothing. */
export function validateChoice(value: unknown, choices: readonly string[], at: string): FieldError[] {
  if (!value) return [required(at)];
  return choices.includes(value as string) ? [] : [notSupported(at, value, choices)];
}

export function validatePullPolicy(policy: unknown, at: string): FieldError[] {
  return validateChoice(policy, POLICIES, at);
}
