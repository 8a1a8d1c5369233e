/** Variables of containers. Source: API reference core/v1 EnvVar, EnvFromSource; texts of the server's validation. */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { eachAt, invalidAll, invalidValue, required } from '../../validation/field.ts';
import { configMapKey, labelName, subdomainName } from '../../validation/meta.ts';
import { VARIABLE_FIELDS, validateFieldRef, validateResourceRef } from './downward.ts';
import { noBacksteps } from './paths.ts';

const NAME = /^[ -<>-~]+$/;
const NAME_TEXT = "a valid environment variable name must consist only of printable ASCII characters other than '='";
const NO_SOURCE =
  'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
const ONE_SOURCE = 'may not have more than one field specified at a time';

const variableName = (name: string): string[] => (NAME.test(name) ? [] : [NAME_TEXT]);

export function validateEnv(variables: Json, at: string): FieldError[] {
  return eachAt(variables, at, (variable, where) => {
    const { name = '', valueFrom } = variable;
    const errors = name === '' ? [required(`${where}.name`)] : invalidAll(`${where}.name`, name, variableName(name));
    return valueFrom ? [...errors, ...validateSource(variable, `${where}.valueFrom`)] : errors;
  });
}

function validateSource(variable: Json, at: string): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = variable.valueFrom;
  const errors: FieldError[] = [];
  if (fieldRef) errors.push(...validateFieldRef(fieldRef, `${at}.fieldRef`, VARIABLE_FIELDS));
  if (resourceFieldRef) errors.push(...validateResourceRef(resourceFieldRef, `${at}.resourceFieldRef`, false));
  if (configMapKeyRef) errors.push(...validateKey(configMapKeyRef, `${at}.configMapKeyRef`));
  if (secretKeyRef) errors.push(...validateKey(secretKeyRef, `${at}.secretKeyRef`));
  if (fileKeyRef) errors.push(...validateFileKey(fileKeyRef, `${at}.fileKeyRef`));
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length;
  if (count === 0) errors.push(invalidValue(at, '', NO_SOURCE));
  else if (variable.value) errors.push(invalidValue(at, '', 'may not be specified when `value` is not empty'));
  else if (count > 1) errors.push(invalidValue(at, '', ONE_SOURCE));
  return errors;
}

function validateKey({ name = '', key = '' }: Json, at: string): FieldError[] {
  return [
    ...invalidAll(`${at}.name`, name, subdomainName(name)),
    ...(key === '' ? [required(`${at}.key`)] : invalidAll(`${at}.key`, key, configMapKey(key))),
  ];
}

function validateFileKey({ key = '', volumeName = '', path = '' }: Json, at: string): FieldError[] {
  return [
    ...(key === '' ? [required(`${at}.key`)] : invalidAll(`${at}.key`, key, variableName(key))),
    ...(volumeName === ''
      ? [required(`${at}.volumeName`)]
      : invalidAll(`${at}.volumeName`, volumeName, labelName(volumeName))),
    ...(path === '' ? [required(`${at}.path`)] : noBacksteps(path, `${at}.path`)),
  ];
}

/** How many sources there are is said of the list, not of the element: so does the server. */
export function validateEnvFrom(sources: Json, at: string): FieldError[] {
  return eachAt(sources, at, ({ prefix = '', configMapRef, secretRef }, where) => {
    const errors = prefix === '' ? [] : invalidAll(`${where}.prefix`, prefix, variableName(prefix));
    if (configMapRef) errors.push(...validateWhole(configMapRef, `${where}.configMapRef`));
    if (secretRef) errors.push(...validateWhole(secretRef, `${where}.secretRef`));
    if (!configMapRef && !secretRef)
      errors.push(invalidValue(at, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (configMapRef && secretRef) errors.push(invalidValue(at, '', ONE_SOURCE));
    return errors;
  });
}

function validateWhole({ name = '' }: Json, at: string): FieldError[] {
  if (name === '') return [required(`${at}.name`)];
  return invalidAll(`${at}.name`, name, subdomainName(name, true));
}
