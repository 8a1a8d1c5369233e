/** What a query works on and answers. Times are milliseconds since the epoch. Source: Prometheus documentation, "HTTP API". */

export type Labels = Readonly<Record<string, string>>;

export const NAME = '__name__';

export interface Matcher {
  label: string;
  op: '=' | '!=' | '=~' | '!~';
  value: string;
  matches(value: string): boolean;
}

export interface Series {
  /** With the metric's name under `__name__`. */
  labels: Labels;
  /** Undefined where the series has no sample. */
  at(time: number): number | undefined;
}

export interface MetricInfo {
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
}

/** Where series come from. Samples lie on multiples of the interval. */
export interface SeriesSource {
  readonly intervalMs: number;
  /** Series that may have samples between the two times. */
  select(matchers: readonly Matcher[], from: number, to: number): Series[];
  metrics(): readonly MetricInfo[];
}

export interface Sample {
  labels: Labels;
  value: number;
}

export interface Range {
  labels: Labels;
  points: readonly (readonly [time: number, value: number])[];
}

export type Value =
  | { kind: 'scalar'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'vector'; samples: Sample[] }
  | { kind: 'matrix'; ranges: Range[]; from: number; to: number };

/** The query is at fault: `bad_data` cannot be read, `execution` cannot be answered. */
export class QueryError extends Error {
  readonly type: 'bad_data' | 'execution';
  constructor(type: QueryError['type'], message: string) {
    super(message);
    this.type = type;
  }
}

/** An anchored matcher of one label. */
export function matcher(label: string, op: Matcher['op'], value: string): Matcher {
  const test = testOf(op, value);
  return { label, op, value, matches: test };
}

function testOf(op: Matcher['op'], value: string): (candidate: string) => boolean {
  if (op === '=') return (candidate) => candidate === value;
  if (op === '!=') return (candidate) => candidate !== value;
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^(?:${value})$`, 'su');
  } catch {
    throw new QueryError('bad_data', `invalid parameter "query": error parsing regexp: \`${value}\``);
  }
  return op === '=~' ? (candidate) => pattern.test(candidate) : (candidate) => !pattern.test(candidate);
}

/** Without the metric's name: what a value that is no longer the metric itself carries. */
export function unnamed(labels: Labels): Labels {
  if (labels[NAME] === undefined) return labels;
  const { [NAME]: _name, ...rest } = labels;
  return rest;
}

/** Equal labels, equal text. */
export function identity(labels: Labels): string {
  let out = '';
  for (const key of Object.keys(labels).sort()) out += `${key}\u0001${labels[key]}\u0002`;
  return out;
}
