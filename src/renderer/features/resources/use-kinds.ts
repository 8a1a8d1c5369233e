/** The kinds to choose from in some targets, as discovery found them. */
import { useQueries } from '@tanstack/react-query';
import type { Target } from '#shared/contract/views.ts';
import { engine } from '../../app/engine/client.ts';
import { targetKey } from '../../stores/targets.ts';
import { type KindEntry, kindsOf } from './kind-list.ts';

/** Discovery is asked of a few targets; a fleet's clusters serve much the same kinds. */
const ASKED = 4;

export function useKinds(targets: readonly Target[]): KindEntry[] {
  const answers = useQueries({
    queries: targets.slice(0, ASKED).map((target) => ({
      queryKey: ['resources', 'kinds', targetKey(target)],
      queryFn: () => engine.resources.kinds.query({ target }),
      staleTime: 60_000,
    })),
  });
  return kindsOf(
    answers.map(({ data }) => data),
    targets.some(({ kind }) => kind === 'federation'),
  );
}
