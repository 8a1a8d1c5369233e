/** Invalid objects of every kind are refused as kube-apiserver refused them: code, reason and every cause. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ApiServer, startApiServer } from '#engine/apiserver/index.ts';
import { adminOf } from '#engine/apiserver/test-support.ts';
import type { Json } from '#shared/kubernetes/types.ts';
import { readCases } from '../recorded.ts';
import { Connection } from './connection.ts';

interface Refusal {
  path: string;
  body: Json;
  status: number;
  reason: string;
  /** Reason, field and message of each; without any it is the message of the whole that counts. */
  causes?: [string, string, string][];
  message?: string;
}

const refusals = readCases<Refusal>(new URL('refusals.jsonl.gz', import.meta.url));
const kinds = Map.groupBy(refusals, ({ body }) => body.kind as string);
const NAMESPACE = 'diff';

let server: ApiServer;
let connection: Connection;

beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'refusals' });
  connection = new Connection(server.server, adminOf(server));
  await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  // Pods can be made as soon as the namespace has its service account.
  await vi.waitFor(async () => {
    const { status } = await send('GET', `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/default`);
    expect(status).toBe(200);
  });
});

afterAll(async () => {
  connection.close();
  await server.close();
});

const post = (path: string, body: Json) => send('POST', path, body);

async function send(method: string, path: string, body?: Json) {
  const headers = { 'Content-Type': 'application/json' };
  const text = body === undefined ? undefined : JSON.stringify(body);
  const answer = await connection.send({ method, path, headers, body: text });
  return answer.whole() as Promise<{ status: number; body: Json }>;
}

test.each([...kinds].map(([kind, cases]) => [kind, cases] as const))('%s', async (_, cases) => {
  for (const { path, body, ...expected } of cases) {
    const { status, body: answer } = await post(`${path}?dryRun=All`, body);
    const causes = answer.details?.causes?.map((cause: Json) => [cause.reason, cause.field, cause.message]);
    const given = { status, reason: answer.reason, ...(causes ? { causes } : { message: answer.message }) };
    expect(given, JSON.stringify(body)).toEqual(expected);
  }
});
