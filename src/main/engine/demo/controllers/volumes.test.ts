/** Claims and volumes of a simulated cluster: who is bound to whom, what is said of it, what stays and what goes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { type SimulatedCluster, startCluster } from '../cluster.ts';
import {
  CSI_DRIVERS,
  CSI_NODES,
  EVENTS,
  NODES,
  PODS,
  STORAGE_CLASSES,
  VOLUME_ATTACHMENTS,
  VOLUME_ATTRIBUTES_CLASSES,
  VOLUME_CLAIMS,
  VOLUMES,
} from '../sim/refs.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-volumes-'));
const inside = { namespace: 'default' };
let cluster: SimulatedCluster;
let client: KubeClient;
beforeAll(async () => {
  const sizes = { index: 0, seed: 1, nodes: 2, pods: 0, churn: 0, pace: 0 };
  cluster = await startCluster({ dir, ...sizes, report: () => undefined, onProgress: () => undefined });
  client = cluster.client('tester');
});
afterAll(async () => {
  await cluster?.close();
  rmSync(dir, { recursive: true, force: true });
});

const once = { accessModes: ['ReadWriteOnce'] };
const claim = (name: string, spec: Json) =>
  client.create(
    VOLUME_CLAIMS,
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: 'default' },
      spec: { ...once, resources: { requests: { storage: '1Gi' } }, ...spec },
    },
    inside,
  );
const volume = (name: string, spec: Json) =>
  client.create(VOLUMES, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { ...once, capacity: { storage: '1Gi' }, hostPath: { path: `/tmp/${name}` }, ...spec },
  });
const disk = { hostPath: undefined, csi: { driver: 'disk.example.com', volumeHandle: 'h' } };
const pod = (name: string, claimName: string) =>
  client.create(
    PODS,
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'c', image: 'nginx:1.29', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
        volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }],
      },
    },
    inside,
  );
const until = <T>(look: () => Promise<T>): Promise<NonNullable<T>> =>
  expect.poll(look, { timeout: 20_000, interval: 20 }).toBeTruthy().then(look) as Promise<NonNullable<T>>;
const phased = (ref: ResourceRef, name: string, phase: string): Promise<KubeObject> =>
  until(async () => {
    const found = await client.find(ref, name, ref === VOLUMES ? {} : inside);
    return found?.status?.phase === phase ? found : null;
  });
const said = async (name: string) =>
  (await client.list(EVENTS, inside)).items
    .filter(({ involvedObject }) => (involvedObject as Json).name === name)
    .map(({ type, reason, message }) => [type, reason, message]);

test('who chose the volume is marked on both sides', async () => {
  await volume('found', { storageClassName: 'a' });
  await volume('kept', { storageClassName: 'a', claimRef: { namespace: 'default', name: 'keeper' } });
  // Kept for a claim that is not there yet, it is free all the same.
  await phased(VOLUMES, 'kept', 'Available');
  await claim('finder', { storageClassName: 'a' });
  await phased(VOLUME_CLAIMS, 'finder', 'Bound');
  const completed = { 'pv.kubernetes.io/bind-completed': 'yes' };
  const found = { 'pv.kubernetes.io/bound-by-controller': 'yes' };
  expect((await client.get(VOLUMES, 'found')).metadata.annotations).toEqual(found);
  expect((await client.get(VOLUME_CLAIMS, 'finder', inside)).metadata.annotations).toEqual({ ...completed, ...found });
  await claim('keeper', { storageClassName: 'a' });
  await phased(VOLUME_CLAIMS, 'keeper', 'Bound');
  expect((await client.get(VOLUMES, 'kept')).metadata.annotations).toBeUndefined();
  await volume('asked', { storageClassName: 'a' });
  await claim('asker', { storageClassName: 'a', volumeName: 'asked' });
  await phased(VOLUME_CLAIMS, 'asker', 'Bound');
  expect((await client.get(VOLUME_CLAIMS, 'asker', inside)).metadata.annotations).toEqual(completed);
  expect((await client.get(VOLUMES, 'asked')).metadata.annotations).toEqual(found);
});

test('a claim that names a volume gets that one or says why not', async () => {
  await volume('other', { storageClassName: 'b', claimRef: { namespace: 'default', name: 'nobody' } });
  await volume('little', { storageClassName: 'b' });
  await claim('greedy', {
    storageClassName: 'b',
    volumeName: 'little',
    resources: { requests: { storage: '5Gi' } },
  });
  await claim('late', { storageClassName: 'b', volumeName: 'other' });
  await claim('elsewhere', { storageClassName: 'b', volumeName: 'absent' });
  await expect
    .poll(() => said('greedy'), { timeout: 20_000 })
    .toEqual([['Warning', 'VolumeMismatch', 'Cannot bind to requested volume "little": requested PV is too small']]);
  await expect
    .poll(() => said('late'), { timeout: 20_000 })
    .toEqual([['Warning', 'FailedBinding', 'volume "other" already bound to a different claim.']]);
  expect(await said('elsewhere')).toEqual([]);
  await volume('absent', { storageClassName: 'b' });
  await phased(VOLUME_CLAIMS, 'elsewhere', 'Bound');
});

test('a released volume goes when something here can delete it, and stays otherwise', async () => {
  const policy = { persistentVolumeReclaimPolicy: 'Delete' };
  await volume('folder', { storageClassName: 'folder', ...policy });
  await volume('precious', { storageClassName: 'precious', ...policy, hostPath: { path: '/data/precious' } });
  await volume('share', { storageClassName: 'share', ...policy, hostPath: undefined, nfs: { server: 's', path: '/' } });
  await volume('foreign', { storageClassName: 'foreign', ...policy, ...disk });
  for (const name of ['folder', 'precious', 'share', 'foreign']) {
    await claim(`of-${name}`, { storageClassName: name });
    await phased(VOLUME_CLAIMS, `of-${name}`, 'Bound');
    await client.delete(VOLUME_CLAIMS, `of-${name}`, inside);
  }
  await expect.poll(() => client.find(VOLUMES, 'folder'), { timeout: 20_000 }).toBeNull();
  await phased(VOLUMES, 'foreign', 'Released');
  const message = 'host_path deleter only supports /tmp/.+ but received provided /data/precious';
  expect((await phased(VOLUMES, 'precious', 'Failed')).status).toMatchObject({ message });
  await expect.poll(() => said('precious'), { timeout: 20_000 }).toEqual([['Warning', 'VolumeFailedDelete', message]]);
  expect((await phased(VOLUMES, 'share', 'Failed')).status.message).toBe(
    'error getting deleter volume plugin for volume "share": no deletable volume plugin matched',
  );
});

test('a released volume that is emptied is there for the next claim, where it can be emptied', async () => {
  const policy = { persistentVolumeReclaimPolicy: 'Recycle', storageClassName: 'emptied' };
  await volume('emptied', policy);
  await claim('first', { storageClassName: 'emptied', volumeName: 'emptied' });
  await phased(VOLUME_CLAIMS, 'first', 'Bound');
  await client.delete(VOLUME_CLAIMS, 'first', inside);
  const free = await phased(VOLUMES, 'emptied', 'Available');
  expect(free.spec?.claimRef).toBeUndefined();
  await volume('solid', { ...policy, ...disk });
  await claim('second', { storageClassName: 'emptied', volumeName: 'solid' });
  await phased(VOLUME_CLAIMS, 'second', 'Bound');
  await client.delete(VOLUME_CLAIMS, 'second', inside);
  expect((await phased(VOLUMES, 'solid', 'Failed')).status?.message).toBe('No recycler plugin found for the volume!');
  await until(async () => {
    const { items } = await client.list(EVENTS, inside);
    const told = items.map(({ reason }) => reason);
    return told.includes('VolumeRecycled') && told.includes('VolumeFailedRecycle');
  });
});

test('a default class that comes after the claim holds for it', async () => {
  const [standard] = (await client.list(STORAGE_CLASSES)).items;
  const name = standard?.metadata.name ?? '';
  const standing = (value: string) => ({
    metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': value } },
  });
  await client.patch(STORAGE_CLASSES, name, 'merge', standing('false'));
  expect((await claim('early', {})).spec.storageClassName).toBeUndefined();
  await client.patch(STORAGE_CLASSES, name, 'merge', standing('true'));
  await expect
    .poll(async () => (await client.get(VOLUME_CLAIMS, 'early', inside)).spec.storageClassName, { timeout: 20_000 })
    .toBe(name);
});

test('protection that was taken away comes back', async () => {
  await volume('bare', { storageClassName: 'c' });
  await client.patch(VOLUMES, 'bare', 'merge', { metadata: { finalizers: null } });
  await expect
    .poll(async () => (await client.get(VOLUMES, 'bare')).metadata.finalizers, { timeout: 20_000 })
    .toEqual(['kubernetes.io/pv-protection']);
});

test("a disk of the provider's driver is made, attached, enlarged and removed as by that driver", async () => {
  const [node] = (await client.list(NODES)).items;
  const { spec, metadata } = await client.get(CSI_NODES, node?.metadata.name ?? '');
  const [driver] = spec.drivers;
  expect(metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Node', uid: node?.metadata.uid });
  expect((await client.list(CSI_DRIVERS)).items.map((one) => one.metadata.name)).toEqual([driver.name]);
  await claim('disk', {});
  await pod('user', 'disk');
  const bound = await phased(VOLUME_CLAIMS, 'disk', 'Bound');
  await phased(PODS, 'user', 'Running');
  const name: string = bound.spec.volumeName;
  const attacher = `external-attacher/${driver.name.replaceAll('.', '-')}`;
  const made = await client.get(VOLUMES, name);
  expect(made.metadata.finalizers).toEqual([
    'external-provisioner.volume.kubernetes.io/finalizer',
    'kubernetes.io/pv-protection',
    attacher,
  ]);
  expect(made.spec.claimRef.resourceVersion).toMatch(/^\d+$/);
  const attachments = async () =>
    (await client.list(VOLUME_ATTACHMENTS)).items.filter((one) => one.spec.source.persistentVolumeName === name);
  const [attachment] = await attachments();
  expect(attachment?.metadata.name).toMatch(/^csi-[0-9a-f]{64}$/);
  expect(attachment?.metadata.finalizers).toEqual([attacher]);
  expect(attachment?.metadata.annotations?.['csi.alpha.kubernetes.io/node-id']).toMatch(/^i-/);

  await client.patch(VOLUME_CLAIMS, 'disk', 'merge', { spec: { resources: { requests: { storage: '3Gi' } } } }, inside);
  await expect
    .poll(async () => (await client.get(VOLUME_CLAIMS, 'disk', inside)).status, { timeout: 20_000 })
    .toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '3Gi' },
      allocatedResources: { storage: '3Gi' },
    });
  await expect
    .poll(async () => (await said('disk')).slice(-4).map(([, reason]) => reason), { timeout: 20_000 })
    .toEqual(['ExternalExpanding', 'Resizing', 'FileSystemResizeRequired', 'FileSystemResizeSuccessful']);
  expect((await client.get(VOLUMES, name)).spec.capacity).toEqual({ storage: '3Gi' });

  await client.delete(PODS, 'user', inside);
  await client.delete(VOLUME_CLAIMS, 'disk', inside);
  await expect.poll(() => client.find(VOLUMES, name), { timeout: 20_000 }).toBeNull();
  expect(await attachments()).toEqual([]);
});

test('attributes that a claim names are those of its volume, and stay as long as somebody has them', async () => {
  const [made] = (await client.list(STORAGE_CLASSES)).items;
  const attributes = (name: string) =>
    client.create(VOLUME_ATTRIBUTES_CLASSES, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttributesClass',
      metadata: { name },
      driverName: made?.['provisioner'],
      parameters: { iops: '3000' },
    } as KubeObject);
  await attributes('silver');
  await attributes('gold');
  const held = async (name: string) => (await client.find(VOLUME_ATTRIBUTES_CLASSES, name))?.metadata.finalizers;
  await expect.poll(() => held('gold'), { timeout: 20_000 }).toEqual(['kubernetes.io/vac-protection']);
  await expect.poll(() => held('silver'), { timeout: 20_000 }).toEqual(['kubernetes.io/vac-protection']);
  await claim('tuned', { volumeAttributesClassName: 'silver' });
  await pod('tuner', 'tuned');
  const bound = await phased(VOLUME_CLAIMS, 'tuned', 'Bound');
  const has = async () => [
    (await client.get(VOLUMES, bound.spec?.volumeName)).spec?.volumeAttributesClassName,
    (await client.get(VOLUME_CLAIMS, 'tuned', inside)).status?.currentVolumeAttributesClassName,
  ];
  expect(await has()).toEqual(['silver', 'silver']);
  await client.delete(VOLUME_ATTRIBUTES_CLASSES, 'silver');
  await client.patch(VOLUME_CLAIMS, 'tuned', 'merge', { spec: { volumeAttributesClassName: 'gold' } }, inside);
  await expect.poll(has, { timeout: 20_000 }).toEqual(['gold', 'gold']);
  await expect
    .poll(async () => (await said('tuned')).map(([, reason]) => reason), { timeout: 20_000 })
    .toEqual(expect.arrayContaining(['VolumeModify', 'VolumeModifySuccessful']));
  // Only now nobody has the first one any more, and the second one is held.
  await until(async () => (await client.find(VOLUME_ATTRIBUTES_CLASSES, 'silver')) === null);
  await client.delete(VOLUME_ATTRIBUTES_CLASSES, 'gold');
  expect((await client.get(VOLUME_ATTRIBUTES_CLASSES, 'gold')).metadata.deletionTimestamp).toBeDefined();
  await client.delete(PODS, 'tuner', inside);
  await client.delete(VOLUME_CLAIMS, 'tuned', inside);
  await until(async () => (await client.find(VOLUME_ATTRIBUTES_CLASSES, 'gold')) === null);
});
