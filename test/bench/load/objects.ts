/** The objects that are written: of the size and shape they commonly have. */
import type { LoadJob } from './protocol.ts';

export const resourceOf: Record<LoadJob['kind'], string> = { configmap: 'configmaps', pod: 'pods' };

/** About 1 KB of configuration. */
function configMap(name: string): unknown {
  const line = 'listen 8080; root /usr/share/nginx/html; access_log off; keepalive_timeout 65;\n';
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { app: 'bench', tier: 'web' }, annotations: { 'example.com/owner': 'bench' } },
    data: { 'nginx.conf': line.repeat(9), mode: 'production', counter: '0' },
  };
}

/** As a ReplicaSet makes them, about 3 KB with defaults. */
function pod(name: string): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'bench', 'pod-template-hash': '5d4f8c7b9' } },
    spec: {
      containers: [
        {
          name: 'web',
          image: 'nginx:1.27',
          ports: [{ containerPort: 80, name: 'http' }],
          env: [
            { name: 'MODE', value: 'production' },
            { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          ],
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
          readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 5 },
        },
      ],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
    },
  };
}

export function objectOf(kind: LoadJob['kind'], name: string): unknown {
  return kind === 'pod' ? pod(name) : configMap(name);
}

/** A merge patch that changes something each time. */
export function patchOf(kind: LoadJob['kind'], counter: number): unknown {
  return kind === 'pod'
    ? { metadata: { annotations: { 'example.com/counter': String(counter) } } }
    : { data: { counter: String(counter) } };
}
