/** `fleetdeck inspect` over manifests as a script meets it: formats, exit codes, wrong use. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Options, UsageError } from '../command.ts';
import { Output } from '../output.ts';
import { inspect } from './inspect.ts';

const MANIFEST = `
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop }
spec:
  containers:
    - { name: app, image: "app:1", securityContext: { privileged: true } }
`;
let dir: string;
let file: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-inspect-'));
  file = path.join(dir, 'web.yaml');
  writeFileSync(file, MANIFEST);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function run(given: Record<string, string>, json = false) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const out = new Output(json, 'en', stdout, stderr);
  const options = new Options({ input: file, rules: 'PrivilegedAllowed', ...given });
  const code = await inspect.run({ args: [], options, json, language: 'en', out });
  return { code, text: String(stdout.read() ?? ''), notes: String(stderr.read() ?? '') };
}

test('findings are a table, with what they come to on the other stream', async () => {
  const { code, text, notes } = await run({});
  expect(code).toBe(1);
  expect(text).toMatch(/danger +PrivilegedAllowed +shop +Pod\/web +app/);
  expect(notes).toBe('1 findings, score 0 (F)\n');
});

test.each([
  ['with --json', {}, true],
  ['with -o json', { output: 'json' }, false],
])('%s they are one array', async (_, given, json) => {
  const { text } = await run(given, json);
  expect(JSON.parse(text)).toEqual([
    {
      ...{ rule: 'PrivilegedAllowed', severity: 'danger', type: 'security', cluster: '' },
      ...{ namespace: 'shop', kind: 'Pod', name: 'web', container: 'app' },
      field: 'spec.containers[0].securityContext.privileged',
      evidence: 'privileged: true',
    },
  ]);
});

test('a report for a code scanner points at the file', async () => {
  const { text } = await run({ output: 'sarif' });
  const [{ results, invocations }] = JSON.parse(text).runs;
  const uri = results[0].locations[0].physicalLocation.artifactLocation.uri;
  expect(uri).toBe(file);
  expect(results[0].locations[0].logicalLocations[0].fullyQualifiedName).toMatch(/^shop\/Pod\/web#spec/);
  expect(invocations[0].executionSuccessful).toBe(true);
});

test('a report for a spreadsheet keeps its line ends, and one to read is whole', async () => {
  expect((await run({ output: 'csv' })).text).toMatch(/^\ufeff"Cluster",.*\r\n"","shop","Pod","web".*\r\n$/);
  const { code, text } = await run({ output: 'html' });
  expect(code).toBe(1);
  expect(text).toMatch(/^<!doctype html>[\s\S]*web\.yaml[\s\S]*PrivilegedAllowed[\s\S]*<\/html>\n$/);
});

test('what is less than --fail-on says is no failure', async () => {
  expect((await run({ rules: 'ImagePullPolicyNotAlways', 'fail-on': 'danger' })).code).toBe(0);
  expect((await run({ rules: 'ImagePullPolicyNotAlways', 'fail-on': 'warning' })).code).toBe(1);
});

test.each([
  ['a format that there is not', { output: 'xml' }, false],
  ['two formats', { output: 'html' }, true],
  ['a rule that there is not', { rules: 'Nonsense' }, false],
  ['a severity that there is not', { 'fail-on': 'bad' }, false],
  ['a cluster and a file', { kubeconfig: 'k' }, false],
])('%s is wrong use', async (_, given, json) => {
  await expect(run(given as unknown as Record<string, string>, json)).rejects.toThrow(UsageError);
});
