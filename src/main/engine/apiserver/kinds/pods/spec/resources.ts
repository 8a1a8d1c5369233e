/**
 * Requests and limits. Source: API reference core/v1 ResourceRequirements; "Resource Management for Pods and Containers",
 * "Manage HugePages", "Extended Resources"; texts of the server's validation.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { duplicate, eachAt, forbiddenField, invalidAll, invalidValue, required } from '../../validation/field.ts';
import { labelName } from '../../validation/meta.ts';
import { canonicalQuantity, compareQuantities, isQuantity, nanoOf, wholeOf } from '../../validation/quantity.ts';
import {
  COUNTED,
  HUGE_PAGES,
  isExtended,
  isFixed,
  isHugePages,
  validateContainerResourceName,
} from '../../validation/resource-names.ts';

const WHOLE = 1_000_000_000n;

function validateAmount(name: string, amount: string, at: string): FieldError[] {
  if (!isQuantity(amount)) return [];
  const errors: FieldError[] = [];
  const text = canonicalQuantity(amount);
  if (compareQuantities(amount, '0') < 0) errors.push(invalidValue(at, text, 'must be greater than or equal to 0'));
  if ((isExtended(name) || COUNTED.includes(name)) && nanoOf(amount) % WHOLE !== 0n)
    errors.push(invalidValue(at, text, 'must be an integer'));
  if (isHugePages(name) && !isWholePages(name, amount))
    errors.push(invalidValue(at, text, `${text} is not positive integer multiple of ${name}`));
  return errors;
}

/** The page size is part of the resource's name. */
function isWholePages(name: string, amount: string): boolean {
  const page = wholeOf(name.slice(HUGE_PAGES.length));
  return page > 0n && wholeOf(amount) % page === 0n;
}

function validateRequest(name: string, request: string, limit: string | undefined, at: string): FieldError[] {
  if (limit === undefined)
    return isFixed(name) ? [required(`${at}.limits`, 'Limit must be set for non overcommitable resources')] : [];
  const difference = compareQuantities(request, limit);
  const rule = isFixed(name)
    ? difference !== 0 && 'must be equal to'
    : difference > 0 && 'must be less than or equal to';
  if (rule === false) return [];
  const text = `${rule} ${name} limit of ${canonicalQuantity(limit)}`;
  return [invalidValue(`${at}.requests`, canonicalQuantity(request), text)];
}

/** `claims` are the names of the pod's resource claims. */
export function validateResources(resources: Json, at: string, claims: ReadonlySet<string>): FieldError[] {
  return [
    ...validateAmounts(resources, at, validateContainerResourceName),
    ...validateClaims(resources?.claims, `${at}.claims`, claims),
  ];
}

/** Requests and limits beside each other; `validateName` says which resources there are. */
export function validateAmounts(
  resources: Json,
  at: string,
  validateName: (name: string, at: string) => FieldError[],
): FieldError[] {
  const { limits = {}, requests = {} } = (resources ?? {}) as Record<string, Record<string, string>>;
  const errors: FieldError[] = [];
  for (const [name, amount] of Object.entries(limits)) {
    const where = `${at}.limits[${name}]`;
    errors.push(...validateName(name, where), ...validateAmount(name, amount, where));
  }
  for (const [name, amount] of Object.entries(requests)) {
    const where = `${at}.requests[${name}]`;
    errors.push(...validateName(name, where), ...validateAmount(name, amount, where));
    errors.push(...validateRequest(name, amount, limits[name], at));
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.some((name) => name === 'cpu' || name === 'memory'))
    errors.push(forbiddenField(at, 'HugePages require cpu or memory'));
  return errors;
}

export function validateClaims(wanted: Json, at: string, claims: ReadonlySet<string>): FieldError[] {
  const seen = new Set<string>();
  return eachAt(wanted, at, ({ name = '', request = '' }, where) => {
    if (name === '') return [required(where)];
    const errors: FieldError[] = [];
    const requestAt = `${where}.request`;
    if (request !== '' && !seen.has(name)) errors.push(...invalidAll(requestAt, request, labelName(request)));
    const key = request === '' ? name : `${name}/${request}`;
    const whole = request === '' && [...seen].some((each) => each.startsWith(`${name}/`));
    if (seen.has(name)) errors.push(duplicate(where, name));
    else if (seen.has(key) || whole) errors.push(duplicate(where, key));
    seen.add(key);
    if (!claims.has(name)) {
      const known = claims.size === 0 ? ' which is empty' : `: ${[...claims].sort().join(', ')}`;
      const message = `Not found: ${JSON.stringify(name)}: must be one of the names in pod.spec.resourceClaims${known}`;
      errors.push({ type: 'FieldValueNotFound', field: where, message });
    }
    return errors;
  });
}
