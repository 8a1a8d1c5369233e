import { expect, test } from 'vitest';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { brokenSettings, missingPullSecrets, missingReference } from './references.ts';

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
  const broken = await brokenSettings(
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
    async () => new Map(),
  );
  expect([...broken]).toEqual([
    ['init', 'secret "gone" not found'],
    ['key', "couldn't find key nokey in ConfigMap shop/settings"],
  ]);
});

test('a part of a volume that cannot be named is told in the words of kubelet', async () => {
  const mount = (name: string, subPathExpr: string) => ({ name, volumeMounts: [{ name: 'v', subPathExpr }] });
  const broken = await brokenSettings(
    client,
    pod({
      containers: [
        mount('well', 'logs/$(POD)/$$(POD)'),
        mount('unset', '$(LATER)/$(EMPTY)/$(POD)'),
        mount('above', '$(UP)'),
        mount('absolute', '$(ROOT)'),
      ],
    }),
    async () => new Map(Object.entries({ POD: 'p', EMPTY: '', UP: '..', ROOT: '/tmp' })),
  );
  expect([...broken]).toEqual([
    ['unset', 'missing value for EMPTY, LATER'],
    ['above', "unable to provision SubPath `..`: must not contain '..'"],
    ['absolute', 'error SubPath `/tmp` must not be an absolute path'],
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
