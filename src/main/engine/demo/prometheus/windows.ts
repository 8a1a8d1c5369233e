/** Arithmetic over the samples of one window. Pure. Source: Prometheus documentation, "Functions" (rate, deriv). */
import { sum } from './aggregate.ts';

export type Point = readonly [time: number, value: number];

export function valuesOf(points: readonly Point[]): number[] {
  return points.map(([, value]) => value);
}

/** Of a window that has samples; empty ones are left out before. */
export function last(points: readonly Point[]): Point {
  const point = points.at(-1);
  if (point === undefined) throw new RangeError('a window without samples');
  return point;
}

/** Neighbours: before and after. */
export function pairs(points: readonly Point[]): [number, number][] {
  return points.slice(1).map((point, index) => [points[index]?.[1] ?? 0, point[1]]);
}

/** Change over the window, extended to its edges where the samples end near them; per second for a rate. */
export function extrapolated(
  points: readonly Point[],
  { from, to }: { from: number; to: number },
  counter: boolean,
  perSecond: boolean,
): number | undefined {
  const first = points[0];
  if (points.length < 2 || first === undefined) return undefined;
  const end = last(points);
  let change = end[1] - first[1];
  if (counter) for (const [before, after] of pairs(points)) if (after < before) change += before;
  const sampled = (end[0] - first[0]) / 1000;
  const average = sampled / (points.length - 1);
  const threshold = average * 1.1;
  let toStart = (first[0] - from) / 1000;
  let toEnd = (to - end[0]) / 1000;
  if (toStart >= threshold) toStart = average / 2;
  if (toEnd >= threshold) toEnd = average / 2;
  // A counter cannot have been below zero.
  if (counter && change > 0 && first[1] >= 0) toStart = Math.min(toStart, sampled * (first[1] / change));
  const whole = change * ((sampled + toStart + toEnd) / sampled);
  return perSecond ? whole / ((to - from) / 1000) : whole;
}

/** From the last two samples: per second for a counter, the plain difference for a gauge. */
export function instantaneous(points: readonly Point[], counter: boolean): number | undefined {
  const before = points[points.length - 2];
  if (before === undefined) return undefined;
  const [time, value] = last(points);
  if (!counter) return value - before[1];
  return (value < before[1] ? value : value - before[1]) / ((time - before[0]) / 1000);
}

/** Least squares; `at` is the value at the reference time. */
export function line(points: readonly Point[], reference: number): { slope: number; at: number } {
  const xs = points.map(([time]) => (time - reference) / 1000);
  const ys = valuesOf(points);
  const meanX = sum(xs) / xs.length;
  const meanY = sum(ys) / ys.length;
  const covariance = sum(xs.map((x, index) => (x - meanX) * ((ys[index] ?? 0) - meanY)));
  const spread = sum(xs.map((x) => (x - meanX) ** 2));
  const slope = covariance / spread;
  return { slope, at: meanY - slope * meanX };
}
