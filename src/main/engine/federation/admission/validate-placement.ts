/** What Karmada's webhooks refuse in a placement. Every problem is reported, not only the first. Source: Karmada's validation rules. */
import type { Json } from '#shared/kubernetes/types.ts';
import { type FieldError, qualifiedName } from '../../apiserver/index.ts';
import type { NamedAffinity, Placement, SpreadConstraint } from '../api.ts';
import { bad, eachBad, required, unsupported } from './field-errors.ts';

export function validatePlacement(placement: Placement, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const terms = placement.clusterAffinities ?? [];
  if (placement.clusterAffinity && terms.length > 0)
    errors.push(bad(path, '', 'clusterAffinities can not co-exist with clusterAffinity'));
  const names = new Set<string>();
  for (const [index, term] of terms.entries()) {
    if (names.has(term.affinityName))
      errors.push(bad(`${path}.clusterAffinities[${index}]`, term.affinityName, 'each affinity name must be unique'));
    names.add(term.affinityName);
    const field = `${path}.clusterAffinities[${index}]`;
    errors.push(...eachBad(`${field}.affinityName`, term.affinityName, qualifiedName(term.affinityName)));
    errors.push(...validateFields(term.fieldSelector, field));
    if (term.overflowAffinities) errors.push(...validateOverflow(placement, term, field));
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
  const field = `${path}.workloadAffinity`;
  const together = workloadAffinity?.affinity?.groupByLabelKey;
  const apart = workloadAffinity?.antiAffinity?.groupByLabelKey;
  const errors = Object.entries({ affinity: together, antiAffinity: apart }).flatMap(([part, key]) =>
    key === undefined ? [] : eachBad(`${field}.${part}.groupByLabelKey`, key, qualifiedName(key)),
  );
  if (together !== undefined && together === apart)
    errors.push(bad(field, together, 'affinity and antiAffinity must group by different label keys'));
  return errors;
}

/** Clusters to turn to when those of the term itself have no room: beside a term that names some, each by a name of its own. */
function validateOverflow(placement: Placement, term: NamedAffinity, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const field = `${path}.overflowAffinities`;
  const scheduling = placement.replicaScheduling;
  if (scheduling?.replicaDivisionPreference !== 'Aggregated' && !scheduling?.weightPreference?.dynamicWeight)
    errors.push(bad(field, '', 'only with Aggregated division or dynamic weights'));
  const { labelSelector, fieldSelector, clusterNames = [], exclude = [] } = term;
  if (!labelSelector && !fieldSelector && clusterNames.length + exclude.length === 0)
    errors.push(bad(field, '', 'only beside an affinity that says which clusters come first'));
  const names = new Set([term.affinityName]);
  for (const [index, { affinityName = '', ...affinity }] of (term.overflowAffinities ?? []).entries()) {
    const at = `${field}[${index}]`;
    errors.push(...eachBad(`${at}.affinityName`, affinityName, qualifiedName(affinityName)));
    if (names.has(affinityName))
      errors.push(bad(`${at}.affinityName`, affinityName, "must differ from the others and from the term's own name"));
    names.add(affinityName);
    errors.push(...validateFields(affinity.fieldSelector, at));
  }
  return errors;
}

export function validateFields(selector: Json, path: string): FieldError[] {
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
