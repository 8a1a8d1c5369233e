/**
 * Requests and limits of a pod as a whole, beside those of its containers.
 * Source: KEP-2837; "Assign Pod-level CPU and memory resources"; texts of the server's validation.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { asSent } from '../../../openapi/sent-empty.ts';
import type { FieldError } from '../../../types.ts';
import { forbiddenField, invalidValue, notSupported } from '../../validation/field.ts';
import { addQuantities, canonicalQuantity, compareQuantities } from '../../validation/quantity.ts';
import { HUGE_PAGES, isFixed, isHugePages, validateResourceName } from '../../validation/resource-names.ts';
import { validateAmounts, validateClaims } from './resources.ts';

type Amounts = Record<string, string>;

const OF_PODS = ['cpu', HUGE_PAGES, 'memory'];
const isOfPods = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name);

/** What all containers need at once: the regular ones beside each other and the sidecars, or more while one prepares. */
function together(spec: Json, part: 'limits' | 'requests'): Amounts {
  const add = (into: Amounts, more: Amounts) => {
    for (const [name, amount] of Object.entries(more)) into[name] = addQuantities(into[name] ?? '0', amount);
  };
  const amountsOf = (container: Json): Amounts => container?.resources?.[part] ?? {};
  const total: Amounts = {};
  for (const container of spec.containers ?? []) add(total, amountsOf(container));
  const sidecars: Amounts = {};
  const most: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    const needed: Amounts = {};
    if (container?.restartPolicy === 'Always') {
      add(total, amountsOf(container));
      add(sidecars, amountsOf(container));
      add(needed, sidecars);
    } else {
      add(needed, amountsOf(container));
      add(needed, sidecars);
    }
    for (const [name, amount] of Object.entries(needed))
      if (compareQuantities(amount, most[name] ?? '0') > 0 || most[name] === undefined) most[name] = amount;
  }
  for (const [name, amount] of Object.entries(most))
    if (total[name] === undefined || compareQuantities(amount, total[name]) > 0) total[name] = amount;
  return total;
}

/** What the containers say counts for the pod where that says nothing itself. Of pods, not of templates. */
export function defaultPodResources(spec: Json): void {
  const { resources } = spec;
  if (!resources || (!hasAny(resources.limits) && !hasAny(resources.requests))) return;
  const limits: Amounts = { ...resources.limits };
  for (const [name, amount] of Object.entries(together(spec, 'limits')))
    if (isHugePages(name) && resources.requests?.[name] === undefined) limits[name] ??= amount;
  if (hasAny(limits)) resources.limits = limits;
  if (!hasAny(limits)) return;
  const requests: Amounts = { ...resources.requests };
  for (const [name, amount] of Object.entries(together(spec, 'requests')))
    if (isOfPods(name) && !isFixed(name)) requests[name] ??= amount;
  for (const [name, amount] of Object.entries(limits)) if (isOfPods(name)) requests[name] ??= amount;
  if (hasAny(requests)) resources.requests = requests;
}

const hasAny = (amounts: Amounts | undefined): boolean => Object.keys(amounts ?? {}).length > 0;

function validateName(name: string, at: string): FieldError[] {
  const errors = validateResourceName(name, at);
  return errors.length > 0 || isOfPods(name) ? errors : [notSupported(at, name, OF_PODS)];
}

/** `at` is the path of the pod's spec, `claims` are the names of its resource claims. */
export function validatePodResources(spec: Json, at: string, claims: ReadonlySet<string>): FieldError[] {
  const { resources } = spec;
  if (!resources) return [];
  const where = `${at}.resources`;
  if (spec.os?.name === 'windows') return [forbiddenField(where, 'may not be set for a windows pod')];
  const errors = asSent(resources, 'claims')
    ? [forbiddenField(`${where}.claims`, 'claims may not be set for Resources at pod-level')]
    : [];
  return [
    ...errors,
    ...validateAmounts(resources, where, validateName),
    ...validateClaims(resources.claims, `${where}.claims`, claims),
    ...validateConsistency(spec, where),
  ];
}

function validateConsistency(spec: Json, at: string): FieldError[] {
  const { requests = {}, limits = {} } = spec.resources as Record<string, Amounts>;
  const errors: FieldError[] = [];
  for (const [name, amount] of Object.entries(together(spec, 'requests')))
    if (requests[name] !== undefined && compareQuantities(amount, requests[name]) > 0) {
      const text = `must be greater than or equal to aggregate container requests of ${canonicalQuantity(amount)}`;
      errors.push(invalidValue(`${at}.requests[${name}]`, canonicalQuantity(requests[name]), text));
    }
  for (const [name, amount] of Object.entries(together(spec, 'limits')))
    if (isHugePages(name) && limits[name] !== undefined && compareQuantities(amount, limits[name]) > 0) {
      const text = `must be greater than or equal to aggregate container limits of ${canonicalQuantity(amount)}`;
      errors.push(invalidValue(`${at}.limits[${name}]`, canonicalQuantity(limits[name]), text));
    }
  // The path, with the container before its resource, is the server's own.
  ((spec.containers ?? []) as Json[]).forEach((container, index) => {
    for (const [name, amount] of Object.entries((container?.resources?.limits ?? {}) as Amounts))
      if (limits[name] !== undefined && compareQuantities(amount, limits[name]) > 0) {
        const text = `must be less than or equal to pod limits of ${canonicalQuantity(limits[name])}`;
        errors.push(invalidValue(`${at}.containers[${index}][${name}].limits`, canonicalQuantity(amount), text));
      }
  });
  return errors;
}
