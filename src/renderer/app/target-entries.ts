/** Everything that has a Kubernetes API and can be worked on: clusters first, then federations, by name. */
import { useMemo } from 'react';
import type { Target } from '#shared/contract/views.ts';
import { useClusters, useFederations } from './engine/sources.ts';

export interface TargetEntry {
  target: Target;
  name: string;
  state: string;
  /** Only what runs can be entered. */
  enterable: boolean;
}

export function useTargetEntries(): readonly TargetEntry[] {
  const clusters = useClusters().data;
  const federations = useFederations().data;
  return useMemo(() => {
    const byName = (a: TargetEntry, b: TargetEntry) => a.name.localeCompare(b.name, 'en', { numeric: true });
    return [
      ...(clusters ?? [])
        .map(
          ({ id, name, state }): TargetEntry => ({
            target: { kind: 'cluster', id },
            name,
            state,
            enterable: state === 'running',
          }),
        )
        .sort(byName),
      ...(federations ?? [])
        .map(
          ({ id, name, state }): TargetEntry => ({
            target: { kind: 'federation', id },
            name,
            state,
            enterable: state === 'running',
          }),
        )
        .sort(byName),
    ];
  }, [clusters, federations]);
}

export function nameOfTarget(entries: readonly TargetEntry[], target: Target): string {
  return entries.find((entry) => entry.target.kind === target.kind && entry.target.id === target.id)?.name ?? target.id;
}
