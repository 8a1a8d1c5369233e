/**
 * The rules of a schema (`x-kubernetes-validations`), compiled with it and asked of every object. Source: KEP-2876, KEP-4008
 * (ratcheting); texts of the API server's validator.
 */

import {
  CALL_LIMIT,
  type CelType,
  type CelValue,
  CostExceeded,
  compileExpression,
  EvaluationError,
  Optional,
  optional,
  type Program,
} from '../cel/index.ts';
import { equalJson, isRecord } from '../json.ts';
import { duplicate, forbiddenField, invalidValue, required } from '../kinds/validation/field.ts';
import type { FieldError } from '../types.ts';
import { oldItems } from './correlate.ts';
import { toValue, typeOfSchema } from './expressions.ts';
import { ruleFieldPath } from './field-path.ts';
import type { CustomSchema, ValidationRule } from './structural.ts';

/** What all rules of an object may cost together. */
const OBJECT_BUDGET = 10_000_000;
const MAX_MESSAGE = 5 * 1024;
const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

export interface CompiledRule {
  rule: ValidationRule;
  /** Null when the rule does not compile; then `problem` says why. */
  program: Program | null;
  problem: string | null;
  message: Program | null;
  messageProblem: string | null;
  usesOldSelf: boolean;
  /** Below the value the rule is about, `a.b[c]`; empty for the value itself. */
  fieldPath: string;
}

/** The rules of a schema node and of what is below it; null where there are none. */
export interface RuleTree {
  schema: CustomSchema;
  isRoot: boolean;
  rules: CompiledRule[];
  properties: ReadonlyMap<string, RuleTree>;
  items: RuleTree | null;
  values: RuleTree | null;
  all: RuleTree[];
}

export function compileRules(schema: CustomSchema, isRoot: boolean): RuleTree | null {
  return treeOf(schema, schema, isRoot);
}

/** `carrier` holds the rules; it differs from the node inside `allOf`, which adds rules to the same value. */
function treeOf(carrier: CustomSchema, schema: CustomSchema, isRoot: boolean): RuleTree | null {
  const type = typeOfSchema(schema, isRoot);
  const rules =
    type === null ? [] : (carrier['x-kubernetes-validations'] ?? []).map((rule) => compileRule(rule, type, schema));
  const properties = new Map<string, RuleTree>();
  for (const [name, property] of Object.entries(carrier.properties ?? {})) {
    const node = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties![name] : undefined;
    const tree = node === undefined ? null : treeOf(property, node, isEmbedded(node));
    if (tree !== null) properties.set(name, tree);
  }
  const items = carrier.items && schema.items ? treeOf(carrier.items, schema.items, isEmbedded(schema.items)) : null;
  const values =
    typeof carrier.additionalProperties === 'object' && typeof schema.additionalProperties === 'object'
      ? treeOf(carrier.additionalProperties, schema.additionalProperties, isEmbedded(schema.additionalProperties))
      : null;
  const all = (carrier.allOf ?? []).flatMap((each) => treeOf(each, schema, isRoot) ?? []);
  if (rules.length + properties.size + all.length === 0 && items === null && values === null) return null;
  return { schema, isRoot, rules, properties, items, values, all };
}

const isEmbedded = (schema: CustomSchema): boolean => schema['x-kubernetes-embedded-resource'] === true;

/** Every rule of a node by itself, whether it compiles or not. */
export function compileRule(rule: ValidationRule, type: CelType, schema: CustomSchema): CompiledRule {
  const compiled: CompiledRule = {
    rule,
    program: null,
    problem: null,
    message: null,
    messageProblem: null,
    usesOldSelf: false,
    fieldPath:
      rule.fieldPath === undefined || rule.fieldPath === '' ? '' : (ruleFieldPath(rule.fieldPath, schema) ?? ''),
  };
  if (rule.rule.trim() === '') return compiled;
  const variables = { self: type, oldSelf: rule.optionalOldSelf === true ? optional(type) : type };
  const outcome = compileExpression(rule.rule, variables);
  if ('problem' in outcome) return { ...compiled, problem: `compilation failed: ${outcome.problem}` };
  if (outcome.program.type !== 'bool') return { ...compiled, problem: 'cel expression must evaluate to a bool' };
  compiled.program = outcome.program;
  compiled.usesOldSelf = outcome.program.used.has('oldSelf');
  if (!rule.messageExpression) return compiled;
  const message = compileExpression(rule.messageExpression, variables);
  if ('problem' in message) compiled.messageProblem = `messageExpression compilation failed: ${message.problem}`;
  else if (message.program.type !== 'string') compiled.messageProblem = 'messageExpression must evaluate to a string';
  else compiled.message = message.program;
  return compiled;
}

/** What the rules say of an object. `old` null: it is new. What an unchanged value breaks becomes a warning. */
export function checkRules(
  tree: RuleTree,
  object: unknown,
  old: unknown,
): { errors: FieldError[]; warnings: string[] } {
  const run: Run = { errors: [], warnings: [], budget: OBJECT_BUDGET };
  check(tree, object, old ?? undefined, '', 'unknown', run);
  return { errors: run.errors, warnings: run.warnings };
}

interface Run {
  errors: FieldError[];
  warnings: string[];
  /** Negative: nothing more is evaluated. */
  budget: number;
}

/** Whether the nearest value that has an old one is the same as that: of a new object nothing is known. */
type Unchanged = boolean | 'unknown';

function check(tree: RuleTree, value: unknown, old: unknown, path: string, parent: Unchanged, run: Run): void {
  if (value === null || value === undefined || run.budget < 0) return;
  const unchanged: Unchanged = old === undefined ? parent : equalJson(value, old);
  checkOwn(tree, value, old, path, unchanged === true, run);
  for (const each of tree.all) check(each, value, old, path, 'unknown', run);
  if (Array.isArray(value)) {
    const { items } = tree;
    if (items === null) return;
    const before = oldItems(tree.schema, value, old);
    value.forEach((item, index) => {
      check(items, item, before[index], `${path}[${index}]`, unchanged, run);
    });
  } else if (isRecord(value)) {
    const before = isRecord(old) && tree.schema['x-kubernetes-map-type'] !== 'atomic' ? old : {};
    for (const [key, inner] of Object.entries(value)) {
      const property = tree.properties.get(key);
      const at = property === undefined ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      const next = property ?? (Object.hasOwn(tree.schema.properties ?? {}, key) ? null : tree.values);
      if (next !== null && next !== undefined) check(next, inner, before[key], at, unchanged, run);
    }
  }
}

function checkOwn(tree: RuleTree, value: unknown, old: unknown, path: string, unchanged: boolean, run: Run): void {
  const { schema, rules } = tree;
  const self = rules.length === 0 ? null : toValue(value, schema, tree.isRoot);
  const before = old === undefined || old === null ? undefined : toValue(old, schema, tree.isRoot);
  const at = path === '' ? '<nil>' : path;
  const failed = (text: string) => run.errors.push(invalidValue(at, schema.type ?? '', text));
  for (const compiled of rules) {
    const { rule, program } = compiled;
    if (run.budget <= 0) {
      failed(OUT_OF_BUDGET);
      run.budget = -1;
      return;
    }
    if (compiled.problem !== null) failed(`rule compile error: ${compiled.problem}`);
    if (program === null) continue;
    if (compiled.usesOldSelf && before === undefined && rule.optionalOldSelf !== true) continue;
    const oldSelf =
      rule.optionalOldSelf === true ? (before === undefined ? Optional.none : new Optional(before)) : before;
    const outcome = evaluate(program, [self, oldSelf], run);
    if (outcome.error instanceof CostExceeded) {
      failed(
        run.budget < 0
          ? OUT_OF_BUDGET
          : `'${outcome.error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${nameOf(rule)}`,
      );
      run.budget = -1;
      return;
    }
    if (outcome.error !== undefined) {
      const { message } = outcome.error;
      failed(
        message.startsWith('no such overload')
          ? `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${nameOf(rule)}`
          : `${message} evaluating rule: ${nameOf(rule)}`,
      );
    } else if (outcome.value !== true) {
      const where = compiled.fieldPath === '' ? at : path === '' ? compiled.fieldPath : `${path}.${compiled.fieldPath}`;
      const error = violation(compiled, where, value, schema, [self, oldSelf], run);
      if (unchanged && !compiled.usesOldSelf) run.warnings.push(`${error.field}: ${error.message}`);
      else run.errors.push(error);
    }
  }
}

function evaluate(
  program: Program,
  values: readonly (CelValue | undefined)[],
  run: Run,
): { value?: CelValue; error?: EvaluationError } {
  const limit = Math.min(CALL_LIMIT, run.budget);
  try {
    const { value, left } = program.run(values, limit);
    run.budget -= limit - left;
    return { value };
  } catch (error) {
    if (error instanceof CostExceeded) run.budget -= limit === CALL_LIMIT ? limit : limit + 1;
    else if (!(error instanceof EvaluationError)) return { error: new EvaluationError(String(error)) };
    return { error: error as EvaluationError };
  }
}

function violation(
  compiled: CompiledRule,
  at: string,
  value: unknown,
  schema: CustomSchema,
  values: readonly (CelValue | undefined)[],
  run: Run,
): FieldError {
  const { rule } = compiled;
  const detail =
    messageOf(compiled, values, run) ?? (rule.message ? rule.message.trim() : `failed rule: ${nameOf(rule)}`);
  // Of objects and lists the value is left out: it would be the whole object again.
  const omitted = schema.type === 'object' || schema.type === 'array';
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbiddenField(at, detail);
    case 'FieldValueRequired':
      return required(at, detail);
    case 'FieldValueDuplicate':
      return omitted ? { type: 'FieldValueDuplicate', field: at, message: 'Duplicate value' } : duplicate(at, value);
    default:
      return omitted
        ? { type: 'FieldValueInvalid', field: at, message: `Invalid value: ${detail}` }
        : invalidValue(at, value, detail);
  }
}

/** The message an expression makes; undefined when there is none or it makes nothing that can be shown. */
function messageOf(compiled: CompiledRule, values: readonly (CelValue | undefined)[], run: Run): string | undefined {
  if (compiled.message === null) return undefined;
  const { value } = evaluate(compiled.message, values, run);
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' || text.length > MAX_MESSAGE || text.includes('\n') ? undefined : text;
}

/** How messages name a rule. */
function nameOf(rule: ValidationRule): string {
  return (rule.message || rule.rule).trim();
}
