import { describe, expect, test } from 'vitest';
import type { ClusterVerdict, Verdicts } from '#shared/contract/federation-decisions.ts';
import { type Language, type TextKey, type TextParams, translate, translateIfKnown } from '#shared/i18n/index.ts';
import { changesText, eventText, verdictText } from './words.ts';

const wordsOf = (language: Language) => ({
  t: (key: TextKey, params?: TextParams) => translate(language, key, params),
  known: (key: string, otherwise: string) => translateIfKnown(language, key) ?? otherwise,
  number: (value: number, options?: Intl.NumberFormatOptions) => new Intl.NumberFormat('en', options).format(value),
});
const en = wordsOf('en');

function verdict(change: Partial<ClusterVerdict>): ClusterVerdict {
  return {
    name: 'north',
    outcome: 'chosen',
    rule: null,
    reason: null,
    subject: null,
    available: 10,
    weight: null,
    held: 0,
    replicas: 3,
    overflow: 0,
    ...change,
  };
}
function verdicts(change: Partial<Verdicts>): Verdicts {
  return { replicas: 10, division: null, affinityName: null, failedTerms: [], error: null, clusters: [], ...change };
}

describe('what became of a cluster', () => {
  test.each([
    [{ outcome: 'rejected', rule: 'TaintToleration', subject: 'a=b:NoSchedule' }, {}, 'taint a=b:NoSchedule'],
    [{ outcome: 'rejected', rule: 'APIEnablement', subject: 'v1 Farm' }, {}, 'does not serve v1 Farm'],
    [{ outcome: 'rejected', rule: 'ClusterAffinity' }, { affinityName: 'backup' }, 'not in the group backup'],
    [{ outcome: 'rejected', rule: 'Unheard', reason: 'of elsewhere' }, {}, 'of elsewhere'],
    [{}, { replicas: null }, 'gets a copy'],
    [{ replicas: 10 }, { division: { strategy: 'Duplicated', step: 'whole' } }, 'runs all 10'],
    [
      { outcome: 'empty', replicas: 0, weight: 0 },
      { division: { strategy: 'StaticWeight', step: 'whole' } },
      'no weight',
    ],
    [{ held: 3 }, { division: { strategy: 'DynamicWeight', step: 'kept' } }, 'ran 3 already'],
    [{ held: 1, weight: 4 }, { division: { strategy: 'DynamicWeight', step: 'more' } }, 'kept its 1 and got 2 more'],
    [
      { outcome: 'empty', replicas: 0, available: 0 },
      { division: { strategy: 'Aggregated', step: 'whole' } },
      'no room',
    ],
    [{ outcome: 'spread' }, {}, 'spread constraints'],
    [{ overflow: 2 }, { replicas: null }, 'overflow group 2'],
  ] as [Partial<ClusterVerdict>, Partial<Verdicts>, string][])('case %#', (one, all, text) => {
    expect(verdictText(verdict(one), verdicts(all), en)).toContain(text);
  });

  test('a weight is counted against all weights, and rounding is only told where there was any', () => {
    const division = { strategy: 'StaticWeight', step: 'whole' } as const;
    const clusters = [verdict({ weight: 1 }), verdict({ name: 'south', weight: 2 })];
    const exact = verdictText(verdict({ weight: 1, replicas: 3 }), verdicts({ division, replicas: 9, clusters }), en);
    expect(exact).toBe('Its weight is 1 of 3 together: 3 of 9 replicas.');
    const rounded = verdictText(
      verdict({ weight: 1, replicas: 3 }),
      verdicts({ division, replicas: 10, clusters }),
      en,
    );
    expect(rounded).toContain('3.33 of 10 replicas, rounded to 3');
  });
});

test('a placement is told by what differs', () => {
  const before = [
    { name: 'a', replicas: 2 },
    { name: 'b', replicas: null },
  ];
  const after = [
    { name: 'a', replicas: 3 },
    { name: 'c', replicas: 1 },
  ];
  expect(changesText(before, after, en)).toBe('a 2 → 3, b 1 → 0, c 0 → 1');
});

test.each(['en', 'zh'] as const)('every event has its words in %s', (language) => {
  const all = verdicts({ error: { reason: 'NoClusterFit', message: 'nothing fits' } });
  const events = [
    { kind: 'scheduled', cause: 'PlacementChanged', before: [], after: [{ name: 'a', replicas: 1 }], verdicts: all },
    { kind: 'notScheduled', cause: 'ReplicasChanged', verdicts: all },
    { kind: 'evicting', cluster: 'a', reason: 'TaintUntolerated', message: 'm' },
    { kind: 'evictionEnded', cluster: 'a', how: 'cancelled' },
    { kind: 'claimed', policy: 'p', by: 'preempted' },
    { kind: 'released', policy: 'p' },
    { kind: 'repaired', cluster: 'a', fields: [''] },
    { kind: 'repaired', cluster: 'a', fields: ['spec.replicas'] },
    { kind: 'repaired', cluster: 'a', fields: [] },
  ] as const;
  const texts = events.map((event) => eventText({ event: structuredClone(event) as never }, wordsOf(language)));
  for (const text of texts) expect(text).not.toMatch(/why\.|\{\{/);
  expect(new Set(texts).size).toBe(texts.length);
});
