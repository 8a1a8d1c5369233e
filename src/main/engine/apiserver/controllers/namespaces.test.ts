/** What becomes of a namespace that is deleted, and when. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { startApiServer } from '../start.ts';
import { adminOf, type Credentials, call, until } from '../test-support.ts';
import type { ApiServer } from '../types.ts';
import { Debouncer } from './debouncer.ts';

const HOUR_MS = 3_600_000;

let patient: ApiServer;
let prompt: ApiServer;

beforeAll(async () => {
  const bare = { dir: null, name: 'namespaces' };
  [patient, prompt] = await Promise.all([
    startApiServer({ ...bare, namespaceDelayMs: HOUR_MS }),
    startApiServer({ ...bare, name: 'prompt' }),
  ]);
});
afterAll(() => Promise.all([patient.close(), prompt.close()]));

async function deleted(server: ApiServer): Promise<(path: string) => Promise<{ status: number; json: Json }>> {
  const admin: Credentials = adminOf(server);
  const send = (method: string, path: string, body?: object) => call(server, admin, method, path, { body });
  await send('POST', '/api/v1/namespaces', { metadata: { name: 'left' } });
  await until(async () => (await send('GET', '/api/v1/namespaces/left/serviceaccounts/default')).status === 200);
  await send('POST', '/api/v1/namespaces/left/configmaps', { metadata: { name: 'c' } });
  await send('DELETE', '/api/v1/namespaces/left');
  return (path) => send('GET', path);
}

test('where there is a delay, a namespace that is deleted keeps what is in it meanwhile', async () => {
  const get = await deleted(patient);
  expect((await get('/api/v1/namespaces/left')).json.status).toEqual({ phase: 'Terminating' });
  expect((await get('/api/v1/namespaces/left/configmaps/c')).status).toBe(200);
  // An account that goes meanwhile does not hurry it, either.
  await call(patient, adminOf(patient), 'DELETE', '/api/v1/namespaces/left/serviceaccounts/default');
  expect((await get('/api/v1/namespaces/left/serviceaccounts/default')).status).toBe(404);
  expect((await get('/api/v1/namespaces/left/configmaps/c')).status).toBe(200);
});

test('without a delay it is emptied and goes', async () => {
  const get = await deleted(prompt);
  await until(async () => (await get('/api/v1/namespaces/left')).status === 404);
  expect((await get('/api/v1/namespaces/left/configmaps/c')).status).toBe(404);
});

test('of several times at which a key is to be handled the sooner one counts', async () => {
  vi.useFakeTimers();
  try {
    const handled: number[] = [];
    const start = Date.now();
    const queue = new Debouncer(
      async () => {
        handled.push(Date.now() - start);
      },
      () => {},
    );
    for (const delay of [5000, 2000, 9000]) queue.addAfter('a', delay);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(handled).toEqual([2000]);
    queue.addAfter('a', 1000);
    await queue.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(handled).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});
