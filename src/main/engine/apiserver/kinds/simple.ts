/**
 * Groups whose kinds are plain data for us: names, scope, subresources. What needs defaults, validation or a printer of
 * its own has a file per group beside this one.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, text } from '../table/cells.ts';
import type { FieldError, KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';
import { isPort } from './pods/spec/ports.ts';
import { invalidAll, invalidValue, required } from './validation/field.ts';
import { label1035Name, pathSegmentName, subdomainName } from './validation/meta.ts';

const createOnly = ['create'];

export const apiregistration: KindDefinition[] = defineKinds(
  'apiregistration.k8s.io',
  'v1',
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
  [
    {
      kind: 'APIService',
      needsVersion: true,
      resource: 'apiservices',
      namespaced: false,
      categories: ['api-extensions'],
      subresources: ['status'],
      defaults: (object) => {
        if (object.spec?.service) object.spec.service.port ??= 443;
      },
      prepare: (object, old) => {
        object.status = old?.status ?? {};
      },
      nameRule: (name, prefix) => (prefix ? [] : pathSegmentName(name)),
      metaChecks: 'both',
      validate: validateApiService,
      columns: [
        text('Service', (object) => {
          const service = object.spec?.service;
          return service ? `${service.namespace}/${service.name}` : 'Local';
        }),
        text('Available', availability),
        age,
      ],
    },
  ],
);

function availability(object: KubeObject): string {
  const condition = (object.status?.conditions ?? []).find((each: Json) => each.type === 'Available');
  if (condition === undefined) return 'Unknown';
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason ?? ''})`;
}

function validateApiService(object: KubeObject): FieldError[] {
  const {
    group = '',
    version = '',
    service,
    groupPriorityMinimum = 0,
    versionPriority = 0,
    ...rest
  } = object.spec ?? {};
  const errors: FieldError[] = [];
  const name = `${version}.${group}`;
  const given = object.metadata.name ?? '';
  if (given !== '' && pathSegmentName(given).length === 0 && given !== name) {
    const text = '`spec.version+"."+spec.group`';
    errors.push(invalidValue('metadata.name', given, `must be ${text}: ${JSON.stringify(name)}`));
  }
  if (group !== '') errors.push(...invalidAll('spec.group', group, subdomainName(group)));
  else if (version !== 'v1')
    errors.push(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'));
  errors.push(...invalidAll('spec.version', version, label1035Name(version)));
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > 20_000)
    errors.push(
      invalidValue('spec.groupPriorityMinimum', groupPriorityMinimum, 'must be positive and less than 20000'),
    );
  if (versionPriority <= 0 || versionPriority > 1000)
    errors.push(invalidValue('spec.versionPriority', versionPriority, 'must be positive and less than 1000'));
  if (!service) {
    if (rest.caBundle) {
      const size = `${Buffer.from(rest.caBundle, 'base64').length} bytes`;
      errors.push(invalidValue('spec.caBundle', size, 'local APIServices may not have a caBundle'));
    }
    if (rest.insecureSkipTLSVerify === true) {
      const text = 'local APIServices may not have insecureSkipTLSVerify';
      errors.push(invalidValue('spec.insecureSkipTLSVerify', true, text));
    }
    return errors;
  }
  if (!service.namespace) errors.push(required('spec.service.namespace'));
  if (!service.name) errors.push(required('spec.service.name'));
  if (!isPort(service.port)) {
    const text = 'port is not valid: must be between 1 and 65535, inclusive';
    errors.push(invalidValue('spec.service.port', service.port ?? 0, text));
  }
  if (rest.insecureSkipTLSVerify === true && rest.caBundle)
    errors.push(invalidValue('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
  return errors;
}

export const authentication: KindDefinition[] = defineKinds(
  'authentication.k8s.io',
  'v1',
  'io.k8s.api.authentication.v1',
  [
    { kind: 'SelfSubjectReview', resource: 'selfsubjectreviews', namespaced: false, verbs: createOnly },
    { kind: 'TokenReview', resource: 'tokenreviews', namespaced: false, verbs: createOnly },
  ],
);

export const authorization: KindDefinition[] = defineKinds(
  'authorization.k8s.io',
  'v1',
  'io.k8s.api.authorization.v1',
  [
    { kind: 'LocalSubjectAccessReview', resource: 'localsubjectaccessreviews', verbs: createOnly },
    { kind: 'SelfSubjectAccessReview', resource: 'selfsubjectaccessreviews', namespaced: false, verbs: createOnly },
    { kind: 'SelfSubjectRulesReview', resource: 'selfsubjectrulesreviews', namespaced: false, verbs: createOnly },
    { kind: 'SubjectAccessReview', resource: 'subjectaccessreviews', namespaced: false, verbs: createOnly },
  ],
);
