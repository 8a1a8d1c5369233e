/**
 * Groups whose kinds are plain data for us: names, scope, subresources. What needs defaults, validation or a printer of
 * its own has a file per group beside this one.
 */
import { createdAt } from '../table/cells.ts';
import type { KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';

const createOnly = ['create'];

export const admissionregistration: KindDefinition[] = defineKinds(
  'admissionregistration.k8s.io',
  'v1',
  'io.k8s.api.admissionregistration.v1',
  [
    { kind: 'MutatingAdmissionPolicy', resource: 'mutatingadmissionpolicies', generation: 'spec' as const },
    {
      kind: 'MutatingAdmissionPolicyBinding',
      resource: 'mutatingadmissionpolicybindings',
      generation: 'spec' as const,
    },
    { kind: 'MutatingWebhookConfiguration', resource: 'mutatingwebhookconfigurations', generation: 'spec' as const },
    {
      kind: 'ValidatingAdmissionPolicy',
      resource: 'validatingadmissionpolicies',
      subresources: ['status'],
      generation: 'spec' as const,
    },
    {
      kind: 'ValidatingAdmissionPolicyBinding',
      resource: 'validatingadmissionpolicybindings',
      generation: 'spec' as const,
    },
    {
      kind: 'ValidatingWebhookConfiguration',
      resource: 'validatingwebhookconfigurations',
      generation: 'spec' as const,
    },
  ].map((spec) => ({ ...spec, namespaced: false, categories: ['api-extensions'], columns: [createdAt] })),
);

export const apiregistration: KindDefinition[] = defineKinds(
  'apiregistration.k8s.io',
  'v1',
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
  [
    {
      kind: 'APIService',
      resource: 'apiservices',
      namespaced: false,
      categories: ['api-extensions'],
      subresources: ['status'],
    },
  ],
);

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

export const flowcontrol: KindDefinition[] = defineKinds(
  'flowcontrol.apiserver.k8s.io',
  'v1',
  'io.k8s.api.flowcontrol.v1',
  [
    { kind: 'FlowSchema', resource: 'flowschemas', namespaced: false, subresources: ['status'], generation: 'spec' },
    {
      kind: 'PriorityLevelConfiguration',
      resource: 'prioritylevelconfigurations',
      namespaced: false,
      subresources: ['status'],
      generation: 'spec',
    },
  ],
);

export const resource: KindDefinition[] = defineKinds('resource.k8s.io', 'v1', 'io.k8s.api.resource.v1', [
  { kind: 'DeviceClass', resource: 'deviceclasses', namespaced: false, generation: 'spec' },
  { kind: 'ResourceClaim', resource: 'resourceclaims', subresources: ['status'] },
  { kind: 'ResourceClaimTemplate', resource: 'resourceclaimtemplates' },
  { kind: 'ResourceSlice', resource: 'resourceslices', namespaced: false, generation: 'spec' },
]);
