/** The catalogue of rules, read once: titles, impact and remedy in the person's language. */
import { useMemo } from 'react';
import type { RuleInfo, RuleTexts } from '#shared/contract/inspection.ts';
import { engine } from '../../app/engine/client.ts';
import { useRead } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';

export interface Catalogue {
  list: readonly RuleInfo[];
  get(id: string): RuleInfo | undefined;
  texts(id: string): RuleTexts;
}

export function useRules(): Catalogue {
  const { language } = useText();
  const list = useRead(['inspection', 'rules'], (signal) => engine.inspection.rules.query(undefined, { signal })).data;
  return useMemo(() => {
    const byId = new Map((list ?? []).map((rule) => [rule.id, rule]));
    return {
      list: list ?? [],
      get: (id) => byId.get(id),
      // A rule of another version: its id says more than nothing.
      texts: (id) => byId.get(id)?.texts[language] ?? { title: id, impact: '', remedy: '' },
    };
  }, [list, language]);
}
