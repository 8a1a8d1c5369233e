import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { onlyStatusMoved, rebase, takenBack, textOf } from './edit.ts';

const version = (resourceVersion: string, generation: number, change: Partial<KubeObject> = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', resourceVersion, generation, managedFields: [{ manager: `m${resourceVersion}` }] },
  spec: { replicas: 2 },
  status: { observedGeneration: generation },
  ...change,
});
const base = version('5', 1);
const written = textOf(base).replace('replicas: 2', 'replicas: 3 # for the sale');

describe('a text on top of a newer version', () => {
  test('keeps what was typed with its comments, and takes bookkeeping over', () => {
    const text = rebase(written, version('9', 2), base);
    expect(text).toContain('replicas: 3 # for the sale');
    expect(parse(text)).toMatchObject({
      metadata: { name: 'web', resourceVersion: '9', generation: 2 },
      spec: { replicas: 3 },
      status: { observedGeneration: 2 },
    });
  });

  test('takes over what others changed elsewhere; where both changed the same, the person decides', () => {
    const began = version('5', 1, {
      spec: { replicas: 2, paused: false, args: ['a'], strategy: { type: 'Recreate' } },
    });
    const typed = textOf(began).replace('replicas: 2', 'replicas: 3').replace('- a', '- mine');
    const labels = { metadata: { ...began.metadata, resourceVersion: '9', labels: { team: 'web' } } };
    const spec = { replicas: 7, args: ['theirs'], strategy: { type: 'Recreate', note: 'new' } };
    expect(parse(rebase(typed, version('9', 2, { ...labels, spec }), began))).toMatchObject({
      metadata: { resourceVersion: '9', labels: { team: 'web' } },
      spec: { replicas: 3, args: ['mine'], strategy: { type: 'Recreate', note: 'new' } },
    });
    expect(parse(rebase(typed, version('9', 2, { spec }), began)).spec).not.toHaveProperty('paused');
  });

  test('of a change that is taken back keeps what others did since', () => {
    const after = version('6', 2, { spec: { replicas: 3 } });
    const now = version('9', 3, { spec: { replicas: 3, paused: true } });
    const text = parse(takenBack(textOf(base), after, now));
    expect(text).toMatchObject({
      metadata: { resourceVersion: '9', generation: 3 },
      spec: { replicas: 2, paused: true },
    });
    expect(text.status).toEqual({ observedGeneration: 3 });
  });

  test('keeps a status that a person wrote', () => {
    const typed = written.replace('observedGeneration: 1', 'observedGeneration: 7');
    expect(parse(rebase(typed, version('9', 2), base)).status).toEqual({ observedGeneration: 7 });
  });

  test('has no status when there is none any more; what cannot be read stays as it is', () => {
    const { status: _status, ...bare } = version('9', 2);
    expect(parse(rebase(written, bare, base))).not.toHaveProperty('status');
    expect(rebase('a: [', version('9', 2), base)).toBe('a: [');
  });
});

describe('whether anybody wrote but a controller that reports', () => {
  test('no, when status, versions and managers differ', () => {
    expect(onlyStatusMoved(base, version('9', 2))).toBe(true);
  });

  test.each<[string, Partial<KubeObject>]>([
    ['the wish', { spec: { replicas: 9 } }],
    ['a label', { metadata: { ...base.metadata, labels: { a: 'b' } } }],
    ['another field', { data: { a: 'b' } } as Partial<KubeObject>],
  ])('yes, when %s differs', (_what, change) => {
    expect(onlyStatusMoved(base, version('9', 2, change))).toBe(false);
  });
});
