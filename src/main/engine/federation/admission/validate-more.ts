/** What Karmada's webhooks refuse in quotas, taint policies, autoscalers and services. Source: Karmada's validation rules. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../apiserver/index.ts';
import type { Quantities } from '../api.ts';
import { addQuantities, milliValue } from '../quantity.ts';
import { bad, required, unsupported } from './field-errors.ts';

const MAX_QUOTA_NAME = 63;

export function validateQuota({ metadata, spec }: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '' } = metadata;
  if (name.length > MAX_QUOTA_NAME)
    errors.push(bad('metadata.name', name, `must be no more than ${MAX_QUOTA_NAME} characters`));
  const overall: Quantities = spec?.overall ?? {};
  for (const [resource, quantity] of Object.entries(overall))
    if (!(milliValue(quantity) >= 0))
      errors.push(bad(`spec.overall[${resource}]`, quantity, 'must be a quantity of at least 0'));
  const sums: Quantities = {};
  const seen = new Set<string>();
  for (const [index, { clusterName, hard = {} }] of (spec?.staticAssignments ?? []).entries()) {
    const field = `spec.staticAssignments[${index}]`;
    if (seen.has(clusterName))
      errors.push(bad(`${field}.clusterName`, clusterName, 'a cluster can be assigned only once'));
    seen.add(clusterName);
    for (const [resource, quantity] of Object.entries(hard as Quantities)) {
      if (overall[resource] === undefined)
        errors.push(bad(`${field}.hard[${resource}]`, quantity, 'the resource must be part of overall'));
      sums[resource] = sums[resource] === undefined ? quantity : addQuantities(quantity, sums[resource]);
    }
  }
  for (const [resource, sum] of Object.entries(sums)) {
    const limit = overall[resource];
    if (limit !== undefined && milliValue(sum) > milliValue(limit))
      errors.push(bad(`spec.overall[${resource}]`, limit, `less than what is assigned to clusters in all, ${sum}`));
  }
  return errors;
}

export function validateTaintPolicy({ spec }: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of ['addOnConditions', 'removeOnConditions'])
    for (const [index, { operator, statusValues }] of (spec?.[list] ?? []).entries()) {
      const field = `spec.${list}[${index}]`;
      if (operator !== 'In' && operator !== 'NotIn')
        errors.push(unsupported(`${field}.operator`, operator, ['In', 'NotIn']));
      if (!statusValues?.length) errors.push(required(`${field}.statusValues`, 'must name at least one value'));
    }
  const seen = new Set<string>();
  for (const [index, { key, effect }] of (spec?.taints ?? []).entries()) {
    const field = `spec.taints[${index}]`;
    if (effect !== 'NoSchedule' && effect !== 'NoExecute')
      errors.push(unsupported(`${field}.effect`, effect, ['NoSchedule', 'NoExecute']));
    if (seen.has(`${key}:${effect}`)) errors.push(bad(field, `${key}:${effect}`, 'each taint once only'));
    seen.add(`${key}:${effect}`);
  }
  return errors;
}

export function validateAutoscaler({ spec }: KubeObject): FieldError[] {
  const errors = validateTarget(spec?.scaleTargetRef, 'spec.scaleTargetRef');
  const { minReplicas = 1, maxReplicas } = spec ?? {};
  if (minReplicas < 1) errors.push(bad('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  if (!(maxReplicas >= 1)) errors.push(bad('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (maxReplicas < minReplicas)
    errors.push(bad('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  return errors;
}

export function validateCronAutoscaler({ spec }: KubeObject): FieldError[] {
  const errors = validateTarget(spec?.scaleTargetRef, 'spec.scaleTargetRef');
  const { apiVersion = '', kind } = spec?.scaleTargetRef ?? {};
  const federated = apiVersion.startsWith('autoscaling.karmada.io/') && kind === 'FederatedHPA';
  const names = new Set<string>();
  for (const [index, rule] of (spec?.rules ?? []).entries()) {
    const field = `spec.rules[${index}]`;
    if (names.has(rule.name)) errors.push(bad(`${field}.name`, rule.name, 'must be unique'));
    names.add(rule.name);
    if (!isCron(rule.schedule))
      errors.push(bad(`${field}.schedule`, rule.schedule, 'must be a cron expression of five fields'));
    if (rule.timeZone && !isTimeZone(rule.timeZone))
      errors.push(bad(`${field}.timeZone`, rule.timeZone, 'must be the name of an IANA time zone'));
    const { targetReplicas, targetMinReplicas: min, targetMaxReplicas: max } = rule;
    if (federated && min === undefined && max === undefined)
      errors.push(bad(field, '', 'targetMinReplicas and targetMaxReplicas cannot be empty at the same time'));
    if (!federated && targetReplicas === undefined) errors.push(required(`${field}.targetReplicas`, 'is needed'));
    for (const [name, value, least] of [
      ['targetReplicas', targetReplicas, 0],
      ['targetMinReplicas', min, 1],
      ['targetMaxReplicas', max, 1],
    ] as [string, number | undefined, number][])
      if (value !== undefined && value < least)
        errors.push(bad(`${field}.${name}`, value, `must be at least ${least}`));
    if (min !== undefined && max !== undefined && min > max)
      errors.push(bad(`${field}.targetMinReplicas`, min, 'must not be greater than targetMaxReplicas'));
  }
  return errors;
}

export function validateMultiClusterService({ spec }: KubeObject, old: KubeObject | null): FieldError[] {
  const errors: FieldError[] = [];
  const types: string[] = spec?.types ?? [];
  if (types.length !== 1) errors.push(bad('spec.types', types.join(','), 'exactly one type must be given'));
  for (const [index, type] of types.entries())
    if (type !== 'CrossCluster' && type !== 'LoadBalancer')
      errors.push(unsupported(`spec.types[${index}]`, type, ['CrossCluster', 'LoadBalancer']));
  if (old !== null && String(old.spec?.types ?? []) !== String(types))
    errors.push(bad('spec.types', types.join(','), 'field is immutable'));
  for (const [index, { port }] of (spec?.ports ?? []).entries())
    if (!(port >= 1 && port <= 65_535))
      errors.push(bad(`spec.ports[${index}].port`, port, 'must be between 1 and 65535'));
  for (const list of ['providerClusters', 'consumerClusters']) {
    const seen = new Set<string>();
    for (const [index, { name }] of (spec?.[list] ?? []).entries()) {
      if (seen.has(name)) errors.push(bad(`spec.${list}[${index}].name`, name, 'each cluster once only'));
      seen.add(name);
    }
  }
  return errors;
}

function validateTarget(target: Json, field: string): FieldError[] {
  return ['kind', 'name'].filter((part) => !target?.[part]).map((part) => required(`${field}.${part}`, 'is needed'));
}

function isCron(schedule: unknown): boolean {
  return (
    typeof schedule === 'string' &&
    (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(schedule) ||
      schedule.trim().split(/\s+/).length === 5)
  );
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
