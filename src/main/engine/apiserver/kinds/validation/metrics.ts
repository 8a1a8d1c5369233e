/**
 * What an autoscaler measures and how fast it acts.
 * Source: API reference autoscaling/v2 MetricSpec, HorizontalPodAutoscalerBehavior; texts of the server's validation.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../types.ts';
import { eachAt, forbiddenField, invalidAll, invalidValue, notSupported, required } from './field.ts';
import { labelName, pathSegmentName } from './meta.ts';
import { canonicalQuantity, compareQuantities } from './quantity.ts';
import { validateContainerResourceName } from './resource-names.ts';

const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
const TARGETS = ['Utilization', 'Value', 'AverageValue'];

const fieldOf = (type: string): string => type.charAt(0).toLowerCase() + type.slice(1);

export function validateMetrics(metrics: Json, at: string): FieldError[] {
  return eachAt(metrics, at, (metric, where) => {
    const { type = '' } = metric;
    const errors: FieldError[] = [];
    if (type === '') errors.push(required(`${where}.type`, 'must specify a metric source type'));
    if (!TYPES.includes(type)) errors.push(notSupported(`${where}.type`, type, TYPES));
    const expected = fieldOf(type);
    const given = ['object', 'external', 'pods', 'resource', 'containerResource'].filter((field) => metric[field]);
    const [first] = given;
    if (first !== undefined) errors.push(...validateSource(first, metric[first], `${where}.${first}`));
    if (!TYPES.includes(type)) errors.push(notSupported(`${where}.type`, type, TYPES));
    else if (!metric[expected])
      errors.push(required(`${where}.${expected}`, 'must populate information for the given metric source'));
    if (given.length > 1)
      for (const extra of given.filter((field) => field !== expected))
        errors.push(forbiddenField(`${where}.${extra}`, 'must populate the given metric source only'));
    return errors;
  });
}

function validateSource(field: string, source: Json, at: string): FieldError[] {
  const { target = {} } = source;
  const where = `${at}.target`;
  const { value, averageValue, averageUtilization } = target;
  const errors = [...validateSubject(field, source, at), ...validateAim(target, where)];
  const missing = (name: string, text: string): FieldError => required(`${where}.${name}`, text);
  if (field === 'resource' || field === 'containerResource') {
    if (averageUtilization === undefined && averageValue === undefined)
      errors.push(missing('averageUtilization', 'must set either a target raw value or a target utilization'));
    if (averageUtilization !== undefined && averageValue !== undefined) {
      const text = 'may not set both a target raw value and a target utilization';
      errors.push(forbiddenField(`${where}.averageValue`, text));
    }
  } else if (field === 'pods') {
    if (averageValue === undefined) errors.push(missing('averageValue', 'must specify a positive target averageValue'));
  } else if (value === undefined && averageValue === undefined) {
    const text =
      field === 'external'
        ? 'must set either a target value for metric or a per-pod target'
        : 'must set either a target value or averageValue';
    errors.push(missing('averageValue', text));
  } else if (field === 'external' && value !== undefined && averageValue !== undefined) {
    const text = 'may not set both a target value for metric and a per-pod target';
    errors.push(forbiddenField(`${where}.value`, text));
  }
  return errors;
}

/** Which API versions a reference may have: those of groups with a name, of the core group as well, or any text. */
export type GroupRule = 'named' | 'core-too' | 'any';

/** An object that is scaled or measured. */
export function validateTarget(target: Json, at: string, rule: GroupRule): FieldError[] {
  const errors = ['kind', 'name'].flatMap((field) => {
    const text: string = target[field] ?? '';
    return text === '' ? [required(`${at}.${field}`)] : invalidAll(`${at}.${field}`, text, pathSegmentName(text));
  });
  if (rule === 'any') return errors;
  const version: string = target.apiVersion ?? '';
  const slashes = version.split('/').length - 1;
  const where = `${at}.apiVersion`;
  if (slashes > 1) errors.push(invalidValue(where, version, `unexpected GroupVersion string: ${version}`));
  else if (rule === 'named' && (slashes === 0 || version.startsWith('/')))
    errors.push(invalidValue(where, version, 'apiVersion must specify API group'));
  return errors;
}

/** What is measured: a resource, or a metric with a name, of an object perhaps. */
function validateSubject(field: string, source: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (field === 'resource' || field === 'containerResource') {
    if (!source.name) errors.push(required(`${at}.name`, 'must specify a resource name'));
    if (field === 'resource') return errors;
    if (source.name) errors.push(...validateContainerResourceName(source.name, `${at}.name`));
    const where = `${at}.container`;
    if (!source.container) return [...errors, required(where, 'must specify a container')];
    return [...errors, ...invalidAll(where, source.container, labelName(source.container))];
  }
  if (field === 'object') {
    errors.push(...validateTarget(source.describedObject ?? {}, `${at}.describedObject`, 'core-too'));
  }
  const { name = '' } = source.metric ?? {};
  if (name === '') return [...errors, required(`${at}.metric.name`, 'must specify a metric name')];
  return [...errors, ...invalidAll(`${at}.metric.name`, name, pathSegmentName(name))];
}

function validateAim(target: Json, at: string): FieldError[] {
  const { type = '', averageUtilization } = target;
  const errors: FieldError[] = [];
  if (type === '') errors.push(required(`${at}.type`, 'must specify a metric target type'));
  if (!TARGETS.includes(type))
    errors.push(invalidValue(`${at}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  for (const field of ['value', 'averageValue'])
    if (target[field] !== undefined && compareQuantities(target[field], '0') <= 0)
      errors.push(invalidValue(`${at}.${field}`, target[field], 'must be positive'));
  if (typeof averageUtilization === 'number' && averageUtilization < 1)
    errors.push(invalidValue(`${at}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  return errors;
}

const WINDOW_MOST = 3600;
const PERIOD_MOST = 1800;
const SELECTIONS = ['Disabled', 'Max', 'Min'];
const POLICIES = ['Percent', 'Pods'];
const POSITIVE = 'must be greater than zero';

export function validateBehavior(behavior: Json, at: string): FieldError[] {
  return ['scaleUp', 'scaleDown'].flatMap((direction) =>
    behavior?.[direction] ? validateRules(behavior[direction], `${at}.${direction}`) : [],
  );
}

function validateRules(rules: Json, at: string): FieldError[] {
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [] } = rules;
  const errors: FieldError[] = [];
  const where = `${at}.stabilizationWindowSeconds`;
  if (window < 0) errors.push(invalidValue(where, window, 'must be greater than or equal to zero'));
  if (window > WINDOW_MOST) errors.push(invalidValue(where, window, `must be less than or equal to ${WINDOW_MOST}`));
  if (selectPolicy !== undefined && !SELECTIONS.includes(selectPolicy))
    errors.push(notSupported(`${at}.selectPolicy`, selectPolicy, SELECTIONS));
  if (policies.length === 0) errors.push(required(`${at}.policies`, 'must specify at least one Policy'));
  errors.push(...eachAt(policies, `${at}.policies`, validatePolicy));
  if (rules.tolerance !== undefined && compareQuantities(rules.tolerance, '0') < 0) {
    const shown = canonicalQuantity(rules.tolerance);
    errors.push(invalidValue(`${at}.tolerance`, shown, 'must be greater than or equal to 0'));
  }
  return errors;
}

function validatePolicy({ type = '', value = 0, periodSeconds: period = 0 }: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!POLICIES.includes(type)) errors.push(notSupported(`${at}.type`, type, POLICIES));
  if (value <= 0) errors.push(invalidValue(`${at}.value`, value, POSITIVE));
  if (period <= 0) errors.push(invalidValue(`${at}.periodSeconds`, period, POSITIVE));
  if (period > PERIOD_MOST)
    errors.push(invalidValue(`${at}.periodSeconds`, period, `must be less than or equal to ${PERIOD_MOST}`));
  return errors;
}
