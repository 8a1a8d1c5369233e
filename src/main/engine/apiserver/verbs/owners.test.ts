import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { dropRepeatedOwners } from './owners.ts';

test('an owner that is named twice counts once, and the writer is told', () => {
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'u' };
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x', ownerReferences: [owner, { ...owner }, { ...owner, name: 'b' }] },
  };
  const warnings: string[] = [];
  dropRepeatedOwners(object, warnings, false);
  expect(object.metadata.ownerReferences?.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(warnings).toEqual([
    '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u',
  ]);
  dropRepeatedOwners(object, warnings, true);
  expect(warnings).toHaveLength(1);
});
