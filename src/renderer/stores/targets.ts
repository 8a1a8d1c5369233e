/** Which clusters and federations the person works on now: shown in the top bar on every page, used by Resources. */
import { create } from 'zustand';
import type { Target } from '#shared/contract/views.ts';
import type { Keeper } from './settings.ts';

export interface TargetsState {
  targets: readonly Target[];
  setTargets(targets: readonly Target[]): void;
}

const KEY = 'fleetdeck.targets';

export function createTargets(keeper: Keeper) {
  return create<TargetsState>()((set) => ({
    targets: parseTargets(keeper.getItem(KEY) ?? ''),
    setTargets(targets) {
      keeper.setItem(KEY, formatTargets(targets));
      set({ targets });
    },
  }));
}

/** `cluster:ID,federation:ID`, as in addresses. What is not understood is left out. */
export function parseTargets(text: string): Target[] {
  const targets: Target[] = [];
  for (const part of text.split(',')) {
    const colon = part.indexOf(':');
    const kind = part.slice(0, colon);
    const id = part.slice(colon + 1);
    if ((kind === 'cluster' || kind === 'federation') && id !== '') targets.push({ kind, id });
  }
  return targets;
}

export function formatTargets(targets: readonly Target[]): string {
  return targets.map(targetKey).join(',');
}

export function targetKey(target: Target): string {
  return `${target.kind}:${target.id}`;
}

export function sameTargets(a: readonly Target[], b: readonly Target[]): boolean {
  return formatTargets(a) === formatTargets(b);
}

export const useTargets = createTargets(window.localStorage);
