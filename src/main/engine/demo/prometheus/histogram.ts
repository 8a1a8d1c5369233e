/** Quantiles of classic histograms. Pure. Source: Prometheus documentation, "Functions", histogram_quantile. */
import { identity, type Labels, type Sample, unnamed } from './types.ts';

interface Bucket {
  le: number;
  count: number;
}

/** Linear interpolation within the bucket that holds the quantile, for every set of buckets. */
export function histogramQuantile(phi: number, samples: readonly Sample[]): Sample[] {
  const groups = new Map<string, { labels: Labels; buckets: Bucket[] }>();
  for (const { labels, value } of samples) {
    const { le, ...rest } = unnamed(labels);
    if (le === undefined) continue;
    const key = identity(rest);
    const group = groups.get(key) ?? { labels: rest, buckets: [] };
    groups.set(key, group);
    group.buckets.push({ le: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), count: value });
  }
  return [...groups.values()].map(({ labels, buckets }) => ({ labels, value: bucketQuantile(phi, buckets) }));
}

function bucketQuantile(phi: number, unsorted: readonly Bucket[]): number {
  const buckets = [...unsorted].sort((a, b) => a.le - b.le);
  const total = buckets.at(-1);
  if (total === undefined || total.le !== Number.POSITIVE_INFINITY || total.count === 0 || Number.isNaN(phi))
    return Number.NaN;
  if (phi < 0) return Number.NEGATIVE_INFINITY;
  if (phi > 1) return Number.POSITIVE_INFINITY;
  const rank = phi * total.count;
  const index = buckets.findIndex((bucket) => bucket.count >= rank);
  const bucket = buckets[index];
  const below = buckets[index - 1];
  if (bucket === undefined) return Number.NaN;
  if (bucket.le === Number.POSITIVE_INFINITY) return below?.le ?? Number.NaN;
  const start = below?.le ?? 0;
  const before = below?.count ?? 0;
  if (bucket.count === before) return start;
  return start + (bucket.le - start) * ((rank - before) / (bucket.count - before));
}
