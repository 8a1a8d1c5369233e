/** Updates that kube-apiserver 1.36 refused, with what it showed of the difference (fixtures/updates.json). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { type ApiServer, startApiServer } from '../../index.ts';
import { message, siblings } from '../../openapi/fields.ts';
import { adminOf, call } from '../../test-support.ts';
import { unifiedDiff } from './index.ts';
import { internalForm } from './internal.ts';
import { INTERNAL } from './types.ts';

const recorded: Json[] = JSON.parse(readFileSync(path.join(import.meta.dirname, 'fixtures/updates.json'), 'utf8'));
let server: ApiServer;

beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'difference', disableAdmission: ['ServiceAccount'] });
});
afterAll(() => server.close());

test.each(recorded)('$name', async ({ resource, object, change, message: expected }) => {
  const place = resource === 'persistentvolumes' ? '/api/v1' : '/api/v1/namespaces/default';
  const admin = adminOf(server);
  const made = await call(server, admin, 'POST', `${place}/${resource}`, { body: object });
  expect(made.status).toBe(201);
  const type = resource === 'pods' ? 'application/strategic-merge-patch+json' : 'application/merge-patch+json';
  const refused = await call(server, admin, 'PATCH', `${place}/${resource}/${object.metadata.name}`, {
    body: change,
    headers: { 'content-type': type },
  });
  const causes: Json[] = refused.json.details?.causes ?? [];
  expect(causes.map((cause) => cause.message)).toContain(expected);
});

describe('the table of types', () => {
  test('every type of it is one of the API, with fields that there are', () => {
    for (const line of INTERNAL.trim().split('\n')) {
      const [type = '', fields = ''] = line.split('|');
      expect(siblings('core')).toContain(`core.${type}`);
      const elsewhere = type === 'PodSecurityContext' ? /^(Host|ShareProcess)/ : /^$/;
      for (const field of fields.split(',')) {
        if (field.endsWith('^') || elsewhere.test(field)) continue;
        const [name = '', api = name.charAt(0).toLowerCase() + name.slice(1)] = field.split('=');
        expect(message(`core.${type}`)?.byName.has(api), `${type}.${field}`).toBe(true);
      }
    }
  });

  test('every type that a pod is made of is in it', () => {
    const waiting = ['core.PodSpec', 'core.PersistentVolumeSource', 'core.PersistentVolumeClaimSpec'];
    const seen = new Set<string>();
    const known = new Set(INTERNAL.split('\n').map((line) => `core.${line.split('|', 1)[0]}`));
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (seen.has(id) || !id.startsWith('core.')) continue;
      seen.add(id);
      expect(known).toContain(id);
      for (let { type } of message(id)?.fields ?? []) {
        while (type.kind === 'list' || type.kind === 'map') type = type.of;
        if (type.kind === 'message') waiting.push(type.id);
      }
    }
  });

  test('the host is shared by the security context', () => {
    const { SecurityContext: shown } = internalForm('PodSpec', { containers: [], hostPID: true });
    expect(shown).toMatchObject({ HostNetwork: false, HostPID: true, HostUsers: null, RunAsUser: null });
  });
});

describe('unified differences', () => {
  const numbers = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, index) => String(from + index));

  test('changes that are far from each other are shown apart', () => {
    const before = numbers(0, 30);
    const after = [...numbers(0, 5), 'x', ...numbers(6, 20), ...numbers(21, 30)];
    expect(unifiedDiff(before, after)).toBe(
      '@@ -3,7 +3,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n@@ -18,7 +18,6 @@\n 17\n 18\n 19\n-20\n 21\n 22\n 23\n',
    );
  });

  test.each<[string[], string[], string]>([
    [['a'], ['a'], ''],
    [[], ['a'], '@@ -0,0 +1 @@\n+a\n'],
    [['a', 'b'], ['b'], '@@ -1,2 +1 @@\n-a\n b\n'],
  ])('%j to %j', (before, after, expected) => {
    expect(unifiedDiff(before, after)).toBe(expected);
  });

  test('lines that are everywhere in a long list do not begin a run', () => {
    const filled = (mark: string): string[] => numbers(0, 100).flatMap((each) => [`${mark}${each}`, '}', '{']);
    // With them the first run would be where they are, and not where the one line is that both have.
    const before = [...filled('a'), 'same', ...filled('b')];
    const after = [...filled('c'), 'same', ...filled('d')];
    expect(unifiedDiff(before, after)).toContain('\n same\n');
  });
});
