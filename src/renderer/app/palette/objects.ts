/** Objects of all clusters as entries of the palette, found while one types. */
import { useEffect, useMemo, useState } from 'react';
import type { SearchAnswer } from '#shared/contract/search.ts';
import { targetKey } from '../../stores/targets.ts';
import { engine } from '../engine/client.ts';
import { resourcesRoute } from '../resource-links.ts';
import { nameOfTarget, useTargetEntries } from '../target-entries.ts';
import type { Command } from './match.ts';

/** Letters until it is worth asking, and the pause after the last one. */
const SHORTEST = 2;
const PAUSE_MS = 150;
const MOST = 40;

export interface ObjectSearch {
  commands: readonly Command[];
  /** Null: nothing is being looked for. */
  answer: SearchAnswer | null;
  running: boolean;
  /** Kinds of clusters that were not searched in everything: `Pod (cluster)`. */
  shallow: readonly string[];
}

export function useObjectSearch(query: string): ObjectSearch {
  const entries = useTargetEntries();
  const [state, setState] = useState<{ answer: SearchAnswer | null; running: boolean }>({
    answer: null,
    running: false,
  });
  const wanted = query.trim();
  useEffect(() => {
    if (wanted.length < SHORTEST) {
      setState({ answer: null, running: false });
      return;
    }
    let subscription: { unsubscribe(): void } | null = null;
    const timer = setTimeout(() => {
      setState(({ answer }) => ({ answer, running: true }));
      subscription = engine.search.find.subscribe(
        { query: wanted.slice(0, 200), limit: MOST },
        {
          onData: (answer) => setState({ answer, running: true }),
          onComplete: () => setState(({ answer }) => ({ answer, running: false })),
          onError: () => setState({ answer: null, running: false }),
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      subscription?.unsubscribe();
    };
  }, [wanted]);
  const commands = useMemo(
    () =>
      (state.answer?.hits ?? []).map(({ target, resource, kind, namespace, name, because }): Command => {
        const place = namespace === '' ? kind : `${kind} · ${namespace}`;
        return {
          id: `object:${targetKey(target)}/${resource.group}/${resource.resource}/${namespace}/${name}`,
          title: name,
          group: 'objects',
          detail: `${place} · ${nameOfTarget(entries, target)}${because === '' ? '' : ` · ${because}`}`,
          run: () => {
            window.location.hash = resourcesRoute({ targets: [target], resource, open: { target, namespace, name } });
          },
        };
      }),
    [state.answer, entries],
  );
  const shallow = (state.answer?.shallow ?? []).map(({ target, kind }) => `${kind} (${nameOfTarget(entries, target)})`);
  return { commands, shallow, ...state };
}
