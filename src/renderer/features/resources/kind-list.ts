/** The kinds to choose from: what discovery found in the chosen targets, grouped; what every cluster has until it answers. Pure. */
import type { ResourceKind } from '#shared/contract/resources.ts';
import { commonKinds, type KindGroup, kindGroups, sectionOf } from '../../app/kinds.ts';
import { favouriteKey } from './favourites.store.ts';

export interface KindEntry {
  group: string;
  version: string;
  resource: string;
  kind: string;
  /** Not said of what is offered before discovery has answered. */
  namespaced?: boolean;
}

export interface KindSection {
  section: KindGroup | 'favourites';
  kinds: KindEntry[];
}

/** One entry per group and resource (the first version wins: discovery lists the preferred one first), listable kinds only. */
export function kindsOf(discovered: readonly (readonly ResourceKind[] | undefined)[], federated: boolean): KindEntry[] {
  const answered = discovered.filter(
    (kinds): kinds is readonly ResourceKind[] => kinds !== undefined && kinds.length > 0,
  );
  if (answered.length === 0) return commonKinds.filter(({ section }) => federated || section !== 'federation');
  const found = new Map<string, KindEntry>();
  for (const kinds of answered)
    for (const kind of kinds) {
      const key = favouriteKey(kind);
      if (kind.verbs.includes('list') && !found.has(key)) found.set(key, kind);
    }
  return [...found.values()];
}

const order = new Map(commonKinds.map((kind, index) => [favouriteKey(kind), index]));

export function sectionsOf(kinds: readonly KindEntry[], favourites: readonly string[], filter: string): KindSection[] {
  const word = filter.trim().toLowerCase();
  const shown = kinds
    .filter(({ kind, resource, group }) => `${kind} ${resource} ${group}`.toLowerCase().includes(word))
    .sort(
      (a, b) =>
        (order.get(favouriteKey(a)) ?? 999) - (order.get(favouriteKey(b)) ?? 999) || a.kind.localeCompare(b.kind),
    );
  const sections: KindSection[] = [];
  const marked = shown.filter((kind) => favourites.includes(favouriteKey(kind)));
  if (marked.length > 0) sections.push({ section: 'favourites', kinds: marked });
  for (const section of kindGroups) {
    const inside = shown.filter((kind) => sectionOf(kind) === section);
    if (inside.length > 0) sections.push({ section, kinds: inside });
  }
  return sections;
}
