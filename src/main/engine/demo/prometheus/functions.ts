/** PromQL functions. Pure. Source: Prometheus documentation, "Functions". */
import { quantile, sum, variance } from './aggregate.ts';
import { histogramQuantile } from './histogram.ts';
import type { Expression } from './parse.ts';
import { type Labels, QueryError, type Sample, unnamed, type Value } from './types.ts';
import { extrapolated, instantaneous, last, line, type Point, pairs, valuesOf } from './windows.ts';

interface Context {
  time: number;
  args: readonly Expression[];
}

type OverTime = (points: readonly Point[], window: { from: number; to: number }, param: number) => number | undefined;

/** Functions of one range vector. */
const OVER_TIME: Record<string, OverTime> = {
  rate: (points, window) => extrapolated(points, window, true, true),
  increase: (points, window) => extrapolated(points, window, true, false),
  delta: (points, window) => extrapolated(points, window, false, false),
  irate: (points) => instantaneous(points, true),
  idelta: (points) => instantaneous(points, false),
  avg_over_time: (points) => sum(valuesOf(points)) / points.length,
  min_over_time: (points) => Math.min(...valuesOf(points)),
  max_over_time: (points) => Math.max(...valuesOf(points)),
  sum_over_time: (points) => sum(valuesOf(points)),
  count_over_time: (points) => points.length,
  last_over_time: (points) => last(points)[1],
  present_over_time: () => 1,
  stddev_over_time: (points) => Math.sqrt(variance(valuesOf(points))),
  stdvar_over_time: (points) => variance(valuesOf(points)),
  changes: (points) => pairs(points).filter(([a, b]) => a !== b).length,
  resets: (points) => pairs(points).filter(([a, b]) => b < a).length,
  deriv: (points, window) => (points.length < 2 ? undefined : line(points, window.to).slope),
  quantile_over_time: (points, _window, phi) => quantile(phi, valuesOf(points)),
  predict_linear: (points, window, seconds) => {
    if (points.length < 2) return undefined;
    const { slope, at } = line(points, window.to);
    return at + slope * seconds;
  },
};
/** Where the range vector stands among the arguments, when it is not the first. */
const RANGE_ARGUMENT: Record<string, number> = { quantile_over_time: 1 };

const OF_VALUE: Record<string, (value: number, ...params: number[]) => number> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  exp: Math.exp,
  ln: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  sqrt: Math.sqrt,
  sgn: Math.sign,
  round: (value, to = 1) => Math.floor(value / to + 0.5) * to,
  clamp: (value, min = 0, max = 0) => (min > max ? Number.NaN : Math.max(min, Math.min(max, value))),
  clamp_min: (value, min = 0) => Math.max(value, min),
  clamp_max: (value, max = 0) => Math.min(value, max),
};

const OF_DATE: Record<string, (date: Date) => number> = {
  minute: (date) => date.getUTCMinutes(),
  hour: (date) => date.getUTCHours(),
  day_of_week: (date) => date.getUTCDay(),
  day_of_month: (date) => date.getUTCDate(),
  month: (date) => date.getUTCMonth() + 1,
  year: (date) => date.getUTCFullYear(),
};

export function callFunction(name: string, args: readonly Value[], context: Context): Value {
  const overTime = own(OVER_TIME, name);
  if (overTime !== undefined) {
    const at = RANGE_ARGUMENT[name] ?? 0;
    const matrix = typed(name, args[at], 'matrix');
    const others = args.filter((_arg, index) => index !== at).map((arg) => typed(name, arg, 'scalar').value);
    const keepsName = name === 'last_over_time';
    return vector(
      matrix.ranges.flatMap((range) => {
        const value = overTime(range.points, matrix, others[0] ?? 0);
        return value === undefined ? [] : [{ labels: keepsName ? range.labels : unnamed(range.labels), value }];
      }),
    );
  }
  const ofValue = own(OF_VALUE, name);
  if (ofValue !== undefined) {
    const params = args.slice(1).map((arg) => typed(name, arg, 'scalar').value);
    return mapped(typed(name, args[0], 'vector').samples, (value) => ofValue(value, ...params));
  }
  const ofDate = own(OF_DATE, name);
  if (ofDate !== undefined) {
    const now = [{ labels: {}, value: context.time / 1000 }];
    const samples = args[0] === undefined ? now : typed(name, args[0], 'vector').samples;
    return mapped(samples, (value) => ofDate(new Date(value * 1000)));
  }
  return special(name, args, context);
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function special(name: string, args: readonly Value[], { time, args: expressions }: Context): Value {
  switch (name) {
    case 'time':
      return { kind: 'scalar', value: time / 1000 };
    case 'pi':
      return { kind: 'scalar', value: Math.PI };
    case 'vector':
      return vector([{ labels: {}, value: typed(name, args[0], 'scalar').value }]);
    case 'scalar': {
      const { samples } = typed(name, args[0], 'vector');
      return { kind: 'scalar', value: samples.length === 1 ? (samples[0]?.value ?? Number.NaN) : Number.NaN };
    }
    case 'timestamp':
      return mapped(typed(name, args[0], 'vector').samples, () => time / 1000);
    case 'sort':
    case 'sort_desc': {
      const sign = name === 'sort' ? 1 : -1;
      return vector([...typed(name, args[0], 'vector').samples].sort((a, b) => sign * (a.value - b.value)));
    }
    case 'absent':
      return absent(typed(name, args[0], 'vector').samples.length, expressions[0]);
    case 'absent_over_time':
      return absent(typed(name, args[0], 'matrix').ranges.length, expressions[0]);
    case 'label_replace':
      return labelReplace(args);
    case 'label_join':
      return labelJoin(args);
    case 'histogram_quantile':
      return vector(histogramQuantile(typed(name, args[0], 'scalar').value, typed(name, args[1], 'vector').samples));
    default:
      throw new QueryError(
        'bad_data',
        `invalid parameter "query": 1:1: parse error: unknown function with name "${name}"`,
      );
  }
}

const TYPE_NAMES = { scalar: 'scalar', string: 'string', vector: 'instant vector', matrix: 'range vector' } as const;

function typed<K extends Value['kind']>(name: string, value: Value | undefined, kind: K): Extract<Value, { kind: K }> {
  if (value?.kind === kind) return value as Extract<Value, { kind: K }>;
  const got = value === undefined ? 'nothing' : TYPE_NAMES[value.kind];
  throw new QueryError(
    'bad_data',
    `invalid parameter "query": 1:1: parse error: expected type ${TYPE_NAMES[kind]} in call to function "${name}", got ${got}`,
  );
}

function vector(samples: Sample[]): Value {
  return { kind: 'vector', samples };
}

function mapped(samples: readonly Sample[], of: (value: number) => number): Value {
  return vector(samples.map(({ labels, value }) => ({ labels: unnamed(labels), value: of(value) })));
}

/** The labels that the selector names by equality. */
function absent(present: number, expression: Expression | undefined): Value {
  if (present > 0) return vector([]);
  const labels: Record<string, string> = {};
  if (expression?.type === 'selector')
    for (const { label, op, value } of expression.matchers) if (op === '=') labels[label] = value;
  return vector([{ labels: unnamed(labels), value: 1 }]);
}

function labelReplace(args: readonly Value[]): Value {
  const [target, replacement, source, pattern] = args
    .slice(1)
    .map((arg) => typed('label_replace', arg, 'string').value);
  let expression: RegExp;
  try {
    expression = new RegExp(`^(?:${pattern})$`, 'su');
  } catch {
    throw new QueryError('execution', `invalid regular expression in label_replace(): ${pattern}`);
  }
  return vector(
    typed('label_replace', args[0], 'vector').samples.map((sample) => {
      const match = expression.exec(sample.labels[source ?? ''] ?? '');
      if (match === null) return sample;
      const text = (replacement ?? '').replace(/\$(?:\{(\w+)\}|(\w+))/g, (_whole, braced?: string, plain?: string) => {
        const group = braced ?? plain ?? '';
        return (/^\d+$/.test(group) ? match[Number(group)] : match.groups?.[group]) ?? '';
      });
      return { ...sample, labels: withLabel(sample.labels, target ?? '', text) };
    }),
  );
}

function labelJoin(args: readonly Value[]): Value {
  const [target = '', separator = '', ...sources] = args
    .slice(1)
    .map((arg) => typed('label_join', arg, 'string').value);
  return vector(
    typed('label_join', args[0], 'vector').samples.map((sample) => ({
      ...sample,
      labels: withLabel(sample.labels, target, sources.map((source) => sample.labels[source] ?? '').join(separator)),
    })),
  );
}

function withLabel(labels: Labels, name: string, value: string): Labels {
  const { [name]: _old, ...rest } = labels;
  return value === '' ? rest : { ...rest, [name]: value };
}
