/** What Karmada's webhooks refuse in override policies. Source: Karmada's validation rules. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type FieldError, validateAnnotations, validateLabels } from '../../apiserver/index.ts';
import type { Overriders } from '../api.ts';
import { bad, ownNamespaceOnly, required } from './field-errors.ts';
import { validateFields } from './validate-placement.ts';

type FieldOperation = NonNullable<NonNullable<Overriders['fieldOverrider']>[number]['json']>[number];

export function validateOverridePolicy(policy: KubeObject): FieldError[] {
  const { resourceSelectors, overrideRules, targetCluster, overriders } = policy.spec ?? {};
  const old = targetCluster || (overriders && Object.keys(overriders).length > 0);
  const errors = ownNamespaceOnly(policy, resourceSelectors);
  if (overrideRules?.length && old)
    errors.push(bad('spec.overrideRules', '', 'overrideRules and overriders or targetCluster can not co-exist'));
  for (const [index, rule] of (overrideRules ?? []).entries()) {
    const field = `spec.overrideRules[${index}]`;
    errors.push(...validateFields(rule.targetCluster?.fieldSelector, `${field}.targetCluster`));
    errors.push(...validateOverriders(rule.overriders ?? {}, `${field}.overriders`));
  }
  return overriders ? [...errors, ...validateOverriders(overriders, 'spec.overriders')] : errors;
}

function validateOverriders(overriders: Overriders, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { value }] of (overriders.annotationsOverrider ?? []).entries())
    errors.push(...validateAnnotations(value, `${path}.annotationsOverrider[${index}].value`));
  for (const [index, { value }] of (overriders.labelsOverrider ?? []).entries())
    errors.push(...validateLabels(value, `${path}.labelsOverrider[${index}].value`));
  for (const [index, { predicate }] of (overriders.imageOverrider ?? []).entries())
    if (predicate && !isPointer(predicate.path))
      errors.push(
        bad(`${path}.imageOverrider[${index}].predicate.path`, predicate.path, 'path should be start with / character'),
      );
  for (const [index, { fieldPath, json, yaml }] of (overriders.fieldOverrider ?? []).entries()) {
    const field = `${path}.fieldOverrider[${index}]`;
    if (!isPointer(fieldPath)) errors.push(bad(`${field}.fieldPath`, fieldPath, 'must be a JSON pointer'));
    if (json?.length && yaml?.length) errors.push(bad(field, '', 'json and yaml are mutually exclusive'));
    if (!json?.length && !yaml?.length) errors.push(required(field, 'either json or yaml must be given'));
    errors.push(...validateOperations(json ?? [], `${field}.json`), ...validateOperations(yaml ?? [], `${field}.yaml`));
  }
  return errors;
}

function validateOperations(operations: readonly FieldOperation[], path: string): FieldError[] {
  return operations.flatMap(({ subPath, operator, value }, index) => {
    const errors: FieldError[] = [];
    const given = value !== undefined && value !== null;
    if (!isPointer(subPath)) errors.push(bad(`${path}[${index}].subPath`, subPath, 'must be a JSON pointer'));
    if (operator === 'remove' && given) errors.push(bad(`${path}[${index}].value`, value, 'is not used with remove'));
    if (operator !== 'remove' && !given) errors.push(required(`${path}[${index}].value`, `is needed with ${operator}`));
    return errors;
  });
}

function isPointer(path: string): boolean {
  return path === '' || (path.startsWith('/') && !/~(?![01])/.test(path));
}
