/** Inspection of clusters over TLS: with all rights, with few, and by the whole engine over a fleet. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '#engine/apiserver/index.ts';
import { createEngine } from '#engine/engine.ts';
import { createWorld, inspect, RULES, readCluster } from '#engine/inspection/index.ts';
import { createHttpsTransport, createKubeClient, type KubeClient } from '#engine/kube/index.ts';
import { contextOf, parseKubeconfig } from '#engine/kubeconfig/index.ts';
import { createCallerFactory } from '#shared/contract/base.ts';
import type { InspectionRun } from '#shared/contract/inspection.ts';
import { appRouter } from '#shared/contract/router.ts';

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
  const found = await readCluster(await overTls());
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
  const found = await readCluster(restricted);
  const forbidden = found.missing.filter(({ why }) => why === 'forbidden').map(({ resource }) => resource);
  expect(forbidden).toContain('nodes');
  expect(forbidden).toContain('clusterroles.rbac.authorization.k8s.io');
  expect(found.objects.filter(({ kind }) => kind === 'Deployment')).toHaveLength(3);
});

test('a fleet is inspected, mended by a patch after a dry run, and inspected again', async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-inspected-'));
  const other = await startApiServer({ dir: null, name: 'other' });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const engine = await createEngine({ dataDir, host: 'cli', log });
  try {
    const api = createCallerFactory(appRouter)(engine.context());
    const register = async (one: ApiServer, name: string) => {
      const text = one.kubeconfig();
      const { currentContext } = await api.clusters.readKubeconfig({ source: { kind: 'text', text } });
      return await api.clusters.register({ source: { kind: 'text', text }, context: currentContext ?? '', name });
    };
    const [first, second] = [await register(server, 'first'), await register(other, 'second')];
    const fleet = await api.fleets.create({ name: 'shops', clusterIds: [first.id, second.id] });
    const inspectFleet = async (): Promise<InspectionRun> => {
      const { id } = await api.inspection.start({ scope: { kind: 'fleet', id: fleet.id } });
      const states = await api.inspection.watch();
      for await (const { runs } of states) {
        const run = runs.find((one) => one.id === id);
        if (run !== undefined && run.state !== 'running') return run;
      }
      throw new Error('the subscription ended');
    };
    const filter = { rules: ['PrivilegedAllowed'] };

    const before = await inspectFleet();
    expect(before).toMatchObject({ state: 'done', name: 'shops', score: { grade: expect.any(String) } });
    const report = await api.inspection.report({ id: before.id, filter, by: 'object' });
    expect(report.groups.map(({ cluster, name }) => `${cluster} ${name}`)).toEqual([
      'first web-0',
      'first web-1',
      'first web-2',
    ]);
    expect(report.byCluster.map(({ cluster }) => cluster)).toEqual(['first', 'second']);

    const group = report.groups[0]?.key ?? '';
    const [finding] = await api.inspection.findings({ id: before.id, filter, by: 'object', group });
    expect(finding).toMatchObject({ fixable: true, change: 'new', container: 'app' });
    const preview = await api.inspection.fix({ id: before.id, keys: [finding?.key ?? ''] });
    const privileged = (object: typeof preview.after) =>
      object.spec.template.spec.containers[0].securityContext.privileged;
    expect([privileged(preview.before), privileged(preview.after)]).toEqual([true, false]);
    const { ref } = preview;
    expect(privileged(await api.resources.get(ref))).toBe(true);
    const version = preview.before.metadata.resourceVersion;
    const object = { ...preview.after, metadata: { ...preview.after.metadata, resourceVersion: version } };
    await api.resources.replace({ ref, object });

    const after = await inspectFleet();
    const compared = await api.inspection.report({
      id: after.id,
      filter: { ...filter, change: 'fixed' },
      by: 'object',
    });
    expect(compared.groups.map(({ name }) => name)).toEqual(['web-0']);
    expect(compared.previous?.id).toBe(before.id);
    const page = await api.inspection.export({ id: after.id, format: 'html', language: 'zh' });
    expect(page.text).toContain('以特权模式运行');

    await other.close();
    const broken = await inspectFleet();
    expect(broken.state).toBe('partial');
    expect(broken.targets.map(({ name, state, error }) => [name, state, error?.code])).toEqual([
      ['first', 'done', undefined],
      ['second', 'failed', 'CLUSTER_UNREACHABLE'],
    ]);
    const records = await api.audit.list({ limit: 100, filter: 'inspection' });
    expect(new Set(records.map(({ action }) => action))).toEqual(new Set(['inspection.start', 'inspection.fix']));
  } finally {
    await engine.close();
    await other.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
