/**
 * Names of resources that are measured: which the server knows, which a container can ask for, which a quota can limit.
 * Source: API reference core/v1, ResourceList; "Extended Resources"; texts of the server's validation.
 */
import type { FieldError } from '../../types.ts';
import { invalidAll, invalidValue } from './field.ts';
import { qualifiedName } from './meta.ts';

/** What a quota counts. */
export const COUNTED = [
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
/** What containers ask for by a name without a domain. */
export const MEASURED = ['cpu', 'memory', 'ephemeral-storage'];
const QUOTA = new Set([
  ...COUNTED,
  ...MEASURED,
  ...MEASURED.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
]);

export const HUGE_PAGES = 'hugepages-';
export const isHugePages = (name: string): boolean => name.startsWith(HUGE_PAGES);
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
export const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0;
/** Of these a node has what it has: a request cannot differ from its limit. */
export const isFixed = (name: string): boolean => !isNative(name) || isHugePages(name);
/** Whether a quota knows the name; others with a domain are somebody's own. */
export const isOfQuota = (name: string): boolean => QUOTA.has(name) || /^(requests\.)?hugepages-/.test(name);

export function validateResourceName(name: string, at: string): FieldError[] {
  const errors = invalidAll(at, name, qualifiedName(name));
  if (errors.length > 0 || name.includes('/') || name === 'storage' || isOfQuota(name)) return errors;
  return [invalidValue(at, name, 'must be a standard resource type or fully qualified')];
}

/** Of containers and pods. */
export function validateContainerResourceName(name: string, at: string): FieldError[] {
  const errors = validateResourceName(name, at);
  if (!name.includes('/')) {
    if (MEASURED.includes(name) || isHugePages(name)) return errors;
    return [...errors, invalidValue(at, name, 'must be a standard resource for containers')];
  }
  if (isNative(name) || isExtended(name)) return errors;
  return [...errors, invalidValue(at, name, "doesn't follow extended resource name standard")];
}

export function validateQuotaResourceName(name: string, at: string): FieldError[] {
  const errors = validateResourceName(name, at);
  if (name.includes('/') || isOfQuota(name)) return errors;
  return [...errors, invalidValue(at, name, 'must be a standard resource for quota')];
}
