/** Services and Ingresses that lead nowhere. */
import type { Json } from '#shared/kubernetes/types.ts';
import { PROVISION_CLUSTER } from '../../controllers/ingresses.ts';
import { BEHAVIOUR_ANNOTATION } from '../../kubelet/behaviour.ts';
import { deployment, LABELS, machine, object, onMachine, pod, service } from './build.ts';
import type { Case, CaseObject, CasePlace } from './types.ts';

const SERVICE = 'Service/web';
const IPV6_RANGE = 'fd00:10:244:1::/64';

function behind(id: string, spec: Json, more: { extra?(at: CasePlace): CaseObject[] } = {}): Case {
  return {
    id,
    target: SERVICE,
    objects: (at) => [pod(at), ...(more.extra?.(at) ?? []), service(at, spec)],
  };
}

/** Probed where nothing listens. */
const unready = (at: CasePlace): CaseObject =>
  pod(at, {}, { readinessProbe: { tcpSocket: { port: 8081 }, periodSeconds: 2 } }, 'app', 'unready');

const SERVICES: readonly Case[] = [
  {
    id: 'S-NOEP',
    target: SERVICE,
    objects: (at) => [unready(at), service(at)],
  },
  behind('S-SEL', { selector: { app: 'apps' } }),
  { id: 'S-READY', target: SERVICE, objects: (at) => [unready(at), service(at)] },
  behind('S-TPORT', { ports: [{ name: 'http', port: 80, targetPort: 'web' }] }),
  behind('S-PROTO', { ports: [{ name: 'http', port: 80, targetPort: 80, protocol: 'UDP' }] }),
  {
    id: 'S-NOSEL',
    target: SERVICE,
    objects: (at) => [{ object: object('v1', 'Service', 'web', at.namespace, { spec: { ports: [{ port: 80 }] } }) }],
  },
  {
    id: 'S-EXT',
    target: SERVICE,
    objects: (at) => [
      {
        object: object('v1', 'Service', 'web', at.namespace, {
          spec: { type: 'ExternalName', externalName: '10.20.30.40' },
        }),
      },
    ],
  },
  {
    id: 'S-LBPEND',
    target: SERVICE,
    objects: (at) => {
      const { object: asking } = service(at, { type: 'LoadBalancer' });
      asking.metadata.annotations = { [BEHAVIOUR_ANNOTATION]: 'load-balancer-fails' };
      return [pod(at), { object: asking }];
    },
  },
  behind('S-LBEP', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }),
  {
    // kube-proxy and the pod's hostPort both want it: whose rule comes first gets the traffic.
    id: 'S-NP',
    target: SERVICE,
    objects: (at) => [
      pod(at),
      pod(at, { nodeName: at.node }, { ports: [{ containerPort: 80, hostPort: 31877 }] }, 'agent'),
      service(at, { type: 'NodePort', ports: [{ name: 'http', port: 80, targetPort: 80, nodePort: 31877 }] }),
    ],
  },
  behind(
    'S-NETPOL',
    {},
    {
      extra: (at) => [
        {
          object: object('networking.k8s.io/v1', 'NetworkPolicy', 'closed', at.namespace, {
            spec: {
              podSelector: { matchLabels: LABELS },
              policyTypes: ['Ingress'],
              ingress: [{ ports: [{ port: 8443 }] }],
            },
          }),
        },
      ],
    },
  ),
  {
    id: 'S-DNS',
    target: 'Service/kube-dns@kube-system',
    objects: () => [],
    change: {
      group: 'apps',
      version: 'v1',
      resource: 'deployments',
      namespace: 'kube-system',
      name: 'coredns',
      to: { spec: { replicas: 0 } },
      back: { spec: { replicas: 2 } },
    },
  },
  behind('S-AFF', { sessionAffinity: 'ClientIP' }),
  {
    id: 'S-KPROXY',
    target: SERVICE,
    objects: (at) => [
      machine(at),
      {
        object: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: `kube-proxy-${at.namespace}`,
            namespace: 'kube-system',
            annotations: { [BEHAVIOUR_ANNOTATION]: 'unready' },
          },
          spec: {
            nodeName: at.caseNode,
            containers: [
              {
                name: 'kube-proxy',
                image: 'registry.k8s.io/kube-proxy:v1.33.1',
                readinessProbe: { httpGet: { path: '/healthz', port: 10256 } },
              },
            ],
          },
        },
      },
      pod(at, { nodeName: at.caseNode }),
      service(at),
    ],
  },
  {
    id: 'S-IPFAM',
    target: SERVICE,
    // The cluster's Services are IPv4; a machine whose pods get other addresses has joined it.
    objects: (at) => [
      machine(at, { spec: { podCIDR: IPV6_RANGE, podCIDRs: [IPV6_RANGE] } }),
      pod(at, onMachine(at)),
      service(at),
    ],
  },
  {
    id: 'S-EVENT',
    target: SERVICE,
    objects: (at) => [
      {
        object: object('v1', 'ResourceQuota', 'slices', at.namespace, {
          spec: { hard: { 'count/endpointslices.discovery.k8s.io': '0' } },
        }),
      },
      pod(at),
      service(at),
    ],
  },
  {
    id: 'S-HEADLESS',
    target: SERVICE,
    objects: (at) => [
      service(at),
      {
        object: object('apps/v1', 'StatefulSet', 'db', at.namespace, {
          spec: {
            serviceName: 'web',
            replicas: 1,
            selector: { matchLabels: LABELS },
            template: {
              metadata: { labels: LABELS },
              spec: { containers: [{ name: 'app', image: 'nginx:1.29-alpine', ports: [{ containerPort: 80 }] }] },
            },
          },
        }),
      },
    ],
  },
  {
    id: 'S-MCS',
    target: 'Service/derived-web',
    objects: (at) => [
      { object: object('v1', 'Service', 'derived-web', at.namespace, { spec: { ports: [{ port: 80 }] } }) },
    ],
  },
];

/** Ready by what can be read: only asking its port tells. */
function asked(id: string, container: Json, behaviour?: string): Case {
  return {
    ...{ id, target: SERVICE, further: 'reach' },
    objects: (at) => [pod(at, {}, container, 'app', behaviour), service(at)],
  };
}

const REACHED: readonly Case[] = [
  asked('R-REFUSED', { image: 'busybox:1.37', command: ['sleep', 'infinity'] }),
  asked('R-SILENT', {}, 'silent'),
  asked('R-HTTP', {}, 'fails-requests'),
];

const INGRESS = 'Ingress/web';
const NGINX = 'nginx.ingress.kubernetes.io/';

/** Class, controller and backend that work, and the Ingress that is changed by the case. */
function route(
  id: string,
  change: {
    spec?: Json;
    annotations?: Record<string, string>;
    rules?: Json[];
    /** What the controller writes into the Ingress. */
    published?: string;
    extra?(at: CasePlace): CaseObject[];
    controller?: string;
    backend?(at: CasePlace): CaseObject[];
  } = {},
): Case {
  return {
    id,
    target: INGRESS,
    objects(at) {
      const controller = change.controller ?? 'k8s.io/ingress-nginx';
      const backend = { service: { name: 'web', port: { number: 80 } } };
      return [
        { object: object('networking.k8s.io/v1', 'IngressClass', at.namespace, '', { spec: { controller } }) },
        controllerPod(at, change.published),
        ...(change.backend?.(at) ?? [pod(at), service(at)]),
        ...(change.extra?.(at) ?? []),
        {
          object: {
            apiVersion: 'networking.k8s.io/v1',
            kind: 'Ingress',
            metadata: {
              name: 'web',
              namespace: at.namespace,
              ...(change.annotations === undefined ? {} : { annotations: change.annotations }),
            },
            spec: {
              ingressClassName: at.namespace,
              rules: change.rules ?? [
                { host: `${at.namespace}.example.com`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } },
              ],
              ...change.spec,
            },
          },
        },
      ];
    },
  };
}

function controllerPod(at: CasePlace, published?: string): CaseObject {
  const args = published === undefined ? {} : { args: [`--publish-status-address=${published}`] };
  const controller = pod(at, {}, args, 'ingress-nginx-controller');
  controller.object.metadata.labels = { 'app.kubernetes.io/name': 'ingress-nginx' };
  return controller;
}

const to = (name: string, port: Json, path: Json = {}): Json[] => [
  {
    host: 'shop.example.com',
    http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port } }, ...path }] },
  },
];
const ADDRESS = '203.0.113.40';

function imported(at: CasePlace, cluster: string, ready: boolean): CaseObject {
  return {
    object: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `imported-${cluster}`,
        namespace: at.namespace,
        labels: {
          'kubernetes.io/service-name': 'web',
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-dispatch-controller.karmada.io',
        },
        annotations: { [PROVISION_CLUSTER]: cluster },
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.20.0.7'], conditions: { ready, serving: ready } }],
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    },
  };
}

const INGRESSES: readonly Case[] = [
  route('G-NOCLASS', { spec: { ingressClassName: undefined } }),
  route('G-CLASSMISS', { spec: { ingressClassName: 'edge-nginx' } }),
  route('G-CTRL', { controller: 'traefik.io/ingress-controller' }),
  route('G-SVC', { rules: to('shop', { number: 80 }) }),
  route('G-PORT', { rules: to('web', { number: 8080 }) }),
  route('G-EP', { backend: (at) => [deployment(at, { nodeSelector: { disktype: 'nvme' } }), service(at)] }),
  route('G-EXTNAME', {
    backend: (at) => [
      {
        object: object('v1', 'Service', 'web', at.namespace, {
          spec: { type: 'ExternalName', externalName: 'shop.example.net' },
        }),
      },
    ],
  }),
  route('G-NETPOL', {
    extra: (at) => [
      {
        object: object('networking.k8s.io/v1', 'NetworkPolicy', 'gateway-only', at.namespace, {
          spec: {
            podSelector: { matchLabels: LABELS },
            policyTypes: ['Ingress'],
            ingress: [{ from: [{ podSelector: { matchLabels: { app: 'gateway' } } }] }],
          },
        }),
      },
    ],
  }),
  route('G-TLSMISS', { spec: { tls: [{ hosts: ['shop.example.com'], secretName: 'shop-tls' }] } }),
  route('G-TLSBAD', {
    spec: { tls: [{ hosts: ['shop.example.com'], secretName: 'shop-tls' }] },
    extra: (at) => [
      {
        object: object('v1', 'Secret', 'shop-tls', at.namespace, {
          type: 'Opaque',
          stringData: { 'certificate.pem': 'none' },
        }),
      },
    ],
  }),
  route('G-HOSTDUP', {
    rules: to('web', { number: 80 }, { path: '/shared' }),
    extra: (at) => [
      {
        object: object('networking.k8s.io/v1', 'Ingress', 'first', at.namespace, {
          spec: { ingressClassName: at.namespace, rules: to('web', { number: 80 }, { path: '/shared' }) },
        }),
      },
    ],
  }),
  route('G-PATH', { annotations: { [`${NGINX}rewrite-target`]: '/$2' } }),
  route('G-ADDR'),
  route('G-DNS', {
    published: ADDRESS,
    rules: [
      {
        host: 'shop.case.invalid',
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
        },
      },
    ],
  }),
  route('G-WEBHOOK', {
    extra: (at) => [
      {
        object: object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', at.namespace, '', {
          webhooks: [
            {
              name: 'validate.nginx.ingress.kubernetes.io',
              admissionReviewVersions: ['v1'],
              sideEffects: 'None',
              failurePolicy: 'Fail',
              clientConfig: {
                service: { name: 'ingress-nginx-controller-admission', namespace: at.namespace, path: '/' },
              },
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': at.namespace } },
              // Changes alone: the Ingress itself was there before the controller went away.
              rules: [
                {
                  apiGroups: ['networking.k8s.io'],
                  apiVersions: ['v1'],
                  operations: ['UPDATE'],
                  resources: ['ingresses'],
                  scope: '*',
                },
              ],
            },
          ],
        }),
      },
    ],
  }),
  route('G-ANNOT', { annotations: { [`${NGINX}secure-backends`]: 'true' } }),
  route('G-LOG', {
    published: ADDRESS,
    rules: [
      {
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
        },
      },
    ],
    extra(at) {
      const text = `[error] 31#31: *1 connect() failed (111: Connection refused) while connecting to upstream, upstream: ${at.namespace}-web-80`;
      const speaking = pod(
        at,
        {},
        { image: 'busybox', command: ['sh', '-c', `while true; do echo "${text}"; sleep 2; done`], ports: [] },
        'ingress-nginx-controller-log',
      );
      speaking.object.metadata.labels = { 'app.kubernetes.io/name': 'ingress-nginx' };
      return [speaking];
    },
  }),
  route('G-MCI', {
    published: ADDRESS,
    rules: [
      {
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
        },
      },
    ],
    // Brought from two members, of which one has nothing ready.
    extra: (at) => [imported(at, 'member-1', true), imported(at, 'member-2', false)],
  }),
];

export const NETWORK_CASES: readonly Case[] = [...SERVICES, ...REACHED, ...INGRESSES];
