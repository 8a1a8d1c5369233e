/**
 * ValidatingAdmissionPolicy: expressions that a request has to fulfil, with what its bindings do when it does not. Source:
 * KEP-3488; "Validating Admission Policy" in the documentation; texts of the API server's dispatcher and validator.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { forbidden, refuse, type StatusDetails } from '../../status.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../../types.ts';
import { subjectOf } from '../subject.ts';
import { conditionsHold } from '../webhooks/conditions.ts';
import { Evaluation, type Expression, expressionOf, OutOfBudget } from './expressions.ts';
import { PolicyList } from './list.ts';
import { headOf, invocationsOf, type PolicyHead } from './policy.ts';
import { isPolicy, type PolicyOptions, valuesOf } from './request.ts';

const MAX_MESSAGE_BYTES = 10 * 1024;
const MAX_ANNOTATION_LENGTH = 10 * 1024;

interface Validation {
  expression: Expression;
  message: string;
  /** Null: there is none, or it does not compile. */
  messageExpression: Expression | null;
  reason: string;
}

interface Policy extends PolicyHead {
  validations: readonly Validation[];
  annotations: readonly { key: string; expression: Expression }[];
}

function policyOf(object: KubeObject): Policy {
  const spec = object.spec ?? {};
  const { head, declared } = headOf(object);
  const silent = { ...declared, authorizer: false };
  return {
    ...head,
    validations: ((spec.validations ?? []) as Json[]).map((validation) => ({
      expression: expressionOf(String(validation.expression), declared, ['bool']),
      message: String(validation.message ?? ''),
      messageExpression: validation.messageExpression
        ? expressionOf(String(validation.messageExpression), silent, ['string'])
        : null,
      reason: validation.reason ?? 'Invalid',
    })),
    annotations: ((spec.auditAnnotations ?? []) as Json[]).map(({ key, valueExpression }) => ({
      key: String(key),
      expression: expressionOf(String(valueExpression), declared, ['string', 'null']),
    })),
  };
}

/** Why a policy is against a request. */
interface Failure {
  message: string;
  reason: string;
  /** Place among the validations. */
  index: number;
}

interface Outcome {
  failures: Failure[];
  annotations: { key: string; value: string }[];
  /** Failures of audit annotations, which are refused whatever the binding does. */
  broken: string[];
}

interface Denial {
  policy: string;
  /** Null: the policy itself is at fault. */
  binding: string | null;
  message: string;
  reason: string;
}

/** What has been found out about one request. */
interface Findings {
  denials: Denial[];
  audited: Record<string, unknown>[];
}

export function validatingPolicies(options: PolicyOptions): AdmissionPlugin {
  const { store } = options;
  const policies = new PolicyList(store, 'validatingadmissionpolicy', policyOf);
  const namespaceOf = (name: string) => store.collection('/namespaces').latest(name)?.object;

  function judge(request: AdmissionRequest, found: Findings): void {
    const annotations = new Map<string, Set<string>>();
    for (const invocation of invocationsOf(policies.all(), request, options, namespaceOf)) {
      const { policy, binding } = invocation;
      if ('problem' in invocation) {
        if (policy.ignoresFailures) continue;
        const name = binding?.metadata.name ?? null;
        found.denials.push({ policy: policy.name, binding: name, message: invocation.problem, reason: 'Invalid' });
        continue;
      }
      const values = valuesOf(options, request, invocation.kind, invocation.param, namespaceOf);
      const outcome = evaluate(policy, values);
      record(request, policy, invocation.binding, outcome, found);
      for (const { key, value } of outcome.annotations) {
        const name = `${policy.name}/${key}`;
        annotations.set(name, (annotations.get(name) ?? new Set()).add(value));
      }
    }
    for (const [name, values] of annotations) request.notes.annotations[name] = [...values].join(', ');
  }

  return {
    name: 'ValidatingAdmissionPolicy',
    matches: (kind) => !policies.isEmpty && !isPolicy(kind),
    validate: (request) => {
      const found: Findings = { denials: [], audited: [] };
      judge(request, found);
      // Each is written down for itself, and who comes second does not overwrite.
      if (found.audited.length > 0)
        request.notes.annotations['validation.policy.admission.k8s.io/validation_failure'] = JSON.stringify(
          found.audited.slice(0, 1),
        );
      const [first] = found.denials;
      if (first !== undefined) throw refusal(request, first);
    },
  };
}

function evaluate(policy: Policy, values: ReturnType<typeof valuesOf>): Outcome {
  const outcome: Outcome = { failures: [], annotations: [], broken: [] };
  const failed = (message: string, index: number) => {
    if (!policy.ignoresFailures) outcome.failures.push({ message, reason: 'Invalid', index });
  };
  const matches = conditionsHold(policy.conditions, { ...values, namespaceObject: null }, policy.ignoresFailures);
  if (typeof matches !== 'boolean') failed(matches.failure, 0);
  if (matches !== true) return outcome;
  const evaluation = new Evaluation(values, policy.variables);
  try {
    policy.validations.forEach((validation, index) => {
      const result = evaluation.run(validation.expression);
      if ('error' in result) failed(result.error, index);
      else if (result.value !== true)
        outcome.failures.push({ message: messageOf(validation, evaluation), reason: validation.reason, index });
    });
    const audit = new Evaluation(values, policy.variables);
    for (const { key, expression } of policy.annotations) {
      const result = audit.run(expression);
      if ('error' in result) {
        if (!policy.ignoresFailures) outcome.broken.push(result.error);
      } else if (typeof result.value === 'string' && result.value.trim() !== '')
        outcome.annotations.push({ key, value: result.value.trim().slice(0, MAX_ANNOTATION_LENGTH) });
    }
    return outcome;
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
    // Nothing that was found so far counts.
    const failures = policy.ignoresFailures ? [] : [{ message: error.message, reason: 'Invalid', index: 0 }];
    return { failures, annotations: [], broken: [] };
  }
}

function messageOf({ expression, message, messageExpression }: Validation, evaluation: Evaluation): string {
  if (messageExpression !== null) {
    const result = evaluation.run(messageExpression);
    const text = 'value' in result && typeof result.value === 'string' ? result.value.trim() : '';
    if (text !== '' && Buffer.byteLength(text) <= MAX_MESSAGE_BYTES && !text.includes('\n')) return text;
  }
  return message.trim() === '' ? `failed expression: ${expression.text.trim()}` : message.trim();
}

function record(
  request: AdmissionRequest,
  policy: Policy,
  binding: KubeObject,
  outcome: Outcome,
  found: Findings,
): void {
  const name = binding.metadata.name ?? '';
  const actions: string[] = binding.spec?.validationActions ?? [];
  for (const { message, reason, index } of outcome.failures)
    for (const action of actions) {
      if (action === 'Deny') found.denials.push({ policy: policy.name, binding: name, message, reason });
      else if (action === 'Audit')
        found.audited.push({
          message,
          policy: policy.name,
          binding: name,
          expressionIndex: index,
          validationActions: actions,
        });
      else if (action === 'Warn')
        request.notes.warnings.push(
          `Validation failed for ValidatingAdmissionPolicy '${policy.name}' with binding '${name}': ${message}`,
        );
    }
  for (const message of outcome.broken)
    found.denials.push({ policy: policy.name, binding: name, message, reason: 'Invalid' });
}

const CODES: Record<string, number> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

function refusal(request: AdmissionRequest, { policy, binding, message, reason }: Denial): Error {
  const by = binding === null ? '' : ` with binding '${binding}'`;
  const text = `ValidatingAdmissionPolicy '${policy}'${by} denied request: ${message}`;
  const code = CODES[reason] ?? 422;
  const { message: whole, details } = forbidden(request.kind, subjectOf(request), text).body!;
  return refuse(code, reason, whole ?? '', { ...details, causes: [{ message: text }] } as StatusDetails);
}
