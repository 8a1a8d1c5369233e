import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { cloneJson } from '../json.ts';
import { createKindRegistry } from './index.ts';

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) frozen(item);
  }
  return value;
}

const spec = {
  containers: [
    {
      name: 'web',
      image: 'nginx',
      ports: [{ containerPort: 80 }],
      resources: { limits: { cpu: '1' }, requests: { memory: '1Gi' } },
      readinessProbe: { httpGet: { port: 80 } },
      env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    },
  ],
  volumes: [{ name: 'v' }, { name: 's', secret: { secretName: 's' } }],
};
const template = { metadata: { labels: { a: '1' } }, spec };
const specs: Record<string, unknown> = {
  Pod: spec,
  Job: { template, completions: 2 },
  CronJob: { schedule: '* * * * *', jobTemplate: { spec: { template } } },
  ReplicationController: { template, selector: { a: '1' } },
  Service: { ports: [{ port: 80 }], selector: { a: '1' } },
};

const kinds = createKindRegistry([])
  .all()
  .filter(({ defaults, verbs }) => defaults !== undefined && verbs.includes('patch'));

test.each(kinds)('a patched $kind of $group/$version leaves the stored object alone', (kind) => {
  const stored: KubeObject = {
    kind: kind.kind,
    apiVersion: apiVersionOf(kind),
    metadata: { name: 'x', namespace: 'n', annotations: { a: '1' } },
    spec: cloneJson(specs[kind.kind] ?? { template, replicas: 2, selector: { matchLabels: { a: '1' } } }),
    data: { a: 'MQ==' },
  };
  // Twice, as the server does: what was filled in gets its place.
  kind.defaults?.(stored);
  kind.defaults?.(stored);
  const before = frozen(cloneJson(stored));
  const patched = { ...before, metadata: { ...before.metadata, labels: { b: '2' } }, stringData: { b: 'c' } };
  const alone = cloneJson(patched);
  kind.defaults?.(patched, '', before);
  kind.defaults?.(alone);
  expect(JSON.stringify(patched)).toBe(JSON.stringify(alone));
});
