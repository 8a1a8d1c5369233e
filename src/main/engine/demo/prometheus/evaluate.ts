/** The value of a PromQL expression at one time, or at every step of a range. Source: Prometheus documentation, "Querying". */
import { aggregate } from './aggregate.ts';
import { binary } from './binary.ts';
import { callFunction } from './functions.ts';
import type { Expression, Shift } from './parse.ts';
import {
  identity,
  QueryError,
  type Range,
  type Sample,
  type Series,
  type SeriesSource,
  unnamed,
  type Value,
} from './types.ts';

/** How far back the last sample still counts: --query.lookback-delta */
const LOOKBACK_MS = 300_000;
const MOST_SAMPLES = 5_000_000;

export function evaluateAt(source: SeriesSource, expression: Expression, time: number): Value {
  return new Evaluation(source, time, time).value(expression, time);
}

/** Series over the steps from `start` to `end`. */
export function evaluateRange(
  source: SeriesSource,
  expression: Expression,
  start: number,
  end: number,
  stepMs: number,
): Range[] {
  const evaluation = new Evaluation(source, start, end);
  return evaluation.steps(expression, start, end, stepMs);
}

class Evaluation {
  readonly #source: SeriesSource;
  readonly #start: number;
  readonly #end: number;
  /** A selector asks its source once, however many steps there are. */
  readonly #selected = new Map<Expression, Series[]>();
  #samples = 0;

  constructor(source: SeriesSource, start: number, end: number) {
    this.#source = source;
    this.#start = start;
    this.#end = end;
  }

  value(expression: Expression, time: number): Value {
    switch (expression.type) {
      case 'number':
        return { kind: 'scalar', value: expression.value };
      case 'string':
        return { kind: 'string', value: expression.value };
      case 'selector': {
        const at = this.#moved(expression, time);
        return expression.rangeMs === null
          ? { kind: 'vector', samples: this.#instant(this.#series(expression), at) }
          : this.#window(this.#series(expression), at - expression.rangeMs, at);
      }
      case 'subquery': {
        const at = this.#moved(expression, time);
        const step = expression.stepMs ?? this.#source.intervalMs;
        const from = at - expression.rangeMs;
        const first = Math.floor(from / step) * step + step;
        return { kind: 'matrix', ranges: this.steps(expression.inner, first, at, step), from, to: at };
      }
      case 'call':
        return callFunction(
          expression.name,
          expression.args.map((arg) => this.value(arg, time)),
          { time, args: expression.args },
        );
      case 'aggregate': {
        const inner = this.value(expression.inner, time);
        if (inner.kind !== 'vector')
          throw new QueryError(
            'bad_data',
            'invalid parameter "query": expected type instant vector in aggregation expression',
          );
        const param = expression.param === null ? null : this.value(expression.param, time);
        return { kind: 'vector', samples: aggregate(expression.op, expression.grouping, param, inner.samples) };
      }
      case 'binary':
        return binary(expression, this.value(expression.left, time), this.value(expression.right, time));
      case 'negate': {
        const inner = this.value(expression.inner, time);
        if (inner.kind === 'scalar') return { kind: 'scalar', value: -inner.value };
        if (inner.kind === 'vector')
          return {
            kind: 'vector',
            samples: inner.samples.map(({ labels, value }) => ({ labels: unnamed(labels), value: -value })),
          };
        throw new QueryError(
          'bad_data',
          'invalid parameter "query": unary expression only allowed on expressions of type scalar or instant vector',
        );
      }
    }
  }

  steps(expression: Expression, start: number, end: number, stepMs: number): Range[] {
    const out = new Map<string, { labels: Sample['labels']; points: [number, number][] }>();
    for (let time = start; time <= end; time += stepMs) {
      const value = this.value(expression, time);
      if (value.kind !== 'vector' && value.kind !== 'scalar')
        throw new QueryError(
          'bad_data',
          'invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector',
        );
      const samples = value.kind === 'vector' ? value.samples : [{ labels: {}, value: value.value }];
      for (const sample of samples) {
        const key = identity(sample.labels);
        const known = out.get(key);
        if (known === undefined) out.set(key, { labels: sample.labels, points: [[time, sample.value]] });
        else known.points.push([time, sample.value]);
      }
      this.#count(samples.length);
    }
    return [...out.values()];
  }

  #moved(shift: Shift, time: number): number {
    const base =
      shift.atMs === null ? time : shift.atMs === 'start' ? this.#start : shift.atMs === 'end' ? this.#end : shift.atMs;
    return base - shift.offsetMs;
  }

  #series(expression: Extract<Expression, { type: 'selector' }>): Series[] {
    const known = this.#selected.get(expression);
    if (known !== undefined) return known;
    const reach = (expression.rangeMs ?? LOOKBACK_MS) + Math.max(0, expression.offsetMs);
    const found = this.#source.select(expression.matchers, this.#start - reach, this.#end);
    this.#selected.set(expression, found);
    return found;
  }

  #instant(series: readonly Series[], at: number): Sample[] {
    const time = Math.floor(at / this.#source.intervalMs) * this.#source.intervalMs;
    const out: Sample[] = [];
    for (const one of series) {
      // What began after the last tick has been scraped by now, too.
      const value = one.at(time) ?? one.at(at);
      if (value !== undefined) out.push({ labels: one.labels, value });
    }
    this.#count(out.length);
    return out;
  }

  /** Samples after `from` up to `to`. */
  #window(series: readonly Series[], from: number, to: number): Value {
    const { intervalMs } = this.#source;
    const first = Math.floor(from / intervalMs) * intervalMs + intervalMs;
    const ranges: Range[] = [];
    for (const one of series) {
      const points: [number, number][] = [];
      for (let time = first; time <= to; time += intervalMs) {
        const value = one.at(time);
        if (value !== undefined) points.push([time, value]);
      }
      if (points.length > 0) ranges.push({ labels: one.labels, points });
      this.#count(points.length);
    }
    return { kind: 'matrix', ranges, from, to };
  }

  #count(more: number): void {
    this.#samples += more;
    if (this.#samples > MOST_SAMPLES)
      throw new QueryError('execution', 'query processing would load too many samples into memory in query execution');
  }
}
