import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { byRevision, REVISION, revisionAfter, revisionOf } from './deployment-revision.ts';

const set = (revision?: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: `r${revision}`, ...(revision === undefined ? {} : { annotations: { [REVISION]: revision } }) },
});

test('revisions have 64 bits: none is rounded', () => {
  expect(revisionAfter([set('3546343826724305832'), set('7'), set()])).toBe('3546343826724305833');
  const sorted = [set('3546343826724305833'), set('3546343826724305832'), set('10'), set('9')].sort(byRevision);
  expect(sorted.map(revisionOf)).toEqual([9n, 10n, 3546343826724305832n, 3546343826724305833n]);
});

test('what cannot be read counts for nothing', () => {
  expect(revisionAfter([set('many'), set('1.5'), set('')])).toBe('1');
  expect(revisionAfter([])).toBe('1');
});
