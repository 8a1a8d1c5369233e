import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { createKindRegistry } from '../kinds/index.ts';
import { encodeFields } from './field-set.ts';
import { changedOf, recordUpdate, stripUnowned } from './managed.ts';
import { Changes } from './versions.ts';

const registry = createKindRegistry([]);

const container = {
  name: 'web',
  image: 'nginx:1.27',
  ports: [
    { containerPort: 80, name: 'http' },
    { containerPort: 53, protocol: 'UDP' },
  ],
  env: [
    { name: 'A', value: '' },
    { name: 'A', value: 'twice' },
    { name: 'B', valueFrom: { fieldRef: { fieldPath: 'x' } } },
  ],
  resources: { requests: { cpu: '100m' }, limits: {} },
  command: [],
};
const meta = { name: 'x', namespace: 'n', labels: { 'z/b': '1', a: '2' }, annotations: {}, finalizers: ['f/b', 'f/a'] };
const template = { metadata: { labels: { a: '1' } }, spec: { containers: [container], tolerations: [{ key: 'k' }] } };
const objects: KubeObject[] = [
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...meta }, data: { 'a.b': '1', empty: '' }, immutable: true },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bare' } },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...meta, ownerReferences: [{ uid: 'u', kind: 'Node', name: 'm', apiVersion: 'v1' }] },
    spec: template.spec,
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...meta },
    spec: { replicas: 0, selector: { matchLabels: { a: '1' } }, template },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...meta },
    spec: { ports: [{ port: 80 }], selector: { a: '1' }, clusterIPs: ['1.2.3.4'] },
  },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'm' },
    spec: { taints: [{ key: 't', effect: 'NoSchedule' }], podCIDRs: ['10.0.0.0/24'] },
  },
  {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { ...meta },
    involvedObject: { kind: 'Pod', name: 'x' },
    reason: 'R',
    count: 1,
  },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'r' }, rules: null },
];

test.each(objects)('the one who creates a $kind owns what a comparison with nothing finds', (object) => {
  const kind = registry.findKind(object.apiVersion, object.kind);
  if (kind === undefined) throw new Error('unknown kind');
  const decoded = structuredClone(object);
  kind.defaults?.(decoded);
  for (const subject of [structuredClone(object), decoded]) {
    const compared = encodeFields(stripUnowned(changedOf(new Changes(kind, null, subject, '').own)));
    recordUpdate(kind, null, subject, 'kubectl', '');
    const entries = (subject.metadata.managedFields ?? []) as { fieldsV1: unknown }[];
    expect(JSON.stringify(entries[0]?.fieldsV1 ?? {})).toBe(JSON.stringify(compared));
    expect(entries).toHaveLength(Object.keys(compared).length === 0 ? 0 : 1);
  }
});
