/**
 * References to the pod's own fields and resources, in variables and in files.
 * Source: "Downward API"; API reference core/v1 ObjectFieldSelector, ResourceFieldSelector; texts of the server's validation.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { invalidAll, invalidValue, notSupported, required } from '../../validation/field.ts';
import { qualifiedName } from '../../validation/meta.ts';
import { canonicalQuantity, compareQuantities } from '../../validation/quantity.ts';

/** Fields that variables may refer to. */
export const VARIABLE_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
/** Fields that files may be made of. */
export const FILE_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
/** Fields with a name of their own here; which of them can be used is another question. */
const KNOWN_FIELDS = new Set([
  ...VARIABLE_FIELDS,
  ...FILE_FIELDS,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);
const MAPS = ['metadata.annotations', 'metadata.labels'];

/** `metadata.labels['a']` is the path `metadata.labels` and the key `a`. */
function subscripted(path: string): [path: string, key: string] | null {
  const start = path.indexOf("['");
  return start > 0 && path.endsWith("']") && path.length >= start + 4
    ? [path.slice(0, start), path.slice(start + 2, -2)]
    : null;
}

function unknownField(apiVersion: string, path: string, parts: ReturnType<typeof subscripted>): string | null {
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`;
  if (parts !== null) return MAPS.includes(parts[0]) ? null : `field label does not support subscript: ${path}`;
  return KNOWN_FIELDS.has(path) || path === 'spec.host' ? null : `field label not supported: ${path}`;
}

export function validateFieldRef(ref: Json, at: string, allowed: readonly string[]): FieldError[] {
  const { apiVersion = '', fieldPath = '' } = ref;
  if (apiVersion === '') return [required(`${at}.apiVersion`)];
  if (fieldPath === '') return [required(`${at}.fieldPath`)];
  const parts = subscripted(fieldPath);
  const problem = unknownField(apiVersion, fieldPath, parts);
  if (problem !== null) return [invalidValue(`${at}.fieldPath`, fieldPath, `error converting fieldPath: ${problem}`)];
  if (parts !== null) {
    const key = parts[0] === 'metadata.annotations' ? parts[1].toLowerCase() : parts[1];
    return invalidAll(at, key, qualifiedName(key));
  }
  const path = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath;
  return allowed.includes(path) ? [] : [notSupported(`${at}.fieldPath`, path, allowed)];
}

const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const HUGE_PAGES = /^(limits|requests)\.hugepages-/;
const CPU_DIVISORS = ['1m', '1'];
const SIZE_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

function validateDivisor(resource: string, divisor: unknown, at: string): FieldError[] {
  if (divisor === undefined || compareQuantities(divisor, '0') === 0) return [];
  const name = resource.slice(resource.indexOf('.') + 1);
  const known = RESOURCES.includes(resource) || HUGE_PAGES.test(resource);
  if (!known) return [];
  const divisors = name === 'cpu' ? CPU_DIVISORS : SIZE_DIVISORS;
  if (divisors.includes(canonicalQuantity(divisor as string))) return [];
  const list = name === 'cpu' ? divisors.join(' and ') : divisors.join(', ');
  const kind = HUGE_PAGES.test(resource)
    ? 'hugepages'
    : name === 'ephemeral-storage'
      ? 'local ephemeral storage'
      : name;
  return [
    invalidValue(`${at}.divisor`, resource, `only divisor's values ${list} are supported with the ${kind} resource`),
  ];
}

/** A file belongs to no container, so it has to name the one whose resources it shows. */
export function validateResourceRef(ref: Json, at: string, inFile: boolean): FieldError[] {
  const { containerName = '', resource = '', divisor } = ref;
  const errors: FieldError[] = [];
  if (inFile && containerName === '') errors.push(required(`${at}.containerName`));
  else if (resource === '') errors.push(required(`${at}.resource`));
  else if (!RESOURCES.includes(resource) && !HUGE_PAGES.test(resource))
    errors.push(notSupported(`${at}.resource`, resource, RESOURCES));
  return [...errors, ...validateDivisor(resource, divisor, at)];
}
