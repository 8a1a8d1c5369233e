/**
 * The demo fleet as a person meets it: real kubectl and our own client against simulated clusters in their own process,
 * its parent killed, the same folder started again.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type DemoFleet, startDemoFleet } from '#engine/demo/index.ts';
import { createHttpsTransport, createKubeClient } from '#engine/kube/index.ts';
import { contextOf, parseKubeconfig } from '#engine/kubeconfig/index.ts';
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import { eventually, Kubectl, kubectlPath } from '../fixtures/kubectl.ts';

const NODES: ResourceRef = { group: '', version: 'v1', resource: 'nodes' };
const PODS: ResourceRef = { group: '', version: 'v1', resource: 'pods' };
const DEPLOYMENTS: ResourceRef = { group: 'apps', version: 'v1', resource: 'deployments' };

/** Removed when the test that made it ends. */
function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'fleetdeck-demo-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function clientOf(file: string, name: string) {
  const kubeconfig = await parseKubeconfig(readFileSync(file, 'utf8'), path.dirname(file));
  const entry = contextOf(kubeconfig, name);
  const transport = createHttpsTransport({ server: entry.server, identity: async () => entry.identity() });
  return { client: createKubeClient(transport), close: () => transport.close() };
}

function deployment(name: string, replicas: number, image: string) {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default', labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } },
    },
  };
}

function running(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a fleet of two clusters', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-demo-'));
  let fleet: DemoFleet;
  beforeAll(async () => {
    fleet = await startDemoFleet({ dir, clusters: 2, pace: 0.05 });
  });
  afterAll(async () => {
    await fleet?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test('is described by provider, region, zones and version, and reached by kubeconfigs nobody else can read', async () => {
    expect(fleet.clusters.map(({ name, provider, region }) => [name, provider, region])).toEqual([
      ['demo-hangzhou', 'aliyun', 'cn-hangzhou'],
      ['demo-frankfurt', 'eks', 'eu-central-1'],
    ]);
    for (const cluster of fleet.clusters) {
      expect(statSync(cluster.kubeconfig).mode & 0o777).toBe(0o600);
      const { client, close } = await clientOf(cluster.kubeconfig, cluster.name);
      try {
        expect((await client.version()).gitVersion).toBe(cluster.version);
        const { items } = await client.list(NODES);
        expect(items.length).toBeGreaterThanOrEqual(2);
        for (const node of items) {
          expect(node.metadata.labels?.['topology.kubernetes.io/region']).toBe(cluster.region);
          expect(cluster.zones).toContain(node.metadata.labels?.['topology.kubernetes.io/zone']);
          expect(node.status.nodeInfo.kubeletVersion).toBe(cluster.version);
          const ready = node.status.conditions.find((condition: { type: string }) => condition.type === 'Ready');
          expect(ready.status).toBe('True');
        }
      } finally {
        await close();
      }
    }
  });

  test('runs a deployment made by our own client', async () => {
    const [cluster = expect.fail('no cluster')] = fleet.clusters;
    const { client, close } = await clientOf(cluster.kubeconfig, cluster.name);
    try {
      await client.create(DEPLOYMENTS, deployment('own', 3, 'nginx:1.27'));
      await eventually('3 of 3 ready', async () => {
        const { status } = await client.get(DEPLOYMENTS, 'own', { namespace: 'default' });
        return status?.readyReplicas === 3 && status.observedGeneration === 1 ? true : undefined;
      });
      const { items } = await client.list(PODS, { namespace: 'default', labelSelector: 'app=own' });
      expect(new Set(items.map((pod) => pod.status.podIP)).size).toBe(3);
      expect(new Set(items.map((pod) => pod.spec.nodeName)).size).toBeGreaterThan(1);
      await client.delete(DEPLOYMENTS, 'own', { namespace: 'default', propagationPolicy: 'Background' });
      await eventually('pods gone', async () => {
        const left = await client.list(PODS, { namespace: 'default', labelSelector: 'app=own' });
        return left.items.length === 0 ? true : undefined;
      });
    } finally {
      await close();
    }
  });

  test('has something to look at from the start', async () => {
    const [, cluster = expect.fail('no cluster')] = fleet.clusters;
    const { client, close } = await clientOf(cluster.kubeconfig, cluster.name);
    try {
      await eventually('every seeded pod runs', async () => {
        const { items } = await client.list(PODS);
        return items.length >= 8 && items.every((pod) => pod.status.phase === 'Running') ? true : undefined;
      });
    } finally {
      await close();
    }
  });

  test('a second fleet in the same folder is refused with the pid of the first', async () => {
    await expect(startDemoFleet({ dir, clusters: 1 })).rejects.toMatchObject({
      code: 'DATA_DIR_LOCKED',
      params: { pid: fleet.pid },
    });
  });

  describe.skipIf(kubectlPath === null)('driven by kubectl', () => {
    const kubectl = new Kubectl(path.join(dir, 'kubeconfigs', 'demo-frankfurt.yaml'));
    const apply = (object: unknown) => kubectl.ok(['apply', '-f', '-'], JSON.stringify(object));
    const rollout = (kind: string, name: string) =>
      kubectl.ok(['rollout', 'status', `${kind}/${name}`, '--timeout=30s']);

    test('lists nodes with their version', async () => {
      const text = await kubectl.ok(['get', 'nodes']);
      expect(text).toMatch(/\.eu-central-1\.compute\.internal\s+Ready/);
      expect(text).toContain('-eks-');
    });

    test('creates, scales, restarts, rolls out, undoes and deletes a deployment', async () => {
      await apply(deployment('web', 3, 'nginx:1.27'));
      await rollout('deployment', 'web');
      expect(await kubectl.ok(['get', 'deployment', 'web'])).toMatch(/web\s+3\/3\s+3\s+3/);
      await kubectl.ok(['scale', 'deployment', 'web', '--replicas=5']);
      await rollout('deployment', 'web');
      await kubectl.ok(['rollout', 'restart', 'deployment', 'web']);
      await rollout('deployment', 'web');
      await kubectl.ok(['set', 'image', 'deployment/web', 'web=nginx:1.28']);
      await rollout('deployment', 'web');
      await kubectl.ok(['rollout', 'undo', 'deployment', 'web']);
      await rollout('deployment', 'web');
      const object = await kubectl.json(['get', 'deployment', 'web']);
      expect(object.spec.template.spec.containers[0].image).toBe('nginx:1.27');
      expect(object.metadata.annotations['deployment.kubernetes.io/revision']).toBe('4');
      expect(object.status).toMatchObject({ replicas: 5, readyReplicas: 5, updatedReplicas: 5, availableReplicas: 5 });
      await kubectl.ok(['delete', 'deployment', 'web']);
      await eventually('everything of it is gone', async () => {
        const left = await kubectl.json(['get', 'replicasets,pods', '-l', 'app=web']);
        return left.items.length === 0 ? true : undefined;
      });
    });

    test('a bad image holds the rollout up, keeps the old pods and says why', async () => {
      await apply(deployment('typo', 2, 'nginx:1.27'));
      await rollout('deployment', 'typo');
      await kubectl.ok(['set', 'image', 'deployment/typo', 'web=nginx:nonexistent']);
      const pod = await eventually('a pod backs off', async () => {
        const { items } = await kubectl.json(['get', 'pods', '-l', 'app=typo']);
        return items.find(
          (item: { status: { containerStatuses?: { state: { waiting?: { reason: string } } }[] } }) =>
            item.status.containerStatuses?.[0]?.state.waiting?.reason === 'ImagePullBackOff',
        );
      });
      expect((await kubectl.json(['get', 'deployment', 'typo'])).status.availableReplicas).toBe(2);
      const described = await eventually('events are written', async () => {
        const text = await kubectl.ok(['describe', 'pod', pod.metadata.name]);
        return text.includes('Error: ImagePullBackOff') ? text : undefined;
      });
      expect(described).toContain('Back-off pulling image "nginx:nonexistent"');
      expect(described).toContain('docker.io/library/nginx:nonexistent: not found');
      await kubectl.ok(['rollout', 'undo', 'deployment', 'typo']);
      await rollout('deployment', 'typo');
      await kubectl.ok(['delete', 'deployment', 'typo']);
    });

    test('what fits nowhere stays pending with the reason of the scheduler, until it fits', async () => {
      const [node] = (await kubectl.json(['get', 'nodes'])).items;
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'picky' },
        spec: { nodeSelector: { disk: 'ssd' }, containers: [{ name: 'c', image: 'nginx:1.27' }] },
      };
      await apply(pod);
      await eventually('the scheduler has said no', async () => {
        const { status } = await kubectl.json(['get', 'pod', 'picky']);
        const condition = status.conditions?.find((one: { type: string }) => one.type === 'PodScheduled');
        return condition?.reason === 'Unschedulable' && condition.message.includes('node affinity/selector')
          ? true
          : undefined;
      });
      await kubectl.ok(['label', 'node', node.metadata.name, 'disk=ssd']);
      await kubectl.ok(['wait', 'pod/picky', '--for=condition=Ready', '--timeout=20s']);
      await kubectl.ok(['delete', 'pod', 'picky', '--timeout=20s']);
    });

    test('draining a node moves its pods and leaves it cordoned', async () => {
      await apply(deployment('moved', 4, 'nginx:1.27'));
      await rollout('deployment', 'moved');
      const [node] = (await kubectl.json(['get', 'nodes'])).items;
      const name: string = node.metadata.name;
      await kubectl.ok(['drain', name, '--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=30s']);
      await rollout('deployment', 'moved');
      const { items } = await kubectl.json(['get', 'pods', '-l', 'app=moved']);
      expect(items.map((pod: { spec: { nodeName: string } }) => pod.spec.nodeName)).not.toContain(name);
      expect(await kubectl.ok(['get', 'node', name])).toContain('Ready,SchedulingDisabled');
      await kubectl.ok(['uncordon', name]);
      await eventually('the taint is gone', async () => {
        const { spec } = await kubectl.json(['get', 'node', name]);
        return spec.taints === undefined ? true : undefined;
      });
      await kubectl.ok(['delete', 'deployment', 'moved']);
    });

    test('a node told to fall silent becomes NotReady and unreachable, and comes back', async () => {
      const [node] = (await kubectl.json(['get', 'nodes'])).items;
      const name: string = node.metadata.name;
      await kubectl.ok(['annotate', 'node', name, 'demo.fleetdeck/behaviour=down']);
      await kubectl.ok(['wait', `node/${name}`, '--for=condition=Ready=Unknown', '--timeout=20s']);
      await eventually('tainted as unreachable', async () => {
        const { spec } = await kubectl.json(['get', 'node', name]);
        const keys = (spec.taints ?? []).map(
          (taint: { key: string; effect: string }) => `${taint.key}:${taint.effect}`,
        );
        return keys.includes('node.kubernetes.io/unreachable:NoExecute') ? true : undefined;
      });
      await kubectl.ok(['annotate', 'node', name, 'demo.fleetdeck/behaviour-']);
      await kubectl.ok(['wait', `node/${name}`, '--for=condition=Ready', '--timeout=20s']);
      await eventually('every pod on it is ready again', async () => {
        const { items } = await kubectl.json(['get', 'pods', '-A', '--field-selector', `spec.nodeName=${name}`]);
        const bad = items.filter(
          (pod: { status: { containerStatuses?: { ready: boolean }[] } }) =>
            pod.status.containerStatuses?.[0]?.ready !== true,
        );
        return bad.length === 0 ? true : undefined;
      });
    });

    test('a service finds the ready pods behind it and gets an address from its load balancer', async () => {
      await apply(deployment('served', 2, 'nginx:1.27'));
      await apply({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'served' },
        spec: { type: 'LoadBalancer', selector: { app: 'served' }, ports: [{ port: 80, targetPort: 8080 }] },
      });
      await rollout('deployment', 'served');
      await eventually('two addresses', async () => {
        const { subsets } = await kubectl.json(['get', 'endpoints', 'served']);
        return subsets?.[0]?.addresses?.length === 2 && subsets[0].ports[0].port === 8080 ? true : undefined;
      });
      const { items } = await kubectl.json(['get', 'endpointslices', '-l', 'kubernetes.io/service-name=served']);
      expect(
        items[0].endpoints.map((endpoint: { conditions: { ready: boolean } }) => endpoint.conditions.ready),
      ).toEqual([true, true]);
      await eventually('load balancer', async () => {
        const { status } = await kubectl.json(['get', 'service', 'served']);
        return status.loadBalancer.ingress?.[0]?.hostname?.includes('eu-central-1.elb') ? true : undefined;
      });
      await kubectl.ok(['delete', 'deployment,service', 'served']);
    });

    test('stateful sets keep order and claims, jobs end, daemon sets cover every node', async () => {
      const labels = { app: 'db' };
      await apply({
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 'db' },
        spec: {
          serviceName: 'db',
          replicas: 2,
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
      await rollout('statefulset', 'db');
      const { items: pods } = await kubectl.json(['get', 'pods', '-l', 'app=db']);
      expect(pods.map((pod: { metadata: { name: string } }) => pod.metadata.name)).toEqual(['db-0', 'db-1']);
      const { items: claims } = await kubectl.json(['get', 'pvc']);
      expect(claims.map((claim: { status: { phase: string } }) => claim.status.phase)).toEqual(['Bound', 'Bound']);
      await apply({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'sum' },
        spec: {
          completions: 3,
          parallelism: 2,
          template: {
            spec: {
              restartPolicy: 'Never',
              containers: [{ name: 'c', image: 'busybox:1', command: ['sh', '-c', 'sleep 1'] }],
            },
          },
        },
      });
      await kubectl.ok(['wait', 'job/sum', '--for=condition=Complete', '--timeout=30s']);
      expect((await kubectl.json(['get', 'job', 'sum'])).status.succeeded).toBe(3);
      const proxy = (await kubectl.json(['get', 'daemonset', 'kube-proxy', '-n', 'kube-system'])).status;
      expect(proxy.numberReady).toBe((await kubectl.json(['get', 'nodes'])).items.length);
      await kubectl.ok(['delete', 'statefulset/db', 'job/sum']);
    });
  });
});

describe('the process of a fleet', () => {
  /** A host of its own, so that it can be killed. */
  async function startHost(dir: string) {
    const script = `
      import { startDemoFleet } from '#engine/demo/index.ts';
      const fleet = await startDemoFleet({ dir: process.argv[1], clusters: 1, nodes: 1, pace: 0 });
      console.log(JSON.stringify({ pid: fleet.pid, clusters: fleet.clusters }));
      setInterval(() => {}, 1000);`;
    const host = spawn(process.execPath, ['--input-type=module-typescript', '-e', script, dir], {
      cwd: path.resolve(import.meta.dirname, '../..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void host.kill('SIGKILL'));
    const [line] = await Promise.race([once(createInterface({ input: host.stdout }), 'line'), once(host, 'exit')]);
    return { host, ...(JSON.parse(String(line)) as Pick<DemoFleet, 'pid' | 'clusters'>) };
  }

  test('ends when its parent is killed, and the next one goes on where it was', async () => {
    const dir = folder();
    const first = await startHost(dir);
    const [before = expect.fail('no cluster')] = first.clusters;
    const text = readFileSync(before.kubeconfig, 'utf8');
    const connection = await clientOf(before.kubeconfig, before.name);
    await connection.client.create(DEPLOYMENTS, deployment('kept', 2, 'nginx:1.27'));
    first.host.kill('SIGKILL');
    await connection.close();
    await eventually('the child has ended', () => (running(first.pid) ? undefined : true), 5000);

    const fleet = await startDemoFleet({ dir, clusters: 1, pace: 0 });
    try {
      const [after = expect.fail('no cluster')] = fleet.clusters;
      expect(after.server).toBe(before.server);
      expect(readFileSync(after.kubeconfig, 'utf8')).toBe(text);
      const { client, close } = await clientOf(after.kubeconfig, after.name);
      try {
        await eventually('what was acknowledged runs', async () => {
          const { status } = await client.get(DEPLOYMENTS, 'kept', { namespace: 'default' });
          return status?.readyReplicas === 2 ? true : undefined;
        });
        expect((await client.list(NODES)).items).toHaveLength(1);
      } finally {
        await close();
      }
    } finally {
      await fleet.close();
    }
    expect(running(fleet.pid)).toBe(false);
  });

  test('that dies is reported to whoever listens', async () => {
    const log: string[] = [];
    const note = (message: string) => log.push(message);
    const fleet = await startDemoFleet({
      dir: folder(),
      clusters: 1,
      nodes: 1,
      pace: 0,
      log: { debug: note, info: note, warn: note, error: note },
    });
    const exited = new Promise<[number | null, string | null]>((resolve) =>
      fleet.onExit((code, signal) => resolve([code, signal])),
    );
    process.kill(fleet.pid, 'SIGKILL');
    expect(await exited).toEqual([null, 'SIGKILL']);
    expect(log).toContain('demo fleet: process ended');
    await fleet.close();
  });

  test('is not started for numbers that make no sense', async () => {
    await expect(startDemoFleet({ dir: folder(), clusters: 0 })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(startDemoFleet({ dir: folder(), clusters: 1, pace: -1 })).rejects.toMatchObject({ code: 'INVALID' });
  });
});
