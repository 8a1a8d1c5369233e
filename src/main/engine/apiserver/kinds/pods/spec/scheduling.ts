/**
 * What decides where and when a pod may run beside affinity: tolerations, spread, gates.
 * Source: API reference core/v1; "Taints and Tolerations", "Pod Topology Spread Constraints"; texts of the server's validation.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import {
  duplicate,
  eachAt,
  forbiddenField,
  invalidAll,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field.ts';
import { labelValue, qualifiedName } from '../../validation/meta.ts';
import { validateSelector } from '../../validation/selector.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const ANY_KEY = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';

export function validateTolerations(tolerations: Json, at: string): FieldError[] {
  return eachAt(tolerations, at, validateToleration);
}

function validateToleration(toleration: Json, at: string): FieldError[] {
  const { key = '', operator = '', value = '', effect = '', tolerationSeconds } = toleration;
  const errors = key === '' ? [] : invalidAll(`${at}.key`, key, qualifiedName(key));
  if (key === '' && operator !== 'Exists') errors.push(invalidValue(`${at}.operator`, operator, ANY_KEY));
  if (tolerationSeconds !== undefined && effect !== 'NoExecute')
    errors.push(invalidValue(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  if (operator === '' || operator === 'Equal') {
    const problems = labelValue(value);
    if (problems.length > 0) errors.push(invalidValue(`${at}.operator`, value, problems.join(';')));
  } else if (operator === 'Exists') {
    if (value !== '')
      errors.push(invalidValue(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
  } else {
    // Comparing numbers is behind a gate that is off by default.
    const gated = operator === 'Lt' || operator === 'Gt' ? ['Lt', 'Gt'] : [];
    errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists', ...gated]));
  }
  if (effect !== '' && !EFFECTS.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, EFFECTS));
  return errors;
}

const UNSATISFIABLE = ['DoNotSchedule', 'ScheduleAnyway'];
const INCLUSION = ['Honor', 'Ignore'];
const POSITIVE = 'must be greater than zero';

export function validateSpread(constraints: Json, at: string): FieldError[] {
  const all: Json[] = constraints ?? [];
  return eachAt(all, at, (constraint, where, index) => {
    const { topologyKey = '', whenUnsatisfiable = '' } = constraint;
    const errors = validateConstraint(constraint, where);
    const again = all
      .slice(index + 1)
      .some((each) => each.topologyKey === topologyKey && each.whenUnsatisfiable === whenUnsatisfiable);
    if (again)
      errors.push(duplicate(`${where}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`));
    return errors;
  });
}

function validateConstraint(constraint: Json, at: string): FieldError[] {
  const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '', minDomains, labelSelector } = constraint;
  const errors: FieldError[] = [];
  if (maxSkew <= 0) errors.push(invalidValue(`${at}.maxSkew`, maxSkew, POSITIVE));
  if (topologyKey === '') errors.push(required(`${at}.topologyKey`, 'can not be empty'));
  if (!UNSATISFIABLE.includes(whenUnsatisfiable))
    errors.push(notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable, UNSATISFIABLE));
  if (typeof minDomains === 'number') {
    if (minDomains <= 0) errors.push(invalidValue(`${at}.minDomains`, minDomains, POSITIVE));
    if (whenUnsatisfiable !== 'DoNotSchedule') {
      const text = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
      errors.push(invalidValue(`${at}.minDomains`, minDomains, text));
    }
  }
  for (const policy of ['nodeAffinityPolicy', 'nodeTaintsPolicy'])
    if (constraint[policy] !== undefined && !INCLUSION.includes(constraint[policy]))
      errors.push(notSupported(`${at}.${policy}`, constraint[policy], INCLUSION));
  const keys: string[] = constraint.matchLabelKeys ?? [];
  if (keys.length > 0 && !labelSelector)
    errors.push(forbiddenField(`${at}.matchLabelKeys`, 'must not be specified when labelSelector is not set'));
  errors.push(
    ...eachAt(keys, `${at}.matchLabelKeys`, (key: string, where) => invalidAll(where, key, qualifiedName(key))),
    ...validateSelector(labelSelector, `${at}.labelSelector`),
  );
  return errors;
}

export function validateReadinessGates(gates: Json, at: string): FieldError[] {
  return eachAt(gates, at, ({ conditionType = '' }, where) =>
    invalidAll(`${where}.conditionType`, conditionType, qualifiedName(conditionType)),
  );
}

export function validateSchedulingGates(gates: Json, at: string): FieldError[] {
  const seen = new Set<string>();
  return eachAt(gates, at, ({ name = '' }, where) => {
    const errors = invalidAll(where, name, qualifiedName(name));
    if (seen.has(name)) errors.push(duplicate(where, name));
    seen.add(name);
    return errors;
  });
}
