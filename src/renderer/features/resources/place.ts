/** The targets of a link are taken over as the chosen ones. */
import { useEffect } from 'react';
import type { Target } from '#shared/contract/views.ts';
import { formatTargets, sameTargets, useTargets } from '../../stores/targets.ts';

/** Whoever opens a link works on its clusters from then on: the badge says so. */
export function useAdoptedTargets(targets: readonly Target[]): void {
  const key = formatTargets(targets);
  // biome-ignore lint/correctness/useExhaustiveDependencies: compared by content.
  useEffect(() => {
    const { targets: present, setTargets } = useTargets.getState();
    if (targets.length > 0 && !sameTargets(targets, present)) setTargets(targets);
  }, [key]);
}
