import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { askProbe, type ProberHost } from './prober.ts';

const LOCATIONS: Readonly<Record<string, string>> = {
  '/moved': '/gone',
  '/round': '/round',
  '/away': 'http://0.0.0.0/',
};

const host: ProberHost = {
  serve: async ({ container }, path) =>
    path === '/files'
      ? { status: 200, headers: {}, body: '', fromFiles: true }
      : {
          status: path === '/gone' ? 404 : container.image === 'app' || path in LOCATIONS ? 302 : 200,
          headers: path in LOCATIONS ? { location: LOCATIONS[path] ?? '' } : ({} as Record<string, string>),
          body: '',
          fromFiles: false,
        },
  run: async (_pod, _request, command) => {
    if (command[0] === 'late') return 'late';
    if (command[0] === 'pg_isready') return 'unknown';
    return command[0] === 'cat' ? { code: 1, text: "cat: can't open 'x'\n" } : { code: 0, text: '' };
  },
};

async function ask(container: Json, probe: Json, others: Json[] = []) {
  const spec = { name: 'c', ...container };
  const pod = { metadata: { name: 'p' }, spec: { containers: [spec, ...others] } } as unknown as KubeObject;
  return await askProbe(host, pod, { spec, probe, containerId: 'containerd://1', ip: '10.0.0.7' });
}
const nginx = { image: 'nginx:1.29' };
const http = (port: number | string, more: object = {}) => ({ httpGet: { port, ...more } });

test.each<[Json, Json, string | null]>([
  [nginx, http(80), null],
  [nginx, http(8081), 'Get "http://10.0.0.7:8081/": dial tcp 10.0.0.7:8081: connect: connection refused'],
  [nginx, http(80, { path: '/gone' }), 'HTTP probe failed with statuscode: 404'],
  [nginx, http(80, { path: '/moved' }), 'HTTP probe failed with statuscode: 404'],
  [nginx, http(80, { path: '/round' }), 'Get "http://10.0.0.7:80/round": stopped after 10 redirects'],
  [nginx, http(80, { scheme: 'HTTPS' }), 'Get "https://10.0.0.7:80/": http: server gave HTTP response to HTTPS client'],
  [nginx, { tcpSocket: { port: 81 } }, 'dial tcp 10.0.0.7:81: connect: connection refused'],
  [nginx, { tcpSocket: { port: 80 } }, null],
  [
    nginx,
    { grpc: { port: 5000 }, timeoutSeconds: 2 },
    'timeout: failed to connect service "10.0.0.7:5000" within 2s: context deadline exceeded',
  ],
  [{ image: 'redis:8' }, http(6379), 'Get "http://10.0.0.7:6379/": EOF'],
  [{ image: 'busybox' }, http(80), 'Get "http://10.0.0.7:80/": dial tcp 10.0.0.7:80: connect: connection refused'],
  [{ image: 'busybox', command: ['httpd', '-f', '-p', '80'] }, http(80), null],
  [{ image: 'app' }, http(8080), null],
  [{ ...nginx, ports: [{ name: 'web', containerPort: 80 }] }, http('web'), null],
  [nginx, { exec: { command: ['cat', 'x'] } }, "cat: can't open 'x'\n"],
  [nginx, { exec: { command: ['late'] }, timeoutSeconds: 3 }, 'command timed out: "late" timed out after 3s'],
  [nginx, { exec: { command: ['true'] } }, null],
  [nginx, { exec: { command: ['pg_isready'] } }, null],
])('%j by %j says %j', async (container, probe, failure) => {
  expect((await ask(container, probe)).failure).toBe(failure);
});

test('a port that has no such name cannot be asked', async () => {
  expect(await ask(nginx, http('admin'))).toEqual({
    failure: 'strconv.Atoi: parsing "admin": invalid syntax',
    errored: true,
  });
});

test('a neighbour in the pod may be the one that listens', async () => {
  const neighbour = { name: 'cache', image: 'redis:8' };
  expect((await ask({ image: 'busybox' }, { tcpSocket: { port: 6379 } }, [neighbour])).failure).toBeNull();
});

test('only what no file and no clock can change is settled', async () => {
  expect((await ask(nginx, http(80))).settled).toBe(true);
  expect((await ask(nginx, http(80, { path: '/files' }))).settled).toBe(false);
  const liveness = { image: 'registry.k8s.io/e2e-test-images/agnhost:2.55', args: ['liveness'] };
  expect((await ask(liveness, http(8080, { path: '/healthz' }))).settled).toBe(false);
});

test('a probe that is sent elsewhere is a success with a warning', async () => {
  expect(await ask(nginx, http(80, { path: '/away' }))).toEqual({
    failure: null,
    warning: 'Probe terminated redirects, Response body: ',
  });
});
