import { expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { listensOn, programOf } from './programs.ts';
import { sampleAnswer } from './sample-apps.ts';

function answerOf(container: Json): string {
  const { sample } = programOf(container);
  if (sample === undefined) throw new Error('no sample');
  return sampleAnswer(sample, {
    method: 'GET',
    path: '/a?b=1',
    headers: { host: 'app:8080', 'user-agent': 'curl/8' },
    client: '10.1.2.3:40000',
    container,
    hostname: 'app-1',
    podIp: '10.1.2.4',
    port: 8080,
  });
}

test.each([
  ['gcr.io/google-samples/hello-app:2.0', 'Hello, world!\nVersion: 2.0.0\nHostname: app-1\n'],
  ['docker.io/jocatalin/kubernetes-bootcamp:v2', 'Hello Kubernetes bootcamp! | Running on: app-1 | v=2\n'],
  ['registry.k8s.io/hpa-example', 'OK!'],
  ['hashicorp/http-echo', 'hello-world\n'],
  ['registry.k8s.io/e2e-test-images/nautilus:1.7', '{\n  "image": "nautilus.jpg"\n}\n'],
])('%s answers as its tutorial shows', (image, said) => {
  expect(answerOf({ image })).toBe(said);
});

test('an echo says what its flags say, where they say', () => {
  const container = { image: 'hashicorp/http-echo', args: ['-text=apple', '-listen=:8081'] };
  expect(answerOf(container)).toBe('apple\n');
  expect([listensOn(container, 8081), listensOn(container, 5678)]).toEqual([true, false]);
});

test('who mirrors a request tells of it and of itself', () => {
  const lines = ['Hostname: app-1', 'IP: 10.1.2.4', 'GET /a?b=1 HTTP/1.1', 'Host: app:8080', 'User-Agent: curl/8'];
  for (const line of lines) expect(answerOf({ image: 'traefik/whoami' }).split('\n')).toContain(line);
});

test.each([
  [{ image: 'example/unknown' }, 8080, true],
  [{ image: 'example/unknown', env: [{ name: 'PORT', value: '3000' }] }, 3000, true],
  [{ image: 'example/unknown', ports: [{ containerPort: 9000 }] }, 8080, false],
  [{ image: 'example/unknown', command: ['/srv'] }, 8080, false],
  [{ image: 'nginx', command: ['sleep', '3600'] }, 80, false],
  [{ image: 'nginx', command: ['sh', '-c', 'tail -f /dev/null'] }, 80, false],
  [{ image: 'nginx', command: ['sh', '-c', 'echo hi > /usr/share/nginx/html/x && nginx'] }, 80, true],
  [{ image: 'mysql:8.0', args: ['mysql', '-h', 'db'] }, 3306, false],
  [{ image: 'mysql:8.0', args: ['--max-connections=10'] }, 3306, true],
  [{ image: 'redis', args: ['redis-server', '--appendonly', 'yes'] }, 6379, true],
  [{ image: 'wordpress:6-apache' }, 80, true],
  [{ image: 'mongo' }, 27_017, true],
])('%j listens on %i: %s', (container, port, listens) => {
  expect(listensOn(container, port)).toBe(listens);
});
