/** Inspection of a cluster over TLS: with all rights, and with few. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '#engine/apiserver/index.ts';
import { collect, createWorld, inspect, RULES } from '#engine/inspection/index.ts';
import {
  contextOf,
  createHttpsTransport,
  createKubeClient,
  type KubeClient,
  parseKubeconfig,
} from '#engine/kube/index.ts';

let server: ApiServer;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'inspected' });
  const client = server.client('test');
  const pod = { containers: [{ name: 'app', image: 'app', securityContext: { privileged: true } }] };
  const template = { metadata: { labels: { app: 'web' } }, spec: pod };
  for (let index = 0; index < 3; index++)
    await client.create(
      { group: 'apps', version: 'v1', resource: 'deployments' },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: `web-${index}`, namespace: 'default' },
        spec: { selector: { matchLabels: { app: 'web' } }, template },
      },
      { namespace: 'default' },
    );
});
afterAll(async () => {
  for (const transport of open) await transport.close();
  await server.close();
});

async function overTls(change: (kubeconfig: string) => string = (text) => text): Promise<KubeClient> {
  const config = await parseKubeconfig(change(server.kubeconfig()), '/');
  const entry = contextOf(config, config.currentContext ?? '');
  const identity = entry.identity();
  const transport = createHttpsTransport({ server: entry.server, identity: async () => identity });
  open.push(transport);
  return createKubeClient(transport);
}

test('reads everything in pages, with version and certificates', async () => {
  const found = await collect(await overTls());
  expect(found.missing).toEqual([]);
  expect(found.version).toMatch(/^v1\./);
  expect(found.certificates[0]).toMatchObject({
    of: 'API server certificate',
    names: expect.arrayContaining(['127.0.0.1']),
  });
  const world = createWorld({ cluster: 'inspected', now: Date.now(), ...found });
  const { findings } = inspect(world, { rules: RULES });
  const privileged = findings
    .filter(({ rule }) => rule === 'PrivilegedAllowed')
    .map(({ kind, name }) => `${kind}/${name}`);
  expect(privileged).toEqual(['Deployment/web-0', 'Deployment/web-1', 'Deployment/web-2']);
  expect(findings.filter(({ rule }) => rule === 'CanDeleteResources')).toEqual([]);
});

test('what may not be read is named, and the rest is read', async () => {
  const admin = server.client('test');
  const accounts = { group: '', version: 'v1', resource: 'serviceaccounts' };
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'viewer', namespace: 'default' } };
  await admin.create(accounts, account, { namespace: 'default' });
  await admin.create(
    { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterrolebindings' },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'viewer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'viewer', namespace: 'default' }],
    },
  );
  const answer = await admin.transport.request({
    method: 'POST',
    path: '/api/v1/namespaces/default/serviceaccounts/viewer/token',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  });
  const { token } = (answer.body as { status: { token: string } }).status;
  const restricted = await overTls((text) =>
    text.replace(/client-certificate-data: .*/, `token: ${token}`).replace(/\n *client-key-data: .*/, ''),
  );
  const found = await collect(restricted);
  const forbidden = found.missing.filter((one) => one.forbidden).map(({ resource }) => resource);
  expect(forbidden).toContain('nodes');
  expect(forbidden).toContain('clusterroles.rbac.authorization.k8s.io');
  expect(found.objects.filter(({ kind }) => kind === 'Deployment')).toHaveLength(3);
});
