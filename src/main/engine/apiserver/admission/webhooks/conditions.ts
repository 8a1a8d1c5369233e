/**
 * The conditions under which a webhook is called (`matchConditions`): all have to be true. One that is false decides, even
 * when another fails; without one that is false a failure is judged by the webhook's failurePolicy. Source: "Dynamic
 * Admission Control", matchConditions; KEP-3716; texts of the API server's matcher.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { compileCondition } from '../../cel/conditions.ts';
import { CALL_LIMIT, type CelValue, CostExceeded, type Program } from '../../cel/index.ts';
import { fromJson } from '../../cel/json.ts';
import { inVersion } from '../../core.ts';
import { forbidden } from '../../status.ts';
import type { AdmissionRequest, KindDefinition } from '../../types.ts';
import type { Webhook } from './config.ts';
import { requestOf } from './review.ts';

/** What all conditions of a webhook may cost together. */
const BUDGET = 2_500_000;
const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

export interface MatchCondition {
  expression: string;
  /** Null when the expression does not compile; then `problem` says why. */
  program: Program | null;
  problem: string;
}

export function matchConditionsOf(conditions: readonly Json[]): MatchCondition[] {
  return conditions.map((condition) => {
    const expression = String(condition.expression ?? '').trim();
    const outcome = compileCondition(expression);
    return 'program' in outcome
      ? { expression, program: outcome.program, problem: '' }
      : { expression, program: null, problem: outcome.problem };
  });
}

/** `kind` is the version in which the webhook sees the object. Throws the refusal when a condition fails that must not. */
export function conditionsMatch(hook: Webhook, request: AdmissionRequest, kind: KindDefinition): boolean {
  if (hook.conditions.length === 0) return true;
  const outcome = evaluate(hook.conditions, valuesOf(request, kind));
  if (typeof outcome === 'boolean') return outcome;
  if (hook.failurePolicy === 'Ignore') return false;
  throw forbidden(request.kind, request.name, outcome.failure);
}

function valuesOf(request: AdmissionRequest, kind: KindDefinition): CelValue[] {
  const shown = (object: KubeObject | null) =>
    object === null ? null : fromJson(request.objectKind === undefined ? inVersion(kind, object) : object);
  return [shown(request.object), shown(request.old), fromJson(requestOf(request, kind))];
}

function evaluate(conditions: readonly MatchCondition[], values: readonly CelValue[]): boolean | { failure: string } {
  const failures = new Set<string>();
  let budget = BUDGET;
  let matches = true;
  for (const { expression, program, problem } of conditions) {
    if (program === null) {
      failures.add(`compilation error: ${problem}`);
      continue;
    }
    const limit = Math.min(CALL_LIMIT, budget);
    try {
      const { value, left } = program.run(values, limit);
      budget -= limit - left;
      if (value === false) matches = false;
    } catch (error) {
      if (error instanceof CostExceeded) {
        if (limit === budget) return { failure: OUT_OF_BUDGET };
        budget -= limit;
      }
      const text = error instanceof Error ? error.message : String(error);
      failures.add(`expression '${expression}' resulted in error: ${text}`);
    }
  }
  if (!matches || failures.size === 0) return matches;
  const texts = [...failures];
  return { failure: texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]` };
}
