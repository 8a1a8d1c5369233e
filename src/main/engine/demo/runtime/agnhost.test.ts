import { expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { agnhostPorts, agnhostRunsFor, answerAgnhost, newMemory } from './agnhost.ts';

test.each<[Json, number[], number | null]>([
  [{ command: ['sh', '-c', 'sleep 1'] }, [], null],
  [{ args: ['netexec', '--http-port=8083', '--udp-port=8084'] }, [8083, 8084], Number.POSITIVE_INFINITY],
  [{ command: ['/agnhost', 'netexec', '--http-port', '90'] }, [90, 8081], Number.POSITIVE_INFINITY],
  [{ args: ['test-webserver'] }, [80], Number.POSITIVE_INFINITY],
  [{ args: ['guestbook', '--http-port', '6379'] }, [6379], Number.POSITIVE_INFINITY],
  [{ args: ['serve-hostname'] }, [9376], Number.POSITIVE_INFINITY],
  [{}, [], Number.POSITIVE_INFINITY],
  [{ args: ['entrypoint-tester', 'a'] }, [], 0.5],
  [{ args: ['logs-generator', '--run-duration', '20s'] }, [], 20],
  [
    {
      command: ['/agnhost', 'porter'],
      env: ['PORT_80', 'TLS_PORT_443', 'TCP_PORT_81', 'UDP_PORT_53', 'OTHER_PORT_1'].map((one) => ({
        name: `SERVE_${one}`,
      })),
    },
    [80, 443, 81, 53],
    Number.POSITIVE_INFINITY,
  ],
])('%j listens and ends as the image does', (container, ports, seconds) => {
  expect(agnhostPorts(container)).toEqual(ports);
  expect(agnhostRunsFor(container)).toBe(seconds);
});

async function ask(args: string[], path: string, more: object = {}) {
  return await answerAgnhost({
    method: 'GET',
    url: new URL(path, 'http://pod'),
    port: 80,
    container: { args },
    client: '10.0.0.9:41234',
    headers: { 'x-real': 'yes' },
    hostname: 'web-0',
    now: 60_000,
    body: '',
    memory: newMemory(),
    podIp: '10.0.0.2',
    leaving: false,
    startedAt: 55_000,
    ask: async (host, port, asked) => {
      if (host === 'nobody') throw new Error('connection refused');
      return `${host}:${port}${asked}`;
    },
    ...more,
  });
}

test('a netexec that was told to end lives on and wants no more traffic', async () => {
  expect(await ask(['netexec'], '/readyz')).toMatchObject({ status: 200, body: 'ok' });
  expect(await ask(['netexec'], '/readyz', { leaving: true })).toMatchObject({ status: 503, body: 'shutting down' });
  expect(await ask(['netexec'], '/healthz', { leaving: true })).toMatchObject({ status: 200 });
});

test.each([
  ['/hostName', 200, 'web-0'],
  ['/clientip', 200, '10.0.0.9:41234'],
  ['/echo?msg=hello', 200, 'hello'],
  ['/header?key=X-Real', 200, 'yes'],
  ['/redirect?location=/echo&code=301', 301, '<a href="/echo">Moved Permanently</a>.\n\n'],
  ['/healthz', 200, ''],
  ['/nothing', 404, '404 page not found\n'],
  [
    '/dial?host=10.0.0.3&port=8080&request=hostname&tries=2',
    200,
    '{"responses":["10.0.0.3:8080/hostname","10.0.0.3:8080/hostname"]}',
  ],
  ['/dial?host=nobody&port=8080&request=hostname', 200, '{"errors":["connection refused"]}'],
])('netexec answers %s', async (path, status, body) => {
  expect(await ask(['netexec'], path)).toMatchObject({ status, body });
});

test('the liveness server is well for ten seconds', async () => {
  expect(await ask(['liveness'], '/healthz')).toMatchObject({ status: 200, body: 'ok' });
  expect(await ask(['liveness'], '/healthz', { startedAt: 48_500 })).toMatchObject({
    status: 500,
    body: 'error: 11.500000000',
  });
});

test('a porter says what its port was given, as JSON where it is told to', async () => {
  const container = { args: ['porter', '--json-response'], env: [{ name: 'SERVE_PORT_80', value: 'foo' }] };
  expect((await ask([], '/', { container, method: 'PUT' }))?.body).toBe('{"Method":"PUT","Body":"foo"}');
});

test('who hands out files has no page of its own', async () => {
  expect(await ask(['test-webserver'], '/')).toBeNull();
});

test('who asks is sent elsewhere, as Go words it', async () => {
  const answer = await ask(['liveness'], '/redirect?loc=http%3A%2F%2F0.0.0.0%2F');
  expect(answer).toMatchObject({
    status: 302,
    headers: { location: 'http://0.0.0.0/', 'content-type': 'text/html; charset=utf-8' },
    body: '<a href="http://0.0.0.0/">Found</a>.\n\n',
  });
});
