import { describe, expect, test } from 'vitest';
import type { FurtherCheck } from '#shared/diagnosis.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { ApiError, type KubeClient } from '../../kube/index.ts';
import { node, pod, service, thing } from '../testing.ts';
import { createWorld } from '../world.ts';
import { further, furtherOptions } from './index.ts';
import { LABELS, machineState } from './machine.ts';

interface Asked {
  method: string;
  path: string;
}

/** A server that answers paths as told, and keeps the pods that are made in it. */
function server(answers: Record<string, { status: number; body: unknown }> = {}, refused: readonly string[] = []) {
  const asked: Asked[] = [];
  const pods = new Map<string, KubeObject>();
  const seen: KubeObject[] = [];
  const client = {
    transport: {
      async request({ method, path }: Asked) {
        asked.push({ method, path });
        return { headers: {}, ...(answers[path] ?? { status: 404, body: 'not here' }) };
      },
    },
    async create(ref: { resource: string }, object: KubeObject) {
      if (ref.resource === 'selfsubjectaccessreviews') {
        const { verb, resource, subresource } = (object.spec as Json).resourceAttributes;
        const what = [verb, [resource, subresource].filter(Boolean).join('/')].join(' ');
        return { ...object, status: { allowed: !refused.includes(what) } };
      }
      const metadata = { ...object.metadata, name: 'made', creationTimestamp: '2026-06-01T12:00:00Z' };
      const made = { ...object, metadata, status: { phase: 'Succeeded' } };
      pods.set('made', made);
      seen.push(made);
      return made;
    },
    async get(_ref: unknown, name: string) {
      return pods.get(name);
    },
    list: async () => ({ items: [...pods.values()] }),
    async delete(_ref: unknown, name: string) {
      pods.delete(name);
    },
  } as unknown as KubeClient;
  return { client, asked, pods, seen };
}

const facts = (
  check: FurtherCheck,
  object: KubeObject,
  { client }: { client: KubeClient },
  others: KubeObject[] = [],
) => further(check, object, createWorld({ cluster: 'test', now: 0, objects: [object, ...others] }), { client });
const SERVICE = '/api/v1/namespaces/shop/services/web:80/proxy/';
const POD = '/api/v1/namespaces/shop/pods/web-1:8080/proxy/';
const status = (code: number, message: string) => ({ status: code, body: { kind: 'Status', message } });

describe('ports', () => {
  test('of a Service and its pods are asked once each, with a plain GET', async () => {
    const { asked, ...made } = server({
      [SERVICE]: { status: 200, body: 'hello' },
      [POD]: { status: 404, body: '{}' },
    });
    const found = await facts('reach', service(), made, [pod()]);
    expect(asked).toEqual([
      { method: 'GET', path: SERVICE },
      { method: 'GET', path: POD },
    ]);
    expect(found).toMatchObject([
      { outcome: 'answered', status: 200 },
      { outcome: 'answered', status: 404 },
    ]);
  });
  test('behind TLS, with a path of a probe, and of pods that do not run', async () => {
    const probed = pod({
      container: {
        ports: [{ containerPort: 8443, name: 'https' }],
        readinessProbe: { httpGet: { path: '/ok', port: 'https', scheme: 'HTTPS' } },
      },
    });
    const { asked, ...made } = server();
    await facts('reach', probed, made);
    expect(asked[0]?.path).toMatch(/pods\/https(:|%3A)web-1(:|%3A)8443\/proxy\/ok$/);
    const unnamed = server();
    await facts('reach', pod({ container: { ports: [{ containerPort: 8080 }] } }), unnamed);
    expect(unnamed.asked.map((one) => one.path)).toEqual([POD]);
    const waiting = pod({ status: { phase: 'Pending' } });
    expect(await facts('reach', waiting, made)).toEqual([]);
  });
  test.each([
    ['refused', status(503, 'error trying to reach service: dial tcp 10.1.0.1:8080: connect: connection refused')],
    [
      'refused',
      { status: 503, body: "Error trying to reach service: 'dial tcp 10.1.0.1:8080: connect: connection refused'" },
    ],
    ['silent', status(503, 'error trying to reach service: dial tcp 10.1.0.1:8080: i/o timeout')],
    ['empty', status(503, 'no endpoints available for service "web"')],
    [
      'answered',
      status(
        503,
        'error trying to reach service: net/http: HTTP/1.x transport connection broken: malformed HTTP response',
      ),
    ],
    // A program’s own 503, even in the shape of Kubernetes.
    ['answered', status(503, 'not ready yet')],
    ['unclear', status(400, 'address not allowed')],
  ])('%s', async (outcome, answer) => {
    expect(await facts('reach', pod(), server({ [POD]: answer }))).toMatchObject([{ outcome }]);
  });
  test('without the right are no answer', async () => {
    const forbidden = status(
      403,
      'pods "web-1:8080" is forbidden: User "eve" cannot get resource "pods/proxy" in API group ""',
    );
    await expect(facts('reach', pod(), server({ [POD]: forbidden }))).rejects.toBeInstanceOf(ApiError);
  });
});

test('kubelet is asked how it is and what is full', async () => {
  const at = '/api/v1/nodes/n1/proxy';
  const summary = {
    node: {
      fs: { availableBytes: 5, capacityBytes: 100, inodesFree: 50, inodes: 100 },
      rlimit: { curproc: 1, maxpid: 4 },
    },
  };
  const well = server({
    [`${at}/healthz`]: { status: 200, body: 'ok' },
    [`${at}/stats/summary`]: { status: 200, body: summary },
  });
  expect(await facts('kubelet', node(), well)).toMatchObject([
    { healthy: true, disks: [{ what: 'nodefs', bytes: 0.95, inodes: 0.5 }], processes: 0.25 },
  ]);
  const ill = server({ [`${at}/healthz`]: { status: 500, body: '[-]syncloop failed: reason withheld' } });
  expect(await facts('kubelet', node(), ill)).toMatchObject([
    { healthy: false, said: '[-]syncloop failed: reason withheld', disks: [] },
  ]);
});

describe('the pod that looks at a machine', () => {
  const log = '/api/v1/namespaces/kube-system/pods/made/log';
  test('is labelled as ours, reads only, ends by itself, and is gone afterwards', async () => {
    const made = server({ [log]: { status: 200, body: '== clock\n1780315200\n== disk\n' } });
    await facts('machine', node(), made);
    const [created] = made.seen;
    expect(created?.metadata).toMatchObject({ labels: LABELS, namespace: 'kube-system' });
    expect(created?.spec).toMatchObject({ nodeName: 'n1', activeDeadlineSeconds: 60, restartPolicy: 'Never' });
    const [container] = created?.spec?.containers ?? [];
    expect(container.volumeMounts).toEqual([{ name: 'machine', mountPath: '/host', readOnly: true }]);
    expect(container.securityContext?.privileged).toBeUndefined();
    expect(made.pods.size).toBe(0);
  });
  test('is gone when its log cannot be read, and so is what an earlier look left behind', async () => {
    const made = server({ [log]: status(403, 'forbidden') });
    made.pods.set('old', thing('v1', 'Pod', 'old', { status: { phase: 'Failed' } }, 'kube-system'));
    const stuck = { metadata: { creationTimestamp: '2026-01-01T00:00:00Z' }, status: { phase: 'Pending' } };
    made.pods.set('stuck', thing('v1', 'Pod', 'stuck', stuck, 'kube-system'));
    await expect(facts('machine', node(), made)).rejects.toBeInstanceOf(ApiError);
    expect(made.pods.size).toBe(0);
  });
  test('tells disks, mounts and the clock', () => {
    const createdAt = Date.parse('2026-06-01T12:00:00Z');
    const said = (seconds: number): string =>
      [
        `== clock\n${createdAt / 1000 + seconds}`,
        '== disk\nFilesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 93 7 93% /host',
        '== inodes\nFilesystem Inodes IUsed IFree IUse% Mounted on\n/dev/sdb1 100 10 90 10% /host/var/lib/kubelet',
        '== mounts\n/dev/sda1 / ext4 rw,relatime 0 0\n/dev/sdb1 /var/lib ext4 ro,relatime 0 0\ntmpfs /run tmpfs ro 0 0\n/dev/loop1 /snap/x squashfs ro 0 0',
        '== load\n0.10 0.20 0.30 1/100 7\n== kubelet\n',
      ].join('\n');
    const look = (seconds: number) => machineState('n1', said(seconds), { createdAt, tookMs: 3000 });
    expect(look(2)).toMatchObject({
      clockOffset: 0,
      disks: [
        { of: 'space', path: '/', percent: 93 },
        { of: 'inodes', path: '/var/lib/kubelet', percent: 10 },
      ],
      readOnly: ['/var/lib (/dev/sdb1)'],
      load: '0.10 0.20 0.30 1/100 7',
    });
    expect([look(64), look(-60)].map(({ clockOffset }) => clockOffset)).toEqual([60, -60]);
    const sealed = '== mounts\n/dev/dm-0 / ext4 ro 0 0\n/dev/sda9 /var ext4 rw 0 0';
    expect(machineState('n1', sealed, { createdAt, tookMs: 1 })).toMatchObject({ readOnly: [], clockOffset: null });
  });
});

test('rights are asked first, for what each check needs', async () => {
  const { client } = server({}, ['get services/proxy', 'delete pods']);
  const options = (kind: 'Service' | 'Node', checks: FurtherCheck[]) =>
    furtherOptions(client, { kind, namespace: kind === 'Node' ? '' : 'shop' }, checks);
  expect(await options('Service', ['reach'])).toEqual([{ check: 'reach', missing: ['get services/proxy (shop)'] }]);
  expect(await options('Node', ['kubelet', 'machine'])).toEqual([
    { check: 'kubelet', missing: [] },
    { check: 'machine', missing: ['delete pods (kube-system)'] },
  ]);
});
