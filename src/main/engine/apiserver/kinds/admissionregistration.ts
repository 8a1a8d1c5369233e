/** admissionregistration.k8s.io/v1: webhook configurations and admission policies, which the admission chain obeys. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, text } from '../table/cells.ts';
import type { KindDefinition } from '../types.ts';
import { defineKinds, type KindSpec } from './define.ts';
import { validateBinding, validateMutatingPolicy, validateValidatingPolicy } from './validation/policies.ts';
import { validateWebhooks } from './validation/webhooks.ts';

const common = {
  needsVersion: true as const,
  namespaced: false,
  categories: ['api-extensions'],
  generation: 'spec' as const,
};

function defaultWebhooks(object: KubeObject): void {
  for (const webhook of (object.webhooks ?? []) as Json[]) {
    webhook.failurePolicy ??= 'Fail';
    webhook.matchPolicy ??= 'Equivalent';
    webhook.namespaceSelector ??= {};
    webhook.objectSelector ??= {};
    webhook.timeoutSeconds ??= 10;
    if (object.kind === 'MutatingWebhookConfiguration') webhook.reinvocationPolicy ??= 'Never';
    if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
    for (const rule of webhook.rules ?? []) rule.scope ??= '*';
  }
}

function defaultMatch(match: Json): void {
  if (!match) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ??= '*';
}

function defaultPolicy(object: KubeObject): void {
  if (!object.spec) return;
  object.spec.failurePolicy ??= 'Fail';
  defaultMatch(object.spec.matchConstraints);
}

function defaultBinding(object: KubeObject): void {
  defaultMatch(object.spec?.matchResources);
}

function webhookKind(kind: string, resource: string): KindSpec {
  return {
    ...common,
    kind,
    resource,
    countsEmpty: true,
    defaults: defaultWebhooks,
    validate: (object, old) =>
      validateWebhooks(
        object.webhooks ?? [],
        old === null ? null : (old.webhooks ?? []),
        kind === 'MutatingWebhookConfiguration',
      ),
    columns: [
      text('Webhooks', (object) => (object.webhooks ?? []).length, {
        type: 'integer',
        description: 'Webhooks indicates the number of webhooks registered in this configuration',
      }),
      age,
    ],
  };
}

function paramKindText(object: KubeObject): string {
  const kind = object.spec?.paramKind;
  return kind ? `${kind.apiVersion}/${kind.kind}` : '<unset>';
}

/** A label selector as Go's generated code prints one. */
function goSelector({ matchLabels = {}, matchExpressions = [] }: Json): string {
  const labels = Object.entries(matchLabels as Record<string, string>)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const expressions = (matchExpressions as Json[]).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}

const bindingColumns = [
  text('PolicyName', (object) => object.spec?.policyName ?? '', {
    description: 'PolicyName indicates the policy definition which the policy binding binded to',
  }),
  text(
    'ParamRef',
    (object) => {
      const ref = object.spec?.paramRef;
      if (!ref) return '<unset>';
      if (ref.name) return `${ref.namespace || '*'}/${ref.name}`;
      return ref.selector ? goSelector(ref.selector) : '<unset>';
    },
    { description: 'ParamRef indicates the param resource which sets the configuration param' },
  ),
  age,
];

export const admissionregistration: KindDefinition[] = defineKinds(
  'admissionregistration.k8s.io',
  'v1',
  'io.k8s.api.admissionregistration.v1',
  [
    {
      ...common,
      kind: 'MutatingAdmissionPolicy',
      resource: 'mutatingadmissionpolicies',
      defaults: defaultPolicy,
      validate: validateMutatingPolicy,
      columns: [
        text('Mutations', (object) => (object.spec?.mutations ?? []).length, {
          type: 'integer',
          description: 'Mutation indicates the number of mutations rules defined in this configuration',
        }),
        text('ParamKind', paramKindText, {
          description: 'ParamKind specifies the kind of resources used to parameterize this policy',
        }),
        age,
      ],
    },
    {
      ...common,
      kind: 'MutatingAdmissionPolicyBinding',
      resource: 'mutatingadmissionpolicybindings',
      defaults: defaultBinding,
      validate: (object) => validateBinding(object, true),
      columns: bindingColumns,
    },
    webhookKind('MutatingWebhookConfiguration', 'mutatingwebhookconfigurations'),
    {
      ...common,
      kind: 'ValidatingAdmissionPolicy',
      resource: 'validatingadmissionpolicies',
      subresources: ['status'],
      defaults: defaultPolicy,
      prepare: (object, old) => {
        object.status = old?.status ?? {};
      },
      validate: validateValidatingPolicy,
      columns: [
        text('Validations', (object) => (object.spec?.validations ?? []).length, {
          type: 'integer',
          description: 'Validations indicates the number of validation rules defined in this configuration',
        }),
        text('ParamKind', paramKindText, {
          description: 'ParamKind specifies the kind of resources used to parameterize this policy',
        }),
        age,
      ],
    },
    {
      ...common,
      kind: 'ValidatingAdmissionPolicyBinding',
      resource: 'validatingadmissionpolicybindings',
      defaults: defaultBinding,
      validate: (object) => validateBinding(object, false),
      columns: bindingColumns,
    },
    webhookKind('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations'),
  ],
);
