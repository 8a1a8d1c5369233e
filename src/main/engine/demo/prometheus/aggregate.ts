/** Aggregation operators over one vector. Pure. Source: Prometheus documentation, "Operators". */
import { identity, type Labels, NAME, QueryError, type Sample, unnamed, type Value } from './types.ts';

interface Group {
  labels: Labels;
  members: Sample[];
}

export function aggregate(
  op: string,
  grouping: { labels: readonly string[]; without: boolean },
  param: Value | null,
  samples: readonly Sample[],
): Sample[] {
  const groups = groupsOf(grouping, samples);
  switch (op) {
    case 'topk':
    case 'bottomk':
    case 'limitk':
      return groups.flatMap(({ members }) => selected(op, Math.max(0, Math.trunc(scalarOf(param))), members));
    case 'count_values':
      return groups.flatMap((group) => countValues(group, param));
    default:
      return groups.map(({ labels, members }) => ({
        labels,
        value: reduce(
          op,
          members.map((one) => one.value),
          op === 'quantile' ? scalarOf(param) : 0,
        ),
      }));
  }
}

function groupsOf(grouping: { labels: readonly string[]; without: boolean }, samples: readonly Sample[]): Group[] {
  const groups = new Map<string, Group>();
  for (const sample of samples) {
    const labels = grouping.without ? dropped(sample.labels, grouping.labels) : kept(sample.labels, grouping.labels);
    const key = identity(labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels, members: [sample] });
    else group.members.push(sample);
  }
  return [...groups.values()];
}

function kept(labels: Labels, names: readonly string[]): Labels {
  const out: Record<string, string> = {};
  for (const name of names) if (labels[name] !== undefined) out[name] = labels[name];
  return out;
}

function dropped(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => name !== NAME && !names.includes(name)));
}

function selected(op: string, count: number, members: readonly Sample[]): Sample[] {
  if (op === 'limitk') return members.slice(0, count);
  const sign = op === 'topk' ? -1 : 1;
  return [...members].sort((a, b) => sign * (a.value - b.value)).slice(0, count);
}

function countValues({ labels, members }: Group, param: Value | null): Sample[] {
  if (param?.kind !== 'string')
    throw new QueryError('bad_data', 'invalid parameter "query": expected type string in aggregation parameter');
  const counts = new Map<string, number>();
  for (const { value } of members) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ labels: { ...unnamed(labels), [param.value]: value }, value: count }));
}

function reduce(op: string, values: readonly number[], param: number): number {
  switch (op) {
    case 'sum':
      return sum(values);
    case 'avg':
      return sum(values) / values.length;
    case 'min':
      return values.reduce((least, value) => (value < least || Number.isNaN(least) ? value : least));
    case 'max':
      return values.reduce((most, value) => (value > most || Number.isNaN(most) ? value : most));
    case 'count':
      return values.length;
    case 'group':
      return 1;
    case 'stddev':
      return Math.sqrt(variance(values));
    case 'stdvar':
      return variance(values);
    case 'quantile':
      return quantile(param, values);
    default:
      throw new QueryError('execution', `aggregation "${op}" is not supported by this server`);
  }
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function variance(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return sum(values.map((value) => (value - mean) ** 2)) / values.length;
}

/** Linear interpolation between the two nearest; outside of [0, 1] infinite. */
export function quantile(phi: number, values: readonly number[]): number {
  if (values.length === 0 || Number.isNaN(phi)) return Number.NaN;
  if (phi < 0) return Number.NEGATIVE_INFINITY;
  if (phi > 1) return Number.POSITIVE_INFINITY;
  const sorted = [...values].sort((a, b) => a - b);
  const rank = phi * (sorted.length - 1);
  const low = sorted[Math.floor(rank)] ?? Number.NaN;
  const high = sorted[Math.min(sorted.length - 1, Math.floor(rank) + 1)] ?? Number.NaN;
  return low + (high - low) * (rank - Math.floor(rank));
}

function scalarOf(param: Value | null): number {
  if (param?.kind === 'scalar') return param.value;
  throw new QueryError('bad_data', 'invalid parameter "query": expected type scalar in aggregation parameter');
}
