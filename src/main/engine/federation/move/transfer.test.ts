import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeObject, ResourceInfo } from '#shared/kubernetes/types.ts';
import { type ApiServer, startApiServer } from '../../apiserver/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import { KEYS, NAMESPACES, PROPAGATION_POLICIES } from '../api.ts';
import { FEDERATION_CRDS } from '../crds.ts';
import type { MoveStage } from './objects.ts';
import { isSuspended, suspend } from './suspend.ts';
import { alignPolicies, tryOut, write } from './transfer.ts';

let server: ApiServer;
let target: KubeClient;
const where = { namespace: 'shop' };

beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'target', customResources: FEDERATION_CRDS });
  target = server.client('test');
});
afterAll(() => server.close());

const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
const policy = (id: string, priority: number): KubeObject => ({
  apiVersion: 'policy.karmada.io/v1alpha1',
  kind: 'PropagationPolicy',
  metadata: { name: 'web', ...where, labels: { [KEYS.ppId]: id } },
  spec: { priority, resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }] },
});

async function moved(source: KubeObject, stage: MoveStage) {
  const found = (await target.resources()).find(({ kind }) => kind === source.kind);
  return { stage, source, info: found as ResourceInfo };
}

test('what an earlier move left behind, suspended, works again when the federation comes once more', async () => {
  await write(await moved(namespace, 'namespaces'), target);
  await write(await moved(policy('one', 1), 'policies'), target);
  await suspend(target);
  const left = await target.get(PROPAGATION_POLICIES, 'web', where);
  expect([isSuspended(left), left.spec]).toMatchObject([true, { suspension: { dispatching: true } }]);

  for (const [object, stage] of [
    [namespace, 'namespaces'],
    [policy('one', 1), 'policies'],
  ] as const) {
    const one = await moved(object, stage);
    expect(await tryOut([one], target)).toMatchObject([{ action: 'replace', error: null }]);
    await write(one, target);
    expect(await tryOut([one], target)).toMatchObject([{ action: 'same', error: null }]);
  }

  const found = await target.get(PROPAGATION_POLICIES, 'web', where);
  expect(isSuspended(found)).toBe(false);
  expect(found.spec.suspension).toBeUndefined();
  expect(found.spec.preserveResourcesOnDeletion ?? false).toBe(false);
  expect((await target.get(NAMESPACES, 'shop')).metadata.labels?.[KEYS.skipAutoPropagation]).toBeUndefined();
});

test('the id that a server has given to a policy stays, so that a step can be repeated', async () => {
  const one = await moved(policy('another', 2), 'policies');
  await write(one, target);
  const found = await target.get(PROPAGATION_POLICIES, 'web', where);
  expect(found.metadata.labels?.[KEYS.ppId]).toBe('one');
  expect(found.spec.priority).toBe(2);
  expect(await tryOut([one], target)).toMatchObject([{ action: 'same', error: null }]);
});

test('what is taken back is suspended with its namespace, and nothing else is', async () => {
  await target.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bystander' } });
  await suspend(target, new Set(['Namespace /shop']));
  const skips = async (name: string) =>
    (await target.get(NAMESPACES, name)).metadata.labels?.[KEYS.skipAutoPropagation];
  expect([await skips('shop'), await skips('bystander')]).toEqual(['true', undefined]);
});

test('a policy left behind gets its new placement before its bindings are written, and stays suspended until it is', async () => {
  await write(await moved(policy('three', 3), 'policies'), target);
  await suspend(target);
  const placed = policy('three', 3);
  placed.spec['placement'] = { clusterAffinity: { clusterNames: ['east'] } };
  await alignPolicies([await moved(placed, 'policies')], target);
  const found = await target.get(PROPAGATION_POLICIES, 'web', where);
  expect(found.spec).toMatchObject({ placement: placed.spec['placement'], suspension: { dispatching: true } });
  await write(await moved(placed, 'policies'), target);
  const { resourceVersion } = (await target.get(PROPAGATION_POLICIES, 'web', where)).metadata;
  await alignPolicies([await moved(policy('three', 3), 'policies')], target);
  expect((await target.get(PROPAGATION_POLICIES, 'web', where)).metadata.resourceVersion).toBe(resourceVersion);
});
