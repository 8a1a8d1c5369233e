/**
 * The colour of each cluster and federation. The name asks for one; in the order of registration the first gets it and
 * the next takes another that is free, so that two share a colour only when there are more of them than colours. A
 * colour once given stays while the page lives, whoever else comes or goes.
 */
import { create } from 'zustand';

/** Colours in `ui/status.css`. None of them is red: that is for what is broken. */
export const HUES = 11;

export interface Named {
  name: string;
  /** ISO time. */
  createdAt: string;
}

export type Hues = ReadonlyMap<string, number>;

/** `before` keeps its colours for whoever is still there. Pure. */
export function assignHues(known: readonly Named[], before: Hues): Hues {
  const given = new Map<string, number>();
  for (const { name } of known) {
    const kept = before.get(name);
    if (kept !== undefined) given.set(name, kept);
  }
  const inOrder = [...known].sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.name.localeCompare(b.name));
  for (const { name } of inOrder) {
    if (given.has(name)) continue;
    const used = new Set(given.values());
    const wish = wishOf(name);
    const free = Array.from({ length: HUES }, (_, step) => (wish + step) % HUES).find((hue) => !used.has(hue));
    given.set(name, free ?? wish);
  }
  return given;
}

function wishOf(name: string): number {
  let hash = 2166136261;
  for (let index = 0; index < name.length; index++) {
    hash ^= name.charCodeAt(index);
    hash = Math.imul(hash, 16777619);
  }
  return (hash >>> 0) % HUES;
}

export interface HuesState {
  clusters: readonly Named[];
  federations: readonly Named[];
  hues: Hues;
  know(part: 'clusters' | 'federations', list: readonly Named[]): void;
}

export function createHues() {
  return create<HuesState>()((set, get) => ({
    clusters: [],
    federations: [],
    hues: new Map(),
    know(part, list) {
      const { clusters, federations, hues } = get();
      const next = assignHues(part === 'clusters' ? [...list, ...federations] : [...clusters, ...list], hues);
      const same = next.size === hues.size && [...next].every(([name, hue]) => hues.get(name) === hue);
      set({ ...(part === 'clusters' ? { clusters: list } : { federations: list }), ...(same ? {} : { hues: next }) });
    },
  }));
}

const store = createHues();
export const knowHues = store.getState().know;

/** Colours by name, for `data-hue`; a name nobody knows (a member that left, say) gets the one it asks for. */
export function useHueOf(): (name: string) => number {
  const hues = store((state) => state.hues);
  return (name) => hues.get(name) ?? wishOf(name);
}
