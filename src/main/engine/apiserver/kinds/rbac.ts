/** rbac.authorization.k8s.io/v1. Source: RBAC documentation; escalation checks are the authoriser's. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, createdAt, text, wide } from '../table/cells.ts';
import type { FieldError, KindDefinition, TableColumn } from '../types.ts';
import { defineKinds } from './define.ts';
import { eachAt, invalidValue, notSupported, required, sameJson } from './validation/field.ts';
import { pathSegmentName, subdomainName } from './validation/meta.ts';
import { validateSelector } from './validation/selector.ts';

const GROUP = 'rbac.authorization.k8s.io';

function bindingColumns(kind: 'RoleBinding' | 'ClusterRoleBinding'): TableColumn[] {
  const of = (what: string) => ({ description: `${what} in the ${kind[0]!.toLowerCase()}${kind.slice(1)}` });
  return [
    text('Role', (object) => `${object.roleRef?.kind ?? ''}/${object.roleRef?.name ?? ''}`),
    age,
    wide('Users', (object) => subjects(object, 'User'), of('Users')),
    wide('Groups', (object) => subjects(object, 'Group'), of('Groups')),
    wide('ServiceAccounts', (object) => subjects(object, 'ServiceAccount'), of('ServiceAccounts')),
  ];
}

function subjects(object: KubeObject, kind: string): string {
  return (object.subjects ?? [])
    .filter((subject: Json) => subject.kind === kind)
    .map((subject: Json) => (kind === 'ServiceAccount' ? `${subject.namespace ?? ''}/${subject.name}` : subject.name))
    .join(', ');
}

function defaultBinding(object: KubeObject): void {
  if (object.roleRef && !object.roleRef.apiGroup) object.roleRef.apiGroup = GROUP;
  for (const subject of object.subjects ?? []) {
    if (subject.apiGroup) continue;
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup = GROUP;
  }
}

function validateRules(object: KubeObject, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  (object.rules ?? []).forEach((rule: Json, index: number) => {
    const at = `rules[${index}]`;
    if ((rule.verbs ?? []).length === 0) errors.push(required(`${at}.verbs`, 'verbs must contain at least one value'));
    const paths = rule.nonResourceURLs ?? [];
    if (paths.length > 0) {
      if (namespaced) {
        const detail = 'namespaced rules cannot apply to non-resource URLs';
        errors.push(invalidValue(`${at}.nonResourceURLs`, paths, detail));
      }
      if ([rule.apiGroups, rule.resources, rule.resourceNames].some((part) => (part ?? []).length > 0)) {
        const detail = 'rules cannot apply to both regular resources and non-resource URLs';
        errors.push(invalidValue(`${at}.nonResourceURLs`, paths, detail));
      }
      return;
    }
    if ((rule.apiGroups ?? []).length === 0)
      errors.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
    if ((rule.resources ?? []).length === 0)
      errors.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
  });
  return errors;
}

function validateAggregation({ aggregationRule: rule }: KubeObject): FieldError[] {
  if (!rule) return [];
  const at = 'aggregationRule.clusterRoleSelectors';
  if ((rule.clusterRoleSelectors ?? []).length === 0)
    return [required(at, 'at least one clusterRoleSelector required if aggregationRule is non-nil')];
  return eachAt(rule.clusterRoleSelectors, at, (selector, where) => {
    const errors = validateSelector(selector, where);
    return errors.length === 0 ? [] : [...errors, invalidValue(where, null, 'invalid label selector.')];
  });
}

function validateBinding(object: KubeObject, old: KubeObject | null, roleKinds: string[]): FieldError[] {
  const errors: FieldError[] = [];
  const ref = object.roleRef ?? {};
  if (ref.apiGroup !== GROUP) errors.push(notSupported('roleRef.apiGroup', ref.apiGroup ?? '', [GROUP]));
  if (!roleKinds.includes(ref.kind)) errors.push(notSupported('roleRef.kind', ref.kind ?? '', roleKinds));
  if (!ref.name) errors.push(required('roleRef.name'));
  else for (const detail of pathSegmentName(ref.name)) errors.push(invalidValue('roleRef.name', ref.name, detail));
  (object.subjects ?? []).forEach((subject: Json, index: number) => {
    errors.push(...validateSubject(subject, `subjects[${index}]`, roleKinds.length > 1));
  });
  if (old !== null && !sameJson(object.roleRef, old.roleRef)) {
    const value = { APIGroup: ref.apiGroup, Kind: ref.kind, Name: ref.name };
    errors.push(invalidValue('roleRef', value, 'cannot change roleRef'));
  }
  return errors;
}

/** Without a namespace an account is one of the binding's own, if that has one. */
function validateSubject(subject: Json, at: string, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!subject.name) errors.push(required(`${at}.name`));
  if (subject.kind === 'ServiceAccount') {
    if (subject.name)
      for (const detail of subdomainName(subject.name)) errors.push(invalidValue(`${at}.name`, subject.name, detail));
    if (subject.apiGroup) errors.push(notSupported(`${at}.apiGroup`, subject.apiGroup, ['']));
    if (!namespaced && !subject.namespace) errors.push(required(`${at}.namespace`));
  } else if (subject.kind === 'User' || subject.kind === 'Group') {
    if (subject.apiGroup !== GROUP) errors.push(notSupported(`${at}.apiGroup`, subject.apiGroup ?? '', [GROUP]));
  } else {
    errors.push(notSupported(`${at}.kind`, subject.kind ?? '', ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}

export const rbac: KindDefinition[] = defineKinds(GROUP, 'v1', 'io.k8s.api.rbac.v1', [
  {
    kind: 'ClusterRole',
    madeByUpdate: true,
    metaChecks: 'both',
    resource: 'clusterroles',
    namespaced: false,
    nameRule: pathSegmentName,
    validate: (object) => [...validateRules(object, false), ...validateAggregation(object)],
    columns: [createdAt],
  },
  {
    kind: 'ClusterRoleBinding',
    madeByUpdate: true,
    metaChecks: 'both',
    resource: 'clusterrolebindings',
    namespaced: false,
    nameRule: pathSegmentName,
    defaults: defaultBinding,
    validate: (object, old) => validateBinding(object, old, ['ClusterRole']),
    columns: bindingColumns('ClusterRoleBinding'),
  },
  {
    kind: 'Role',
    madeByUpdate: true,
    metaChecks: 'both',
    resource: 'roles',
    nameRule: pathSegmentName,
    validate: (object) => validateRules(object, true),
    columns: [createdAt],
  },
  {
    kind: 'RoleBinding',
    madeByUpdate: true,
    metaChecks: 'both',
    resource: 'rolebindings',
    nameRule: pathSegmentName,
    defaults: defaultBinding,
    validate: (object, old) => validateBinding(object, old, ['Role', 'ClusterRole']),
    columns: bindingColumns('RoleBinding'),
  },
]);
