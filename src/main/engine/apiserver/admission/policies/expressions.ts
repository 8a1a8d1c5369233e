/**
 * The expressions of one policy, compiled once, and their evaluation for one request: variables are worked out when an
 * expression first asks for them. Source: API reference, Variable; texts of the API server's evaluator.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import {
  type AdmissionExpression,
  type AdmissionValues,
  compileAdmission,
  type Declared,
} from '../../cel/admission.ts';
import { CALL_LIMIT, type CelValue, CostExceeded, EvaluationError } from '../../cel/index.ts';
import { type CelType, DYN } from '../../cel/types.ts';
import type { ObjectValue } from '../../cel/values.ts';

/** What the expressions of one policy may cost together. Source: apiserver, RuntimeCELCostBudget. */
const BUDGET = 10_000_000;
export const OUT_OF_BUDGET =
  'validation failed due to running out of cost budget, no further validation rules will be run';

export interface Expression {
  text: string;
  /** Null when the text does not compile; then `problem` says why. */
  compiled: AdmissionExpression | null;
  problem: string;
}

/** `returns` as in compileAdmission. */
export function expressionOf(text: string, declared: Declared, returns: readonly string[] | null): Expression {
  const outcome = compileAdmission(text, declared, returns);
  return 'expression' in outcome
    ? { text, compiled: outcome.expression, problem: '' }
    : { text, compiled: null, problem: outcome.problem };
}

/** Variables by name, in the order in which they may refer to each other, and what expressions after them can use. */
export function variablesOf(
  variables: readonly Json[],
  base: Omit<Declared, 'variables'>,
): { variables: ReadonlyMap<string, Expression>; declared: Declared } {
  const expressions = new Map<string, Expression>();
  const types = new Map<string, CelType>();
  // Each one sees those that stand before it.
  for (const { name, expression } of variables) {
    const compiled = expressionOf(String(expression ?? ''), { ...base, variables: new Map(types) }, null);
    expressions.set(String(name), compiled);
    types.set(String(name), compiled.compiled?.type ?? DYN);
  }
  return { variables: expressions, declared: { ...base, variables: variables.length === 0 ? null : types } };
}

/** No further expression of the policy is run. */
export class OutOfBudget extends Error {
  constructor() {
    super(OUT_OF_BUDGET);
  }
}

/** The evaluation of a policy's expressions for one request with one parameter. */
export class Evaluation {
  readonly #values: AdmissionValues;
  #budget = BUDGET;

  constructor(values: AdmissionValues, variables: ReadonlyMap<string, Expression>) {
    this.#values = { ...values, variables: this.#lazy(variables) };
  }

  /** Throws OutOfBudget; what is wrong with the expression itself is `error`. */
  run({ text, compiled, problem }: Expression): { value: CelValue } | { error: string } {
    if (compiled === null) return { error: `compilation error: ${problem}` };
    try {
      return { value: this.#evaluate(compiled) };
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      return { error: `expression '${text}' resulted in error: ${error.message}` };
    }
  }

  #evaluate(compiled: AdmissionExpression): CelValue {
    const before = this.#budget;
    const limit = Math.min(CALL_LIMIT, before);
    try {
      const { value, left } = compiled.run(this.#values, limit);
      this.#budget -= limit - left;
      if (this.#budget < 0) throw new OutOfBudget();
      return value;
    } catch (error) {
      if (!(error instanceof CostExceeded)) throw error;
      this.#budget -= limit;
      if (this.#budget <= 0) throw new OutOfBudget();
      throw error;
    }
  }

  #lazy(variables: ReadonlyMap<string, Expression>): ObjectValue {
    const known = new Map<string, CelValue | EvaluationError>();
    const find = (name: string, { compiled, problem }: Expression): CelValue | EvaluationError => {
      const of = `composited variable "${name}"`;
      if (compiled === null) return new EvaluationError(`${of} fails to compile: ${problem}`);
      try {
        return this.#evaluate(compiled);
      } catch (error) {
        if (error instanceof CostExceeded || !(error instanceof EvaluationError)) throw error;
        return new EvaluationError(`${of} fails to evaluate: ${error.message}`);
      }
    };
    return {
      isObject: true,
      json: null,
      get(name) {
        const variable = variables.get(name);
        if (variable === undefined) return undefined;
        if (!known.has(name)) known.set(name, find(name, variable));
        const value = known.get(name)!;
        if (value instanceof EvaluationError) throw value;
        return value;
      },
    };
  }
}
