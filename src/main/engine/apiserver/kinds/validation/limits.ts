/** ResourceQuota and LimitRange. Source: API reference core/v1; texts of the server's validation. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../types.ts';
import { duplicate, forbiddenField, immutable, invalidValue, notSupported, required } from './field.ts';
import { qualifiedName } from './meta.ts';
import { compareQuantities } from './quantity.ts';

const COUNTED = [
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const MEASURED = ['cpu', 'memory', 'ephemeral-storage'];
const QUOTA_NAMES = new Set([
  ...COUNTED,
  ...MEASURED,
  ...MEASURED.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
]);
const SCOPES = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
];

function validateName(name: string, at: string): FieldError[] {
  const errors = qualifiedName(name).map((text) => invalidValue(at, name, text));
  if (
    errors.length === 0 &&
    !name.includes('/') &&
    !QUOTA_NAMES.has(name) &&
    !/^(hugepages-|requests\.hugepages-)/.test(name)
  )
    errors.push(
      invalidValue(at, name, 'must be a standard resource type or fully qualified'),
      invalidValue(at, name, 'must be a standard resource for quota'),
    );
  return errors;
}

export function validateQuota(object: KubeObject, old: KubeObject | null): FieldError[] {
  const errors: FieldError[] = [];
  const { hard = {}, scopes = [] } = object.spec ?? {};
  for (const [name, value] of Object.entries(hard as Record<string, string>)) {
    const at = `spec.hard[${name}]`;
    errors.push(...validateName(name, at));
    if (compareQuantities(value, '0') < 0) errors.push(invalidValue(at, value, 'must be greater than or equal to 0'));
    if (COUNTED.includes(name) && !/^\d+([kMGTPE]|[KMGTPE]i)?$/.test(value))
      errors.push(invalidValue(at, value, 'must be an integer'));
  }
  (scopes as string[]).forEach((scope) => {
    if (!SCOPES.includes(scope)) errors.push(invalidValue('spec.scopes', scopes, 'unsupported scope'));
  });
  for (const [one, other] of [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ])
    if (scopes.includes(one) && scopes.includes(other))
      errors.push(invalidValue('spec.scopes', scopes, 'conflicting scopes'));
  if (old !== null) errors.push(...immutable('spec.scopes', object.spec?.scopes ?? null, old.spec?.scopes ?? null));
  return errors;
}

export function validateLimitRange(object: KubeObject): FieldError[] {
  const seen = new Set<string>();
  return ((object.spec?.limits ?? []) as Json[]).flatMap((limit, index) => {
    const at = `spec.limits[${index}]`;
    const errors: FieldError[] = [];
    if (seen.has(limit.type)) errors.push(duplicate(`${at}.type`, limit.type));
    seen.add(limit.type);
    if (!limit.type) errors.push(required(`${at}.type`));
    else if (!['Container', 'Pod', 'PersistentVolumeClaim'].includes(limit.type) && !limit.type.includes('/'))
      errors.push(notSupported(`${at}.type`, limit.type, ['Container', 'PersistentVolumeClaim', 'Pod']));
    if (limit.type === 'Pod')
      for (const field of ['default', 'defaultRequest'])
        if (Object.keys(limit[field] ?? {}).length > 0)
          errors.push(forbiddenField(`${at}.${field}`, "may not be specified when `type` is 'Pod'"));
    return [...errors, ...validateBounds(limit, at)];
  });
}

/** Which value may not be greater than which, and how it is said. */
const ORDER: readonly [lower: string, upper: string, text: (a: string, b: string) => string][] = [
  ['min', 'max', (a, b) => `min value ${a} is greater than max value ${b}`],
  ['default', 'max', (a, b) => `default value ${a} is greater than max value ${b}`],
  ['defaultRequest', 'max', (a, b) => `default request value ${a} is greater than max value ${b}`],
  ['defaultRequest', 'default', (a, b) => `default request value ${a} is greater than default limit value ${b}`],
];

function validateBounds(limit: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [lower, upper, text] of ORDER)
    for (const [name, value] of Object.entries((limit[lower] ?? {}) as Record<string, string>)) {
      const bound = limit[upper]?.[name];
      if (bound !== undefined && compareQuantities(value, bound) > 0)
        errors.push(invalidValue(`${at}.${lower}[${name}]`, value, text(value, bound)));
    }
  for (const field of ['default', 'defaultRequest'])
    for (const [name, value] of Object.entries((limit[field] ?? {}) as Record<string, string>)) {
      const least = limit.min?.[name];
      if (least === undefined || compareQuantities(least, value) <= 0) continue;
      const what = field === 'default' ? 'default value' : 'default request value';
      errors.push(
        invalidValue(`${at}.${field}[${name}]`, least, `min value ${least} is greater than ${what} ${value}`),
      );
    }
  return errors;
}
