/** Kinds a person marked, kept in the browser. */
import { create } from 'zustand';
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import type { Keeper } from '../../stores/settings.ts';

const KEY = 'fleetdeck.favourites';
const initial = ['apps/deployments', '/pods', '/services'];

export interface FavouritesState {
  /** `group/resource`; the version does not matter. */
  kinds: readonly string[];
  toggle(kind: string): void;
}

export function favouriteKey(ref: Pick<ResourceRef, 'group' | 'resource'>): string {
  return `${ref.group}/${ref.resource}`;
}

export function createFavourites(keeper: Keeper) {
  const kept = keeper.getItem(KEY);
  return create<FavouritesState>()((set, get) => ({
    kinds: kept === null ? initial : kept.split(' ').filter((kind) => kind !== ''),
    toggle(kind) {
      const kinds = get().kinds;
      const next = kinds.includes(kind) ? kinds.filter((each) => each !== kind) : [...kinds, kind];
      keeper.setItem(KEY, next.join(' '));
      set({ kinds: next });
    },
  }));
}

export const useFavourites = createFavourites(window.localStorage);
