/** What is read of a cluster for which question, and what of it is kept. Values of Secrets and ConfigMaps never are. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { DiagnosisKind } from '#shared/contract/diagnosis.ts';
import type { Json, KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { wellTyped } from '#shared/kubernetes/well-typed.ts';
import { redactText } from '../audit/index.ts';
import type { TlsFacts } from './causes/tls.ts';

export interface Source {
  kind: string;
  ref: ResourceRef;
  namespaced: boolean;
}

const source = (kind: string, group: string, resource: string, namespaced = true, version = 'v1'): Source => ({
  kind,
  ref: { group, version, resource },
  namespaced,
});

export const SOURCES: Readonly<Record<string, Source>> = Object.fromEntries(
  [
    source('Pod', '', 'pods'),
    source('Event', '', 'events'),
    source('Service', '', 'services'),
    source('PersistentVolumeClaim', '', 'persistentvolumeclaims'),
    source('ConfigMap', '', 'configmaps'),
    source('Secret', '', 'secrets'),
    source('ServiceAccount', '', 'serviceaccounts'),
    source('ResourceQuota', '', 'resourcequotas'),
    source('LimitRange', '', 'limitranges'),
    source('Node', '', 'nodes', false),
    source('Namespace', '', 'namespaces', false),
    source('PersistentVolume', '', 'persistentvolumes', false),
    source('Deployment', 'apps', 'deployments'),
    source('ReplicaSet', 'apps', 'replicasets'),
    source('StatefulSet', 'apps', 'statefulsets'),
    source('DaemonSet', 'apps', 'daemonsets'),
    source('Job', 'batch', 'jobs'),
    source('HorizontalPodAutoscaler', 'autoscaling', 'horizontalpodautoscalers', true, 'v2'),
    source('EndpointSlice', 'discovery.k8s.io', 'endpointslices'),
    source('Ingress', 'networking.k8s.io', 'ingresses'),
    source('NetworkPolicy', 'networking.k8s.io', 'networkpolicies'),
    source('IngressClass', 'networking.k8s.io', 'ingressclasses', false),
    source('StorageClass', 'storage.k8s.io', 'storageclasses', false),
    source('VolumeAttachment', 'storage.k8s.io', 'volumeattachments', false),
    source('Lease', 'coordination.k8s.io', 'leases'),
    source('CertificateSigningRequest', 'certificates.k8s.io', 'certificatesigningrequests', false),
    source('ValidatingWebhookConfiguration', 'admissionregistration.k8s.io', 'validatingwebhookconfigurations', false),
    source('MutatingWebhookConfiguration', 'admissionregistration.k8s.io', 'mutatingwebhookconfigurations', false),
    source('APIService', 'apiregistration.k8s.io', 'apiservices', false),
    source('Certificate', 'cert-manager.io', 'certificates'),
    source('ServiceImport', 'multicluster.x-k8s.io', 'serviceimports', true, 'v1alpha1'),
  ].map((one) => [one.kind, one]),
);

/** One list: where, and which. */
export interface Wish {
  kind: string;
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

const WORKLOAD_KINDS = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'];
const POD_KINDS = ['Pod', 'Event', ...WORKLOAD_KINDS, 'PersistentVolumeClaim', 'ConfigMap', 'Secret', 'ServiceAccount'];
const CLUSTER_KINDS = ['Node', 'PersistentVolume', 'StorageClass', 'VolumeAttachment', 'CertificateSigningRequest'];
const ADMISSION_KINDS = ['ResourceQuota', 'LimitRange'];
const WEBHOOK_KINDS = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'];
const SERVICE_KINDS = ['Service', 'EndpointSlice', 'NetworkPolicy', 'ServiceImport'];
const CONTROLLER_LABELS = [
  'app.kubernetes.io/name in (ingress-nginx,nginx-ingress,traefik,haproxy-ingress,kubernetes-ingress,kong,contour,aws-load-balancer-controller)',
  'app in (ingress-nginx,nginx-ingress,ingress-nginx-controller,traefik,haproxy-ingress,kong,contour,ingress-azure)',
];

/** Everything that may explain trouble of one object. Its own namespace whole, of the rest what matters. */
export function wishesFor(target: { kind: DiagnosisKind; namespace: string; name: string }): Wish[] {
  const { kind, namespace, name } = target;
  const here = (...kinds: string[]): Wish[] => kinds.map((one) => ({ kind: one, namespace }));
  const cluster = (...kinds: string[]): Wish[] => kinds.map((one) => ({ kind: one }));
  const leases: Wish[] = [
    { kind: 'Lease', namespace: 'kube-node-lease' },
    { kind: 'Lease', namespace: 'kube-system' },
  ];
  const nodeEvents: Wish = { kind: 'Event', namespace: 'default', fieldSelector: 'involvedObject.kind=Node' };
  const system: Wish[] = ['Pod', 'Service', 'EndpointSlice'].map((one) => ({ kind: one, namespace: 'kube-system' }));
  const pods = [...here(...POD_KINDS), ...cluster(...CLUSTER_KINDS), ...leases, nodeEvents];
  // Whether pods may ask the cluster's DNS.
  const dns: Wish[] = [
    { kind: 'NetworkPolicy', namespace },
    { kind: 'Service', namespace: 'kube-system', fieldSelector: 'metadata.name=kube-dns' },
    { kind: 'Pod', namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' },
    { kind: 'Namespace', fieldSelector: 'metadata.name=kube-system' },
  ];
  switch (kind) {
    case 'Node':
      return [
        ...cluster('Node', 'CertificateSigningRequest'),
        { kind: 'Pod', fieldSelector: `spec.nodeName=${name}` },
        { kind: 'Event', namespace: 'default', fieldSelector: `involvedObject.kind=Node,involvedObject.name=${name}` },
        ...leases,
      ];
    case 'Service':
      return [...pods, ...here(...SERVICE_KINDS, ...ADMISSION_KINDS), ...cluster(...WEBHOOK_KINDS), ...system];
    case 'Ingress':
      return [
        ...pods,
        ...here('NetworkPolicy', 'Certificate', ...ADMISSION_KINDS),
        ...cluster(
          'Ingress',
          'Service',
          'EndpointSlice',
          'IngressClass',
          'ValidatingWebhookConfiguration',
          'Namespace',
        ),
        ...CONTROLLER_LABELS.map((labelSelector) => ({ kind: 'Pod', labelSelector })),
        ...system,
      ];
    case 'HorizontalPodAutoscaler':
      return here(...WORKLOAD_KINDS, 'Pod', 'Event');
    case 'Namespace':
      return [...cluster('APIService'), { kind: 'Pod', namespace: name }];
    case 'Pod':
      return [...pods, ...dns];
    case 'PersistentVolumeClaim':
      return pods;
    default:
      return [
        ...pods,
        ...dns.filter((one) => one.kind !== 'Namespace'),
        ...here(...ADMISSION_KINDS, 'HorizontalPodAutoscaler'),
        ...cluster(...WEBHOOK_KINDS, 'Namespace'),
      ];
  }
}

/** For the health of a whole cluster. */
export const WHOLE_CLUSTER: readonly Wish[] = [
  ...['Node', 'Pod', ...WORKLOAD_KINDS, 'PersistentVolumeClaim', 'Service', 'EndpointSlice', 'Ingress', 'IngressClass'],
  ...[
    'HorizontalPodAutoscaler',
    'Namespace',
    'PersistentVolume',
    'StorageClass',
    'VolumeAttachment',
    'ResourceQuota',
    'LimitRange',
  ],
  ...[
    'CertificateSigningRequest',
    'ServiceAccount',
    'Secret',
    ...WEBHOOK_KINDS,
    'APIService',
    'Event',
    'NetworkPolicy',
  ],
]
  .map((kind): Wish => ({ kind }))
  .concat([
    { kind: 'Lease', namespace: 'kube-node-lease' },
    { kind: 'Lease', namespace: 'kube-system' },
  ]);

/** What is kept of an object. */
export function kept(read: KubeObject): KubeObject {
  const object = wellTyped(read);
  const { managedFields: _fields, ...metadata } = object.metadata;
  if (object.kind === 'Secret') return secretFacts(object, metadata);
  const { annotations } = metadata;
  if (annotations?.['kubectl.kubernetes.io/last-applied-configuration'] !== undefined) {
    const { 'kubectl.kubernetes.io/last-applied-configuration': _applied, ...rest } = annotations;
    metadata.annotations = rest;
  }
  if (object.kind === 'ConfigMap') {
    const { data: _data, binaryData: _binary, ...rest } = object;
    return { ...rest, metadata, data: keysOnly({ ...object.data, ...object.binaryData }) };
  }
  if (object.kind === 'Event') {
    const message = redactText(String(object.message ?? object.note ?? ''));
    return { ...object, metadata, message, ...(object.note === undefined ? {} : { note: message }) };
  }
  return { ...object, metadata };
}

function keysOnly(data: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.keys(data).map((key) => [key, '']));
}

function secretFacts(secret: KubeObject, metadata: KubeObject['metadata']): KubeObject {
  const { annotations: _annotations, ...rest } = metadata;
  const data: Record<string, unknown> = secret.data ?? {};
  return {
    apiVersion: secret.apiVersion,
    kind: 'Secret',
    metadata: rest,
    type: secret.type ?? 'Opaque',
    data: keysOnly(data),
    registries: registriesOf(data['.dockerconfigjson'] ?? data['.dockercfg']),
    ...(data['tls.crt'] === undefined || data['tls.key'] === undefined
      ? {}
      : { tls: tlsFacts(data['tls.crt'], data['tls.key']) }),
  };
}

function decoded(value: unknown): string {
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
}

/** Hosts that a pull secret has a login for. */
function registriesOf(value: unknown): string[] {
  if (value === undefined) return [];
  try {
    const parsed: Json = JSON.parse(decoded(value));
    return Object.keys(parsed?.auths ?? parsed ?? {}).slice(0, 50);
  } catch {
    return [];
  }
}

/** More than anybody sends. */
const LONGEST_CHAIN = 10;

function pemBlocks(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)?.slice(0, LONGEST_CHAIN) ?? [];
}

/** A client follows the chain as it is sent: each has to be issued by the next. */
function chainFacts(leaf: X509Certificate, rest: readonly string[]): Pick<TlsFacts, 'chain' | 'broken'> {
  const name = (one: X509Certificate): string => one.subject.replaceAll('\n', ', ');
  const chain: { subject: string; notAfter: string }[] = [];
  let broken: string[] = [];
  let before = leaf;
  for (const text of rest) {
    const next = new X509Certificate(text);
    // The same once more, or a root that follows itself, does no harm.
    if (next.fingerprint256 === before.fingerprint256) continue;
    chain.push({ subject: name(next), notAfter: new Date(next.validTo).toISOString() });
    if (broken.length === 0 && !(before.checkIssued(next) && before.verify(next.publicKey)))
      broken = [name(before), name(next)];
    before = next;
  }
  return { chain, broken };
}

function tlsFacts(certificate: unknown, key: unknown): TlsFacts {
  const facts: TlsFacts = {
    notBefore: '',
    notAfter: '',
    names: [],
    subject: '',
    issuer: '',
    keyFits: false,
    problem: '',
  };
  try {
    const [first = decoded(certificate), ...rest] = pemBlocks(decoded(certificate));
    const parsed = new X509Certificate(first);
    facts.notBefore = new Date(parsed.validFrom).toISOString();
    facts.notAfter = new Date(parsed.validTo).toISOString();
    facts.subject = parsed.subject.replaceAll('\n', ', ');
    facts.issuer = parsed.issuer.replaceAll('\n', ', ');
    facts.names = (parsed.subjectAltName ?? '')
      .split(', ')
      .filter((name) => name !== '')
      .map((name) => name.replace(/^(DNS|IP Address):/, ''));
    Object.assign(facts, chainFacts(parsed, rest));
    if (facts.names.length === 0) facts.names = /CN=([^,\n]+)/.exec(facts.subject)?.slice(1) ?? [];
    try {
      facts.keyFits = parsed.checkPrivateKey(createPrivateKey(decoded(key)));
    } catch {
      facts.problem = 'key';
    }
  } catch {
    facts.problem = 'certificate';
  }
  return facts;
}
