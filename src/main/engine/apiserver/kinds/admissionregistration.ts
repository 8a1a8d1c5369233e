/**
 * admissionregistration.k8s.io/v1: webhook configurations and admission policies. Webhooks are called by the admission
 * chain; policies are kept and validated as data.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, text } from '../table/cells.ts';
import type { FieldError, KindDefinition } from '../types.ts';
import { defineKinds, type KindSpec } from './define.ts';
import { invalidValue, notSupported, required } from './validation/field.ts';
import { validateMatchResources, validateParamRef, validateWebhooks } from './validation/webhooks.ts';

const common = { namespaced: false, categories: ['api-extensions'], generation: 'spec' as const };

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
        description: 'Webhooks indicates the number of webhooks configured in this webhook',
      }),
      age,
    ],
  };
}

function paramKindText(object: KubeObject): string {
  const kind = object.spec?.paramKind;
  return kind ? `${kind.apiVersion}/${kind.kind}` : '<unset>';
}

function validateConstraints(spec: Json): FieldError[] {
  const errors: FieldError[] = [];
  if (!['Fail', 'Ignore'].includes(spec.failurePolicy))
    errors.push(notSupported('spec.failurePolicy', spec.failurePolicy ?? '', ['Fail', 'Ignore']));
  if (spec.paramKind) {
    if (!spec.paramKind.apiVersion) errors.push(required('spec.paramKind.apiVersion'));
    if (!spec.paramKind.kind) errors.push(required('spec.paramKind.kind'));
  }
  if (!spec.matchConstraints) errors.push(required('spec.matchConstraints'));
  else {
    errors.push(...validateMatchResources(spec.matchConstraints, 'spec.matchConstraints'));
    if ((spec.matchConstraints.resourceRules ?? []).length === 0)
      errors.push(required('spec.matchConstraints.resourceRules'));
  }
  return errors;
}

function validatePolicy(object: KubeObject): FieldError[] {
  const spec = object.spec ?? {};
  const errors = validateConstraints(spec);
  const validations: Json[] = spec.validations ?? [];
  if (validations.length + (spec.auditAnnotations ?? []).length === 0) {
    const detail =
      'validations or auditAnnotations must be provided: at least one of validations or auditAnnotations must be set';
    errors.push(required('spec.validations', detail), required('spec.auditAnnotations', detail));
  }
  const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];
  validations.forEach((validation, index) => {
    const at = `spec.validations[${index}]`;
    if (!(validation.expression ?? '').trim()) errors.push(required(`${at}.expression`, 'expression is not specified'));
    if (typeof validation.message === 'string' && validation.message !== '' && validation.message.trim() === '')
      errors.push(invalidValue(`${at}.message`, validation.message, 'message must be non-empty if specified'));
    if (validation.reason !== undefined && !reasons.includes(validation.reason))
      errors.push(notSupported(`${at}.reason`, validation.reason, reasons));
  });
  return errors;
}

const ACTIONS = ['Audit', 'Deny', 'Warn'];

function validateBinding(object: KubeObject, needsActions: boolean): FieldError[] {
  const spec = object.spec ?? {};
  const errors: FieldError[] = [];
  if (!spec.policyName) errors.push(required('spec.policyName'));
  errors.push(
    ...validateParamRef(spec.paramRef, 'spec.paramRef'),
    ...validateMatchResources(spec.matchResources, 'spec.matchResources'),
  );
  if (!needsActions) return errors;
  const actions: string[] = spec.validationActions ?? [];
  if (actions.length === 0) errors.push(required('spec.validationActions'));
  actions.forEach((action, index) => {
    if (!ACTIONS.includes(action)) errors.push(notSupported(`spec.validationActions[${index}]`, action, ACTIONS));
  });
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const detail =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errors.push(invalidValue('spec.validationActions', actions, detail));
  }
  return errors;
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
      return ref.name ? `${ref.namespace ? `${ref.namespace}/` : '*/'}${ref.name}` : '<none>';
    },
    { description: 'ParamRef indicates the param resource which sets the configration param' },
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
      validate: (object) => validateConstraints(object.spec ?? {}),
      columns: [
        text('Mutations', (object) => (object.spec?.mutations ?? []).length, {
          type: 'integer',
          description: 'Mutations indicates the number of mutation rules defined in this configuration',
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
      validate: (object) => validateBinding(object, false),
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
      validate: validatePolicy,
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
      validate: (object) => validateBinding(object, true),
      columns: bindingColumns,
    },
    webhookKind('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations'),
  ],
);
