import { expect, test } from 'vitest';
import type { KubeconfigContents, KubeconfigContext } from '#shared/contract/clusters.ts';
import { type Candidate, candidatesOfAll, canForce } from './registration.ts';

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
