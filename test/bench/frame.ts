/** What a bench is and how its figures are shown. Everything that is measured runs in processes of its own. */

export interface Metric {
  /** Lower case with hyphens; stable, so that runs can be compared. */
  name: string;
  value: number;
  unit: 'ms' | 'µs' | 's' | 'MB' | 'bytes' | '/s' | 'count';
  /** The same quantity of something else, measured in the same run. */
  peer?: number;
  /** `value` divided by `peer`. */
  ratio?: number;
}

export interface BenchOptions {
  /** A real cluster to measure in the place of simulated ones, for benches that can. */
  kubeconfig?: string | undefined;
}

export interface Bench {
  /** One line for the list. */
  summary: string;
  /** Measures; says on standard error what it is at. Throws when something does not work at all. */
  run(options?: BenchOptions): Promise<Metric[]>;
}

export interface Report {
  bench: string;
  metrics: Metric[];
}

/** Three digits that matter: figures of a shared machine carry no more. */
export function rounded(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(value >= 1000 ? 4 : 3));
}

export function metric(name: string, value: number, unit: Metric['unit'], peer?: number): Metric {
  const own = { name, value: rounded(value), unit };
  return peer === undefined ? own : { ...own, peer: rounded(peer), ratio: rounded(value / peer) };
}

/** Median under the plain name, and both ends beside it: on a shared machine the spread is part of the figure. */
export function spread(name: string, values: readonly number[], unit: Metric['unit']): Metric[] {
  return [
    metric(name, percentile(values, 50), unit),
    metric(`${name}-min`, Math.min(...values), unit),
    metric(`${name}-max`, Math.max(...values), unit),
  ];
}

/** Nearest rank. NaN of nothing. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export function progress(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

export function table({ bench, metrics }: Report): string {
  const compared = metrics.some(({ peer }) => peer !== undefined);
  const head = ['metric', 'value', 'unit', ...(compared ? ['peer', 'ratio'] : [])];
  const rows = metrics.map(({ name, value, unit, peer, ratio }) => [
    name,
    number(value),
    unit,
    ...(compared ? [peer === undefined ? '' : number(peer), ratio === undefined ? '' : number(ratio)] : []),
  ]);
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), title.length),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 1 || column > 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [bench, line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: value >= 1000 ? 4 : 3 });
}
