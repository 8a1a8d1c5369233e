/** Finer points of the workload controllers, the scheduler and the kubelets of a simulated cluster, seen through kubectl. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoFleet, startDemoFleet } from '#engine/demo/index.ts';
import { eventually, Kubectl, kubectlMinor, kubectlPath } from '../fixtures/kubectl.ts';

interface Named {
  metadata: { name: string };
}

describe.skipIf(kubectlPath === null)('workloads of a simulated cluster', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-demo-workloads-'));
  const kubectl = new Kubectl(path.join(dir, 'kubeconfigs', 'demo-hangzhou.yaml'));
  const apply = (object: unknown) => kubectl.ok(['apply', '-f', '-'], JSON.stringify(object));
  let fleet: DemoFleet;
  beforeAll(async () => {
    fleet = await startDemoFleet({ dir, clusters: 1, nodes: 2, pace: 0 });
  });
  afterAll(async () => {
    await fleet?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const failed = (name: string) =>
    eventually(`job ${name} has failed`, async () => {
      const { status } = await kubectl.json(['get', 'job', name]);
      return status.conditions?.find((one: { type: string }) => one.type === 'Failed');
    });
  const job = (name: string, exitCode: number, spec: object, script = `exit ${exitCode}`) =>
    apply({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name },
      spec: {
        ...spec,
        template: {
          spec: {
            restartPolicy: 'Never',
            containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', script] }],
          },
        },
      },
    });

  test('a pod of higher priority takes the place of a lesser one, which is told by whom', async () => {
    const [{ status: node }] = (await kubectl.json(['get', 'nodes'])).items;
    const half = `${Math.floor((Number.parseInt(node.allocatable.cpu, 10) || 0) * 0.6)}m`;
    const spec = (more: object) => ({
      ...more,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'c', image: 'nginx:1.29', resources: { requests: { cpu: half } } }],
    });
    for (const name of ['lesser-1', 'lesser-2'])
      await apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: spec({}) });
    await kubectl.ok(['wait', 'pod/lesser-1', 'pod/lesser-2', '--for=condition=Ready', '--timeout=20s']);
    await apply({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1000 });
    await apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'greater' },
      spec: spec({ priorityClassName: 'high' }),
    });
    await kubectl.ok(['wait', 'pod/greater', '--for=condition=Ready', '--timeout=20s']);
    const { metadata } = await kubectl.json(['get', 'pod', 'greater']);
    const { items } = await kubectl.json(['get', 'events', '--field-selector', 'reason=Preempted']);
    expect(items).toHaveLength(1);
    expect(items[0].message).toContain(`Preempted by pod ${metadata.uid} on node`);
    await kubectl.ok(['delete', 'pod', '--all', '--wait=false']);
  });

  test('a job fails by its policy at once, and index by index where each has its own limit', async () => {
    const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }];
    await job('judged', 42, { podFailurePolicy: { rules } });
    expect(await failed('judged')).toMatchObject({
      reason: 'PodFailurePolicy',
      message: expect.stringMatching(
        /^Container main for pod default\/judged-\w+ failed with exit code 42 matching FailJob rule at index 0$/,
      ),
    });
    await job('indexed', 1, { completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 0 });
    expect((await failed('indexed')).reason).toBe('FailedIndexes');
    expect((await kubectl.json(['get', 'job', 'indexed'])).status).toMatchObject({ failed: 2, failedIndexes: '0,1' });
  });

  test('pods that a job itself takes away are no failures; what somebody else manages is left alone', async () => {
    const status = async (name: string) => (await kubectl.json(['get', 'job', name])).status;
    await job('paused', 0, { parallelism: 3, completions: 3, backoffLimit: 1 }, 'sleep 600');
    await eventually('three run', async () => ((await status('paused')).ready === 3 ? true : undefined));
    await kubectl.ok(['patch', 'job', 'paused', '-p', '{"spec":{"parallelism":2}}']);
    await eventually('one has gone', async () => {
      const { active, terminating } = await status('paused');
      return active === 2 && terminating === 0 ? true : undefined;
    });
    await kubectl.ok(['patch', 'job', 'paused', '-p', '{"spec":{"suspend":true}}']);
    const suspended = await eventually('all have gone', async () => {
      const found = await status('paused');
      return found.active === undefined && found.terminating === 0 && found.conditions ? found : undefined;
    });
    expect([suspended.failed, suspended.conditions[0].type]).toEqual([undefined, 'Suspended']);
    await job('foreign', 0, { managedBy: 'example.com/queue' });
    await job('own', 0, {});
    await kubectl.ok(['wait', 'job/own', '--for=condition=Complete', '--timeout=20s']);
    expect(await status('foreign')).toEqual({});
  });

  test('a pod that a job adopts gets what keeps it until it is counted', async () => {
    await job('taker', 0, { parallelism: 1, completions: 2 }, 'sleep 600');
    const { spec, metadata } = await kubectl.json(['get', 'job', 'taker']);
    const [pod] = await eventually('its pod', async () => {
      const { items } = await kubectl.json(['get', 'pods', '-l', 'job-name=taker']);
      return items.length === 1 ? items : undefined;
    });
    await kubectl.ok([
      'patch',
      'pod',
      pod.metadata.name,
      '--type=merge',
      '-p',
      '{"metadata":{"ownerReferences":null,"finalizers":null}}',
    ]);
    const adopted = await eventually('it is adopted', async () => {
      const found = await kubectl.json(['get', 'pod', pod.metadata.name]);
      return found.metadata.ownerReferences === undefined ? undefined : found;
    });
    expect(adopted.metadata.ownerReferences[0].uid).toBe(metadata.uid);
    expect(adopted.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
    expect(spec.selector.matchLabels).toEqual({ 'batch.kubernetes.io/controller-uid': metadata.uid });
  });

  test('a script ends as it would: by what its variables say', async () => {
    const script = 'if [ $(expr $JOB_COMPLETION_INDEX % 2) -ne 0 ]; then echo odd; exit 3; fi; exit 0';
    const spec = { completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 0 };
    await job('odd', 0, spec, script);
    expect((await failed('odd')).reason).toBe('FailedIndexes');
    expect((await kubectl.json(['get', 'job', 'odd'])).status).toMatchObject({
      succeeded: 1,
      completedIndexes: '0',
      failedIndexes: '1',
    });
    const [pod] = (await kubectl.json(['get', 'pods', '-l', 'job-name=odd,batch.kubernetes.io/job-completion-index=1']))
      .items;
    expect(pod.status.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    expect(await kubectl.ok(['logs', pod.metadata.name])).toBe('odd\n');
  });

  test('the pod of a job that is deleted at once has ended, and its job makes another', async () => {
    const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }];
    await job('held', 0, { podFailurePolicy: { rules }, podReplacementPolicy: 'Failed' }, 'sleep 1000');
    const running = () => kubectl.json(['get', 'pods', '-l', 'job-name=held', '--field-selector=status.phase=Running']);
    const first = await eventually('its pod runs', async () => (await running()).items[0]?.metadata.name);
    await kubectl.ok(['delete', 'pod', first, '--grace-period=0', '--force']);
    await eventually('another one runs', async () =>
      (await running()).items.find(({ metadata }: Named) => metadata.name !== first),
    );
    await kubectl.ok(['delete', 'job', 'held']);
  });

  test('claims go with their pod and their set where the set says so', async () => {
    const labels = { app: 'db' };
    await apply({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      spec: {
        serviceName: 'db',
        replicas: 2,
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'postgres:17' }] } },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    });
    await kubectl.ok(['rollout', 'status', 'statefulset/db', '--timeout=30s']);
    const claims = async () => {
      const { items } = await kubectl.json(['get', 'pvc']);
      return items.map((claim: Named) => claim.metadata.name).join(' ');
    };
    expect(await claims()).toBe('data-db-0 data-db-1');
    await kubectl.ok(['scale', 'statefulset/db', '--replicas=1']);
    await eventually('one claim', async () => ((await claims()) === 'data-db-0' ? true : undefined));
    await kubectl.ok(['delete', 'statefulset', 'db']);
    await eventually('no claim', async () => ((await claims()) === '' ? true : undefined));
  });

  test('a pod that waits gets a claim anew that was deleted meanwhile', async () => {
    await apply({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'waiting' },
      spec: {
        selector: { matchLabels: { app: 'waiting' } },
        template: {
          metadata: { labels: { app: 'waiting' } },
          spec: {
            containers: [{ name: 'c', image: 'nginx:1.29', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
          },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: {
              accessModes: ['ReadWriteOnce'],
              storageClassName: 'absent',
              resources: { requests: { storage: '1Gi' } },
            },
          },
        ],
      },
    });
    const uidBut = (other?: string) =>
      eventually('a claim', async () => {
        const { items } = await kubectl.json(['get', 'pvc', '-l', 'app=waiting']);
        const uid: string | undefined = items[0]?.metadata.uid;
        return uid === other ? undefined : uid;
      });
    const first = await uidBut();
    await eventually('its pod waits', async () => {
      const { items } = await kubectl.json(['get', 'pods', '-l', 'app=waiting']);
      return items[0]?.status.conditions?.length > 0 ? true : undefined;
    });
    await kubectl.ok(['delete', 'pvc', 'data-waiting-0']);
    // A set looks again when something of its pods changes, and at nothing else.
    await kubectl.ok(['annotate', 'pod', 'waiting-0', 'looked=again']);
    expect(await uidBut(first)).toMatch(/^[0-9a-f-]{36}$/);
    await kubectl.ok(['delete', 'statefulset/waiting', 'pvc/data-waiting-0', '--wait=false']);
  });

  test('a set replaces a pod that has ended, and tells so', async () => {
    await apply({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'ended' },
      spec: {
        selector: { matchLabels: { app: 'ended' } },
        template: {
          metadata: { labels: { app: 'ended' } },
          spec: { containers: [{ name: 'c', image: 'nginx:1.29' }] },
        },
      },
    });
    await kubectl.ok(['wait', 'pod', '-l', 'app=ended', '--for=create', '--timeout=20s']);
    const pod = await kubectl.json(['get', 'pod', 'ended-0']);
    await kubectl.ok(['patch', 'pod', 'ended-0', '--subresource=status', '-p', '{"status":{"phase":"Failed"}}']);
    await eventually('another pod', async () => {
      const { items } = await kubectl.json(['get', 'pods', '-l', 'app=ended']);
      return items[0] !== undefined && items[0].metadata.uid !== pod.metadata.uid ? true : undefined;
    });
    const { items } = await kubectl.json(['get', 'events', '--field-selector', 'involvedObject.name=ended']);
    const told = items.map(({ message }: { message: string }) => message.toLowerCase());
    expect(told).toContain('delete pod ended-0 in statefulset ended successful');
    await kubectl.ok(['delete', 'statefulset', 'ended']);
  });

  test('a claim waits for its first consumer, then for its node, and is made where the pod will be', async () => {
    const messages = async (name: string) => {
      const { items } = await kubectl.json(['get', 'events', '--field-selector', `involvedObject.name=${name}`]);
      return items.map((event: { reason: string; message: string }) => `${event.reason}: ${event.message}`).join('\n');
    };
    const says = (name: string, ...words: string[]) =>
      eventually(`${name}: ${words.join(', ')}`, async () => {
        const text = await messages(name);
        return words.every((word) => text.includes(word)) ? true : undefined;
      });
    const pod = (name: string, claim: string, more: object = {}) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        ...more,
        containers: [{ name: 'c', image: 'nginx:1.29' }],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
      },
    });
    const claim = (name: string, storageClassName?: string) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: '1Gi' } } },
    });
    await apply(claim('late'));
    await says('late', 'WaitForFirstConsumer: waiting for first consumer to be created before binding');
    await apply(pod('picky', 'late', { nodeSelector: { disk: 'none' } }));
    await says('late', 'WaitForPodScheduled: waiting for pod picky to be scheduled');
    await kubectl.ok(['delete', 'pod', 'picky', '--now']);
    await apply(pod('modest', 'late'));
    await kubectl.ok(['wait', 'pod/modest', '--for=condition=Ready', '--timeout=20s']);
    const { spec } = await kubectl.json(['get', 'pod', 'modest']);
    const bound = await kubectl.json(['get', 'pvc', 'late']);
    expect(bound.metadata.annotations['volume.kubernetes.io/selected-node']).toBe(spec.nodeName);
    const volume = await kubectl.json(['get', 'pv', bound.spec.volumeName]);
    const { metadata: node } = await kubectl.json(['get', 'node', spec.nodeName]);
    expect(JSON.stringify(volume.spec.nodeAffinity)).toContain(node.labels['topology.kubernetes.io/zone']);

    await apply({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'local' },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    });
    await apply(claim('by-hand', 'local'));
    await apply(pod('local', 'by-hand'));
    await says('local', "2 node(s) didn't find available persistent volumes to bind");
    const values = [node.labels['kubernetes.io/hostname']];
    const required = {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values }] }],
    };
    await apply({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'ssd-0' },
      spec: {
        capacity: { storage: '5Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'local',
        local: { path: '/mnt/ssd' },
        nodeAffinity: { required },
      },
    });
    await says(
      'local',
      'MountVolume.NewMounter initialization failed for volume "ssd-0" : path "/mnt/ssd" does not exist',
    );
    const made = { name: 'c', image: 'busybox', command: ['mkdir', '/host/mnt/ssd'] };
    await apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'prepare' },
      spec: {
        nodeName: node.name,
        restartPolicy: 'Never',
        containers: [{ ...made, volumeMounts: [{ name: 'host', mountPath: '/host' }] }],
        volumes: [{ name: 'host', hostPath: { path: '/' } }],
      },
    });
    await kubectl.ok(['wait', 'pod/local', '--for=condition=Ready', '--timeout=20s']);
    expect((await kubectl.json(['get', 'pvc', 'by-hand'])).spec.volumeName).toBe('ssd-0');
    expect((await kubectl.json(['get', 'pod', 'local'])).spec.nodeName).toBe(node.name);

    const standard = (await kubectl.json(['get', 'sc', '-o', 'json'])).items.find(
      (item: { metadata: { annotations?: Record<string, string> } }) =>
        item.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
    ).metadata.name;
    await kubectl.ok(['annotate', 'sc', standard, 'demo.fleetdeck/behaviour=provisioning-fails']);
    await apply(claim('full'));
    await apply(pod('unlucky', 'full'));
    await says('unlucky', 'binding volumes: provisioning failed for PVC "full"');
    await says('full', 'ProvisioningFailed: failed to provision volume with StorageClass');
    await kubectl.ok(['annotate', 'sc', standard, 'demo.fleetdeck/behaviour-']);
    await kubectl.ok(['wait', 'pod/unlucky', '--for=condition=Ready', '--timeout=20s']);
    await kubectl.ok(['delete', 'pod', '--all', '--now', '--wait=false']);
  });

  test('files are copied into a container and out of it', async () => {
    await kubectl.ok(['run', 'copied', '--image=nginx:1.29']);
    await kubectl.ok(['wait', 'pod/copied', '--for=condition=Ready', '--timeout=20s']);
    const from = path.join(dir, 'copied');
    mkdirSync(path.join(from, 'deep'), { recursive: true });
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_one, index) => (index * 7) & 255));
    writeFileSync(path.join(from, 'deep', 'bytes.bin'), bytes);
    writeFileSync(path.join(from, 'note.txt'), 'héllo\n');
    await kubectl.ok(['cp', from, 'copied:/tmp/in']);
    expect(await kubectl.ok(['exec', 'copied', '--', 'cat', '/tmp/in/note.txt'])).toBe('héllo\n');
    await kubectl.ok(['cp', 'copied:/tmp/in', path.join(dir, 'back')]);
    expect(readFileSync(path.join(dir, 'back', 'deep', 'bytes.bin')).equals(bytes)).toBe(true);
    await kubectl.ok(['cp', 'copied:/etc/hostname', path.join(dir, 'hostname')]);
    expect(readFileSync(path.join(dir, 'hostname'), 'utf8')).toBe('copied\n');
  });

  test.skipIf(kubectlMinor < 25)('a debugging container joins a pod that runs on', async () => {
    await kubectl.ok(['run', 'patient', '--image=nginx:1.29']);
    await kubectl.ok(['wait', 'pod/patient', '--for=condition=Ready', '--timeout=20s']);
    await kubectl.ok(['debug', 'patient', '--image=busybox', '-c', 'doctor', '--', 'sh', '-c', 'echo looking; exit 3']);
    const ended = await eventually('the debugger has ended', async () => {
      const { status } = await kubectl.json(['get', 'pod', 'patient']);
      return status.ephemeralContainerStatuses?.[0]?.state.terminated;
    });
    expect(ended.exitCode).toBe(3);
    expect(await kubectl.ok(['logs', 'patient', '-c', 'doctor'])).toBe('looking\n');
    expect(await kubectl.ok(['get', 'pod', 'patient'])).toMatch(/patient\s+1\/1\s+Running\s+0/);
  });
});
