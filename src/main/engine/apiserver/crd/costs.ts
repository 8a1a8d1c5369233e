/**
 * Whether the rules of a schema can become more expensive than a server allows: each by itself, as often as it can be asked
 * within one object, and all together. Source: "Resource use by validation functions" in the documentation; texts of the API
 * server's validator.
 */
import { forbiddenField } from '../kinds/validation/field.ts';
import type { FieldError } from '../types.ts';
import type { CompiledRule } from './rules.ts';
import { MAX_REQUEST_BYTES, shortest } from './sizes.ts';
import type { CustomSchema } from './structural.ts';

const RULE_LIMIT = 10_000_000;
const SCHEMA_LIMIT = 100_000_000;
/** Rules that are named when all together are too expensive. */
const MOST_NAMED = 4;

/** How many values of a place one object can have; null: nothing bounds them. */
export type Cardinality = number | null;

/** `parent` times what the node holds of others. */
export function within(parent: Cardinality, schema: CustomSchema): Cardinality {
  const own =
    schema.type === 'array'
      ? (schema.maxItems ?? null)
      : schema.type === 'object' && typeof schema.additionalProperties === 'object'
        ? (schema.maxProperties ?? null)
        : 1;
  return parent === null || own === null ? null : parent * own;
}

export class CostTotal {
  readonly #rules: { at: string; cost: number }[] = [];

  /** What is wrong with the rule by itself. */
  add(at: string, schema: CustomSchema, cardinality: Cardinality, compiled: CompiledRule): FieldError[] {
    if (compiled.program === null) return [];
    // Without a bound as many as fit into a request.
    const times = cardinality ?? Math.floor(MAX_REQUEST_BYTES / (shortest(schema) + 1));
    const cost = compiled.program.cost * times;
    this.#rules.push({ at: `${at}.rule`, cost });
    const errors: FieldError[] = [];
    if (cost > RULE_LIMIT) errors.push(excess(`${at}.rule`, 'estimated rule cost', cost, RULE_LIMIT));
    const message = compiled.message?.cost ?? 0;
    if (message > 0) this.#rules.push({ at: `${at}.messageExpression`, cost: message });
    if (message > RULE_LIMIT)
      errors.push(excess(`${at}.messageExpression`, 'estimated messageExpression cost', message, RULE_LIMIT));
    return errors;
  }

  /** What is wrong with all of them; `at` is the schema of the version. */
  errors(at: string): FieldError[] {
    const total = this.#rules.reduce((sum, { cost }) => sum + cost, 0);
    if (total <= SCHEMA_LIMIT) return [];
    const text = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const named = this.#rules.filter(({ cost }) => cost >= SCHEMA_LIMIT / 100).sort((a, b) => b.cost - a.cost);
    return [
      ...named.slice(0, MOST_NAMED).map((rule) => forbiddenField(rule.at, text)),
      excess(at, 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', total, SCHEMA_LIMIT),
    ];
  }
}

function excess(at: string, what: string, cost: number, limit: number): FieldError {
  const factor = cost / limit;
  const times = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  const advice =
    'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';
  return forbiddenField(at, `${what} exceeds budget by factor of ${times} (${advice})`);
}
