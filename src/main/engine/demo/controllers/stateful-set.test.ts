/** StatefulSets: partitions, broken updates, shrinking. */
import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isDeleting, nameOf } from '../sim/objects.ts';
import { isReady } from '../sim/pods.ts';
import { PODS, STATEFUL_SETS } from '../sim/refs.ts';
import { ready, simulated, template, until, workload } from './test-support.ts';

const { space } = await simulated('stateful-set');

test('below the partition a pod of a StatefulSet comes back as it was', async () => {
  const { create, patch, get, remove, pods } = await space('partition');
  await create(STATEFUL_SETS, 'apps/v1', 'StatefulSet', 'db', { ...workload('db', 2), serviceName: 'db' });
  await until(() => ready(pods(), 2));
  const updateStrategy = { rollingUpdate: { partition: 1 } };
  await patch(STATEFUL_SETS, 'db', { spec: { updateStrategy, template: template('db', 'nginx:1.30') } });
  const image = (pod: KubeObject) => pod.spec?.containers[0].image;
  await until(async () => image(await get(PODS, 'db-1')) === 'nginx:1.30' && isReady(await get(PODS, 'db-1')));
  const { metadata } = await get(PODS, 'db-0');
  await remove(PODS, 'db-0');
  const again = await until(async () => {
    const pod = await get(PODS, 'db-0');
    return pod !== null && pod.metadata.uid !== metadata.uid ? pod : undefined;
  });
  expect(image(again)).toBe('nginx:1.29');
  expect(again.metadata.generateName).toBe('db-');
  expect(again.metadata.labels?.['controller-revision-hash']).toBe(metadata.labels?.['controller-revision-hash']);
});

test('a StatefulSet whose update is broken is not repaired by taking it back: its pod has to be deleted', async () => {
  const { create, patch, get, remove, pods } = await space('broken');
  await create(STATEFUL_SETS, 'apps/v1', 'StatefulSet', 'db', { ...workload('db', 1), serviceName: 'db' });
  await until(() => ready(pods(), 1));
  await patch(STATEFUL_SETS, 'db', { spec: { template: template('db', 'example.com/missing:1') } });
  const broken = await until(async () => {
    const pod = await get(PODS, 'db-0');
    return pod?.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ImagePullBackOff' ? pod : undefined;
  });
  await patch(STATEFUL_SETS, 'db', { spec: { template: template('db') } });
  await until(async () => {
    const { metadata, status } = await get(STATEFUL_SETS, 'db');
    return status?.observedGeneration === metadata.generation;
  });
  expect((await get(PODS, 'db-0')).metadata).toMatchObject({ uid: broken.metadata.uid });
  expect(isDeleting(await get(PODS, 'db-0'))).toBe(false);
  await remove(PODS, 'db-0');
  await until(() => ready(pods(), 1));
});

test('pods that do not work hold up those above them when a StatefulSet shrinks, the lowest of them goes', async () => {
  const { create, get, pods, patch, list } = await space('shrinking');
  const container = { name: 'c', image: 'nginx:1.29', readinessProbe: { httpGet: { port: 80 }, periodSeconds: 1 } };
  const spec = workload('web', 3);
  await create(STATEFUL_SETS, 'apps/v1', 'StatefulSet', 'web', {
    ...spec,
    serviceName: 'web',
    template: { ...spec.template, spec: { ...spec.template.spec, containers: [container] } },
  });
  await until(() => ready(pods(), 3));
  const behave = (name: string, value: string | null) =>
    patch(PODS, name, { metadata: { annotations: { 'demo.fleetdeck/behaviour': value } } });
  for (const name of ['web-1', 'web-2']) await behave(name, 'unready');
  await until(async () => (await pods()).filter(isReady).length === 1);
  await patch(STATEFUL_SETS, 'web', { spec: { replicas: 0 } });
  await until(async () => (await get(STATEFUL_SETS, 'web')).status?.observedGeneration === 2);
  expect((await pods()).map(nameOf).sort()).toEqual(['web-0', 'web-1', 'web-2']);
  // The one above works again; the lowest that does not is no reason to wait.
  await behave('web-2', null);
  await until(async () => (await list(PODS)).length === 0);
});
