import { expect, test } from 'vitest';
import type { Json, KubeObject, OwnerReference } from '#shared/kubernetes/types.ts';
import { claimOwners } from './claim-owners.ts';

const set = (whenDeleted: string, whenScaled: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', uid: 'set-1' },
  spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } },
});
const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'db-1', uid: 'pod-1' } };
const reference = (kind: string, name: string, uid: string, controller = true): OwnerReference => ({
  apiVersion: kind === 'StatefulSet' ? 'apps/v1' : 'v1',
  kind,
  name,
  uid,
  ...(controller ? { controller } : {}),
});
const claim = (...ownerReferences: OwnerReference[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data-db-1', ...(ownerReferences.length === 0 ? {} : { ownerReferences }) } as Json,
});
const ofSet = reference('StatefulSet', 'db', 'set-1');
const ofPod = reference('Pod', 'db-1', 'pod-1');
const uids = (found: ReturnType<typeof claimOwners>) => found?.owners.map(({ uid }) => uid) ?? null;

test.each([
  ['Retain', 'Retain', true, []],
  ['Delete', 'Retain', true, ['set-1']],
  ['Delete', 'Retain', false, ['set-1']],
  ['Retain', 'Delete', true, []],
  ['Retain', 'Delete', false, ['pod-1']],
  ['Delete', 'Delete', true, ['set-1']],
  ['Delete', 'Delete', false, ['pod-1']],
])('deleted: %s, scaled: %s, wanted: %s leads to %j, whatever it was', (deleted, scaled, wanted, owners) => {
  for (const before of [claim(), claim(ofSet), claim(ofPod)])
    expect(uids(claimOwners(before, set(deleted, scaled), pod, 'db-1', wanted))).toEqual(owners);
});

test('a claim that another controller has is let alone, unless it is retained anyway', () => {
  const other = reference('ConfigMap', 'other', 'other-1');
  const both = claim(other, ofPod);
  expect(claimOwners(both, set('Retain', 'Delete'), pod, 'db-1', false)).toEqual({ owners: [other], conflict: true });
  expect(claimOwners(both, set('Retain', 'Retain'), pod, 'db-1', true)).toEqual({ owners: [other], conflict: false });
  const keeper = reference('ConfigMap', 'keeper', 'keeper-1', false);
  expect(uids(claimOwners(claim(keeper), set('Delete', 'Retain'), pod, 'db-1', true))).toEqual(['keeper-1', 'set-1']);
});

test('one that belongs to a set or pod of the name that was there before is the garbage collector’s', () => {
  const policy = set('Delete', 'Delete');
  expect(claimOwners(claim(reference('Pod', 'db-1', 'pod-0')), policy, pod, 'db-1', true)).toBeNull();
  expect(claimOwners(claim(reference('StatefulSet', 'db', 'set-0')), policy, pod, 'db-1', true)).toBeNull();
  expect(claimOwners(claim(ofPod), policy, undefined, 'db-1', true)).toBeNull();
  expect(uids(claimOwners(claim(reference('Pod', 'db-2', 'pod-0', false)), policy, pod, 'db-1', true))).toEqual([
    'pod-0',
    'set-1',
  ]);
});
