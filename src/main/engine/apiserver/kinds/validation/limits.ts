/** ResourceQuota and LimitRange. Source: API reference core/v1; texts of the server's validation. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { asSent } from '../../openapi/sent-empty.ts';
import { shown } from '../../openapi/shown.ts';
import type { FieldError } from '../../types.ts';
import { duplicate, eachAt, forbiddenField, invalidAll, invalidValue, required, sameJson } from './field.ts';
import { qualifiedName } from './meta.ts';
import { compareQuantities, MOST_MILLI, milliOf, nanoOf, wholeOf } from './quantity.ts';
import {
  COUNTED,
  isOfQuota,
  MEASURED,
  validateContainerResourceName,
  validateQuotaResourceName,
  validateResourceName,
} from './resource-names.ts';

const LIMIT_TYPES = ['Container', 'PersistentVolumeClaim', 'Pod'];
const SCOPES = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
];

export function validateQuota(object: KubeObject, old: KubeObject | null): FieldError[] {
  const errors: FieldError[] = [];
  const { hard = {}, scopes = [], scopeSelector } = object.spec ?? {};
  for (const [name, value] of Object.entries(hard as Record<string, string>)) {
    const at = `spec.hard[${name}]`;
    errors.push(...validateQuotaResourceName(name, at));
    if (compareQuantities(value, '0') < 0) errors.push(invalidValue(at, value, 'must be greater than or equal to 0'));
    if (isCounted(name) && thousandthsOf(value) % 1000n !== 0n)
      errors.push(invalidValue(at, value, 'must be an integer'));
  }
  errors.push(
    ...validateScopes(scopes, Object.keys(hard)),
    ...validateScopeSelector(scopeSelector, scopes, Object.keys(hard)),
  );
  if (old !== null && !sameJson([...new Set(scopes)].sort(), [...new Set(old.spec?.scopes ?? [])].sort()))
    errors.push(invalidValue('spec.scopes', asSent(object.spec, 'scopes'), 'field is immutable'));
  return errors;
}

/** What is written with more digits than 64 bits hold runs over, and may look as if it were no whole number. */
function thousandthsOf(value: string): bigint {
  const thousandths = nanoOf(value) / 1_000_000n;
  return thousandths / 1000n > MOST && /^[+-]?\d{19}/.test(value) ? BigInt.asIntN(64, thousandths) : thousandths;
}
const MOST = 2n ** 63n - 1n;

/** What comes in whole numbers: objects, and resources that are not Kubernetes' own. */
function isCounted(name: string): boolean {
  if (COUNTED.includes(name)) return true;
  // What is asked for of them is not judged.
  return (
    qualifiedName(`requests.${name}`).length === 0 &&
    name.includes('/') &&
    !name.startsWith('requests.') &&
    !/(^|\.)kubernetes\.io\//.test(name)
  );
}

const CONFLICTS = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

/** Whether a scope has anything to do with what is limited. Limits that are no standard ones are somebody's own. */
function scopeFits(scope: string, name: string): boolean {
  if (!isOfQuota(name)) return true;
  switch (scope) {
    case 'BestEffort':
      return name === 'pods';
    case 'VolumeAttributesClass':
      return name === 'requests.storage' || name === 'persistentvolumeclaims';
    case 'Terminating':
    case 'NotTerminating':
    case 'NotBestEffort':
    case 'PriorityClass':
    case 'CrossNamespacePodAffinity':
      return name === 'pods' || MEASURED.includes(name.replace(/^(requests|limits)\./, ''));
    default:
      return true;
  }
}

function validateScopes(scopes: string[], limited: string[]): FieldError[] {
  const errors: FieldError[] = [];
  const at = 'spec.scopes';
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) errors.push(invalidValue(at, scopes, 'unsupported scope'));
    for (const name of [...limited].sort())
      if (!scopeFits(scope, name)) errors.push(invalidValue(at, scopes, 'unsupported scope applied to resource'));
  }
  for (const pair of CONFLICTS)
    if (pair.every((scope) => scopes.includes(scope))) errors.push(invalidValue(at, scopes, 'conflicting scopes'));
  return errors;
}

const ONLY_EXISTS = new Set([
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
]);
const ONLY_EXISTS_TEXT =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function validateScopeSelector(selector: Json, scopes: string[], limited: string[]): FieldError[] {
  if (!selector) return [];
  const errors: FieldError[] = [];
  const at = 'spec.scopeSelector.matchExpressions';
  const expressions: Json[] = selector.matchExpressions ?? [];
  const whole = () => shown('core.ScopeSelector', selector);
  for (const { scopeName = '', operator = '', values = [] } of expressions) {
    if (!SCOPES.includes(scopeName)) errors.push(invalidValue(`${at}.scopeName`, scopeName, 'unsupported scope'));
    for (const name of [...limited].sort())
      if (!scopeFits(scopeName, name)) errors.push(invalidValue(at, whole(), 'unsupported scope applied to resource'));
    if (ONLY_EXISTS.has(scopeName) && operator !== 'Exists')
      errors.push(invalidValue(`${at}.operator`, operator, ONLY_EXISTS_TEXT));
    if (operator === 'In' || operator === 'NotIn') {
      const text = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      if (values.length === 0) errors.push(required(`${at}.values`, text));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      const text = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
      if (values.length > 0) errors.push(invalidValue(`${at}.values`, values, text));
    } else errors.push(invalidValue(`${at}.operator`, operator, 'not a valid selector operator'));
  }
  for (const pair of CONFLICTS)
    if (pair.every((scope) => expressions.some(({ scopeName }) => scopeName === scope)))
      errors.push(invalidValue(at, scopes, 'conflicting scopes'));
  return errors;
}

function validateLimitType(type: string, at: string): FieldError[] {
  const errors = invalidAll(at, type, qualifiedName(type));
  if (errors.length === 0 && !type.includes('/') && !LIMIT_TYPES.includes(type))
    errors.push(invalidValue(at, type, 'must be a standard limit type or fully qualified'));
  return errors;
}

/** Limits that a container gets follow from its bounds. */
export function defaultLimitRange(object: KubeObject): void {
  for (const limit of (object.spec?.limits ?? []) as Json[]) {
    if (limit.type !== 'Container') continue;
    limit.default = { ...limit.max, ...limit.default };
    limit.defaultRequest = { ...limit.min, ...limit.default, ...limit.defaultRequest };
    for (const field of ['default', 'defaultRequest']) if (Object.keys(limit[field]).length === 0) delete limit[field];
  }
}

export function validateLimitRange(object: KubeObject): FieldError[] {
  const seen = new Set<string>();
  return eachAt(object.spec?.limits, 'spec.limits', (limit, at) => {
    const type: string = limit.type ?? '';
    const errors = validateLimitType(type, `${at}.type`);
    if (seen.has(type)) errors.push(duplicate(`${at}.type`, type));
    seen.add(type);
    const validateName = type === 'Pod' || type === 'Container' ? validateContainerResourceName : validateResourceName;
    const named = (field: string) =>
      Object.keys(limit[field] ?? {}).flatMap((name) => validateName(name, `${at}.${field}[${name}]`));
    errors.push(...named('max'), ...named('min'));
    for (const field of ['default', 'defaultRequest'])
      if (type !== 'Pod') errors.push(...named(field));
      else if (Object.keys(limit[field] ?? {}).length > 0)
        errors.push(forbiddenField(`${at}.${field}`, "may not be specified when `type` is 'Pod'"));
    if (type === 'PersistentVolumeClaim' && limit.min?.storage === undefined && limit.max?.storage === undefined)
      errors.push(
        required(`${at}.limits`, 'either minimum or maximum storage value is required, but neither was provided'),
      );
    errors.push(...named('maxLimitRequestRatio'));
    const fields = ['max', 'min', ...(type === 'Pod' ? [] : ['default', 'defaultRequest']), 'maxLimitRequestRatio'];
    const names = new Set(fields.flatMap((field) => Object.keys(limit[field] ?? {})));
    return [...errors, ...[...names].flatMap((name) => validateBounds(limit, name, at, type))];
  });
}

/** Which value may not be greater than which, which of both is shown, and how it is said. */
const ORDER: readonly [lower: string, upper: string, at: string, shown: string, text: string][] = [
  ['min', 'max', 'min', 'min', 'min value A is greater than max value B'],
  ['min', 'defaultRequest', 'defaultRequest', 'defaultRequest', 'min value A is greater than default request value B'],
  ['defaultRequest', 'max', 'defaultRequest', 'defaultRequest', 'default request value A is greater than max value B'],
  [
    'defaultRequest',
    'default',
    'defaultRequest',
    'defaultRequest',
    'default request value A is greater than default limit value B',
  ],
  ['min', 'default', 'default', 'min', 'min value A is greater than default value B'],
  ['default', 'max', 'default', 'max', 'default value A is greater than max value B'],
];

function validateBounds(limit: Json, name: string, at: string, type: string): FieldError[] {
  const errors: FieldError[] = [];
  const boundOf = (field: string): string | undefined =>
    type === 'Pod' && field.startsWith('default') ? undefined : limit[field]?.[name];
  for (const [lower, upper, field, shown, text] of ORDER) {
    const [low, high] = [boundOf(lower), boundOf(upper)];
    if (low === undefined || high === undefined || compareQuantities(low, high) <= 0) continue;
    const said = text.replace(/\b[AB]\b/g, (letter) => (letter === 'A' ? low : high));
    errors.push(invalidValue(`${at}.${field}[${name}]`, boundOf(shown), said));
  }
  const ratio = boundOf('maxLimitRequestRatio');
  if (ratio === undefined) return errors;
  const where = `${at}.maxLimitRequestRatio[${name}]`;
  if (compareQuantities(ratio, '1') < 0) errors.push(invalidValue(where, ratio, `ratio ${ratio} is less than 1`));
  const [min, max] = [boundOf('min'), boundOf('max')];
  if (min === undefined || max === undefined) return errors;
  const fine = [ratio, min, max].every((each) => wholeOf(each) < MOST_MILLI);
  const [value, low, high] = [ratio, min, max].map((each) => Number(fine ? milliOf(each) : wholeOf(each)));
  const most = high! / low!;
  if (value! / (fine ? 1000 : 1) > most)
    errors.push(invalidValue(where, ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`));
  return errors;
}
