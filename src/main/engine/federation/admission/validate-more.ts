/** What Karmada's webhooks refuse in quotas, taint policies, autoscalers and services. Source: Karmada's validation rules. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import {
  cronProblem,
  type FieldError,
  isTimeZone,
  label1035Name,
  labelName,
  validateBehavior,
  validateMetrics,
  validateQuotaResourceName,
} from '../../apiserver/index.ts';
import type { Quantities } from '../api.ts';
import { addQuantities, milliValue } from '../quantity.ts';
import { bad, duplicate, eachBad, required, unsupported, validateClusterName } from './field-errors.ts';

const MAX_QUOTA_NAME = 63;
/** A metric from outside belongs to no cluster. */
const METRICS = ['ContainerResource', 'Object', 'Pods', 'Resource'];
const AUTOSCALING = 'autoscaling.karmada.io/v1alpha1';

export function validateQuota({ metadata, spec }: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '' } = metadata;
  if (name.length > MAX_QUOTA_NAME)
    errors.push(bad('metadata.name', name, `must be no more than ${MAX_QUOTA_NAME} characters`));
  const overall: Quantities = spec?.overall ?? {};
  errors.push(...validateQuantities(overall, 'spec.overall'));
  const sums: Quantities = {};
  const seen = new Set<string>();
  for (const [index, { clusterName, hard = {} }] of (spec?.staticAssignments ?? []).entries()) {
    const field = `spec.staticAssignments[${index}]`;
    if (seen.has(clusterName))
      errors.push(bad(`${field}.clusterName`, clusterName, 'a cluster can be assigned only once'));
    seen.add(clusterName);
    errors.push(...validateClusterName(clusterName, `${field}.clusterName`));
    errors.push(...validateQuantities(hard, `${field}.hard`));
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

function validateQuantities(list: Quantities, field: string): FieldError[] {
  return Object.entries(list).flatMap(([resource, quantity]) => {
    const at = `${field}[${resource}]`;
    const errors = validateQuotaResourceName(resource, at);
    if (!(milliValue(quantity) >= 0)) errors.push(bad(at, quantity, 'must be a quantity of at least 0'));
    return errors;
  });
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
  const { minReplicas = 1, maxReplicas, metrics = [] } = spec ?? {};
  if (minReplicas < 1) errors.push(bad('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  if (!(maxReplicas >= 1)) errors.push(bad('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (maxReplicas < minReplicas)
    errors.push(bad('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  for (const [index, { type }] of metrics.entries())
    if (type === 'External') errors.push(unsupported(`spec.metrics[${index}].type`, type, METRICS));
  return [...errors, ...validateMetrics(metrics, 'spec.metrics'), ...validateBehavior(spec?.behavior, 'spec.behavior')];
}

export function validateCronAutoscaler({ spec }: KubeObject): FieldError[] {
  const errors = validateTarget(spec?.scaleTargetRef, 'spec.scaleTargetRef');
  const { apiVersion, kind } = spec?.scaleTargetRef ?? {};
  const federated = apiVersion === AUTOSCALING;
  if (federated && kind !== 'FederatedHPA')
    return [bad('spec.scaleTargetRef.kind', kind, `of ${AUTOSCALING}, only FederatedHPA can be scaled`)];
  const names = new Set<string>();
  for (const [index, rule] of (spec?.rules ?? []).entries()) {
    const field = `spec.rules[${index}]`;
    if (names.has(rule.name)) errors.push(duplicate(`${field}.name`, rule.name));
    names.add(rule.name);
    const problem = cronProblem(rule.schedule);
    if (problem !== null) errors.push(bad(`${field}.schedule`, rule.schedule, problem));
    if (rule.timeZone && !isTimeZone(rule.timeZone))
      errors.push(bad(`${field}.timeZone`, rule.timeZone, 'must be the name of an IANA time zone'));
    const { targetReplicas, targetMinReplicas: min, targetMaxReplicas: max } = rule;
    if (federated && min === undefined && max === undefined)
      errors.push(
        bad(
          `${field}.targetMaxReplicas`,
          '',
          'targetMinReplicas and targetMaxReplicas cannot be empty at the same time',
        ),
      );
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

export function validateMultiClusterService({ metadata, spec }: KubeObject, old: KubeObject | null): FieldError[] {
  const { name = '' } = metadata;
  const errors = eachBad('metadata.name', name, label1035Name(name));
  const types: string[] = spec?.types ?? [];
  for (const [index, type] of types.entries())
    if (type !== 'CrossCluster' && type !== 'LoadBalancer')
      errors.push(unsupported(`spec.types[${index}]`, type, ['CrossCluster', 'LoadBalancer']));
  if (new Set(types).size > 1) errors.push(bad('spec.types', types, 'only one type can be given'));
  if (old !== null && String(old.spec?.types ?? []) !== String(types))
    errors.push(bad('spec.types', types, 'field is immutable'));
  const names = new Set<string>();
  for (const [index, port] of (spec?.ports ?? []).entries()) {
    const field = `spec.ports[${index}]`;
    if (!(port.port >= 1 && port.port <= 65_535))
      errors.push(bad(`${field}.port`, port.port, 'must be between 1 and 65535, inclusive'));
    if (!port.name) continue;
    errors.push(...eachBad(`${field}.name`, port.name, labelName(port.name)));
    if (names.has(port.name)) errors.push(duplicate(`${field}.name`, port.name));
    names.add(port.name);
  }
  for (const list of ['providerClusters', 'consumerClusters'])
    for (const [index, cluster] of (spec?.[list] ?? []).entries())
      errors.push(...validateClusterName(cluster.name, `spec.${list}[${index}].name`));
  return errors;
}

function validateTarget(target: Json, field: string): FieldError[] {
  return ['kind', 'name'].filter((part) => !target?.[part]).map((part) => required(`${field}.${part}`, 'is needed'));
}
