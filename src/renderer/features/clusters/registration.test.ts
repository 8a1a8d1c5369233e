import { expect, test } from 'vitest';
import type { KubeconfigContents, KubeconfigContext } from '#shared/contract/clusters.ts';
import { type Candidate, candidatesOfAll, canForce, isReady, twinOf } from './registration.ts';

const contents = (suggestedName: string): KubeconfigContents =>
  ({
    contexts: [{ context: 'prod', suggestedName, registeredAs: null } as KubeconfigContext],
    currentContext: 'prod',
    problem: null,
  }) as unknown as KubeconfigContents;
const source = { kind: 'text', text: '' } as const;

test('contexts of one name in several files stay apart, each with its file', () => {
  const candidates = candidatesOfAll(
    [
      { contents: contents('prod'), source, origin: 'one.yaml' },
      { contents: contents('prod'), source, origin: 'two.yaml' },
      { contents: contents('prod'), source: { kind: 'file', path: '/home/me/.kube/three' } },
    ],
    new Set(),
  );
  expect(candidates.map(({ name, origin }) => [name, origin])).toEqual([
    ['prod', 'one.yaml'],
    ['prod-2', 'two.yaml'],
    ['prod-3', '/home/me/.kube/three'],
  ]);
  expect(new Set(candidates.map(({ key }) => key)).size).toBe(3);
});

test('a name that is already told apart by a number is counted on', () => {
  const found = [1, 2].map((place) => ({ contents: contents('prod-2'), source, origin: `${place}.yaml` }));
  expect(candidatesOfAll(found, new Set(['prod'])).map(({ name }) => name)).toEqual(['prod-2', 'prod-3']);
});

test.each([
  ['reachable', 'CLUSTER_UNREACHABLE', true],
  ['tls', 'TLS_UNTRUSTED', true],
  ['kubeconfig', 'KUBECONFIG_INCOMPLETE', false],
  ['version', 'UNSUPPORTED', false],
  ['store', 'REFUSED', false],
] as const)('what failed at %s with %s may be registered all the same: %s', (step, code, may) => {
  const [candidate] = candidatesOfAll([{ contents: contents('prod'), source }], new Set());
  const error = { code, message: '', retryable: false };
  const result = {
    ok: false,
    steps: [{ step, result: 'failed' as const, evidence: '', said: null, error }],
    features: null,
    detected: null,
  };
  expect(canForce({ ...(candidate as Candidate), check: { running: false, result, error: null } })).toBe(may);
});

test('one cluster under several contexts is registered once, whichever of them was', () => {
  const found = ['a', 'b', 'c'].map((name) => ({ contents: contents(name), source, origin: name }));
  const detected = (uid: string) => ({ version: '', provider: '', type: 'local' as const, region: '', zones: [], uid });
  const of = (uid: string) => ({
    running: false,
    result: { ok: true, steps: [], features: null, detected: detected(uid) },
    error: null,
  });
  const uids = ['1', '1', '2'];
  const all = candidatesOfAll(found, new Set()).map((each, place) => ({ ...each, check: of(uids[place] ?? '') }));
  const [a, b] = all as unknown as [Candidate, Candidate];
  expect(all.map((each) => isReady(each, all))).toEqual([true, false, true]);
  expect(twinOf(b, all)?.name).toBe('a');
  // The person goes back and leaves the first out.
  const without = [{ ...a, chosen: false }, ...all.slice(1)];
  expect(without.map((each) => isReady(each, without))).toEqual([false, true, true]);
  const later = [a, { ...b, registration: 'done' as const }];
  expect(twinOf(a, later)?.name).toBe('b');
  // Of clusters that do not say who they are nothing is known.
  const unknown = all.map((each) => ({ ...each, check: of('') }));
  expect(unknown.every((each) => isReady(each, unknown))).toBe(true);
});
