/** `fleetdeck plan` as a script meets it: JSON lines in, JSON lines out, bad input named by its line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Options, UsageError } from '../command.ts';
import { Output } from '../output.ts';
import { plan } from './plan.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-plan-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const cluster = (name: string, region: string) => ({
  metadata: { name, labels: { region } },
  spec: { region },
  status: { apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ name: 'deployments', kind: 'Deployment' }] }] },
});
const question = (id: string, placement: object) => ({
  id,
  clusters: [cluster('m1', 'north'), cluster('m2', 'south')],
  spec: {
    resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' },
    replicas: 3,
    placement,
  },
  status: {},
});

async function run(lines: readonly unknown[], json = true): Promise<{ code: number; text: string }> {
  const file = path.join(dir, 'cases.jsonl');
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  const stdout = new PassThrough();
  const out = new Output(json, 'en', stdout, new PassThrough());
  const options = new Options({ input: file });
  const code = await plan.run({ args: [], options, json, language: 'en', out });
  return { code, text: String(stdout.read() ?? '') };
}
const parsed = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('each question is answered on a line of its own, with the reasons', async () => {
  const { code, text } = await run([
    question('all', {}),
    '',
    question('none', { clusterAffinity: { clusterNames: ['m9'] } }),
  ]);
  expect(code).toBe(0);
  const reason = 'cluster(s) did not match the placement cluster affinity constraint';
  expect(parsed(text)).toMatchObject([
    {
      id: 'all',
      clusters: [
        { name: 'm1', replicas: 3 },
        { name: 'm2', replicas: 3 },
      ],
    },
    { id: 'none', error: `0/2 clusters are available: 2 ${reason}.`, filtered: { m1: reason, m2: reason } },
  ]);
});

test('a person reads the placement and what became of every cluster', async () => {
  const { text } = await run(
    [question('north', { clusterAffinity: { labelSelector: { matchLabels: { region: 'north' } } } })],
    false,
  );
  expect(text).toContain('north  {m1:3}');
  expect(text).toContain('m2  cluster(s) did not match the placement cluster affinity constraint');
});

test.each([
  ['what is no JSON', 'nonsense', /line 2: /],
  ['a question without clusters', { id: 'x', spec: { resource: {} } }, /line 2: .*clusters/s],
  ['a cluster without a name', { ...question('x', {}), clusters: [{ metadata: {} }] }, /line 2: .*metadata\.name/s],
])('%s is named by its line', async (_, line, message) => {
  await expect(run([question('ok', {}), line])).rejects.toMatchObject({
    code: 'INVALID',
    message: expect.stringMatching(message),
  });
});

test('without a file it says what is missing', async () => {
  const out = new Output(true, 'en', new PassThrough(), new PassThrough());
  const call = { args: [], options: new Options({}), json: true, language: 'en' as const, out };
  await expect(plan.run(call)).rejects.toBeInstanceOf(UsageError);
});
