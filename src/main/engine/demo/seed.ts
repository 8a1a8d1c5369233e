/**
 * What runs in a simulated cluster from the start: cluster DNS and the node agents in kube-system, a small web shop in
 * its own namespace. Pure: objects only. They are created once; what a person deletes stays deleted.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { isCsiDriver, minorOf } from './profiles/node-object.ts';
import type { ClusterProfile } from './profiles/profile.ts';
import { PROVIDERS, type Provider } from './profiles/providers.ts';
import { PROMETHEUS_VERSION } from './prometheus/server-series.ts';

export const SHOP = 'web-shop';
export const MONITORING = 'monitoring';

/** In the order of creation. */
export function seedObjects(profile: ClusterProfile): KubeObject[] {
  return [...apiServerObjects(profile), ...systemObjects(profile), ...monitoringObjects(), ...shopObjects(profile)];
}

/** How pods reach the API server, as every cluster has it: a Service without a selector and who is behind it. */
function apiServerObjects(profile: ClusterProfile): KubeObject[] {
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const [first = 10, second = 0] = (profile.nodes[0]?.ip ?? '').split('.').map(Number);
  const address = `${first}.${second}.255.254`;
  const port = { name: 'https', port: 6443, protocol: 'TCP' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: {
        type: 'ClusterIP',
        clusterIP: '10.96.0.1',
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port.port }],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: [{ addresses: [{ ip: address }], ports: [port] }],
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: true, serving: true, terminating: false } }],
      ports: [port],
    },
  ];
}

function systemObjects(profile: ClusterProfile): KubeObject[] {
  const provider: Provider = PROVIDERS[profile.providerKey];
  const dns = { 'k8s-app': 'kube-dns' };
  const proxy = { 'k8s-app': 'kube-proxy' };
  return [
    storageClass(provider),
    ...csiDrivers(provider),
    serviceAccount('coredns', 'kube-system'),
    serviceAccount('kube-proxy', 'kube-system'),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'coredns', namespace: 'kube-system' },
      data: {
        Corefile:
          '.:53 {\n    errors\n    health {\n       lameduck 5s\n    }\n    ready\n    kubernetes cluster.local in-addr.arpa ip6.arpa {\n       pods insecure\n       fallthrough in-addr.arpa ip6.arpa\n       ttl 30\n    }\n    prometheus :9153\n    forward . /etc/resolv.conf\n    cache 30\n    loop\n    reload\n    loadbalance\n}\n',
      },
    },
    deployment('coredns', 'kube-system', dns, {
      replicas: 2,
      serviceAccountName: 'coredns',
      priorityClassName: 'system-cluster-critical',
      tolerations: [
        { key: 'CriticalAddonsOnly', operator: 'Exists' },
        { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
      ],
      volumes: [
        { name: 'config-volume', configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] } },
      ],
      container: {
        name: 'coredns',
        image: `${provider.registry}/coredns:${minorOf(profile.version) >= 33 ? 'v1.12.4' : 'v1.11.3'}`,
        args: ['-conf', '/etc/coredns/Corefile'],
        ports: [
          { containerPort: 53, name: 'dns', protocol: 'UDP' },
          { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
          { containerPort: 9153, name: 'metrics', protocol: 'TCP' },
        ],
        resources: { requests: { cpu: '100m', memory: '70Mi' }, limits: { memory: '170Mi' } },
        volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
        readinessProbe: { httpGet: { path: '/ready', port: 8181, scheme: 'HTTP' } },
      },
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'kube-dns',
        namespace: 'kube-system',
        labels: { ...dns, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
        annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
      },
      spec: {
        selector: dns,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
          { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
        ],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'kube-proxy', namespace: 'kube-system', labels: proxy },
      spec: {
        selector: { matchLabels: proxy },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
        template: {
          metadata: { labels: proxy },
          spec: {
            hostNetwork: true,
            serviceAccountName: 'kube-proxy',
            priorityClassName: 'system-node-critical',
            tolerations: [{ operator: 'Exists' }],
            containers: [
              {
                name: 'kube-proxy',
                image: `${provider.registry}/kube-proxy:${profile.version.replace(/[-+].*$/, '')}`,
                command: ['/usr/local/bin/kube-proxy', '--config=/var/lib/kube-proxy/config.conf'],
                resources: { requests: { cpu: '50m', memory: '45Mi' } },
              },
            ],
          },
        },
      },
    },
  ];
}

/** A Prometheus that has scraped the cluster all along: prometheus/ answers for it. */
function monitoringObjects(): KubeObject[] {
  const labels = { 'app.kubernetes.io/name': 'prometheus' };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: MONITORING } },
    deployment('prometheus', MONITORING, labels, {
      replicas: 1,
      container: {
        name: 'prometheus',
        image: `quay.io/prometheus/prometheus:v${PROMETHEUS_VERSION}`,
        args: ['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.retention.time=1h'],
        ports: [{ containerPort: 9090, name: 'http', protocol: 'TCP' }],
        readinessProbe: { httpGet: { path: '/-/ready', port: 'http' } },
        resources: { requests: { cpu: '100m', memory: '256Mi' } },
      },
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'prometheus', namespace: MONITORING, labels },
      spec: { selector: labels, ports: [{ name: 'http', port: 9090, protocol: 'TCP', targetPort: 'http' }] },
    },
  ];
}

function shopObjects(profile: ClusterProfile): KubeObject[] {
  const front = { 'app.kubernetes.io/name': 'storefront', 'app.kubernetes.io/part-of': SHOP };
  const cart = { 'app.kubernetes.io/name': 'cart', 'app.kubernetes.io/part-of': SHOP };
  const store = { 'app.kubernetes.io/name': 'cart-store', 'app.kubernetes.io/part-of': SHOP };
  const small = { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } };
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: SHOP, labels: { 'app.kubernetes.io/part-of': SHOP, environment: 'production' } },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'storefront', namespace: SHOP, labels: front },
      data: {
        CURRENCY: profile.region.startsWith('cn-') ? 'CNY' : 'EUR',
        REGION: profile.region,
        CART_URL: 'http://cart:8080',
      },
    },
    deployment('storefront', SHOP, front, {
      replicas: Math.min(3, Math.max(2, profile.nodes.length - 1)),
      container: {
        name: 'storefront',
        image: 'nginx:1.29-alpine',
        ports: [{ containerPort: 80, name: 'http', protocol: 'TCP' }],
        envFrom: [{ configMapRef: { name: 'storefront' } }],
        ...probes({ httpGet: { path: '/', port: 'http' } }),
        resources: small,
      },
    }),
    service('storefront', front, { port: 80, targetPort: 'http' }, 'LoadBalancer'),
    deployment('cart', SHOP, cart, {
      replicas: 2,
      container: {
        name: 'cart',
        image: 'ghcr.io/example/cart:2.4.1',
        ports: [{ containerPort: 8080, name: 'http', protocol: 'TCP' }],
        env: [{ name: 'STORE', value: 'cart-store:6379' }],
        ...probes({ httpGet: { path: '/healthz', port: 'http' } }),
        resources: small,
      },
    }),
    service('cart', cart, { port: 8080, targetPort: 'http' }, 'ClusterIP'),
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'cart-store', namespace: SHOP, labels: store },
      spec: {
        serviceName: 'cart-store',
        replicas: 1,
        selector: { matchLabels: store },
        template: {
          metadata: { labels: store },
          spec: {
            containers: [
              {
                name: 'valkey',
                image: 'valkey/valkey:8.1',
                ports: [{ containerPort: 6379, name: 'valkey', protocol: 'TCP' }],
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
                ...probes({ tcpSocket: { port: 'valkey' } }),
                resources: { requests: { cpu: '50m', memory: '64Mi' } },
              },
            ],
          },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
          },
        ],
      },
    },
    headless('cart-store', store),
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'price-import', namespace: SHOP, labels: { 'app.kubernetes.io/part-of': SHOP } },
      spec: {
        schedule: '17 * * * *',
        concurrencyPolicy: 'Forbid',
        successfulJobsHistoryLimit: 2,
        jobTemplate: {
          spec: {
            backoffLimit: 2,
            template: {
              spec: {
                restartPolicy: 'Never',
                containers: [
                  {
                    name: 'import',
                    image: 'ghcr.io/example/price-import:1.8.0',
                    resources: { requests: { cpu: '50m', memory: '64Mi' } },
                  },
                ],
              },
            },
          },
        },
      },
    },
  ];
}

/** All three, by one question: whatever can fail in them can be shown. */
function probes(question: Json): Json {
  return {
    startupProbe: { ...question, periodSeconds: 2, failureThreshold: 15 },
    livenessProbe: { ...question, periodSeconds: 10 },
    readinessProbe: { ...question, periodSeconds: 5 },
  };
}

function deployment(
  name: string,
  namespace: string,
  labels: Record<string, string>,
  options: { replicas: number; container: Json; [podField: string]: Json },
): KubeObject {
  const { replicas, container, ...pod } = options;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...pod, containers: [container] } },
    },
  };
}

function service(name: string, labels: Record<string, string>, port: Json, type: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: SHOP, labels },
    spec: { type, selector: labels, ports: [{ name: 'http', protocol: 'TCP', ...port }] },
  };
}

function headless(name: string, labels: Record<string, string>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: SHOP, labels },
    spec: { clusterIP: 'None', selector: labels, ports: [{ name: 'valkey', port: 6379, protocol: 'TCP' }] },
  };
}

function serviceAccount(name: string, namespace: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
}

function csiDrivers({ storageClass: { provisioner } }: Provider): KubeObject[] {
  if (!isCsiDriver(provisioner)) return [];
  const spec = { attachRequired: true, podInfoOnMount: false, volumeLifecycleModes: ['Persistent'] };
  return [{ apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: provisioner }, spec }];
}

function storageClass(provider: Provider): KubeObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: provider.storageClass.name,
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    provisioner: provider.storageClass.provisioner,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  };
}
