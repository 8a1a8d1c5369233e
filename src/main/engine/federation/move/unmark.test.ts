import { afterAll, expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type ApiServer, startApiServer } from '../../apiserver/index.ts';
import { WORKS } from '../api.ts';
import { FEDERATION_CRDS } from '../crds.ts';
import { MANAGED_BY } from '../management/lease.ts';
import { unmark } from './unmark.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const where = { namespace: 'default' };
const open: ApiServer[] = [];
afterAll(() => Promise.all(open.map((server) => server.close())));

async function started(name: string, customResources: KubeObject[]) {
  const server = await startApiServer({ dir: null, name, customResources });
  open.push(server);
  return server.client('test');
}

test('a member is rid of the name of its old manager, and of nothing else', async () => {
  const source = await started(
    'source',
    FEDERATION_CRDS.filter(({ metadata }) => metadata.name === 'works.work.karmada.io'),
  );
  const member = await started('member', []);
  const object = (name: string, annotations: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', annotations },
  });
  const space = { namespace: 'karmada-es-m1' };
  await source.create(
    { group: '', version: 'v1', resource: 'namespaces' },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: space.namespace } },
  );
  const gone: KubeObject = {
    apiVersion: 'example.org/v1',
    kind: 'Gone',
    metadata: { name: 'x', namespace: 'default' },
  };
  const manifests = [object('ours', {}), object('theirs', {}), object('missing', {}), gone];
  await source.create(
    WORKS,
    {
      apiVersion: 'work.karmada.io/v1alpha1',
      kind: 'Work',
      metadata: { name: 'w', ...space },
      spec: { workload: { manifests } },
    },
    space,
  );
  for (const [name, manager] of [
    ['ours', 'one'],
    ['theirs', 'two'],
    ['bystander', 'one'],
  ] as const)
    await member.create(CONFIG_MAPS, object(name, { [MANAGED_BY]: manager, kept: 'yes' }), where);

  await unmark(source, 'm1', member, 'one');

  const found = async (name: string) => (await member.get(CONFIG_MAPS, name, where)).metadata.annotations;
  expect(await found('ours')).toEqual({ kept: 'yes' });
  expect(await found('theirs')).toEqual({ kept: 'yes', [MANAGED_BY]: 'two' });
  expect(await found('bystander')).toEqual({ kept: 'yes', [MANAGED_BY]: 'one' });
});
