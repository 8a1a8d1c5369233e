import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { ago, causes, chain, node, pod, report, service, slice, thing, told, UNREADY, workload } from '../testing.ts';
import { covers } from './tls.ts';

const N = node();
const carried = [N, pod(), slice('web')];

describe('Services', () => {
  test('one that leads to ready pods has no causes', () => {
    expect(report(service(), carried)).toMatchObject({ verdict: 'healthy', findings: [] });
  });

  test('the chain goes from the Service over its pods to the probe', () => {
    const behind = pod({
      container: { readinessProbe: { httpGet: { port: 9 } } },
      status: UNREADY,
      state: { ready: false },
    });
    const unhealthy = told(behind, 'Unhealthy', 'Readiness probe failed: connection refused', { container: 'app' });
    expect(chain(service(), [N, behind, slice('web', 0, 1), unhealthy])).toBe('S-NOEP < S-READY < P-READY-PORT');
  });

  test('pods that have only begun are no fault of it yet', () => {
    const young = pod({ metadata: { creationTimestamp: ago(20) }, status: UNREADY, state: { ready: false } });
    expect(report(service(), [N, young, slice('web', 0, 1)]).findings[0]).toMatchObject({
      cause: 'S-READY',
      verdict: 'warning',
    });
  });

  test('pods of one workload that fail for one reason are one finding', () => {
    const owner = thing('apps/v1', 'StatefulSet', 'web', {});
    const several = [1, 2, 3].map((n) =>
      pod({
        metadata: {
          name: `web-${n}`,
          ownerReferences: [{ kind: 'StatefulSet', name: 'web', uid: owner.metadata.uid, controller: true }],
        },
        status: UNREADY,
        state: { ready: false, state: { waiting: { reason: 'ErrImagePull', message: '429 Too Many Requests' } } },
      }),
    );
    const { findings } = report(service(), [N, owner, ...several, slice('web', 0, 3)]);
    expect(findings.map(({ cause, others }) => [cause, others.length])).toEqual([['I-429', 2]]);
  });

  test('a selector that matches nothing names the nearest pod, and offers the label', () => {
    const [first] = report(service({ selector: { app: 'wed' } }), [N, pod(), slice('web', 0)]).findings;
    expect(first?.sentence.en).toContain('shop/web-1 (app: web ≠ wed)');
    expect(first).toMatchObject({ cause: 'S-SEL', patch: { body: '{"spec":{"selector":{"app":"web"}}}' } });
  });

  test('a selector that fits a workload without pods leads to what keeps them from being made', () => {
    const refused = workload('Deployment', {}, { replicas: 0 });
    const told403 = told(refused, 'FailedCreate', 'Error creating: pods "web-1" is forbidden: exceeded quota: small');
    expect(chain(service(), [N, refused, told403, slice('web', 0)])).toBe('S-NOEP < P-QUOTA');
    const [asleep] = report(service(), [N, workload('StatefulSet', { replicas: 0 }), slice('web', 0)]).findings;
    expect(asleep).toMatchObject({ cause: 'P-SELECT', verdict: 'fault' });
    expect(chain(service(), [N, workload('Deployment'), slice('web', 0)])).toBe('S-NOEP < W-PODS');
    const others = workload('Deployment', { template: { metadata: { labels: { app: 'other' } } } });
    expect(causes(service(), [N, others, slice('web', 0)])).toEqual(['S-SEL']);
  });

  test('a namesake in another namespace is told', () => {
    const elsewhere = pod({ metadata: { namespace: 'other', labels: { app: 'api' } } });
    expect(report(service({ selector: { app: 'api' } }), [N, elsewhere]).findings[0]?.sentence.en).toContain(
      'namespace other ≠ shop',
    );
  });

  test('ports: a name nobody has is a fault, a number that is not declared a warning, the protocol counts', () => {
    expect(report(service({ ports: [{ port: 80, targetPort: 'web' }] }), carried).findings[0]).toMatchObject({
      cause: 'S-TPORT',
      verdict: 'fault',
    });
    expect(report(service({ ports: [{ port: 80, targetPort: 9000 }] }), carried).findings[0]).toMatchObject({
      cause: 'S-TPORT',
      verdict: 'warning',
    });
    expect(causes(service({ ports: [{ port: 80, targetPort: 8080, protocol: 'UDP' }] }), carried)).toEqual(['S-PROTO']);
    expect(causes(service({ ports: [{ port: 80, targetPort: 'http' }] }), carried)).toEqual([]);
  });

  test.each<[string, Json, KubeObject[], string]>([
    ['without selector and slices', { selector: undefined }, [], 'S-NOSEL'],
    [
      'an address as external name',
      { type: 'ExternalName', externalName: '10.1.2.3', selector: undefined },
      [],
      'S-EXT',
    ],
    [
      'its own name as external name',
      { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local', selector: undefined },
      [],
      'S-EXT',
    ],
    ['a load balancer that does not come', { type: 'LoadBalancer' }, carried, 'S-LBPEND'],
    ['local traffic with nodes left out', { externalTrafficPolicy: 'Local' }, [...carried, node('n2')], 'S-LBEP'],
    ['a node port outside the range', { ports: [{ port: 80, targetPort: 8080, nodePort: 8090 }] }, carried, 'S-NP'],
    ['affinity to a single endpoint', { sessionAffinity: 'ClientIP' }, carried, 'S-AFF'],
    ['no cluster address', { clusterIP: '' }, carried, 'S-IPFAM'],
  ])('%s is %o', (_what, spec, others, id) => expect(causes(service(spec), others)).toEqual([id]));

  test('pods that have no address of its family', () => {
    const address = (...ips: string[]) => pod({ status: { podIPs: ips.map((ip) => ({ ip })) } });
    const only = (...ipFamilies: string[]) => service({ ipFamilies });
    expect(chain(only('IPv6'), [N, address('10.1.0.1')])).toBe('S-NOEP < S-IPFAM');
    expect(chain(only('IPv4'), [N, address('fd00::1')])).toBe('S-NOEP < S-IPFAM');
    expect(chain(only('IPv6', 'IPv4'), [N, address('10.1.0.1')])).toBe('S-NOEP');
    expect(chain(only('IPv6'), [N, address('10.1.0.1', 'fd00::1')])).toBe('S-NOEP');
  });

  test('what looks the same and is well is left alone', () => {
    expect(causes(service({ selector: undefined }), [slice('web')])).toEqual([]);
    expect(causes(service({ type: 'ExternalName', externalName: 'db.example.net', selector: undefined }))).toEqual([]);
    expect(
      causes(service({ type: 'LoadBalancer' }, 'web', { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } }), carried),
    ).toEqual([]);
    const young = service({ type: 'LoadBalancer' });
    young.metadata.creationTimestamp = ago(20);
    expect(causes(young, carried)).toEqual([]);
    expect(causes(service({ externalTrafficPolicy: 'Local' }), carried)).toEqual([]);
    expect(causes(service({ ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] }), carried)).toEqual([]);
    expect(causes(service({ sessionAffinity: 'ClientIP' }), [N, pod(), slice('web', 2)])).toEqual([]);
  });

  test('two Services with one node port', () => {
    const spec = { ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] };
    expect(
      report(service(spec), [...carried, service({ ...spec, selector: { app: 'other' } }, 'twin')]).findings[0],
    ).toMatchObject({ cause: 'S-NP', verdict: 'fault' });
    const agent = pod({ metadata: { name: 'agent', labels: { app: 'agent' } } });
    agent.spec.containers[0].ports = [{ containerPort: 80, hostPort: 30080 }];
    expect(report(service(spec), [...carried, agent]).findings[0]).toMatchObject({ cause: 'S-NP', verdict: 'fault' });
    agent.spec.containers[0].ports = [{ containerPort: 80, hostPort: 30080, protocol: 'UDP' }];
    expect(report(service(spec), [...carried, agent]).findings).toEqual([]);
  });

  test('policies add up: closed only when none opens the port', () => {
    const policy = (name: string, ports: Json[]) =>
      thing('networking.k8s.io/v1', 'NetworkPolicy', name, {
        spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports }] },
      });
    expect(causes(service(), [...carried, policy('a', [{ port: 9 }])])).toEqual(['S-NETPOL']);
    expect(causes(service(), [...carried, policy('a', [{ port: 9 }]), policy('b', [{ port: 'http' }])])).toEqual([]);
    expect(causes(service(), [...carried, policy('a', [{ port: 8000, endPort: 9000 }])])).toEqual([]);
    const sources = (podSelector: Json) =>
      thing('networking.k8s.io/v1', 'NetworkPolicy', 's', {
        spec: { podSelector: {}, ingress: [{ from: [{ podSelector }], ports: [{ port: 8080 }] }] },
      });
    expect(causes(service(), [...carried, sources({ matchLabels: { app: 'web' } })])).toEqual([]);
    expect(report(service(), [...carried, sources({ matchLabels: { role: 'gone' } })]).findings[0]).toMatchObject({
      cause: 'S-NETPOL',
      verdict: 'warning',
    });
    const elsewhere = policy('c', [{ port: 9 }]);
    elsewhere.spec.podSelector = { matchLabels: { app: 'other' } };
    expect(causes(service(), [...carried, elsewhere])).toEqual([]);
  });

  test('a policy and a wrong target port are told apart, and together where both are', () => {
    const opens = (port: Json) =>
      thing('networking.k8s.io/v1', 'NetworkPolicy', 'a', {
        spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: [{ port }] }] },
      });
    const named = service({ ports: [{ port: 80, targetPort: 'web' }] });
    const numbered = service({ ports: [{ port: 80, targetPort: 9090 }] });
    expect(causes(named, [...carried, opens(8443)])).toEqual(['S-TPORT', 'S-NETPOL']);
    expect(causes(named, [...carried, opens(8080)])).toEqual(['S-TPORT']);
    // What nobody declares may be listened on all the same: that it is closed is certain.
    expect(causes(numbered, [...carried, opens(8443)])).toEqual(['S-NETPOL', 'S-TPORT']);
    expect(causes(numbered, [...carried, opens(8080)])).toEqual(['S-TPORT']);
  });

  test('egress without DNS is told where the cluster has it', () => {
    const closed = thing('networking.k8s.io/v1', 'NetworkPolicy', 'out', {
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ port: 443 }] }] },
    });
    const dns = thing('v1', 'Service', 'kube-dns', { spec: { selector: { 'k8s-app': 'kube-dns' } } }, 'kube-system');
    const well = { ...slice('kube-dns'), metadata: { ...slice('kube-dns').metadata, namespace: 'kube-system' } };
    expect(causes(service(), [...carried, dns, well, closed])).toEqual(['S-NETPOL']);
    expect(causes(service(), [...carried, dns, well])).toEqual([]);
    expect(causes(service(), [...carried, dns])).toEqual(['S-DNS']);
  });

  test('kube-proxy, warnings, headless and imported Services', () => {
    const proxy = pod({
      metadata: { name: 'kube-proxy-x', namespace: 'kube-system', labels: {} },
      status: UNREADY,
      state: { ready: false },
    });
    expect(causes(service(), [...carried, proxy])).toEqual(['S-KPROXY']);
    const web = service();
    expect(causes(web, [...carried, told(web, 'FailedToUpdateEndpointSlices', 'etcd')])).toEqual(['S-EVENT']);
    expect(
      causes(web, [...carried, told(web, 'FailedToUpdateEndpointSlices', 'etcd', { lastTimestamp: ago(9000) })]),
    ).toEqual([]);
    const refused = told(web, 'FailedToUpdateEndpointSlices', 'forbidden: exceeded quota: slices');
    expect(chain(web, [N, pod(), refused])).toBe('S-NOEP < S-EVENT');
    const again = `(combined from similar events): Error updating: failed to create EndpointSlice for Service shop/web: exceeded quota: q, requested: 1`;
    const [first] = report(web, [N, pod(), told(web, 'FailedToUpdateEndpointSlices', again)]).findings;
    expect(first?.sentence.en).toMatch(/FailedToUpdateEndpointSlices: exceeded quota: q, requested: 1$/);
    expect(first?.commands[0]).toBe('kubectl describe quota q -n shop');
    const set = (serviceName: string) => workload('StatefulSet', { serviceName });
    expect(causes(web, [...carried, set('web')])).toEqual(['S-HEADLESS']);
    expect(causes(service({ clusterIP: 'None' }), [...carried, set('web')])).toEqual([]);
    expect(causes(service({ clusterIP: 'None' }), [...carried, set('webs')])).toEqual(['S-HEADLESS']);
    expect(causes(service({ selector: undefined }, 'derived-web'))).toEqual(['S-MCS']);
  });
});

describe('Ingresses', () => {
  const iclass = thing(
    'networking.k8s.io/v1',
    'IngressClass',
    'nginx',
    { spec: { controller: 'k8s.io/ingress-nginx' } },
    '',
  );
  const controller = pod({
    metadata: {
      name: 'ingress-nginx-controller-1',
      namespace: 'ingress',
      labels: { 'app.kubernetes.io/name': 'ingress-nginx' },
    },
  });
  const route = (
    change: { spec?: Json; metadata?: Json; path?: Json; host?: string; name?: string; status?: Json } = {},
  ): KubeObject =>
    thing('networking.k8s.io/v1', 'Ingress', change.name ?? 'web', {
      metadata: change.metadata ?? {},
      spec: {
        ingressClassName: 'nginx',
        rules: [
          {
            host: change.host ?? 'shop.example.com',
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: 'web', port: { number: 80 } } },
                  ...change.path,
                },
              ],
            },
          },
        ],
        ...change.spec,
      },
      status: change.status ?? { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } },
    });
  const whole = [...carried, service(), iclass, controller];

  test('a policy that keeps the controller from the pods is found by its source', () => {
    const lets = (from: Json) =>
      thing('networking.k8s.io/v1', 'NetworkPolicy', 'web', {
        spec: {
          podSelector: { matchLabels: { app: 'web' } },
          policyTypes: ['Ingress'],
          ingress: [{ from, ports: [{ port: 8080 }] }],
        },
      });
    const ingress = thing('v1', 'Namespace', 'ingress', { metadata: { labels: { edge: 'true' } } }, '');
    const some = (labels: Json) => [{ namespaceSelector: { matchLabels: labels } }];
    expect(causes(route(), [...whole, ingress, lets(some({ edge: 'true' }))])).toEqual([]);
    expect(causes(route(), [...whole, ingress, lets(some({ edge: 'false' }))])).toEqual(['G-NETPOL']);
    expect(causes(route(), [...whole, ingress, lets([{ podSelector: {} }])])).toEqual(['G-NETPOL']);
    // The namespace of the controller was not read: nothing is held against it.
    expect(causes(route(), [...whole, lets(some({ edge: 'false' }))])).toEqual([]);
  });

  test('one that leads to a ready backend has no causes', () => {
    expect(report(route(), whole)).toMatchObject({ verdict: 'healthy', findings: [] });
  });

  const to = (name: string, port: Json) => ({ backend: { service: { name, port } } });
  test.each<[string, Parameters<typeof route>[0], string]>([
    ['no class at all', { spec: { ingressClassName: undefined } }, 'G-NOCLASS'],
    ['a class that is not there', { spec: { ingressClassName: 'edge' } }, 'G-CLASSMISS'],
    ['a backend that is not there', { path: to('shop', { number: 80 }) }, 'G-SVC'],
    ['a port the backend does not have', { path: to('web', { number: 8080 }) }, 'G-PORT'],
    ['a name of a port it does not have', { path: to('web', { name: 'https' }) }, 'G-PORT'],
    ['a secret that is not there', { spec: { tls: [{ secretName: 'tls' }] } }, 'G-TLSMISS'],
    [
      'a rewrite without its group',
      { metadata: { annotations: { 'nginx.ingress.kubernetes.io/rewrite-target': '/$1' } } },
      'G-PATH',
    ],
    ['a regular expression taken literally', { path: { path: '/a/(.*)' } }, 'G-PATH'],
    [
      'an annotation of the past',
      { metadata: { annotations: { 'nginx.ingress.kubernetes.io/secure-backends': 'true' } } },
      'G-ANNOT',
    ],
    [
      'a canary without a main one',
      { metadata: { annotations: { 'nginx.ingress.kubernetes.io/canary': 'true' } } },
      'G-ANNOT',
    ],
    ['no address', { status: {} }, 'G-ADDR'],
  ])('%s', (_what, change, id) => expect(causes(route(change), whole)).toEqual([id]));

  test('a default class is one, a class of the annotation may have no object', () => {
    const standard = {
      ...iclass,
      metadata: { ...iclass.metadata, annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    };
    expect(
      causes(route({ spec: { ingressClassName: undefined } }), [...carried, service(), standard, controller]),
    ).toEqual([]);
    const old = route({
      spec: { ingressClassName: undefined },
      metadata: { annotations: { 'kubernetes.io/ingress.class': 'gce' } },
    });
    expect(report(old, whole).findings[0]).toMatchObject({ cause: 'G-CLASSMISS', verdict: 'warning' });
  });

  test('a controller that is not there, or is in trouble itself', () => {
    expect(causes(route(), [...carried, service(), iclass])).toEqual(['G-CTRL']);
    const stuck = pod({
      metadata: controller.metadata,
      status: UNREADY,
      state: { ready: false, state: { waiting: { reason: 'ErrImagePull', message: 'no such host' } } },
    });
    expect(chain(route(), [...carried, service(), iclass, stuck])).toBe('G-CTRL < I-DNS');
  });

  test('a backend without endpoints is followed to its pods', () => {
    const stuck = pod({
      status: UNREADY,
      state: { ready: false, state: { waiting: { reason: 'ErrImagePull', message: 'manifest unknown' } } },
    });
    expect(chain(route(), [N, service(), iclass, controller, stuck, slice('web', 0, 1)])).toBe(
      'G-EP < S-NOEP < S-READY < I-404',
    );
    const unnamed = service({
      ports: [
        { port: 80, targetPort: 'web' },
        { port: 81, targetPort: 8080 },
      ],
    });
    expect(chain(route(), [N, unnamed, iclass, controller, pod(), slice('web')])).toBe('G-EP < S-TPORT');
    const other = service({ ports: [{ port: 8000, targetPort: 8080 }] });
    expect(causes(route(), [N, other, iclass, controller, stuck, slice('web', 0, 1)])).toEqual(['I-404', 'G-PORT']);
    const external = service({ type: 'ExternalName', externalName: 'a.example', selector: undefined });
    expect(causes(route(), [...carried, external, iclass, controller])).toEqual(['G-EXTNAME']);
  });

  test('the same host and path elsewhere: the older one wins', () => {
    const older = route({ name: 'first', metadata: { creationTimestamp: ago(9000) } });
    expect(report(route(), [...whole, older]).findings[0]).toMatchObject({ cause: 'G-HOSTDUP', verdict: 'fault' });
    expect(report(older, [...whole, route()]).findings[0]).toMatchObject({ cause: 'G-HOSTDUP', verdict: 'warning' });
    expect(causes(route(), [...whole, route({ name: 'other', host: 'b.example.com' })])).toEqual([]);
  });

  describe('certificates', () => {
    const good = {
      notBefore: ago(99_999),
      notAfter: '2027-06-01T00:00:00Z',
      names: ['*.example.com'],
      subject: '',
      issuer: '',
      keyFits: true,
      problem: '',
    };
    const secured = route({ spec: { tls: [{ hosts: ['shop.example.com'], secretName: 'tls' }] } });
    const secret = (tls: Json, type = 'kubernetes.io/tls') => thing('v1', 'Secret', 'tls', { type, tls });
    test.each<[string, Json, string]>([
      ['expired', { ...good, notAfter: ago(100) }, 'fault'],
      ['not yet valid', { ...good, notBefore: '2027-01-01T00:00:00Z' }, 'fault'],
      ['for another host', { ...good, names: ['other.example.com'] }, 'fault'],
      ['with another key', { ...good, keyFits: false }, 'fault'],
      ['unreadable', { ...good, problem: 'certificate' }, 'fault'],
      ['missing', undefined, 'fault'],
      ['a broken chain', { ...good, broken: ['CN=shop', 'CN=other'] }, 'fault'],
      ['a chain that ended', { ...good, chain: [{ subject: 'CN=R1', notAfter: ago(100) }] }, 'fault'],
      ['a chain about to end', { ...good, chain: [{ subject: 'CN=R1', notAfter: '2026-06-10T00:00:00Z' }] }, 'warning'],
      ['about to expire', { ...good, notAfter: '2026-06-10T00:00:00Z' }, 'warning'],
    ])('%s', (_what, facts, verdict) =>
      expect(report(secured, [...whole, secret(facts)]).findings[0]).toMatchObject({ cause: 'G-TLSBAD', verdict }));

    test('a good one is left alone; one of the wrong type is not used', () => {
      expect(causes(secured, [...whole, secret(good)])).toEqual([]);
      expect(causes(secured, [...whole, secret(good, 'Opaque')])).toEqual(['G-TLSBAD']);
    });
    test('a star stands for one label', () => {
      expect([
        covers('*.a.com', 'b.a.com'),
        covers('*.a.com', 'c.b.a.com'),
        covers('*.a.com', 'a.com'),
        covers('a.com', 'A.com'),
      ]).toEqual([true, false, false, true]);
    });
  });

  test('names, admission and the controller’s log', () => {
    const lookup = (addresses: string[]) => ({
      apiVersion: 'v1',
      kind: 'HostLookup',
      metadata: { name: 'shop.example.com' },
      addresses,
      error: 'ENOTFOUND',
    });
    expect(causes(route(), [...whole, lookup([])])).toEqual(['G-DNS']);
    expect(causes(route(), [...whole, lookup(['203.0.113.1'])])).toEqual([]);
    const webhook = (selector?: Json) =>
      thing(
        'admissionregistration.k8s.io/v1',
        'ValidatingWebhookConfiguration',
        'w',
        {
          webhooks: [
            {
              name: 'validate.nginx',
              failurePolicy: 'Fail',
              rules: [{ resources: ['ingresses'] }],
              clientConfig: { service: { namespace: 'ingress', name: 'gone' } },
              ...(selector === undefined ? {} : { namespaceSelector: selector }),
            },
          ],
        },
        '',
      );
    expect(causes(route(), [...whole, webhook()])).toEqual(['G-WEBHOOK']);
    const space = thing('v1', 'Namespace', 'shop', { metadata: { labels: { team: 'a' } } }, '');
    expect(causes(route(), [...whole, space, webhook({ matchLabels: { team: 'b' } })])).toEqual([]);
    const log = (text: string) => ({
      logs: [
        {
          namespace: 'ingress',
          pod: 'ingress-nginx-controller-1',
          container: 'app',
          previous: false,
          lines: [{ time: ago(5), text }],
        },
      ],
    });
    expect(causes(route(), whole, log('connect() failed (111: refused) upstream: shop-web-80'))).toEqual(['G-LOG']);
    expect(causes(route(), whole, log('connect() failed (111: refused) upstream: other-api-80'))).toEqual([]);
    const published = route();
    expect(causes(published, [...whole, told(published, 'ClusterNotReady', 'member-2 is away')])).toEqual(['G-MCI']);
  });
});
