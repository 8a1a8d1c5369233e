/**
 * Groups whose kinds are plain data for us: names, scope, subresources. What needs defaults, validation or a printer of
 * its own has a file per group beside this one.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, text } from '../table/cells.ts';
import type { FieldError, KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';
import { invalidValue, required } from './validation/field.ts';

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
  const name = group === '' ? `${version}.` : `${version}.${group}`;
  if (object.metadata.name !== name) {
    const text = '`spec.version+"."+spec.group`';
    errors.push(invalidValue('metadata.name', object.metadata.name ?? '', `must be ${text}: ${JSON.stringify(name)}`));
  }
  if (version === '') errors.push(required('spec.version'));
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > 20_000)
    errors.push(
      invalidValue('spec.groupPriorityMinimum', groupPriorityMinimum, 'must be positive and less than 20000'),
    );
  if (versionPriority <= 0 || versionPriority > 1000)
    errors.push(invalidValue('spec.versionPriority', versionPriority, 'must be positive and less than 1000'));
  if (service) {
    if (!service.name) errors.push(required('spec.service.name'));
    if (!service.namespace) errors.push(required('spec.service.namespace'));
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

export const flowcontrol: KindDefinition[] = defineKinds(
  'flowcontrol.apiserver.k8s.io',
  'v1',
  'io.k8s.api.flowcontrol.v1',
  [
    {
      kind: 'FlowSchema',
      resource: 'flowschemas',
      namespaced: false,
      subresources: ['status'],
      generation: 'spec',
      defaults: (object) => {
        if (object.spec) object.spec.matchingPrecedence ||= 1000;
      },
      prepare: (object, old) => {
        object.status = old?.status ?? {};
      },
      validate: (object) => {
        const { matchingPrecedence, priorityLevelConfiguration } = object.spec ?? {};
        const errors: FieldError[] = [];
        if (matchingPrecedence < 1 || matchingPrecedence > 10_000)
          errors.push(
            invalidValue('spec.matchingPrecedence', matchingPrecedence, 'must be a value between 1 and 10000'),
          );
        if (!priorityLevelConfiguration?.name)
          errors.push(required('spec.priorityLevelConfiguration.name', 'must reference a priority level'));
        return errors;
      },
      columns: [
        text('PriorityLevel', (object) => object.spec?.priorityLevelConfiguration?.name ?? ''),
        // A number in a column of text, as the real server has it.
        text('MatchingPrecedence', (object) => object.spec?.matchingPrecedence ?? 0),
        text('DistinguisherMethod', (object) => object.spec?.distinguisherMethod?.type ?? '<none>'),
        age,
        text('MissingPL', (object) => {
          const dangling = (object.status?.conditions ?? []).find((each: Json) => each.type === 'Dangling');
          return dangling?.status ?? '?';
        }),
      ],
    },
    {
      kind: 'PriorityLevelConfiguration',
      resource: 'prioritylevelconfigurations',
      namespaced: false,
      subresources: ['status'],
      generation: 'spec',
      defaults: defaultPriorityLevel,
      prepare: (object, old) => {
        object.status = old?.status ?? {};
      },
      columns: [
        text('Type', (object) => object.spec?.type ?? ''),
        text('NominalConcurrencyShares', (object) => shares(object) ?? '<none>'),
        text('Queues', (object) => queuing(object)?.queues ?? '<none>'),
        text('HandSize', (object) => queuing(object)?.handSize ?? '<none>'),
        text('QueueLengthLimit', (object) => queuing(object)?.queueLengthLimit ?? '<none>'),
        age,
      ],
    },
  ],
);

const shares = (object: KubeObject): number | undefined =>
  (object.spec?.limited ?? object.spec?.exempt)?.nominalConcurrencyShares;
const queuing = (object: KubeObject): Json => object.spec?.limited?.limitResponse?.queuing;

function defaultPriorityLevel(object: KubeObject): void {
  const { spec } = object;
  if (spec?.type === 'Limited' && spec.limited) {
    spec.limited.nominalConcurrencyShares ??= 30;
    spec.limited.lendablePercent ??= 0;
    const queues = spec.limited.limitResponse?.queuing;
    if (queues) {
      queues.queues ||= 64;
      queues.handSize ||= 8;
      queues.queueLengthLimit ||= 50;
    }
  } else if (spec?.type === 'Exempt') {
    spec.exempt ??= {};
    spec.exempt.nominalConcurrencyShares ??= 0;
    spec.exempt.lendablePercent ??= 0;
  }
}

export const resource: KindDefinition[] = defineKinds('resource.k8s.io', 'v1', 'io.k8s.api.resource.v1', [
  { kind: 'DeviceClass', resource: 'deviceclasses', namespaced: false, generation: 'spec' },
  {
    kind: 'ResourceClaim',
    resource: 'resourceclaims',
    subresources: ['status'],
    prepare: (object, old) => {
      object.status = old?.status ?? {};
    },
    columns: [text('State', claimState), age],
  },
  { kind: 'ResourceClaimTemplate', resource: 'resourceclaimtemplates' },
  {
    kind: 'ResourceSlice',
    resource: 'resourceslices',
    namespaced: false,
    generation: 'spec',
    selectableFields: {
      'spec.nodeName': (object) => object.spec?.nodeName ?? '',
      'spec.driver': (object) => object.spec?.driver ?? '',
    },
    columns: [
      text('Node', (object) => object.spec?.nodeName ?? '<unset>'),
      text('Driver', (object) => object.spec?.driver ?? ''),
      text('Pool', (object) => object.spec?.pool?.name ?? ''),
      age,
    ],
  },
]);

function claimState(object: KubeObject): string {
  const { allocation, reservedFor = [] } = object.status ?? {};
  const states: string[] = [];
  if (object.metadata.deletionTimestamp) states.push('deleted');
  if (!allocation) {
    if (states.length === 0) states.push('pending');
  } else {
    states.push('allocated');
    if (reservedFor.length > 0) states.push('reserved');
  }
  return states.join(',');
}
