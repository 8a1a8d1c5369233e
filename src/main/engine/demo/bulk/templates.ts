/** The applications a large cluster runs, as the pod specs a person would write. Small requests: they fit by the dozen. */
import type { Json } from '#shared/kubernetes/types.ts';

export interface Template {
  spec: Json;
  /** Port a Service would point to. */
  port: number;
}

const READY: Json = { httpGet: { path: '/ready', port: 'http' } };
/** Of programs that have no page for it. */
const PROBES: Readonly<Record<string, Json>> = {
  nginx: { httpGet: { path: '/', port: 'http' } },
  'valkey/valkey': { tcpSocket: { port: 'http' } },
};

function serving(name: string, image: string, port: number, cpu: string, memory: string, more: Json = {}): Template {
  return {
    port,
    spec: {
      containers: [
        {
          name,
          image,
          ports: [{ name: 'http', containerPort: port, protocol: 'TCP' }],
          resources: { requests: { cpu, memory }, limits: { cpu: '500m', memory: '256Mi' } },
          readinessProbe: { ...(PROBES[image.split(':')[0] ?? ''] ?? READY), periodSeconds: 10 },
        },
      ],
      ...more,
    },
  };
}

const sidecar: Json = {
  name: 'envoy',
  image: 'ghcr.io/example/envoy:1.34.2',
  resources: { requests: { cpu: '5m', memory: '16Mi' } },
};

export const TEMPLATES: readonly Template[] = [
  serving('web', 'nginx:1.29-alpine', 80, '10m', '32Mi'),
  serving('api', 'ghcr.io/example/api:3.12.0', 8080, '20m', '48Mi'),
  serving('api', 'ghcr.io/example/api:3.11.4', 8080, '20m', '48Mi', { terminationGracePeriodSeconds: 60 }),
  serving('worker', 'ghcr.io/example/worker:1.8.2', 9000, '15m', '64Mi'),
  serving('cache', 'valkey/valkey:8.1', 6379, '10m', '64Mi'),
  meshed(serving('gateway', 'ghcr.io/example/gateway:0.42.1', 8443, '20m', '48Mi')),
];

function meshed(template: Template): Template {
  return { ...template, spec: { ...template.spec, containers: [...template.spec.containers, sidecar] } };
}
