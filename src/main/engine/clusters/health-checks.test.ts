import { describe, expect, test } from 'vitest';
import type { ResourceInfo } from '#shared/kubernetes/types.ts';
import { createKubeClient, type TransportRequest, type TransportResponse } from '../kube/index.ts';
import { healthChecks, parseReadyChecks, requestedApis, servedApis } from './health-checks.ts';

const served = (group: string, version: string, resource: string, kind: string): ResourceInfo => ({
  ...{ group, version, resource, kind },
  ...{ singular: '', namespaced: true, verbs: ['list'], shortNames: [], categories: [], subresources: [] },
});
const RESOURCES = [
  served('', 'v1', 'endpoints', 'Endpoints'),
  served('policy', 'v1beta1', 'podsecuritypolicies', 'PodSecurityPolicy'),
  served('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  served('batch', 'v1beta1', 'cronjobs', 'CronJob'),
  served('flowcontrol.apiserver.k8s.io', 'v1beta3', 'flowschemas', 'FlowSchema'),
];
const METRICS = `# TYPE apiserver_requested_deprecated_apis gauge
apiserver_requested_deprecated_apis{group="",removed_release="",resource="endpoints",subresource="",version="v1"} 1
apiserver_requested_deprecated_apis{group="policy",removed_release="1.25",resource="podsecuritypolicies",subresource="",version="v1beta1"} 1
apiserver_requested_deprecated_apis{group="batch",removed_release="1.25",resource="cronjobs",subresource="",version="v1beta1"} 0
apiserver_request_total{code="200"} 7
`;

describe('the checks behind /readyz', () => {
  test('what fails comes first, with what the server says of it', () => {
    const body =
      '[+]ping ok\n[-]etcd failed: reason withheld\n[+]poststarthook/rbac/bootstrap-roles ok\nreadyz check failed\n';
    expect(parseReadyChecks(body)).toEqual([
      { name: 'etcd', ok: false, detail: 'failed: reason withheld' },
      { name: 'ping', ok: true, detail: '' },
      { name: 'poststarthook/rbac/bootstrap-roles', ok: true, detail: '' },
    ]);
  });

  test.each([['ok'], [''], [null], [{}], ['<html>']])('%j has none', (body) => {
    expect(parseReadyChecks(body)).toEqual([]);
  });

  test('hostile ones are bounded', () => {
    const checks = parseReadyChecks(`[-]${'x'.repeat(9_999)} ${'y'.repeat(9_999)}\n`.repeat(999));
    expect(checks).toHaveLength(200);
    expect(checks[0]?.name).toHaveLength(120);
    expect(checks[0]?.detail).toHaveLength(300);
  });
});

describe('deprecated APIs', () => {
  test('that were asked for, with release and replacement, the earliest removal first', () => {
    expect(requestedApis(METRICS, RESOURCES)).toEqual([
      {
        ...{ apiVersion: 'policy/v1beta1', resource: 'podsecuritypolicies', removedIn: '1.25' },
        ...{ use: 'Pod Security Admission', requested: true },
      },
      { apiVersion: 'v1', resource: 'endpoints', removedIn: '', use: 'discovery.k8s.io/v1', requested: true },
    ]);
    expect(
      requestedApis('apiserver_requested_deprecated_apis{\napiserver_requested_deprecated_apis{a="b"', []),
    ).toEqual([]);
  });

  test('that are served and will not be', () => {
    expect(servedApis(RESOURCES).map(({ apiVersion, removedIn }) => `${apiVersion} ${removedIn}`)).toEqual([
      'batch/v1beta1 1.25',
      'policy/v1beta1 1.25',
      'flowcontrol.apiserver.k8s.io/v1beta3 1.32',
    ]);
  });
});

describe('a look', () => {
  const look = (answer: (request: TransportRequest) => Partial<TransportResponse>) => {
    const asked: string[] = [];
    const transport = {
      server: 'fake',
      async request(request: TransportRequest) {
        asked.push(request.path);
        return { status: 200, headers: {}, body: '', ...answer(request) };
      },
      async *stream() {},
      async close() {},
    };
    const discovery = { resources: async () => RESOURCES };
    return { asked, checks: healthChecks(createKubeClient(transport, discovery)) };
  };

  test('reads both, and a server that is not ready says why', async () => {
    const { checks } = look(({ path }) =>
      path === '/metrics' ? { body: METRICS } : { status: 500, body: '[-]etcd failed: reason withheld\n' },
    );
    expect(await checks).toMatchObject({
      ready: [{ name: 'etcd', ok: false }],
      readyError: null,
      deprecated: { source: 'metrics', apis: [{ resource: 'podsecuritypolicies' }, { resource: 'endpoints' }] },
    });
  });

  test('without the right to read metrics tells what is served, and asks for nothing deprecated', async () => {
    const { asked, checks } = look(() => ({ status: 403, body: { kind: 'Status', message: 'no' } }));
    expect(await checks).toMatchObject({
      ready: null,
      readyError: { code: 'FORBIDDEN' },
      deprecated: { source: 'discovery', apis: [{ requested: null }, { requested: null }, { requested: null }] },
      deprecatedError: null,
    });
    expect(asked.sort()).toEqual(['/metrics', '/readyz']);
  });
});
