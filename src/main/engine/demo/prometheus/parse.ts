/**
 * A PromQL text as a tree that can be evaluated. The grammar is Prometheus' own (lezer-promql); what it does not say by
 * itself (units, escapes, defaults) is read here. What evaluation does not know is refused here, with its name.
 */
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { type Matcher, matcher, NAME, QueryError } from './types.ts';

export type Expression =
  | { type: 'number'; value: number }
  | { type: 'string'; value: string }
  | ({ type: 'selector'; matchers: Matcher[]; rangeMs: number | null } & Shift)
  | ({ type: 'subquery'; inner: Expression; rangeMs: number; stepMs: number | null } & Shift)
  | { type: 'call'; name: string; args: Expression[] }
  | {
      type: 'aggregate';
      op: string;
      grouping: { labels: string[]; without: boolean };
      param: Expression | null;
      inner: Expression;
    }
  | { type: 'binary'; op: string; bool: boolean; left: Expression; right: Expression; matching: Matching }
  | { type: 'negate'; inner: Expression };

/** `offset` and `@`. */
export interface Shift {
  offsetMs: number;
  atMs: number | 'start' | 'end' | null;
}

export interface Matching {
  labels: string[];
  /** `on`; else `ignoring`. */
  on: boolean;
  /** Which side may have many for one of the other. */
  many: 'left' | 'right' | null;
  include: string[];
}

const OPERATORS: Record<string, string> = {
  Add: '+',
  Sub: '-',
  Mul: '*',
  Div: '/',
  Mod: '%',
  Pow: '^',
  Atan2: 'atan2',
  Eql: '==',
  Neq: '!=',
  Gtr: '>',
  Lss: '<',
  Gte: '>=',
  Lte: '<=',
  And: 'and',
  Or: 'or',
  Unless: 'unless',
};
const EXPRESSIONS = new Set([
  'AggregateExpr',
  'BinaryExpr',
  'FunctionCall',
  'MatrixSelector',
  'NumberDurationLiteral',
  'OffsetExpr',
  'ParenExpr',
  'StringLiteral',
  'SubqueryExpr',
  'UnaryExpr',
  'VectorSelector',
  'StepInvariantExpr',
]);
const WITH_PARAMETER = new Set(['topk', 'bottomk', 'quantile', 'count_values', 'limitk']);

/** @throws QueryError bad_data with the position, as Prometheus numbers it. */
export function parseQuery(query: string): Expression {
  if (query.trim() === '') throw broken(query, 0, 'no expression found in input');
  const tree = parser.parse(query);
  let wrong: number | null = null;
  tree.iterate({
    enter(node) {
      if (node.type.isError && wrong === null) wrong = node.from;
    },
  });
  if (wrong !== null) {
    const rest = query.slice(wrong).trimStart();
    throw broken(query, wrong, rest === '' ? 'unexpected end of input' : `unexpected "${rest.slice(0, 20)}"`);
  }
  const [root] = expressionsIn(tree.topNode);
  if (root === undefined) throw broken(query, 0, 'no expression found in input');
  return new Reader(query).read(root);
}

function broken(query: string, at: number, message: string): QueryError {
  const before = query.slice(0, at);
  const line = before.split('\n').length;
  const column = at - before.lastIndexOf('\n');
  return new QueryError('bad_data', `invalid parameter "query": ${line}:${column}: parse error: ${message}`);
}

function children(node: SyntaxNode): SyntaxNode[] {
  const out: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) out.push(child);
  return out;
}

function expressionsIn(node: SyntaxNode): SyntaxNode[] {
  return children(node).filter((child) => EXPRESSIONS.has(child.name));
}

class Reader {
  readonly #query: string;

  constructor(query: string) {
    this.#query = query;
  }

  read(node: SyntaxNode): Expression {
    switch (node.name) {
      case 'NumberDurationLiteral':
        return { type: 'number', value: this.#number(node) };
      case 'StringLiteral':
        return { type: 'string', value: this.#string(node) };
      case 'ParenExpr':
        return this.#inner(node);
      case 'UnaryExpr': {
        const inner = this.#inner(node);
        return this.#text(node).startsWith('-') ? { type: 'negate', inner } : inner;
      }
      case 'VectorSelector':
        return { type: 'selector', matchers: this.#matchers(node), rangeMs: null, offsetMs: 0, atMs: null };
      case 'MatrixSelector': {
        const inner = this.#inner(node);
        if (inner.type !== 'selector') throw this.#refuse(node, 'ranges only allowed for vector selectors');
        return { ...inner, rangeMs: this.#durations(node)[0] ?? 0 };
      }
      case 'SubqueryExpr': {
        const [rangeMs = 0, stepMs = null] = this.#durations(node);
        return { type: 'subquery', inner: this.#inner(node), rangeMs, stepMs, offsetMs: 0, atMs: null };
      }
      case 'OffsetExpr':
        return this.#shifted(node, { offsetMs: this.#offset(node) });
      case 'StepInvariantExpr':
        return this.#shifted(node, { atMs: this.#at(node) });
      case 'FunctionCall':
        return this.#call(node);
      case 'AggregateExpr':
        return this.#aggregate(node);
      case 'BinaryExpr':
        return this.#binary(node);
      default:
        throw this.#refuse(node, `${node.name} is not supported`);
    }
  }

  #text(node: SyntaxNode): string {
    return this.#query.slice(node.from, node.to);
  }

  #refuse(node: SyntaxNode, message: string): QueryError {
    return broken(this.#query, node.from, message);
  }

  #inner(node: SyntaxNode): Expression {
    const [inner] = expressionsIn(node);
    if (inner === undefined) throw this.#refuse(node, 'no expression found in input');
    return this.read(inner);
  }

  #shifted(node: SyntaxNode, shift: Partial<Shift>): Expression {
    const [inner] = expressionsIn(node);
    return this.#shiftedInto(inner ?? node, shift);
  }

  /** The grammar takes `a - b offset 5m` as one expression that is shifted; only its last operand is meant. */
  #shiftedInto(node: SyntaxNode, shift: Partial<Shift>): Expression {
    const inner = this.read(node);
    const operand = expressionsIn(node).at(-1);
    if (operand !== undefined && node.name === 'BinaryExpr' && inner.type === 'binary')
      return { ...inner, right: this.#shiftedInto(operand, shift) };
    if (operand !== undefined && node.name === 'UnaryExpr' && inner.type === 'negate')
      return { ...inner, inner: this.#shiftedInto(operand, shift) };
    if (node.name === 'ParenExpr' || (inner.type !== 'selector' && inner.type !== 'subquery'))
      throw this.#refuse(node, 'offset and @ must follow a selector or a subquery');
    return { ...inner, ...shift };
  }

  #durations(node: SyntaxNode): number[] {
    return children(node)
      .filter((child) => child.name === 'DurationExpr')
      .map((child) => durationMs(this.#text(child)) ?? this.#fail(child, 'bad duration'));
  }

  #offset(node: SyntaxNode): number {
    const child = children(node).find((one) => one.name === 'OffsetDurationExpr');
    const text = child === undefined ? '' : this.#text(child).replace(/\s/g, '');
    const ms = durationMs(text.replace(/^[+-]/, ''));
    if (ms === null) throw this.#refuse(child ?? node, 'bad duration');
    return text.startsWith('-') ? -ms : ms;
  }

  #at(node: SyntaxNode): Shift['atMs'] {
    const text = this.#text(node);
    if (/@\s*start\s*\(\s*\)\s*$/.test(text)) return 'start';
    if (/@\s*end\s*\(\s*\)\s*$/.test(text)) return 'end';
    const seconds = Number(text.slice(text.lastIndexOf('@') + 1));
    if (!Number.isFinite(seconds)) throw this.#refuse(node, 'timestamp out of bounds for @ modifier');
    return seconds * 1000;
  }

  #fail(node: SyntaxNode, message: string): never {
    throw this.#refuse(node, message);
  }

  #number(node: SyntaxNode): number {
    const text = this.#text(node).replaceAll('_', '');
    const sign = text.startsWith('-') ? -1 : 1;
    const plain = text.replace(/^[+-]/, '');
    if (/^inf$/i.test(plain)) return sign * Number.POSITIVE_INFINITY;
    if (/^nan$/i.test(plain)) return Number.NaN;
    const value = Number(plain);
    if (!Number.isNaN(value)) return sign * value;
    const ms = durationMs(plain);
    return ms === null ? this.#fail(node, `bad number or duration syntax: "${text}"`) : (sign * ms) / 1000;
  }

  #string(node: SyntaxNode): string {
    const text = this.#text(node);
    const body = text.slice(1, -1);
    if (text.startsWith('`')) return body;
    const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };
    return body.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/gs, (_whole, code: string) =>
      code.length > 1 ? String.fromCodePoint(Number.parseInt(code.slice(1), 16)) : (escapes[code] ?? code),
    );
  }

  #matchers(node: SyntaxNode): Matcher[] {
    const out: Matcher[] = [];
    for (const child of children(node)) {
      if (child.name === 'Identifier') out.push(matcher(NAME, '=', this.#text(child)));
      if (child.name !== 'LabelMatchers') continue;
      for (const one of children(child)) out.push(this.#matcher(one));
    }
    if (out.every((one) => one.matches('')))
      throw this.#refuse(node, 'vector selector must contain at least one non-empty matcher');
    return out;
  }

  #matcher(node: SyntaxNode): Matcher {
    const parts = children(node);
    const named = parts.find((part) => part.name === 'LabelName');
    const quoted = parts.find((part) => part.name === 'QuotedLabelName');
    const quotedText = quoted?.firstChild ?? quoted;
    // `{"up"}` names the metric.
    if (node.name === 'QuotedLabelName') return matcher(NAME, '=', this.#string(node.firstChild ?? node));
    const op = parts.find((part) => part.name === 'MatchOp');
    const value = parts.find((part) => part.name === 'StringLiteral');
    const label = named === undefined ? (quotedText == null ? '' : this.#string(quotedText)) : this.#text(named);
    if (op === undefined || value === undefined) throw this.#refuse(node, 'incomplete label matcher');
    return matcher(label, this.#text(op) as Matcher['op'], this.#string(value));
  }

  #call(node: SyntaxNode): Expression {
    const name = children(node).find((child) => child.name === 'FunctionIdentifier');
    const body = children(node).find((child) => child.name === 'FunctionCallBody');
    return {
      type: 'call',
      name: name === undefined ? '' : this.#text(name),
      args: body === undefined ? [] : expressionsIn(body).map((child) => this.read(child)),
    };
  }

  #aggregate(node: SyntaxNode): Expression {
    const parts = children(node);
    const op = parts.find((part) => part.name === 'AggregateOp');
    const modifier = parts.find((part) => part.name === 'AggregateModifier');
    const body = parts.find((part) => part.name === 'FunctionCallBody');
    const name = op === undefined ? '' : this.#text(op).toLowerCase();
    const args = body === undefined ? [] : expressionsIn(body).map((child) => this.read(child));
    const wanted = WITH_PARAMETER.has(name) ? 2 : 1;
    const inner = args.at(-1);
    if (args.length !== wanted || inner === undefined)
      throw this.#refuse(
        node,
        `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
      );
    return {
      type: 'aggregate',
      op: name,
      grouping: {
        labels: modifier === undefined ? [] : this.#labels(modifier),
        without: modifier !== undefined && children(modifier).some((child) => child.name === 'Without'),
      },
      param: wanted === 2 ? (args[0] ?? null) : null,
      inner,
    };
  }

  #labels(node: SyntaxNode): string[] {
    const list = children(node).find((child) => child.name === 'GroupingLabels');
    return list === undefined ? [] : children(list).map((label) => this.#text(label).replace(/^"|"$/g, ''));
  }

  #binary(node: SyntaxNode): Expression {
    const [left, right] = expressionsIn(node);
    const parts = children(node);
    const op = parts.find((part) => OPERATORS[part.name] !== undefined);
    const clause = parts.find((part) => part.name === 'MatchingModifierClause');
    const bool = parts.some((part) => part.name === 'BoolModifier');
    if (left === undefined || right === undefined || op === undefined)
      throw this.#refuse(node, 'operator is not supported');
    const read: Expression = {
      type: 'binary',
      op: OPERATORS[op.name] ?? '',
      bool,
      left: this.read(left),
      right: this.read(right),
      matching: this.#matching(clause),
    };
    // A sign binds less than a power, although the grammar takes it as part of the number.
    if (read.op === '^' && left.name === 'NumberDurationLiteral' && this.#text(left).startsWith('-'))
      return { type: 'negate', inner: { ...read, left: { type: 'number', value: -this.#number(left) } } };
    return read;
  }

  #matching(clause: SyntaxNode | undefined): Matching {
    const out: Matching = { labels: [], on: false, many: null, include: [] };
    let into: string[] = out.labels;
    for (const part of clause === undefined ? [] : children(clause)) {
      if (part.name === 'On') out.on = true;
      else if (part.name === 'GroupLeft' || part.name === 'GroupRight') {
        out.many = part.name === 'GroupLeft' ? 'left' : 'right';
        into = out.include;
      } else if (part.name === 'GroupingLabels') into.push(...children(part).map((label) => this.#text(label)));
    }
    return out;
  }
}

const UNITS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** `1h30m`, or seconds as a number; null for anything else. */
export function durationMs(text: string): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(ms|[smhdwy]))+$/.test(text)) return null;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) total += Number(count) * (UNITS[unit ?? ''] ?? 0);
  return total;
}
