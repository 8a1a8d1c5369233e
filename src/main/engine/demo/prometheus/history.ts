/**
 * How the states of objects changed: a reading every scrape interval, kept only where it differs from the one before.
 * Reaches back an hour at most, to the start of the process at least; before its first reading an object counts as it
 * was then. Kinds with very many objects are read when somebody asks and have no past.
 */
import { createHash } from 'node:crypto';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { canonical, parseTime, sameValue, uidOf } from '../sim/objects.ts';
import type { Caches } from '../sim/world.ts';
import type { State } from './state.ts';
import { STATE_READERS, type StateKind } from './states.ts';
import { identity, type Labels, NAME, type Series } from './types.ts';

export const SCRAPE_MS = 15_000;
const KEPT_MS = 3_600_000;
/** Objects of one kind whose past is kept. */
const MOST_OBJECTS = 2000;
const MOST_READINGS = 240;
/** Of all objects together: where very much changes, the past is shorter. */
export const MOST_IN_ALL = 40_000;

interface Reading {
  at: number;
  states: readonly State[];
}

interface Track {
  version: string;
  createdAt: number;
  deletedAt: number | null;
  readings: Reading[];
  /** Of the states of the last reading: their text is many times as long as they are. */
  digest: string;
}

const KINDS = Object.keys(STATE_READERS) as StateKind[];

export class StateHistory {
  readonly #caches: Caches;
  readonly #tracks = new Map<StateKind, Map<string, Track>>();

  constructor(caches: Caches) {
    this.#caches = caches;
  }

  /** Takes a reading of everything that changed. */
  scrape(now: number): void {
    for (const kind of KINDS) this.#scrapeKind(kind, now);
    if (this.size > MOST_IN_ALL) this.#forgetHalf();
  }

  /** How many readings are kept. */
  get size(): number {
    let readings = 0;
    for (const tracks of this.#tracks.values()) for (const track of tracks.values()) readings += track.readings.length;
    return readings;
  }

  #forgetHalf(): void {
    for (const tracks of this.#tracks.values())
      for (const { readings } of tracks.values()) readings.splice(0, readings.length >> 1);
  }

  /** Series that existed between the two times, all metrics whose name passes. */
  series(wanted: (metric: string) => boolean, from: number, to: number, now: number): Series[] {
    const out: Series[] = [];
    for (const kind of KINDS) {
      this.#scrapeKind(kind, now);
      const tracks = this.#tracks.get(kind);
      if (tracks === undefined) {
        for (const object of this.#caches[kind].list()) out.push(...seriesOf(read(kind, object, now), wanted));
      } else {
        for (const track of tracks.values()) {
          if (track.createdAt <= to && (track.deletedAt === null || track.deletedAt >= from))
            out.push(...seriesOf(track, wanted));
        }
      }
    }
    return out;
  }

  #scrapeKind(kind: StateKind, now: number): void {
    const objects = this.#caches[kind].list();
    if (objects.length > MOST_OBJECTS) {
      this.#tracks.delete(kind);
      return;
    }
    const tracks = this.#tracks.get(kind) ?? new Map<string, Track>();
    this.#tracks.set(kind, tracks);
    const living = new Set<string>();
    for (const object of objects) {
      const uid = uidOf(object);
      living.add(uid);
      const track = tracks.get(uid);
      if (track === undefined) tracks.set(uid, read(kind, object, now));
      else if (track.version !== object.metadata.resourceVersion) update(track, kind, object, now);
    }
    for (const [uid, track] of tracks) {
      if (living.has(uid)) continue;
      track.deletedAt ??= now;
      if (track.deletedAt < now - KEPT_MS || tracks.size > 2 * MOST_OBJECTS) tracks.delete(uid);
    }
  }
}

function read(kind: StateKind, object: KubeObject, now: number): Track {
  const states = STATE_READERS[kind](object);
  return {
    version: object.metadata.resourceVersion ?? '',
    createdAt: parseTime(object.metadata.creationTimestamp) || now,
    deletedAt: null,
    readings: [{ at: now, states }],
    digest: digestOf(states),
  };
}

function update(track: Track, kind: StateKind, object: KubeObject, now: number): void {
  track.version = object.metadata.resourceVersion ?? '';
  const states = STATE_READERS[kind](object);
  const digest = digestOf(states);
  if (digest === track.digest) return;
  track.digest = digest;
  track.readings.push({ at: now, states: sharing(states, track.readings.at(-1)?.states ?? []) });
  const old = track.readings.findIndex((reading) => reading.at > now - KEPT_MS);
  // The one in force an hour ago stays.
  const surplus = Math.max(old - 1, track.readings.length - MOST_READINGS);
  if (surplus > 0) track.readings.splice(0, surplus);
}

/** The states, with whatever is as it was before in its place: most of a reading is. */
function sharing(states: readonly State[], before: readonly State[]): State[] {
  return states.map((state, index) => {
    const was = before[index];
    if (was === undefined || was[0] !== state[0] || !sameValue(was[1], state[1])) return state;
    return was[2] === state[2] ? was : [state[0], was[1], state[2]];
  });
}

function digestOf(states: readonly State[]): string {
  return createHash('sha1').update(canonical(states)).digest('base64');
}

function seriesOf(track: Track, wanted: (metric: string) => boolean): Series[] {
  const found = new Map<string, { labels: Labels; values: (number | undefined)[] }>();
  for (const [index, { states }] of track.readings.entries()) {
    for (const [metric, labels, value] of states) {
      if (!wanted(metric)) continue;
      const named = { [NAME]: metric, ...STATE_METRICS_TARGET, ...labels };
      const key = identity(named);
      const series = found.get(key) ?? { labels: named, values: [] };
      found.set(key, series);
      series.values[index] = value;
    }
  }
  return [...found.values()].map(({ labels, values }) => ({
    labels,
    at: (time) => {
      if (time < track.createdAt || (track.deletedAt !== null && time >= track.deletedAt)) return undefined;
      return values[readingAt(track.readings, time)];
    },
  }));
}

function readingAt(readings: readonly Reading[], time: number): number {
  let index = readings.length - 1;
  while (index > 0 && (readings[index]?.at ?? 0) > time) index -= 1;
  return index;
}

/** Where the readings seem to come from, where a state does not say otherwise. */
const STATE_METRICS_TARGET: Labels = {
  job: 'kube-state-metrics',
  instance: 'kube-state-metrics.monitoring.svc:8080',
};
