import { describe, expect, test } from 'vitest';
import { evaluateAt, evaluateRange } from './evaluate.ts';
import { answerPrometheus, numberText } from './http.ts';
import { durationMs, parseQuery } from './parse.ts';
import { type Labels, type Matcher, NAME, type Series, type SeriesSource, unnamed } from './types.ts';

const NOW = 1_800_000_000_000;

function series(labels: Labels, at: (time: number) => number | undefined): Series {
  return { labels, at };
}

/** Counters that grow by `rate` a second since `from`. */
function counter(labels: Labels, rate: number, from = NOW - 3_600_000): Series {
  return series(labels, (time) => (time < from ? undefined : ((time - from) / 1000) * rate));
}

const ALL: Series[] = [
  counter({ [NAME]: 'cpu', pod: 'a', ns: 'x' }, 0.5),
  counter({ [NAME]: 'cpu', pod: 'b', ns: 'x' }, 1.5),
  counter({ [NAME]: 'cpu', pod: 'c', ns: 'y' }, 4),
  series({ [NAME]: 'limit', pod: 'a' }, () => 1),
  series({ [NAME]: 'limit', pod: 'b' }, () => 2),
  series({ [NAME]: 'up', job: 'node', instance: 'n1' }, () => 1),
  series({ [NAME]: 'up', job: 'node', instance: 'n2' }, () => 0),
  ...[
    ['0.1', 50],
    ['0.5', 90],
    ['+Inf', 100],
  ].map(([le, value]) => series({ [NAME]: 'took_bucket', le: String(le) }, () => Number(value))),
];

const source: SeriesSource = {
  intervalMs: 15_000,
  select: (matchers: readonly Matcher[]) =>
    ALL.filter(({ labels }) => matchers.every((one) => one.matches(labels[one.label] ?? ''))),
  metrics: () => [{ name: 'cpu', type: 'counter', help: 'Seconds.' }],
};

/** Labels without the name, then the value, rounded. */
function ask(query: string): unknown {
  const value = evaluateAt(source, parseQuery(query), NOW);
  if (value.kind === 'scalar') return value.value;
  if (value.kind !== 'vector') return value;
  return value.samples.map((one) => [unnamed(one.labels), Math.round(one.value * 1000) / 1000]);
}

describe('a query', () => {
  test.each([
    ['1 + 2 * 3 ^ 2', 19],
    ['-2 ^ 2', -4],
    ['7 % 4', 3],
    ['scalar(limit{pod="b"}) * 10', 20],
    ['2 > bool 1', 1],
    ['1h30m', 5400],
    ['5 -1', 4],
  ])('%s is %d', (query, expected) => {
    expect(ask(query)).toBe(expected);
  });

  test.each([
    [
      'limit{pod=~"a|b"}',
      [
        [{ pod: 'a' }, 1],
        [{ pod: 'b' }, 2],
      ],
    ],
    ['limit{pod!~"a.*"}', [[{ pod: 'b' }, 2]]],
    ['{__name__="limit", pod="a"}', [[{ pod: 'a' }, 1]]],
    ['rate(cpu{ns="y"}[5m])', [[{ pod: 'c', ns: 'y' }, 4]]],
    ['increase(cpu{pod="a"}[10m])', [[{ pod: 'a', ns: 'x' }, 300]]],
    ['irate(cpu{pod="a"}[5m])', [[{ pod: 'a', ns: 'x' }, 0.5]]],
    [
      'sum by (ns) (rate(cpu[5m]))',
      [
        [{ ns: 'x' }, 2],
        [{ ns: 'y' }, 4],
      ],
    ],
    [
      'sum(rate(cpu[5m])) without (pod)',
      [
        [{ ns: 'x' }, 2],
        [{ ns: 'y' }, 4],
      ],
    ],
    ['avg(limit)', [[{}, 1.5]]],
    ['count(up == 0)', [[{}, 1]]],
    [
      'up == bool 0',
      [
        [{ job: 'node', instance: 'n1' }, 0],
        [{ job: 'node', instance: 'n2' }, 1],
      ],
    ],
    ['topk(1, rate(cpu[5m]))', [[{ pod: 'c', ns: 'y' }, 4]]],
    ['bottomk(1, limit)', [[{ pod: 'a' }, 1]]],
    ['quantile(0.5, limit)', [[{}, 1.5]]],
    [
      'rate(cpu[5m]) / on(pod) limit',
      [
        [{ pod: 'a' }, 0.5],
        [{ pod: 'b' }, 0.75],
      ],
    ],
    [
      'rate(cpu[5m]) / on(pod) group_left limit',
      [
        [{ pod: 'a', ns: 'x' }, 0.5],
        [{ pod: 'b', ns: 'x' }, 0.75],
      ],
    ],
    [
      'limit and on(pod) cpu{ns="x"}',
      [
        [{ pod: 'a' }, 1],
        [{ pod: 'b' }, 2],
      ],
    ],
    ['cpu unless on(pod) limit', [[{ pod: 'c', ns: 'y' }, 14_400]]],
    ['cpu{pod="a"} - cpu{pod="a"} offset 10m', [[{ pod: 'a', ns: 'x' }, 300]]],
    ['histogram_quantile(0.9, took_bucket)', [[{}, 0.5]]],
    ['histogram_quantile(0.25, took_bucket)', [[{}, 0.05]]],
    ['max_over_time(rate(cpu{pod="a"}[1m])[10m:1m])', [[{ pod: 'a', ns: 'x' }, 0.5]]],
    ['label_replace(limit{pod="a"}, "node", "n-$1", "pod", "(.*)")', [[{ pod: 'a', node: 'n-a' }, 1]]],
    ['absent(nothing{job="x"})', [[{ job: 'x' }, 1]]],
    [
      'clamp_max(limit, 1)',
      [
        [{ pod: 'a' }, 1],
        [{ pod: 'b' }, 1],
      ],
    ],
  ])('%s', (query, expected) => {
    expect(ask(query)).toEqual(expected);
  });

  test('a counter that starts again is no fall', () => {
    const reset: SeriesSource = {
      ...source,
      select: () => [
        series({ [NAME]: 'c' }, (time) => (time < NOW - 150_000 ? 1000 : 0) + (time - NOW + 300_000) / 1000),
      ],
    };
    const value = evaluateAt(reset, parseQuery('increase(c[5m])'), NOW);
    const [sample] = value.kind === 'vector' ? value.samples : [];
    // The fall counts as a start from zero: what was counted then stays counted.
    expect(sample?.value).toBeGreaterThan(0);
  });

  test.each([
    ['sum(', '1:5: parse error: unexpected end of input'],
    ['up{job="a"', 'parse error'],
    ['', 'no expression found in input'],
    ['{}', 'at least one non-empty matcher'],
    ['rate(up)', 'expected type range vector in call to function "rate", got instant vector'],
    ['nothing_known(up)', 'unexpected "(up)"'],
    ['1 == 1', 'comparisons between scalars must use BOOL modifier'],
    ['up{job=~"("}', 'error parsing regexp'],
  ])('%j is refused: %s', (query, message) => {
    expect(() => evaluateAt(source, parseQuery(query), NOW)).toThrow(message);
  });

  test('over a range has a value at every step', () => {
    const [range] = evaluateRange(source, parseQuery('sum(rate(cpu[5m]))'), NOW - 600_000, NOW, 60_000);
    expect(range?.points).toHaveLength(11);
    expect(range?.points.map(([, value]) => Math.round(value))).toEqual(Array(11).fill(6));
  });
});

describe('the HTTP API', () => {
  const get = (path: string, parameters: Record<string, string> = {}) => {
    const answer = answerPrometheus(source, { method: 'GET', path, parameters: new URLSearchParams(parameters) }, NOW);
    return answer === null ? null : { status: answer.status, body: JSON.parse(answer.body) };
  };

  test('answers instant and range queries in Prometheus’ shape', () => {
    expect(get('/api/v1/query', { query: 'limit{pod="a"}', time: String(NOW / 1000) })?.body).toEqual({
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: { __name__: 'limit', pod: 'a' }, value: [NOW / 1000, '1'] }] },
    });
    const range = {
      query: 'up{instance="n1"}',
      start: '2027-01-15T07:00:00Z',
      end: '2027-01-15T07:01:00Z',
      step: '30s',
    };
    expect(get('/api/v1/query_range', range)?.body.data.result[0].values).toHaveLength(3);
  });

  test('lists series, labels and their values', () => {
    expect(get('/api/v1/series', { 'match[]': 'up' })?.body.data).toHaveLength(2);
    expect(get('/api/v1/labels', { 'match[]': 'cpu' })?.body.data).toEqual(['__name__', 'ns', 'pod']);
    expect(get('/api/v1/label/job/values')?.body.data).toEqual(['node']);
    expect(get('/api/v1/metadata')?.body.data).toEqual({ cpu: [{ type: 'counter', help: 'Seconds.', unit: '' }] });
  });

  test('says what is wrong with a query, with the status of Prometheus', () => {
    expect(get('/api/v1/query', { query: 'sum(' })).toMatchObject({ status: 400, body: { errorType: 'bad_data' } });
    expect(get('/api/v1/query', { query: 'cpu * on(ns) cpu' })).toMatchObject({
      status: 422,
      body: { errorType: 'execution' },
    });
    expect(get('/api/v1/query_range', { query: 'up', start: '1', end: '2', step: '0' })?.status).toBe(400);
    expect(get('/api/v1/query_range', { query: 'up', start: '1', end: '9999999', step: '1' })?.body.error).toContain(
      '11,000 points',
    );
    expect(get('/elsewhere')).toBeNull();
  });

  test.each([
    [1, '1'],
    [0.25, '0.25'],
    [1e21, '1000000000000000000000'],
    [1e-7, '0.0000001'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ])('prints %d as %s', (value, text) => {
    expect(numberText(value)).toBe(text);
  });
});

test.each([
  ['1h30m', 5_400_000],
  ['500ms', 500],
  ['15', 15_000],
  ['1x', null],
])('the duration %s', (text, expected) => {
  expect(durationMs(text)).toBe(expected);
});
