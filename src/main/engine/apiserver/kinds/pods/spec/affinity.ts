/**
 * Affinity of pods to nodes and to other pods, and the node selectors of volumes.
 * Source: API reference core/v1 Affinity; "Assigning Pods to Nodes"; texts of the server's validation.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { eachAt, forbiddenField, invalidAll, invalidValue, required } from '../../validation/field.ts';
import { labelName, labelValue, qualifiedName, subdomainName } from '../../validation/meta.ts';
import { validateSelector } from '../../validation/selector.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const NO_OPERATOR = 'not a valid selector operator';

export function validateAffinity(affinity: Json, at: string): FieldError[] {
  if (!affinity) return [];
  return [
    ...validateNodeAffinity(affinity.nodeAffinity, `${at}.nodeAffinity`),
    ...validatePodAffinity(affinity.podAffinity, `${at}.podAffinity`),
    ...validatePodAffinity(affinity.podAntiAffinity, `${at}.podAntiAffinity`),
  ];
}

function validateNodeAffinity(affinity: Json, at: string): FieldError[] {
  if (!affinity) return [];
  return [
    ...(affinity[REQUIRED] ? validateNodeSelector(affinity[REQUIRED], `${at}.${REQUIRED}`) : []),
    ...eachAt(affinity[PREFERRED], `${at}.${PREFERRED}`, (term, where) => [
      ...validateWeight(term.weight, where),
      ...validateNodeTerm(term.preference ?? {}, `${where}.preference`, false),
    ]),
  ];
}

/** A NodeSelector: that of required node affinity, and that of a volume. */
export function validateNodeSelector(selector: Json, at: string): FieldError[] {
  const terms: Json[] = selector.nodeSelectorTerms ?? [];
  const where = `${at}.nodeSelectorTerms`;
  if (terms.length === 0) return [required(where, 'must have at least one node selector term')];
  return eachAt(terms, where, (term, place) => validateNodeTerm(term, place, true));
}

/** Preferences may name values that no label can have: they are met by no node, which harms nobody. */
function validateNodeTerm(term: Json, at: string, strictValues: boolean): FieldError[] {
  return [
    ...eachAt(term.matchExpressions, `${at}.matchExpressions`, (each, where) =>
      validateNodeExpression(each, where, strictValues),
    ),
    ...eachAt(term.matchFields, `${at}.matchFields`, validateNodeField),
  ];
}

function validateNodeExpression(expression: Json, at: string, strictValues: boolean): FieldError[] {
  const { key = '', operator = '', values = [] } = expression;
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0)
      errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      errors.push(forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1)
      errors.push(required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
  } else errors.push(invalidValue(`${at}.operator`, operator, NO_OPERATOR));
  errors.push(...invalidAll(`${at}.key`, key, qualifiedName(key)));
  if (strictValues)
    errors.push(
      ...eachAt(values, `${at}.values`, (value: string, where) => invalidAll(where, value, labelValue(value))),
    );
  return errors;
}

/** The one field of a node that can be selected is its name. */
function validateNodeField(field: Json, at: string): FieldError[] {
  const { key = '', operator = '', values = [] } = field;
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn') errors.push(invalidValue(`${at}.operator`, operator, NO_OPERATOR));
  else if (values.length !== 1)
    errors.push(
      required(`${at}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"),
    );
  if (key !== 'metadata.name') errors.push(invalidValue(`${at}.key`, key, 'not a valid field selector key'));
  else
    errors.push(
      ...eachAt(values, `${at}.values`, (value: string, where) => invalidAll(where, value, subdomainName(value))),
    );
  return errors;
}

function validateWeight(weight: unknown, at: string): FieldError[] {
  const given = typeof weight === 'number' ? weight : 0;
  return given >= 1 && given <= 100 ? [] : [invalidValue(`${at}.weight`, given, 'must be in the range 1-100')];
}

function validatePodAffinity(affinity: Json, at: string): FieldError[] {
  if (!affinity) return [];
  return [
    ...eachAt(affinity[REQUIRED], `${at}.${REQUIRED}`, validatePodTerm),
    ...eachAt(affinity[PREFERRED], `${at}.${PREFERRED}`, (weighted, where) => [
      ...validateWeight(weighted.weight, where),
      ...validatePodTerm(weighted.podAffinityTerm ?? {}, `${where}.podAffinityTerm`),
    ]),
  ];
}

function validatePodTerm(term: Json, at: string): FieldError[] {
  const { labelSelector, namespaceSelector, matchLabelKeys = [], mismatchLabelKeys = [], topologyKey = '' } = term;
  const errors = [
    ...validateSelector(labelSelector, `${at}.labelSelector`),
    ...validateSelector(namespaceSelector, `${at}.namespaceSelector`),
    ...((term.namespaces ?? []) as string[]).flatMap((name) => invalidAll(`${at}.namespace`, name, labelName(name))),
    ...validateLabelKeys(matchLabelKeys, labelSelector, `${at}.matchLabelKeys`),
    ...validateLabelKeys(mismatchLabelKeys, labelSelector, `${at}.mismatchLabelKeys`),
    ...eachAt(matchLabelKeys, `${at}.matchLabelKeys`, (key: string, where) =>
      mismatchLabelKeys.includes(key)
        ? [invalidValue(where, key, 'exists in both matchLabelKeys and mismatchLabelKeys')]
        : [],
    ),
  ];
  if (topologyKey === '') errors.push(required(`${at}.topologyKey`, 'can not be empty'));
  return [...errors, ...invalidAll(`${at}.topologyKey`, topologyKey, qualifiedName(topologyKey))];
}

/** Keys that are taken from the pod's own labels narrow a selector, so there has to be one. */
function validateLabelKeys(keys: string[], selector: Json, at: string): FieldError[] {
  if (keys.length === 0) return [];
  if (!selector) return [forbiddenField(at, 'must not be specified when labelSelector is not set')];
  return eachAt(keys, at, (key: string, where) => invalidAll(where, key, qualifiedName(key)));
}
