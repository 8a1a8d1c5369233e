/**
 * How much CPU and memory a simulated container uses at a time: a mean that follows its requests, the hour of the day
 * and a few short waves, all from the seed, so that the same cluster always shows the same curves. CPU has a closed
 * integral, so that counters and gauges agree. A person sets the load with the annotation below. Pure.
 */

import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json } from '#shared/kubernetes/types.ts';
import { programOf } from '../runtime/programs.ts';
import { createRandom } from '../sim/random.ts';

/**
 * On a pod or on the workload that owns it, comma-separated: `cpu=80%` (of the request), `cpu=250m`, `memory=300Mi`,
 * `cpu=20%..150%/10m` (a wave with its period), `total-cpu=3` (shared out over the ready pods of the workload).
 */
export const LOAD_ANNOTATION = 'demo.fleetdeck/load';

interface Level {
  value: number;
  /** Of the request; else cores or bytes. */
  percent: boolean;
}

interface Wish {
  low: Level;
  high: Level;
  periodSeconds: number;
}

export interface LoadWishes {
  cpu?: Wish;
  memory?: Wish;
  totalCpu?: Wish;
}

interface Wave {
  amplitude: number;
  periodSeconds: number;
  phase: number;
}

/** Around a mean; every wave is a sine of absolute time. */
export interface Curve {
  mean: number;
  waves: readonly Wave[];
}

export interface ContainerLoad {
  /** Cores. */
  cpu: Curve;
  /** Bytes, once the container has warmed up. */
  memory: Curve;
}

const DAY_SECONDS = 86_400;
const DEFAULT_PERIOD_SECONDS = 600;
/** Memory a process has at once; the rest comes with its first minutes of work. */
const WARM_UP_SECONDS = 180;
const MIB = 2 ** 20;
/** Cores. */
const IDLE_CPU = 0.001;

/** Parts that cannot be read are left out: an annotation is a wish, not a specification. */
export function parseLoad(text: string | undefined): LoadWishes {
  const out: LoadWishes = {};
  for (const part of (text ?? '').split(',')) {
    const match = /^\s*(cpu|memory|total-cpu)\s*=\s*([^/\s]+?)(?:\.\.([^/\s]+))?(?:\/(\d+)([smhd]?))?\s*$/.exec(part);
    if (match === null) continue;
    const low = level(match[2] ?? '');
    const high = match[3] === undefined ? low : level(match[3]);
    if (low === null || high === null) continue;
    const unit = { s: 1, m: 60, h: 3600, d: DAY_SECONDS }[match[5] ?? 's'] ?? 1;
    const periodSeconds = match[4] === undefined ? DEFAULT_PERIOD_SECONDS : Math.max(1, Number(match[4]) * unit);
    out[match[1] === 'total-cpu' ? 'totalCpu' : (match[1] as 'cpu' | 'memory')] = { low, high, periodSeconds };
  }
  return out;
}

function level(text: string): Level | null {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (percent !== null) return { value: Number(percent[1]) / 100, percent: true };
  return /^\d/.test(text) ? { value: parseQuantity(text), percent: false } : null;
}

/**
 * @param identity what the randomness hangs on: seed, cluster, pod, container
 * @param sharers how many ready pods share `total-cpu`
 */
export function containerLoad(
  container: Json,
  wishes: LoadWishes,
  identity: readonly (string | number)[],
  sharers: number,
): ContainerLoad {
  const random = createRandom('load', ...identity);
  const request = (name: 'cpu' | 'memory') =>
    parseQuantity(container.resources?.requests?.[name] ?? container.resources?.limits?.[name] ?? 0);
  const limit = (name: 'cpu' | 'memory') =>
    parseQuantity(container.resources?.limits?.[name] ?? 0) || Number.POSITIVE_INFINITY;
  const cpuRequest = request('cpu');
  const memoryRequest = request('memory');
  // One that is known to work for requests alone has nothing to do without them.
  const idle = programOf(container).cpuPerRequest !== undefined;
  const usual = {
    cpu: idle ? IDLE_CPU : cpuRequest > 0 ? cpuRequest * random.between(0.12, 0.5) : random.between(0.002, 0.04),
    memory: memoryRequest > 0 ? memoryRequest * random.between(0.35, 0.75) : random.between(14, 90) * MIB,
  };
  const ripples = (mean: number, share: number): Wave[] => [
    { amplitude: mean * share, periodSeconds: random.between(60, 140), phase: random.between(0, 6.28) },
    { amplitude: mean * share * 0.6, periodSeconds: random.between(400, 1500), phase: random.between(0, 6.28) },
  ];
  // Busiest in the early afternoon, UTC.
  const daily = (mean: number): Wave => ({ amplitude: mean * 0.25, periodSeconds: DAY_SECONDS, phase: -2.2 });

  let cpu: Curve;
  const cpuWish = wishes.totalCpu ?? wishes.cpu;
  if (cpuWish === undefined) cpu = { mean: usual.cpu, waves: [daily(usual.cpu), ...ripples(usual.cpu, 0.08)] };
  else cpu = asked(cpuWish, cpuRequest || usual.cpu, wishes.totalCpu === undefined ? 1 : Math.max(1, sharers));
  const memory =
    wishes.memory === undefined
      ? { mean: usual.memory, waves: ripples(usual.memory, 0.02) }
      : asked(wishes.memory, memoryRequest || usual.memory, 1);
  // A container is throttled at its CPU limit and would be killed at its memory limit.
  return { cpu: capped(cpu, limit('cpu')), memory: capped(memory, limit('memory') * 0.97) };
}

function asked(wish: Wish, request: number, sharers: number): Curve {
  const absolute = (one: Level) => (one.percent ? one.value * request : one.value) / sharers;
  const low = absolute(wish.low);
  const high = absolute(wish.high);
  return {
    mean: (low + high) / 2,
    waves: low === high ? [] : [{ amplitude: (high - low) / 2, periodSeconds: wish.periodSeconds, phase: 0 }],
  };
}

/** Scaled down as a whole where the top would pass the cap, so that the integral stays closed. */
function capped(curve: Curve, cap: number): Curve {
  const top = curve.mean + curve.waves.reduce((sum, wave) => sum + Math.abs(wave.amplitude), 0);
  if (!(top > cap)) return curve;
  const factor = cap / top;
  return {
    mean: curve.mean * factor,
    waves: curve.waves.map((wave) => ({ ...wave, amplitude: wave.amplitude * factor })),
  };
}

/** @param at milliseconds since the epoch */
export function valueAt(curve: Curve, at: number): number {
  const seconds = at / 1000;
  let value = curve.mean;
  for (const { amplitude, periodSeconds, phase } of curve.waves) {
    value += amplitude * Math.sin((2 * Math.PI * seconds) / periodSeconds + phase);
  }
  return Math.max(0, value);
}

/** Value times seconds between two times (milliseconds since the epoch). */
export function integral(curve: Curve, from: number, to: number): number {
  let total = (curve.mean * (to - from)) / 1000;
  for (const { amplitude, periodSeconds, phase } of curve.waves) {
    const omega = (2 * Math.PI) / periodSeconds;
    total += (amplitude / omega) * (Math.cos((omega * from) / 1000 + phase) - Math.cos((omega * to) / 1000 + phase));
  }
  return Math.max(0, total);
}

/** A fresh process has half of its memory and fills the rest as it warms up. */
export function memoryAt(curve: Curve, startedAt: number, at: number): number {
  const age = Math.max(0, (at - startedAt) / 1000);
  return valueAt(curve, at) * (1 - 0.5 * Math.exp(-age / WARM_UP_SECONDS));
}
