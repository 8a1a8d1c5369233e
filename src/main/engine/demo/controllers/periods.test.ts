/** What goes by the clock, and what the control plane leaves to be seen. */
import { expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { AUTOSCALERS, EVENTS, LEASES, VOLUME_CLAIMS } from '../sim/refs.ts';
import { simulated, until } from './test-support.ts';

const { client, space } = await simulated('periods');

test('a claim that nothing can be made for is told of again and again', async () => {
  const { create, list } = await space('claims');
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  await create(VOLUME_CLAIMS, 'v1', 'PersistentVolumeClaim', 'nowhere', { ...claim, storageClassName: 'absent' });
  await create(VOLUME_CLAIMS, 'v1', 'PersistentVolumeClaim', 'by-hand', { ...claim, storageClassName: '' });
  const often = async () =>
    Object.fromEntries((await list(EVENTS)).map(({ reason, count }) => [reason, Number(count) >= 4]));
  await expect.poll(often, { timeout: 20_000 }).toEqual({ ProvisioningFailed: true, FailedBinding: true });
});

test('an autoscaler has its first turn after a period', async () => {
  const { create, get } = await space('scaled');
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nowhere' };
  const asked = Date.now();
  await create(AUTOSCALERS, 'autoscaling/v2', 'HorizontalPodAutoscaler', 'web', { scaleTargetRef, maxReplicas: 3 });
  await until(async () => (await get(AUTOSCALERS, 'web')).status?.conditions);
  // A twentieth of its 15 s.
  expect(Date.now() - asked).toBeGreaterThan(700);
});

test('the components of the control plane can be seen: leases of leaders, accounts of controllers', async () => {
  const system = { namespace: 'kube-system' };
  const accounts = { group: '', version: 'v1', resource: 'serviceaccounts' };
  await until(() => client.find(accounts, 'volumeattributesclass-protection-controller', system));
  const lease = await client.get(LEASES, 'kube-scheduler', system);
  expect(lease.spec).toMatchObject({ leaseDurationSeconds: 15, leaseTransitions: 0 });
  const leads = async () =>
    (await client.list(EVENTS, system)).items.find(
      ({ involvedObject }) => (involvedObject as Json).uid === lease.metadata.uid,
    );
  expect((await until(leads)).message).toBe(`${lease.spec.holderIdentity} became leader`);
});
