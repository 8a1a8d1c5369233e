/** Webhooks that send their callers elsewhere, or away for a while. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { CONFIG_MAPS, WebhookRig } from '../admission/webhooks/test-rig.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const rig = new WebhookRig();
const { answers, heads, received, post, hook, install, configMap } = rig;
beforeAll(() => rig.start('redirects'));
afterAll(() => rig.close());
afterEach(() => rig.reset());

const FAILED = 'Internal error occurred: failed calling webhook "hook.example.com": failed to call webhook: ';
const sentTo = (http: number, location: string) => () => ({ http, headers: { location } });
const written = async () => {
  const { status, json } = await post(CONFIG_MAPS, configMap());
  return [status, json.message];
};

test.each([307, 308])('%i: the question is asked again elsewhere', async (http) => {
  answers.set('/hook', sentTo(http, '/there'));
  answers.set('/there', () => ({ allowed: true }));
  await install('Validating', [hook('/hook')]);
  expect(await written()).toEqual([201, undefined]);
  expect(received[1]).toEqual(received[0]);
  expect(heads[1]).toMatchObject({
    method: 'POST',
    url: '/there',
    headers: { host: `localhost:${rig.port}`, referer: `https://localhost:${rig.port}/hook?timeout=10s` },
  });
});

test.each([301, 302, 303])('%i: what is elsewhere is only read', async (http) => {
  answers.set('/hook', sentTo(http, `https://localhost:${rig.port}/there`));
  answers.set('/there', () => ({ raw: '{}' }));
  await install('Validating', [hook('/hook')]);
  expect((await written())[1]).toContain('webhook response was absent');
  expect(heads[1]).toMatchObject({ method: 'GET', url: '/there' });
  expect(heads[1]!.headers).not.toHaveProperty('content-type');
});

test('what is neither JSON nor a mapping is no answer', async () => {
  answers.set('/hook', () => ({ raw: 'hello' }));
  await install('Validating', [hook('/hook')]);
  expect((await written())[1]).toContain("couldn't get version/kind; json parse error: json: cannot unmarshal string");
});

test('an answer that breaks off is said to', async () => {
  answers.set('/hook', () => ({ raw: '{"a', headers: { 'content-length': '1000' } }));
  await install('Validating', [hook('/hook')]);
  expect((await written())[1]).toBe(
    `${FAILED}unexpected error when reading response body. Please retry. Original error: unexpected EOF`,
  );
});

test('a server without TLS is said to be one', async () => {
  const plain = createServer((_request, response) => void response.end());
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(plain.address() as AddressInfo).port}/x`;
  await install('Validating', [{ ...hook('/hook'), clientConfig: { url } }]);
  expect((await written())[1]).toBe(
    `${FAILED}Post "${url}?timeout=10s": http: server gave HTTP response to HTTPS client`,
  );
  plain.close();
});

test('a redirect to nowhere is an answer', async () => {
  answers.set('/hook', () => ({ http: 302 }));
  await install('Validating', [hook('/hook')]);
  expect((await written())[1]).toBe(
    `${FAILED}the server responded with the status code 302 but did not return more information`,
  );
});

test('who is sent round in circles gives up', async () => {
  answers.set('/hook', sentTo(307, '/hook'));
  await install('Validating', [hook('/hook')]);
  expect((await written())[1]).toBe(`${FAILED}Post "/hook": stopped after 10 redirects`);
  expect(received).toHaveLength(10);
});

test('one that cannot answer now is asked again when it says', async () => {
  answers.set('/hook', () =>
    received.length < 3 ? { http: 503, headers: { 'retry-after': '0' } } : { allowed: true },
  );
  await install('Validating', [hook('/hook')]);
  expect(await written()).toEqual([201, undefined]);
  expect(received).toHaveLength(3);
});

test('not beyond the time it has', async () => {
  answers.set('/hook', () => ({ http: 429, headers: { 'retry-after': '60' } }));
  await install('Validating', [hook('/hook', { timeoutSeconds: 1 })]);
  expect((await written())[1]).toBe(
    `${FAILED}Post "https://localhost:${rig.port}/hook?timeout=1s": context deadline exceeded`,
  );
});
