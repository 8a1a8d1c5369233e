import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { withPriority } from './priority.ts';
import type { KubeTransport, RawRequest, TransportRequest } from './types.ts';

test('every way to ask takes the priority along, unless a request has its own; none is lost', async () => {
  const asked: unknown[] = [];
  const ask = (request: TransportRequest | RawRequest) => void asked.push(request.priority);
  const whole: Required<KubeTransport> = {
    server: 'https://one.example',
    async request(request) {
      ask(request);
      return { status: 200, headers: {}, body: null };
    },
    async *stream(request) {
      ask(request);
      yield 1;
    },
    async raw(request) {
      ask(request);
      return { status: 200, headers: {}, body: Readable.from([]) };
    },
    async upgrade(request) {
      ask(request);
      return { headers: {}, connection: new PassThrough() };
    },
    compress: () => true,
    certificates: async () => ({ client: 'pem' }),
    close: async () => undefined,
  };
  const wrapped = withPriority(whole, 'background');
  expect(Object.keys(wrapped).sort()).toEqual(Object.keys(whole).sort());

  const request = { method: 'GET', path: '/' } as const;
  await wrapped.request(request);
  for await (const value of wrapped.stream(request)) expect(value).toBe(1);
  await wrapped.raw?.(request);
  await wrapped.upgrade?.({ ...request, protocol: 'x' });
  await wrapped.request({ ...request, priority: 'foreground' });
  expect(asked).toEqual(['background', 'background', 'background', 'background', 'foreground']);
  expect(wrapped.compress?.()).toBe(true);
  expect(await wrapped.certificates?.()).toEqual({ client: 'pem' });
});

test('a transport without bytes to pass on has none with a priority either', () => {
  const plain = { server: '', request: null, stream: null, close: null } as unknown as KubeTransport;
  expect(withPriority(plain, 'foreground').raw).toBeUndefined();
  expect(withPriority(plain, 'foreground').upgrade).toBeUndefined();
});
