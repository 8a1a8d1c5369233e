import { expect, test } from 'vitest';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { brokenVariables, missingPullSecrets, missingReference } from './references.ts';

const THERE: Readonly<Record<string, Json>> = {
  'configmaps/settings': { data: { mode: 'a' } },
  'secrets/login': { data: { user: 'eA==' } },
};
const client = {
  find: async ({ resource }: { resource: string }, name: string) => THERE[`${resource}/${name}`] ?? null,
} as unknown as KubeClient;

const pod = (spec: Json): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'shop' },
  spec,
});

test.each<[string, Json, string | null]>([
  ['a ConfigMap', { configMap: { name: 'settings' } }, null],
  ['one that is not there', { configMap: { name: 'setings' } }, 'configmap "setings" not found'],
  ['one that need not be there', { configMap: { name: 'setings', optional: true } }, null],
  ['a key', { secret: { secretName: 'login', items: [{ key: 'user', path: 'u' }] } }, null],
  [
    'a key that is not there',
    { configMap: { name: 'settings', items: [{ key: 'm', path: 'm' }] } },
    'references non-existent config key: m',
  ],
  [
    'a key of a Secret that is not there',
    { secret: { secretName: 'login', items: [{ key: 'pass', path: 'p' }] } },
    'references non-existent secret key: pass',
  ],
  ['one of several sources', { projected: { sources: [{ secret: { name: 'gone' } }] } }, 'secret "gone" not found'],
])('a volume of %s', async (_what, volume, why) => {
  const found = await missingReference(client, pod({ volumes: [{ name: 'v', ...volume }] }));
  expect(found?.message ?? null).toBe(why === null ? null : `MountVolume.SetUp failed for volume "v" : ${why}`);
});

test('variables are told by container: what is not there, and which key it has not', async () => {
  const from = (kind: string, name: string, key: string) => [{ name: 'A', valueFrom: { [kind]: { name, key } } }];
  const broken = await brokenVariables(
    client,
    pod({
      initContainers: [{ name: 'init', envFrom: [{ secretRef: { name: 'gone' } }] }],
      containers: [
        { name: 'well', env: from('secretKeyRef', 'login', 'user'), envFrom: [{ configMapRef: { name: 'settings' } }] },
        { name: 'key', env: from('configMapKeyRef', 'settings', 'nokey') },
        {
          name: 'optional',
          env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'gone', key: 'k', optional: true } } }],
        },
      ],
    }),
  );
  expect([...broken]).toEqual([
    ['init', 'secret "gone" not found'],
    ['key', "couldn't find key nokey in ConfigMap shop/settings"],
  ]);
});

test('pull secrets that are not there are named before the pull, all at once', async () => {
  const said = async (...names: string[]) =>
    (await missingPullSecrets(client, pod({ imagePullSecrets: names.map((name) => ({ name })) })))?.message ?? null;
  expect(await said('login')).toBeNull();
  expect(await said('gone', 'login', 'lost')).toBe(
    'Unable to retrieve some image pull secrets (gone, lost); attempting to pull the image may not succeed.',
  );
});
