/**
 * The conditions under which a webhook or a policy is asked (`matchConditions`): all have to be true. One that is false
 * decides, even when another fails; without one that is false a failure is judged by the failurePolicy. Source: "Dynamic
 * Admission Control", matchConditions; KEP-3716; texts of the API server's matcher.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { Authorizer } from '../../auth/authorize.ts';
import {
  type AdmissionExpression,
  type AdmissionValues,
  compileCondition,
  type Declared,
} from '../../cel/admission.ts';
import { CALL_LIMIT, CostExceeded } from '../../cel/index.ts';
import { fromJson } from '../../cel/json.ts';
import { inVersion } from '../../core.ts';
import { forbidden } from '../../status.ts';
import type { AdmissionRequest, KindDefinition } from '../../types.ts';
import { authorizerValues } from '../judge.ts';
import { subjectOf } from '../subject.ts';
import type { Webhook } from './config.ts';
import { requestOf } from './review.ts';

/** What all conditions of a webhook may cost together. */
const BUDGET = 2_500_000;
const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

export interface MatchCondition {
  text: string;
  /** Null when the expression does not compile; then `problem` says why. */
  expression: AdmissionExpression | null;
  problem: string;
}

/** `declared`: what they may look at; by default what conditions of webhooks may. */
export function matchConditionsOf(conditions: readonly Json[], declared?: Declared): MatchCondition[] {
  return conditions.map((condition) => {
    const text = String(condition.expression ?? '').trim();
    const outcome = compileCondition(text, declared);
    return 'expression' in outcome
      ? { text, expression: outcome.expression, problem: '' }
      : { text, expression: null, problem: outcome.problem };
  });
}

/** `kind` is the version in which the webhook sees the object. Throws the refusal when a condition fails that must not. */
export function conditionsMatch(
  hook: Webhook,
  request: AdmissionRequest,
  kind: KindDefinition,
  authorizer: Authorizer,
): boolean {
  if (hook.conditions.length === 0) return true;
  const values = valuesOf(request, kind, authorizer);
  const outcome = conditionsHold(hook.conditions, values, hook.failurePolicy === 'Ignore');
  if (typeof outcome === 'boolean') return outcome;
  throw forbidden(request.kind, subjectOf(request), outcome.failure);
}

/** Whether all conditions are true; a failure only when failures are not to be ignored. */
export function conditionsHold(
  conditions: readonly MatchCondition[],
  values: AdmissionValues,
  ignoresFailures: boolean,
): boolean | { failure: string } {
  const outcome = evaluate(conditions, values);
  return typeof outcome !== 'boolean' && ignoresFailures ? false : outcome;
}

function valuesOf(request: AdmissionRequest, kind: KindDefinition, authorizer: Authorizer): AdmissionValues {
  const shown = (object: KubeObject | null) =>
    object === null ? null : fromJson(request.objectKind === undefined ? inVersion(kind, object) : object);
  return {
    object: shown(request.object),
    oldObject: shown(request.old),
    namespaceObject: null,
    request: fromJson(requestOf(request, kind)),
    ...authorizerValues(authorizer, request),
  };
}

function evaluate(conditions: readonly MatchCondition[], values: AdmissionValues): boolean | { failure: string } {
  const failures = new Set<string>();
  let budget = BUDGET;
  let matches = true;
  for (const { text, expression, problem } of conditions) {
    if (expression === null) {
      failures.add(`compilation error: ${problem}`);
      continue;
    }
    const limit = Math.min(CALL_LIMIT, budget);
    try {
      const { value, left } = expression.run(values, limit);
      budget -= limit - left;
      if (value === false) matches = false;
    } catch (error) {
      if (error instanceof CostExceeded) {
        if (limit === budget) return { failure: OUT_OF_BUDGET };
        budget -= limit;
      }
      const why = error instanceof Error ? error.message : String(error);
      failures.add(`expression '${text}' resulted in error: ${why}`);
    }
  }
  if (!matches || failures.size === 0) return matches;
  const texts = [...failures];
  return { failure: texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]` };
}
