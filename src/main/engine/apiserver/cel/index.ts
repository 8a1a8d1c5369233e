/**
 * The Common Expression Language as Kubernetes extends it, for rules of custom resources and conditions of webhooks. Source:
 * CEL specification (cel-spec), "Common Expression Language in Kubernetes". Evaluation is bounded: see `Frame` in scope.ts.
 */
import { compile } from './compile.ts';
import { CompileError, describeAll, SyntaxFaults } from './lexer.ts';
import { parse } from './parser.ts';
import { type Frame, type MessageTypes, Scope } from './scope.ts';
import { type CelType, typeName } from './types.ts';
import type { CelValue } from './values.ts';

export { BOOL, type CelType, optional, STRING } from './types.ts';
export { type CelValue, CostExceeded, EvaluationError, Optional } from './values.ts';

/** What one expression may cost, wherever it stands. */
export const CALL_LIMIT = 1_000_000;

export interface Program {
  /** Name of the type of the result, `bool`. */
  readonly type: string;
  readonly celType: CelType;
  /** What it costs at most with objects as large as the types of the variables allow. */
  readonly cost: number;
  /** Names of the variables that the expression looks at. */
  readonly used: ReadonlySet<string>;
  /**
   * Values in the order of the variables; `budget` is what it may cost at most. Returns what is left of the budget too.
   * Throws EvaluationError, and CostExceeded when the budget does not suffice.
   */
  run(values: readonly (CelValue | undefined)[], budget: number): { value: CelValue; left: number };
}

/** `used`: the variables met before the problem. */
export type CompileOutcome = { program: Program } | { problem: string; used: ReadonlySet<string> };

/** Never throws: what is wrong with the expression is `problem`, with its place in the text. */
export function compileExpression(
  source: string,
  variables: Readonly<Record<string, CelType>>,
  messages?: MessageTypes,
): CompileOutcome {
  const scope = Scope.of(variables, compile, messages);
  try {
    const compiled = scope.compile(parse(source));
    if (scope.problems.length > 0) return { problem: describeAll(source, scope.problems), used: scope.used };
    return {
      program: {
        type: typeName(compiled.type),
        celType: compiled.type,
        cost: compiled.cost,
        used: scope.used,
        run(values, budget) {
          const frame: Frame = { slots: [...values], budget };
          const value = compiled.run(frame);
          return { value, left: frame.budget };
        },
      },
    };
  } catch (error) {
    if (error instanceof CompileError) {
      const all = error instanceof SyntaxFaults ? error.all : [error];
      return { problem: describeAll(source, all), used: scope.used };
    }
    throw error;
  }
}
