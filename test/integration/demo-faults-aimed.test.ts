/** Faults of whole namespaces, of storage classes, and those that cut off who asks for them: by command and by annotation alike. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type DemoFleet, demoControl, startDemoFleet } from '#engine/demo/index.ts';
import type { StartFault } from '#shared/contract/demo.ts';
import type { Json } from '#shared/kubernetes/types.ts';
import { eventually, Kubectl, kubectlPath } from '../fixtures/kubectl.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-aimed-'));
const control = demoControl(dir);
const CLUSTER = 'demo-hangzhou';
const SPACE = 'shared';
let fleet: DemoFleet;
let kubectl: Kubectl;

const byCommand = async (fault: StartFault['fault'], target: string) =>
  void (await control.start({ fault, cluster: CLUSTER, target, values: {} }));
const byAnnotation = async (fault: string, target: string) =>
  void (await kubectl.ok(['annotate', target, `demo.fleetdeck/behaviour=${fault}`]));
const active = async () => (await control.state()).active.map(({ id }) => id);
const endAll = async () => {
  for (const id of await active()) await control.stop({ id });
};
const listed = (id: string) =>
  eventually(`${id} is listed`, async () => ((await active()).join() === `${CLUSTER}/${id}` ? true : undefined));
const pods = async (): Promise<Json[]> => (await kubectl.json(['get', 'pods', '-n', SPACE])).items;
const ready = ({ status }: Json): boolean =>
  status.containerStatuses?.every((one: Json) => one.ready) === true && status.phase === 'Running';
const allReady = () =>
  eventually('all pods run', async () => {
    const found = await pods();
    return found.length === 3 && found.every(ready) ? true : undefined;
  });

describe.skipIf(kubectlPath === null)('faults with a wider or a narrower aim', () => {
  beforeAll(async () => {
    fleet = await startDemoFleet({ dir, clusters: 1, nodes: 2, pace: 0.05 });
    kubectl = new Kubectl(fleet.clusters[0]?.kubeconfig ?? '');
    await kubectl.ok(['create', 'namespace', SPACE]);
    await kubectl.ok(['create', 'deployment', 'web', '-n', SPACE, '--image=nginx:1.29', '--replicas=2']);
    await kubectl.ok(['run', 'alone', '-n', SPACE, '--image=redis:8']);
    await allReady();
  });
  afterEach(endAll);
  afterAll(async () => {
    await fleet?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test.each([
    ['command', byCommand],
    ['annotation', byAnnotation],
  ] as const)('a namespace whose pods all crash, by %s', async (_by, begin) => {
    await begin('crash-loop', `namespace/${SPACE}`);
    await listed(`crash-loop/namespace/${SPACE}`);
    await eventually('every pod is in a loop', async () => {
      const states = (await pods()).map(({ status }) => status.containerStatuses?.[0]?.state.waiting?.reason);
      return states.length === 3 && states.every((reason) => reason === 'CrashLoopBackOff') ? true : undefined;
    });
    await endAll();
    const { metadata } = await kubectl.json(['get', 'namespace', SPACE]);
    expect(metadata.annotations?.['demo.fleetdeck/behaviour']).toBeUndefined();
    await allReady();
  });

  test.each([
    ['command', byCommand],
    ['annotation', byAnnotation],
  ] as const)('a namespace whose releases have no image, by %s: one fault, which leaves nothing behind', async (_by, begin) => {
    await begin('image-missing', `namespace/${SPACE}`);
    await eventually('a pod of the release waits', async () =>
      JSON.stringify(await pods()).includes('"ImagePullBackOff"') ? true : undefined,
    );
    expect(await active()).toEqual([`${CLUSTER}/image-missing/namespace/${SPACE}`]);
    await endAll();
    expect(await active()).toEqual([]);
    await allReady();
    const { spec } = await kubectl.json(['get', 'deployment', 'web', '-n', SPACE]);
    expect(spec.template.metadata.annotations?.['demo.fleetdeck/behaviour']).toBeUndefined();
  });

  test('what was begun on a namespace by command ends with its annotation', async () => {
    await byCommand('out-of-memory', `ns/${SPACE}`);
    await listed(`out-of-memory/namespace/${SPACE}`);
    await kubectl.ok(['annotate', 'namespace', SPACE, 'demo.fleetdeck/behaviour-']);
    await eventually('it is over', async () => ((await active()).length === 0 ? true : undefined));
    await allReady();
  });

  test('a storage class that provides nothing is listed by itself, and as a part of the whole cluster', async () => {
    const { items } = await kubectl.json(['get', 'storageclass']);
    const name: string = items[0].metadata.name;
    await byAnnotation('volume-pending', `storageclass/${name}`);
    await listed(`volume-pending/storageclass/${name}`);
    await endAll();
    await byCommand('volume-pending', `sc/${name}`);
    await listed(`volume-pending/storageclass/${name}`);
    await kubectl.ok(['annotate', 'storageclass', name, 'demo.fleetdeck/behaviour-']);
    await eventually('it is over', async () => ((await active()).length === 0 ? true : undefined));
    await control.start({ fault: 'volume-pending', cluster: CLUSTER, values: {} });
    await listed('volume-pending');
  });

  test.each([
    'api-unreachable',
    'certificate-expiring:days=-1',
  ])('%s by annotation: who asks for it is answered', async (fault) => {
    for (let round = 0; round < 5; round++) {
      await byAnnotation(fault, 'namespace/kube-system');
      await eventually('nobody is let in', async () =>
        (await kubectl.run(['get', 'nodes'])).code === 0 ? undefined : true,
      );
      await endAll();
      await kubectl.ok(['get', 'nodes']);
    }
  });

  test('what makes no sense is refused in the same words', async () => {
    const annotate = async (target: string, fault: string) =>
      (await kubectl.run(['annotate', target, `demo.fleetdeck/behaviour=${fault}`])).stderr;
    for (const [target, fault, words] of [
      [`namespace/${SPACE}`, 'liveness-failing', `no container of namespace/${SPACE} has a livenessProbe`],
      ['namespace/kube-system', 'crash-loop', 'kube-system stands for the whole cluster'],
    ] as const) {
      expect(await annotate(target, fault)).toContain(words);
      await expect(byCommand(fault, target)).rejects.toMatchObject({
        code: 'INVALID',
        message: expect.stringContaining(words),
      });
    }
    await expect(byCommand('api-slow', `namespace/${SPACE}`)).rejects.toMatchObject({ code: 'INVALID' });
    await expect(byCommand('volume-pending', `namespace/${SPACE}`)).rejects.toMatchObject({ code: 'INVALID' });
    await expect(byCommand('crash-loop', 'namespace/nowhere')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
