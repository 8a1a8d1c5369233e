/** Claims to devices, their templates and classes. Source: API reference resource.k8s.io/v1; texts of the server's validation. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { immutableField, invalidValue, notSupported, required, sameJson } from '../field.ts';
import { isExtended } from '../resource-names.ts';
import { validateTemplateMeta } from '../template-meta.ts';
import {
  eachOf,
  eachOfSet,
  validateFullName,
  validateKey,
  validateLabel,
  validateSubdomain,
  validateValue,
} from './common.ts';
import {
  MOST_REQUESTS,
  type RequestNames,
  requestNames,
  validateConfiguration,
  validateRequestNames,
} from './configuration.ts';
import { validateSelectors } from './selectors.ts';
import { validateClaimStatus } from './status.ts';

const MOST_CONSTRAINTS = 32;
const MOST_CONFIGURATIONS = 32;
const MOST_ALTERNATIVES = 8;

export function validateDeviceClass({ spec }: KubeObject, old: KubeObject | null): FieldError[] {
  const { selectors, config, extendedResourceName: extended } = spec ?? {};
  const kept = old !== null && sameJson(config ?? [], old.spec?.config ?? []);
  const errors = [
    ...validateSelectors(selectors, 'spec.selectors'),
    ...eachOf(config, MOST_CONFIGURATIONS, 'spec.config', (each, at) => validateConfiguration(each, at, kept)),
  ];
  if (extended === undefined || isExtended(extended)) return errors;
  return [...errors, invalidValue('spec.extendedResourceName', extended, 'must be a valid extended resource name')];
}

export function validateClaim(object: KubeObject, old: KubeObject | null, subresource = ''): FieldError[] {
  if (subresource === 'status') return validateClaimStatus(object, old);
  // What cannot be changed is judged when it is made.
  if (old !== null) return immutableField('resource.ResourceClaim', 'spec', 'spec', object, old);
  return validateDevices(object.spec?.devices ?? {}, 'spec.devices');
}

/** All of the metadata of a template that its claims take over. */
export function validateClaimTemplate({ spec = {} }: KubeObject, old: KubeObject | null): FieldError[] {
  return [
    ...validateTemplateMeta(spec.metadata ?? {}, 'spec.metadata'),
    ...validateDevices(spec.spec?.devices ?? {}, 'spec.spec.devices'),
    ...(old === null ? [] : immutableField('resource.ResourceClaimTemplate', 'spec', 'spec', { spec }, old)),
  ];
}

function validateDevices(claim: Json, at: string): FieldError[] {
  const names = requestNames(claim);
  return [
    ...eachOfSet(claim.requests, MOST_REQUESTS, `${at}.requests`, nameOf, validateRequest),
    ...eachOf(claim.constraints, MOST_CONSTRAINTS, `${at}.constraints`, (each, where) =>
      validateConstraint(each, where, names),
    ),
    ...eachOf(claim.config, MOST_CONFIGURATIONS, `${at}.config`, (each, where) => [
      ...validateRequestNames(each.requests, `${where}.requests`, names),
      ...validateConfiguration(each, where, false),
    ]),
  ];
}

const nameOf = ({ name = '' }: Json): string => name;
const ONE_KIND = 'exactly one of `exactly` or `firstAvailable` is required';

function validateRequest({ name = '', exactly, firstAvailable }: Json, at: string): FieldError[] {
  const errors = validateLabel(name, `${at}.name`);
  const alternatives = firstAvailable?.length > 0;
  if (!alternatives && !exactly) return [...errors, required(at, ONE_KIND)];
  if (alternatives && exactly) return [...errors, invalidValue(at, null, `${ONE_KIND}, but multiple fields are set`)];
  if (exactly) return [...errors, ...validateWanted(exactly, `${at}.exactly`)];
  return [
    ...errors,
    ...eachOfSet(firstAvailable, MOST_ALTERNATIVES, `${at}.firstAvailable`, nameOf, (each, where) => [
      ...validateLabel(each.name ?? '', `${where}.name`),
      ...validateWanted(each, where),
    ]),
  ];
}

const MODES = ['All', 'ExactCount'];

function validateWanted(wanted: Json, at: string): FieldError[] {
  const { deviceClassName = '', selectors, allocationMode = '', count = 0, tolerations } = wanted;
  const className = `${at}.deviceClassName`;
  const errors = deviceClassName === '' ? [required(className)] : validateSubdomain(deviceClassName, className);
  errors.push(...validateSelectors(selectors, `${at}.selectors`));
  if (allocationMode === 'All') {
    const text = "must not be specified when allocationMode is 'All'";
    if (count !== 0) errors.push(invalidValue(`${at}.count`, count, text));
  } else if (allocationMode !== 'ExactCount') errors.push(notSupported(`${at}.allocationMode`, allocationMode, MODES));
  else if (count <= 0) errors.push(invalidValue(`${at}.count`, count, 'must be greater than zero'));
  return [...errors, ...eachOf(tolerations, Infinity, `${at}.tolerations`, validateToleration)];
}

const OPERATORS = ['Equal', 'Exists'];
export const EFFECTS = ['NoExecute', 'NoSchedule', 'None'];

function validateToleration(toleration: Json, at: string): FieldError[] {
  const { key = '', operator = '', value = '', effect = '' } = toleration;
  const errors = key === '' ? [] : validateKey(key, `${at}.key`);
  if (operator === 'Exists') {
    if (value !== '') errors.push(invalidValue(`${at}.value`, value, 'must be empty for operator `Exists`'));
  } else if (operator === 'Equal') errors.push(...validateValue(value, `${at}.value`));
  else if (operator === '') errors.push(required(`${at}.operator`));
  else errors.push(notSupported(`${at}.operator`, operator, OPERATORS));
  return effect === '' || EFFECTS.includes(effect)
    ? errors
    : [...errors, notSupported(`${at}.effect`, effect, EFFECTS)];
}

function validateConstraint(constraint: Json, at: string, names: RequestNames): FieldError[] {
  const { requests, matchAttribute, distinctAttribute } = constraint;
  const errors = validateRequestNames(requests, `${at}.requests`, names);
  if (matchAttribute !== undefined) return [...errors, ...validateFullName(matchAttribute, `${at}.matchAttribute`)];
  if (distinctAttribute !== undefined)
    return [...errors, ...validateFullName(distinctAttribute, `${at}.distinctAttribute`)];
  // The server says so when none is.
  const text = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
  return [...errors, required(at, text)];
}
