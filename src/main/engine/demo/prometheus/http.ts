/** The HTTP API of Prometheus over one cluster's series: queries, series, labels, metadata, targets. Source: its documentation, "HTTP API". */
import { evaluateAt, evaluateRange } from './evaluate.ts';
import { durationMs, type Expression, parseQuery } from './parse.ts';
import { PROMETHEUS_VERSION } from './server-series.ts';
import { type Matcher, NAME, QueryError, type Series, type SeriesSource, type Value } from './types.ts';

export interface PrometheusRequest {
  method: string;
  path: string;
  parameters: URLSearchParams;
}

export interface PrometheusAnswer {
  status: number;
  contentType: string;
  body: string;
}

const MOST_POINTS = 11_000;
const ALL: Matcher = { label: NAME, op: '!=', value: '', matches: (value) => value !== '' };

/** Null: not a path of Prometheus. */
export function answerPrometheus(
  source: SeriesSource,
  request: PrometheusRequest,
  now: number,
): PrometheusAnswer | null {
  const { path } = request;
  if (path === '/-/healthy') return text('Prometheus Server is Healthy.\n');
  if (path === '/-/ready') return text('Prometheus Server is Ready.\n');
  if (path === '/metrics') return text(exposition(source, now));
  if (!path.startsWith('/api/v1/')) return null;
  try {
    const data = dataOf(source, path.slice('/api/v1/'.length), request.parameters, now);
    return data === undefined ? null : json(200, { status: 'success', data });
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const status = error.type === 'bad_data' ? 400 : 422;
    return json(status, { status: 'error', errorType: error.type, error: error.message });
  }
}

function dataOf(source: SeriesSource, path: string, parameters: URLSearchParams, now: number): unknown {
  const label = /^label\/([^/]+)\/values$/.exec(path);
  if (label !== null) return valuesOf(matching(source, parameters, now), decodeURIComponent(label[1] ?? ''));
  switch (path) {
    case 'query': {
      const time = timeOf(parameters, 'time', now);
      return result(evaluateAt(source, parseQuery(parameters.get('query') ?? ''), time), time);
    }
    case 'query_range':
      return range(source, parameters);
    case 'series':
      if (parameters.getAll('match[]').length === 0) throw new QueryError('bad_data', 'no match[] parameter provided');
      return matching(source, parameters, now).map((series) => series.labels);
    case 'labels':
      return [...new Set(matching(source, parameters, now).flatMap((series) => Object.keys(series.labels)))].sort();
    case 'metadata':
      return metadata(source, parameters.get('metric'));
    case 'targets':
      return targets(source, now);
    case 'rules':
      return { groups: [] };
    case 'alerts':
      return { alerts: [] };
    case 'status/buildinfo':
      return { version: PROMETHEUS_VERSION, revision: '', branch: 'HEAD', buildUser: '', buildDate: '', goVersion: '' };
    case 'status/runtimeinfo':
      return { storageRetention: '1h', GOMAXPROCS: 2, reloadConfigSuccess: true };
    default:
      return undefined;
  }
}

function range(source: SeriesSource, parameters: URLSearchParams): unknown {
  const start = timeOf(parameters, 'start', null);
  const end = timeOf(parameters, 'end', null);
  const step = durationMs(parameters.get('step') ?? '');
  if (end < start)
    throw new QueryError('bad_data', 'invalid parameter "end": end timestamp must not be before start time');
  if (step === null)
    throw new QueryError(
      'bad_data',
      `invalid parameter "step": cannot parse "${parameters.get('step') ?? ''}" to a valid duration`,
    );
  if (step <= 0)
    throw new QueryError(
      'bad_data',
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  if ((end - start) / step > MOST_POINTS)
    throw new QueryError(
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  const ranges = evaluateRange(source, parseQuery(parameters.get('query') ?? ''), start, end, step);
  return {
    resultType: 'matrix',
    result: ranges.map(({ labels, points }) => ({
      metric: labels,
      values: points.map(([at, value]) => [at / 1000, numberText(value)]),
    })),
  };
}

function result(value: Value, time: number): unknown {
  switch (value.kind) {
    case 'scalar':
      return { resultType: 'scalar', result: [time / 1000, numberText(value.value)] };
    case 'string':
      return { resultType: 'string', result: [time / 1000, value.value] };
    case 'vector':
      return {
        resultType: 'vector',
        result: value.samples.map((one) => ({ metric: one.labels, value: [time / 1000, numberText(one.value)] })),
      };
    case 'matrix':
      return {
        resultType: 'matrix',
        result: value.ranges.map(({ labels, points }) => ({
          metric: labels,
          values: points.map(([at, number]) => [at / 1000, numberText(number)]),
        })),
      };
  }
}

/** As Go prints a float without exponent. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const plain = String(value);
  if (!plain.includes('e')) return plain;
  if (Math.abs(value) >= 1) return BigInt(Math.round(value)).toString();
  return value.toFixed(20).replace(/0+$/, '');
}

/** Seconds since the epoch or RFC 3339. */
function timeOf(parameters: URLSearchParams, name: string, fallback: number | null): number {
  const given = parameters.get(name);
  if ((given === null || given === '') && fallback !== null) return fallback;
  const seconds = Number(given);
  if (given !== null && given !== '' && Number.isFinite(seconds)) return Math.round(seconds * 1000);
  const parsed = Date.parse(given ?? '');
  if (Number.isNaN(parsed))
    throw new QueryError('bad_data', `invalid parameter "${name}": cannot parse "${given ?? ''}" to a valid timestamp`);
  return parsed;
}

function matching(source: SeriesSource, parameters: URLSearchParams, now: number): Series[] {
  const from = timeOf(parameters, 'start', now - 3_600_000);
  const to = timeOf(parameters, 'end', now);
  const selectors = parameters.getAll('match[]');
  const found =
    selectors.length === 0
      ? source.select([ALL], from, to)
      : selectors.flatMap((one) => source.select(selector(parseQuery(one)), from, to));
  return [...new Map(found.map((series) => [JSON.stringify(series.labels), series])).values()];
}

function selector(expression: Expression): readonly Matcher[] {
  if (expression.type === 'selector') return expression.matchers;
  throw new QueryError('bad_data', 'invalid parameter "match[]": expected a series selector');
}

function valuesOf(series: readonly Series[], label: string): string[] {
  const out = new Set<string>();
  for (const { labels } of series) if (labels[label] !== undefined && labels[label] !== '') out.add(labels[label]);
  return [...out].sort();
}

function metadata(source: SeriesSource, metric: string | null): Record<string, unknown> {
  const infos = source.metrics().filter((info) => metric === null || metric === '' || info.name === metric);
  return Object.fromEntries(infos.map(({ name, type, help }) => [name, [{ type, help, unit: '' }]]));
}

function targets(source: SeriesSource, now: number): unknown {
  const up: Matcher = { label: NAME, op: '=', value: 'up', matches: (value) => value === 'up' };
  const activeTargets = source.select([up], now, now).map(({ labels, at }) => {
    const { [NAME]: _name, ...rest } = labels;
    return {
      discoveredLabels: {},
      labels: rest,
      scrapePool: rest.job ?? '',
      scrapeUrl: `http://${rest.instance ?? ''}/metrics`,
      lastError: at(now) === 1 ? '' : 'context deadline exceeded',
      lastScrape: new Date(Math.floor(now / source.intervalMs) * source.intervalMs).toISOString(),
      health: at(now) === 1 ? 'up' : 'down',
      scrapeInterval: `${source.intervalMs / 1000}s`,
    };
  });
  return { activeTargets, droppedTargets: [] };
}

/** Prometheus' own metrics in the text format. */
function exposition(source: SeriesSource, now: number): string {
  const own: Matcher = { label: 'job', op: '=', value: 'prometheus', matches: (value) => value === 'prometheus' };
  return source
    .select([ALL, own], now, now)
    .map(({ labels, at }) => {
      const { [NAME]: name, job: _job, instance: _instance, ...rest } = labels;
      const inner = Object.entries(rest).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
      return `${name}${inner.length > 0 ? `{${inner.join(',')}}` : ''} ${numberText(at(now) ?? Number.NaN)}\n`;
    })
    .join('');
}

function text(body: string): PrometheusAnswer {
  return { status: 200, contentType: 'text/plain; charset=utf-8', body };
}

function json(status: number, body: unknown): PrometheusAnswer {
  return { status, contentType: 'application/json', body: JSON.stringify(body) };
}
