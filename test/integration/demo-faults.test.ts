/** Faults of the demo fleet as kubectl meets them: begun and ended through the control channel, over restarts as well. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type DemoFleet, demoControl, startDemoFleet } from '#engine/demo/index.ts';
import { createWorld, inspect, RULES, readCluster } from '#engine/inspection/index.ts';
import { createHttpsTransport, createKubeClient, type KubeClient } from '#engine/kube/index.ts';
import { contextOf, readKubeconfigFile } from '#engine/kubeconfig/index.ts';
import type { StartFault } from '#shared/contract/demo.ts';
import { eventually, Kubectl, kubectlPath } from '../fixtures/kubectl.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-faults-'));
const control = demoControl(dir);
const BROKEN = 'demo-hangzhou';
let fleet: DemoFleet;
let kubectl: Kubectl;
let neighbour: Kubectl;

const start = (fault: StartFault['fault'], more: Partial<StartFault> = {}) =>
  control.start({ fault, cluster: BROKEN, values: {}, ...more });
const endAll = async () => {
  for (const { id } of (await control.state()).active) await control.stop({ id });
};
const active = async () => (await control.state()).active.map(({ id }) => id);
const server = () => new URL(fleet.clusters[0]?.server ?? '');

/** Messages of the events about objects of one namespace. */
async function messages(namespace: string, reason: string): Promise<string[]> {
  const { items } = await kubectl.json(['get', 'events', '-n', namespace, '--field-selector', `reason=${reason}`]);
  return items.map((event: { message: string }) => event.message);
}

async function podsOf(app: string) {
  const { items } = await kubectl.json(['get', 'pods', '-n', 'web-shop', '-l', `app.kubernetes.io/name=${app}`]);
  return items;
}

async function allReady(app: string, count: number) {
  await eventually(`${app} works again`, async () => {
    const pods = await podsOf(app);
    const ready = pods.filter((pod: { status: { containerStatuses?: { ready: boolean }[] } }) =>
      pod.status.containerStatuses?.every((status) => status.ready),
    );
    return ready.length === count && pods.length === count ? true : undefined;
  });
}

/** End of the certificate on the cluster's port. */
function certificateEnd(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(server().port), rejectUnauthorized: false }, () => {
      resolve(Date.parse(socket.getPeerCertificate().valid_to));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

describe.skipIf(kubectlPath === null)('faults of a demo fleet', () => {
  beforeAll(async () => {
    fleet = await startDemoFleet({ dir, clusters: 2, nodes: 3, pace: 0.05 });
    kubectl = new Kubectl(fleet.clusters[0]?.kubeconfig ?? '');
    neighbour = new Kubectl(fleet.clusters[1]?.kubeconfig ?? '');
    await allReady('cart', 2);
  });
  afterEach(endAll);
  afterAll(async () => {
    await fleet?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test('the control address is readable by its owner alone and wants its token', async () => {
    const file = path.join(dir, 'control.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { url } = JSON.parse(readFileSync(file, 'utf8')) as { url: string };
    const answer = await fetch(url, { method: 'POST', body: '{"method":"state"}' });
    expect(answer.status).toBe(401);
  });

  test('a closed port refuses connections, the neighbour answers, and the end brings the same address back', async () => {
    await start('api-unreachable');
    const refused = await kubectl.run(['get', 'nodes']);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('refused');
    await neighbour.ok(['get', 'nodes']);
    await endAll();
    await kubectl.ok(['get', 'nodes']);
  });

  test('a silent port takes the connection and never answers', async () => {
    await start('api-unreachable', { values: { port: 'silent' } });
    const result = await kubectl.run(['get', 'nodes', '--request-timeout=1s']);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(/timeout|Timeout|deadline/);
  });

  test('failing requests fail with the words of the API server, and only in the one cluster', async () => {
    await start('api-errors', { values: { rate: 100 } });
    const timedOut = await kubectl.run(['get', '--raw', '/api/v1/nodes']);
    expect(timedOut.stderr).toContain('etcdserver: request timed out');
    await start('api-errors', { values: { rate: 100, status: '503' } });
    const unavailable = await kubectl.run(['get', '--raw', '/api/v1/nodes']);
    expect(unavailable.stderr).toContain('the server is currently unable to handle the request');
    await neighbour.ok(['get', '--raw', '/api/v1/nodes']);
  });

  test('throttled requests carry Retry-After and half of them pass at a rate of 50', async () => {
    await start('api-throttled', { values: { rate: 50 } });
    const { default: https } = await import('node:https');
    const statuses: (number | undefined)[] = [];
    const retryAfter = new Set<string | undefined>();
    for (let i = 0; i < 10; i++) {
      await new Promise<void>((resolve, reject) => {
        https
          .get(new URL('/version', server()), { rejectUnauthorized: false, agent: false }, (response) => {
            statuses.push(response.statusCode);
            if (response.statusCode === 429) retryAfter.add(response.headers['retry-after']);
            response.resume().on('end', () => resolve());
          })
          .on('error', reject);
      });
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    expect([...retryAfter]).toEqual(['1']);
  });

  test('a slow API server still answers, later than it was asked for', async () => {
    const limit = ['get', '--raw', '/version', '--request-timeout=1s'];
    await kubectl.ok(limit);
    await start('api-slow', { values: { delay: 60_000 } });
    expect((await kubectl.run(limit)).code).not.toBe(0);
    await start('api-slow', { values: { delay: 100 } });
    await kubectl.ok(['get', '--raw', '/version']);
  });

  test('a certificate about to expire is on the port, an expired one is refused by kubectl, the end restores the first', async () => {
    const ordinary = await certificateEnd();
    await start('certificate-expiring', { values: { days: 3 } });
    const days = ((await certificateEnd()) - Date.now()) / (24 * 3600 * 1000);
    expect(days).toBeGreaterThan(2.9);
    expect(days).toBeLessThanOrEqual(3);
    await kubectl.ok(['get', 'nodes']);
    await start('certificate-expiring', { values: { days: -1 } });
    expect((await kubectl.run(['get', 'nodes'])).stderr).toContain('certificate has expired');
    await endAll();
    expect(await certificateEnd()).toBe(ordinary);
  });

  test('a wrong clock shows in creation times', async () => {
    await start('clock-skew', { values: { offset: 7200 } });
    await kubectl.ok(['create', 'configmap', 'from-the-future']);
    const { metadata } = await kubectl.json(['get', 'configmap', 'from-the-future']);
    expect((Date.parse(metadata.creationTimestamp) - Date.now()) / 1000).toBeGreaterThan(7000);
  });

  test('a failing webhook bars pods, not other objects, and leaves nothing behind', async () => {
    await start('webhook-failing');
    const refused = await kubectl.run(['run', 'barred', '--image=nginx']);
    expect(refused.stderr).toContain('Internal error occurred: failed calling webhook "validate.policy.example.com"');
    expect(refused.stderr).toContain('no endpoints available for service "policy-webhook"');
    await kubectl.ok(['get', 'validatingwebhookconfiguration', 'policy-webhook']);
    await kubectl.ok(['create', 'configmap', 'not-barred']);
    await kubectl.ok(['delete', 'pod', '-n', 'web-shop', '-l', 'app.kubernetes.io/name=cart', '--wait=false']);
    await eventually(
      'the ReplicaSet says why',
      async () =>
        (await messages('web-shop', 'FailedCreate')).some((text) => text.includes('failed calling webhook')) ||
        undefined,
    );
    await endAll();
    await allReady('cart', 2);
    await eventually('the webhook is gone', async () => {
      const left = await kubectl.ok(['get', 'validatingwebhookconfiguration,ns', '-o', 'name']);
      return left.includes('policy-') ? undefined : true;
    });
  });

  test('a silent node becomes NotReady and comes back', async () => {
    const { target } = await start('node-not-ready');
    await eventually('the node is Unknown', async () => {
      const { status, spec } = await kubectl.json(['get', 'node', target ?? '']);
      const ready = status.conditions.find((condition: { type: string }) => condition.type === 'Ready');
      const tainted = spec.taints?.some((taint: { key: string }) => taint.key.endsWith('/unreachable'));
      return ready.status === 'Unknown' && tainted ? true : undefined;
    });
    await endAll();
    await kubectl.ok(['wait', 'node', target ?? '', '--for=condition=Ready', '--timeout=20s']);
  });

  test('a node that reports NotReady is tainted and says why', async () => {
    const { target } = await start('node-not-ready', { values: { node: 'not-ready' } });
    const node = await eventually('the node is not ready', async () => {
      const found = await kubectl.json(['get', 'node', target ?? '']);
      return found.spec.taints?.length === 2 ? found : undefined;
    });
    const ready = node.status.conditions.find((condition: { type: string }) => condition.type === 'Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'KubeletNotReady' });
    await endAll();
    await eventually('the taints are gone', async () =>
      (await kubectl.json(['get', 'node', target ?? ''])).spec.taints === undefined ? true : undefined,
    );
  });

  test('pressure shows as condition and taint, and evicts pods until it ends', async () => {
    const { items } = await kubectl.json(['get', 'pods', '-n', 'web-shop', '-l', 'app.kubernetes.io/name=storefront']);
    const target = items[0].spec.nodeName as string;
    await start('node-pressure', { target, values: { resource: 'disk' } });
    await kubectl.ok(['wait', 'node', target, '--for=condition=DiskPressure', '--timeout=20s']);
    await eventually(
      'a pod is evicted',
      async () =>
        (await messages('web-shop', 'Evicted')).some((text) => text.includes('low on resource: ephemeral-storage')) ||
        undefined,
    );
    await endAll();
    await kubectl.ok(['wait', 'node', target, '--for=condition=DiskPressure=False', '--timeout=20s']);
    await kubectl.ok(['delete', 'pods', '-n', 'web-shop', '--field-selector=status.phase=Failed']);
    await allReady('storefront', 2);
  });

  describe('an inspection', () => {
    async function opened(): Promise<KubeClient & { close(): Promise<void> }> {
      const config = await readKubeconfigFile(fleet.clusters[0]?.kubeconfig ?? '');
      const entry = contextOf(config, config.currentContext ?? '');
      const identity = entry.identity();
      const transport = createHttpsTransport({ server: entry.server, identity: async () => identity });
      return { ...createKubeClient(transport), close: () => transport.close() };
    }
    async function found(): Promise<string[]> {
      const client = await opened();
      try {
        const world = createWorld({ cluster: BROKEN, now: Date.now(), ...(await readCluster(client)) });
        return inspect(world, { rules: RULES }).findings.map(
          ({ rule, severity, kind }) => `${rule} ${severity} ${kind}`,
        );
      } finally {
        await client.close();
      }
    }

    test('names a certificate, a node and a rollout that are in trouble', async () => {
      await start('certificate-expiring', { values: { days: 3 } });
      await start('node-not-ready', { values: { node: 'not-ready' } });
      await start('image-missing');
      const wanted = ['CertificateExpiredPeriod danger Cluster', 'NodeStatus danger Node', 'EventAudit warning Pod'];
      await eventually('all of it is found', async () => {
        const all = await found();
        return wanted.every((one) => all.includes(one)) ? true : undefined;
      });
      await endAll();
      await allReady('storefront', 2);
    });

    test('of a server that goes away in the middle keeps what was read, and says what was not', async () => {
      const client = await opened();
      let requests = 0;
      const { objects, missing } = await readCluster(client, {
        pace: async () => {
          requests += 1;
          if (requests === 6) await start('api-unreachable');
        },
      });
      await client.close();
      expect(objects.length).toBeGreaterThan(0);
      expect(missing.length).toBeGreaterThan(5);
      expect(missing.every(({ why }) => why === 'failed')).toBe(true);
    });
  });

  test('a claim without room stays pending, with the pod that needs it', async () => {
    await start('volume-pending');
    await eventually(
      'the claim says why',
      async () =>
        (await messages('report-archive', 'ProvisioningFailed')).some((text) => text.includes('ResourceExhausted')) ||
        undefined,
    );
    expect(await kubectl.ok(['get', 'pvc', '-n', 'report-archive'])).toContain('Pending');
    await eventually(
      'the pod waits',
      async () =>
        (await messages('report-archive', 'FailedScheduling')).some((text) => text.includes('unbound immediate')) ||
        undefined,
    );
    await endAll();
    await eventually(
      'the namespace is gone',
      async () => (await kubectl.run(['get', 'ns', 'report-archive'])).stderr.includes('NotFound') || undefined,
    );
  });

  test.each([
    ['image-missing', 'not found'],
    ['image-forbidden', 'Error: Status 403 trying to pull repository library/nginx: "CRS_1002: Access Denied"'],
  ] as const)('%s: the rollout hangs with its reason, the old pods stay, the end rolls back', async (fault, words) => {
    await start(fault);
    await eventually(
      'the pull fails',
      async () =>
        (await messages('web-shop', 'Failed')).some(
          (text) => text.startsWith('Failed to pull') && text.includes(words),
        ) || undefined,
    );
    const pods = await podsOf('storefront');
    expect(pods.filter((pod: { status: { phase: string } }) => pod.status.phase === 'Running').length).toBeGreaterThan(
      0,
    );
    await endAll();
    await allReady('storefront', 2);
  });

  test.each([
    ['crash-loop', 'CrashLoopBackOff'],
    ['out-of-memory', 'OOMKilled'],
  ] as const)('%s: the containers end again and again as %s', async (fault, words) => {
    await start(fault, { target: 'web-shop/deploy/cart' });
    await eventually(words, async () =>
      JSON.stringify(await podsOf('cart')).includes(`"${words}"`) ? true : undefined,
    );
    await endAll();
    await allReady('cart', 2);
  });

  test('a failing readiness probe takes the endpoints away and gives them back', async () => {
    const endpoints = async () => (await kubectl.json(['get', 'endpoints', '-n', 'web-shop', 'cart'])).subsets?.[0];
    await start('readiness-failing', { target: 'web-shop/deployment/cart' });
    await eventually('nobody is ready', async () => {
      const found = await endpoints();
      return found?.addresses === undefined && found?.notReadyAddresses?.length === 2 ? true : undefined;
    });
    await endAll();
    await eventually('all are ready', async () => ((await endpoints())?.addresses?.length === 2 ? true : undefined));
  });

  test.each([
    ['liveness-failing', 'storefront', 'Liveness probe failed', 'failed liveness probe, will be restarted'],
    // The store's pod: kubelet's event filter has heard enough of the others by now.
    ['startup-failing', 'cart-store', 'Startup probe failed', 'failed startup probe, will be restarted'],
  ] as const)('%s: kubelet warns, kills and restarts %s', async (fault, app, warning, killing) => {
    const kind = app === 'cart-store' ? 'statefulset' : 'deployment';
    await start(fault, { target: `web-shop/${kind}/${app}` });
    await eventually(
      'the warning',
      async () => (await messages('web-shop', 'Unhealthy')).some((text) => text.startsWith(warning)) || undefined,
    );
    await eventually(
      'the restart',
      async () => (await messages('web-shop', 'Killing')).some((text) => text.endsWith(killing)) || undefined,
    );
    await eventually('a restart is counted', async () => {
      const pods = await podsOf(app);
      return pods.some((pod: { status: { containerStatuses: { restartCount: number }[] } }) =>
        pod.status.containerStatuses.some(({ restartCount }) => restartCount > 0),
      )
        ? true
        : undefined;
    });
    await endAll();
    await allReady(app, app === 'cart-store' ? 1 : 2);
  });

  test('what somebody annotates is listed, and its end is the end of the annotation', async () => {
    await kubectl.ok(['annotate', 'deployment', '-n', 'web-shop', 'cart', 'demo.fleetdeck/behaviour=unready']);
    const id = `${BROKEN}/readiness-failing/web-shop/deployment/cart`;
    await eventually('it is listed', async () => ((await active()).includes(id) ? true : undefined));
    expect((await control.state()).active).toMatchObject([{ id, by: 'annotation', until: null }]);
    await control.stop({ id });
    const { metadata } = await kubectl.json(['get', 'deployment', '-n', 'web-shop', 'cart']);
    expect(metadata.annotations['demo.fleetdeck/behaviour']).toBeUndefined();
    expect(await active()).toEqual([]);
  });

  test('taking the annotation away ends a fault that was started by command', async () => {
    await start('crash-loop', { target: 'web-shop/deployment/cart' });
    await kubectl.ok(['annotate', 'deployment', '-n', 'web-shop', 'cart', 'demo.fleetdeck/behaviour-']);
    await eventually('it is over', async () => ((await active()).length === 0 ? true : undefined));
  });

  test('an image fault annotated on a Deployment is a release gone wrong, which a rollback ends as well', async () => {
    const annotate = (value: string) =>
      kubectl.ok(['annotate', 'deployment', '-n', 'web-shop', 'storefront', `demo.fleetdeck/behaviour${value}`]);
    const stuck = () =>
      eventually('a pod of the release waits', async () =>
        JSON.stringify(await podsOf('storefront')).includes('"ImagePullBackOff"') ? true : undefined,
      );
    await annotate('=image-missing');
    await stuck();
    expect(await active()).toEqual([`${BROKEN}/image-missing/web-shop/deployment/storefront`]);
    await annotate('-');
    await allReady('storefront', 2);
    await annotate('=image-missing');
    await stuck();
    await kubectl.ok(['rollout', 'undo', 'deployment/storefront', '-n', 'web-shop']);
    await allReady('storefront', 2);
    await eventually('it is over', async () => ((await active()).length === 0 ? true : undefined));
    const { metadata } = await kubectl.json(['get', 'deployment', '-n', 'web-shop', 'storefront']);
    expect(metadata.annotations['demo.fleetdeck/behaviour']).toBeUndefined();
  });

  test('faults of the cluster are annotated on kube-system, with values, and end there or by command', async () => {
    const annotate = (value: string) =>
      kubectl.run(['annotate', '--overwrite', 'namespace', 'kube-system', `demo.fleetdeck/behaviour${value}`]);
    await annotate('=api-slow:delay=60');
    await eventually('it is listed', async () => ((await active()).length === 1 ? true : undefined));
    expect((await control.state()).active).toMatchObject([
      { id: `${BROKEN}/api-slow`, target: null, values: { delay: 60 }, by: 'annotation' },
    ]);
    await annotate('-');
    await eventually('it is over', async () => ((await active()).length === 0 ? true : undefined));
    await annotate('=api-slow:delay=60,certificate-expiring:days=3');
    await eventually('both are listed', async () => ((await active()).length === 2 ? true : undefined));
    await endAll();
    const { metadata } = await kubectl.json(['get', 'namespace', 'kube-system']);
    expect(metadata.annotations?.['demo.fleetdeck/behaviour']).toBeUndefined();
    const refused = await annotate('=api-slow:delay=1');
    expect(refused.stderr).toContain('delay is between 50 and 60000');
  });

  test('one claim alone is left without a volume, listed and ended as the others are', async () => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'alone', namespace: 'web-shop', annotations: { 'demo.fleetdeck/behaviour': 'volume-pending' } },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    const made = await kubectl.run(['create', '-f', '-'], JSON.stringify(claim));
    expect(made.stderr).toBe('');
    const id = `${BROKEN}/volume-pending/web-shop/persistentvolumeclaim/alone`;
    await eventually('it is listed', async () => ((await active()).includes(id) ? true : undefined));
    await control.stop({ id });
    expect(await active()).toEqual([]);
    await kubectl.ok(['delete', 'pvc', '-n', 'web-shop', 'alone']);
    await expect(start('volume-pending', { target: 'web-shop/pvc/data-cart-store-0' })).rejects.toMatchObject({
      code: 'INVALID',
    });
    await expect(start('crash-loop', { target: 'web-shop/pvc/data-cart-store-0' })).rejects.toMatchObject({
      code: 'INVALID',
    });
  });

  test('a fault with a time ends by itself, and whoever watches hears of both', async () => {
    const seen: string[][] = [];
    const abort = new AbortController();
    const watching = (async () => {
      for await (const state of control.watch(abort.signal)) {
        seen.push(state.active.map(({ fault }) => fault));
        if (seen.length > 1 && state.active.length === 0) abort.abort();
      }
    })();
    await eventually('the watch is open', () => (seen.length > 0 ? true : undefined));
    await start('api-slow', { values: { delay: 50 }, forSeconds: 1 });
    await watching;
    expect(seen).toEqual([[], ['api-slow'], []]);
  });

  test.each([
    [{ fault: 'api-slow', values: { delay: 1 } }, 'INVALID'],
    [{ fault: 'api-slow', values: { dealy: 100 } }, 'INVALID'],
    [{ fault: 'api-slow', target: 'somewhere' }, 'INVALID'],
    [{ fault: 'crash-loop', target: 'web-shop/deployment/nothing' }, 'NOT_FOUND'],
    [{ fault: 'crash-loop', target: 'cart' }, 'INVALID'],
    [{ fault: 'node-pressure', target: 'no-node' }, 'NOT_FOUND'],
    [{ fault: 'api-slow', cluster: 'nowhere' }, 'NOT_FOUND'],
  ] as const)('%j is refused with %s', async (input, code) => {
    const { fault, ...more } = input;
    await expect(start(fault, more)).rejects.toMatchObject({ code });
    expect(await active()).toEqual([]);
  });

  test('what was active before a restart of the process is active after it, and can be ended', async () => {
    await start('api-unreachable');
    await start('crash-loop', { target: 'web-shop/deployment/cart' });
    const before = (await control.state()).active;
    process.kill(fleet.pid, 'SIGKILL');
    await new Promise<void>((resolve) => fleet.onExit(() => resolve()));
    fleet = await startDemoFleet({ dir, clusters: 2, nodes: 3, pace: 0.05 });
    expect((await control.state()).active).toEqual(before);
    expect((await kubectl.run(['get', 'nodes'])).stderr).toContain('refused');
    await endAll();
    await kubectl.ok(['get', 'nodes']);
    await allReady('cart', 2);
  });
});
