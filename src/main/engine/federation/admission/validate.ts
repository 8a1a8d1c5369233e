/** What Karmada's webhooks refuse. Every problem is reported, not only the first. Source: Karmada's validation rules. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../apiserver/index.ts';
import type { Overriders, Placement, PolicySpec, SpreadConstraint } from '../api.ts';
import { KEYS } from '../api.ts';
import { bad, required, unsupported } from './field-errors.ts';
import { validateModels } from './validate-models.ts';

const MAX_CLUSTER_NAME = 48;

export function validatePolicy(policy: KubeObject, old: KubeObject | null): FieldError[] {
  const spec: PolicySpec = policy.spec ?? {};
  const errors: FieldError[] = [];
  if (!spec.resourceSelectors?.length) errors.push(required('spec.resourceSelectors', 'must select at least one kind'));
  for (const [index, selector] of (spec.resourceSelectors ?? []).entries()) {
    const field = `spec.resourceSelectors[${index}]`;
    if (policy.kind === 'PropagationPolicy' && selector.namespace !== policy.metadata.namespace)
      errors.push(bad(`${field}.namespace`, selector.namespace, "must be the policy's own namespace"));
    if (spec.preemption === 'Always' && !selector.name)
      errors.push(bad(`${field}.name`, '', 'must be given when preemption is Always'));
  }
  if (spec.failover?.application && spec.propagateDeps !== true)
    errors.push(
      bad('spec.propagateDeps', spec.propagateDeps ?? false, 'application failover is set, propagateDeps must be true'),
    );
  if (spec.suspension?.dispatching && spec.suspension.dispatchingOnClusters)
    errors.push(bad('spec.suspension', '', 'dispatching and dispatchingOnClusters are mutually exclusive'));
  if (old !== null) errors.push(...immutable(policy, old));
  return [...errors, ...validatePlacement(spec.placement ?? {}, 'spec.placement')];
}

function immutable(policy: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  if (old.spec?.schedulerName !== undefined && policy.spec?.schedulerName !== old.spec.schedulerName)
    errors.push(bad('spec.schedulerName', policy.spec?.schedulerName, 'the schedulerName should not be updated'));
  for (const key of [KEYS.ppId, KEYS.cppId]) {
    const before = old.metadata.labels?.[key];
    if (before !== undefined && policy.metadata.labels?.[key] !== before)
      errors.push(bad(`metadata.labels[${key}]`, policy.metadata.labels?.[key], 'the permanent id is immutable'));
  }
  return errors;
}

function validatePlacement(placement: Placement, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const terms = placement.clusterAffinities ?? [];
  if (placement.clusterAffinity && terms.length > 0)
    errors.push(bad(path, '', 'clusterAffinities can not co-exist with clusterAffinity'));
  const names = new Set<string>();
  for (const [index, term] of terms.entries()) {
    if (names.has(term.affinityName))
      errors.push(bad(`${path}.clusterAffinities[${index}]`, term.affinityName, 'each affinity name must be unique'));
    names.add(term.affinityName);
    errors.push(...validateFields(term.fieldSelector, `${path}.clusterAffinities[${index}]`));
    if (term.overflowAffinities?.length)
      errors.push(...validateOverflow(placement, `${path}.clusterAffinities[${index}]`));
  }
  errors.push(...validateFields(placement.clusterAffinity?.fieldSelector, `${path}.clusterAffinity`));
  for (const [index, { operator, key, effect }] of (placement.clusterTolerations ?? []).entries()) {
    const field = `${path}.clusterTolerations[${index}]`;
    if (operator && operator !== 'Exists' && operator !== 'Equal')
      errors.push(bad(`${field}.operator`, operator, 'must be Exists or Equal'));
    if (!key && operator !== 'Exists')
      errors.push(bad(`${field}.operator`, operator ?? '', 'operator must be Exists when `key` is empty'));
    if (effect && !['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(effect))
      errors.push(bad(`${field}.effect`, effect, 'unknown effect'));
  }
  const weights = placement.replicaScheduling?.weightPreference?.staticWeightList ?? [];
  for (const [index, { weight }] of weights.entries())
    if (!(Number(weight) >= 1))
      errors.push(
        bad(
          `${path}.replicaScheduling.weightPreference.staticWeightList[${index}].weight`,
          weight,
          'must be greater than or equal to 1',
        ),
      );
  return [
    ...errors,
    ...validateWorkloadAffinity(placement, path),
    ...validateSpread(placement.spreadConstraints ?? [], `${path}.spreadConstraints`),
  ];
}

function validateWorkloadAffinity({ workloadAffinity }: Placement, path: string): FieldError[] {
  const keys = [workloadAffinity?.affinity?.groupByLabelKey, workloadAffinity?.antiAffinity?.groupByLabelKey];
  const [together, apart] = keys;
  return together !== undefined && together === apart
    ? [bad(`${path}.workloadAffinity`, together, 'affinity and antiAffinity must group by different label keys')]
    : [];
}

function validateOverflow(placement: Placement, field: string): FieldError[] {
  const scheduling = placement.replicaScheduling;
  const allowed = scheduling?.replicaDivisionPreference === 'Aggregated' || scheduling?.weightPreference?.dynamicWeight;
  return allowed ? [] : [bad(`${field}.overflowAffinities`, '', 'only with Aggregated division or dynamic weights')];
}

function validateFields(selector: Json, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { key, operator, values }] of (selector?.matchExpressions ?? []).entries()) {
    const field = `${path}.fieldSelector.matchExpressions[${index}]`;
    if (!['provider', 'region', 'zone'].includes(key))
      errors.push(unsupported(`${field}.key`, key, ['provider', 'region', 'zone']));
    if (operator !== 'In' && operator !== 'NotIn')
      errors.push(unsupported(`${field}.operator`, operator, ['In', 'NotIn']));
    if (!values?.length) errors.push(required(`${field}.values`, 'must name at least one value'));
  }
  return errors;
}

function validateSpread(constraints: readonly SpreadConstraint[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const fields = new Set<string>();
  for (const [index, constraint] of constraints.entries()) {
    const { spreadByField, spreadByLabel, minGroups = 0, maxGroups = 0 } = constraint;
    const field = `${path}[${index}]`;
    if (spreadByField && spreadByLabel)
      errors.push(bad(field, '', 'spreadByField and spreadByLabel should not co-exist'));
    if (minGroups < 0 || maxGroups < 0)
      errors.push(bad(field, Math.min(minGroups, maxGroups), 'minGroups and maxGroups should not be lower than 0'));
    if (maxGroups > 0 && maxGroups < minGroups)
      errors.push(bad(`${field}.maxGroups`, maxGroups, 'maxGroups lower than minGroups is not allowed'));
    if (spreadByField === undefined) continue;
    if (fields.has(spreadByField))
      errors.push(bad(`${field}.spreadByField`, spreadByField, 'multiple constraints of one field are not allowed'));
    fields.add(spreadByField);
  }
  if (fields.size > 0 && !fields.has('cluster'))
    errors.push(
      bad(
        path,
        '',
        'the cluster spread constraint must be enabled in one of the constraints in case of SpreadByField is enabled',
      ),
    );
  return errors;
}

export function validateOverridePolicy(policy: KubeObject): FieldError[] {
  const { overrideRules, targetCluster, overriders } = policy.spec ?? {};
  const old = targetCluster || (overriders && Object.keys(overriders).length > 0);
  const errors: FieldError[] = [];
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
  for (const [index, { predicate }] of (overriders.imageOverrider ?? []).entries())
    if (predicate && !predicate.path.startsWith('/'))
      errors.push(
        bad(`${path}.imageOverrider[${index}].predicate.path`, predicate.path, 'path should be start with / character'),
      );
  for (const [index, { fieldPath, json, yaml }] of (overriders.fieldOverrider ?? []).entries()) {
    const field = `${path}.fieldOverrider[${index}]`;
    if (!isPointer(fieldPath)) errors.push(bad(`${field}.fieldPath`, fieldPath, 'must be a JSON pointer'));
    if (json?.length && yaml?.length) errors.push(bad(field, '', 'json and yaml are mutually exclusive'));
    for (const { subPath, operator, value } of [...(json ?? []), ...(yaml ?? [])]) {
      if (!isPointer(subPath)) errors.push(bad(`${field}.subPath`, subPath, 'must be a JSON pointer'));
      if (operator === 'remove' && value !== undefined && value !== null)
        errors.push(bad(`${field}.value`, '', 'is not used with remove'));
      if (operator !== 'remove' && value === undefined)
        errors.push(required(`${field}.value`, `is needed with ${operator}`));
    }
  }
  return errors;
}

function isPointer(path: string): boolean {
  return path === '' || (path.startsWith('/') && !/~(?![01])/.test(path));
}

export function validateCluster(cluster: KubeObject): FieldError[] {
  const name = cluster.metadata.name ?? '';
  const errors: FieldError[] = [];
  if (name.length > MAX_CLUSTER_NAME || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name))
    errors.push(bad('metadata.name', name, `must be a DNS label of at most ${MAX_CLUSTER_NAME} characters`));
  const { provider, region, zones = [] } = cluster.spec ?? {};
  for (const [field, value] of [
    ['provider', provider],
    ['region', region],
    ...zones.map((zone: string, index: number) => [`zones[${index}]`, zone]),
  ] as [string, string | undefined][])
    if (value && !/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(value))
      errors.push(bad(`spec.${field}`, value, 'must be a valid label value'));
  errors.push(...validateModels(cluster.spec?.resourceModels ?? [], 'spec.resourceModels'));
  const seen = new Set<string>();
  for (const [index, { key, effect }] of (cluster.spec?.taints ?? []).entries()) {
    const field = `spec.taints[${index}]`;
    if (effect !== 'NoSchedule' && effect !== 'NoExecute')
      errors.push(unsupported(`${field}.effect`, effect, ['NoSchedule', 'NoExecute']));
    if (seen.has(`${key}:${effect}`))
      errors.push(bad(field, `${key}:${effect}`, 'taints must be unique by key and effect pair'));
    seen.add(`${key}:${effect}`);
  }
  return errors;
}
