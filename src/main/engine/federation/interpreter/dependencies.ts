/** Objects that a workload cannot run without: found in its pod template or spec. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { LabelSelector } from '../api.ts';
import { allContainers, podSpecOf } from './pods.ts';

export interface Dependency {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name?: string;
  labelSelector?: LabelSelector;
}

const GROUPS: Record<string, string> = {
  Pod: 'v1',
  Deployment: 'apps/v1',
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
  Ingress: 'networking.k8s.io/v1',
  ServiceImport: 'multicluster.x-k8s.io/v1alpha1',
};

/** By kind, then by name; null for kinds that know no dependencies. */
export function getDependencies(object: KubeObject): Dependency[] | null {
  if (GROUPS[object.kind] !== object.apiVersion) return null;
  const namespace = object.metadata.namespace ?? '';
  if (object.kind === 'Ingress') return ingressDependencies(object, namespace);
  if (object.kind === 'ServiceImport') return serviceImportDependencies(object, namespace);
  const podSpec = podSpecOf(object);
  return podSpec === undefined ? [] : podDependencies(podSpec, namespace, claimTemplates(object));
}

function claimTemplates(object: KubeObject): Set<string> {
  const templates: Json[] = object.kind === 'StatefulSet' ? (object.spec?.volumeClaimTemplates ?? []) : [];
  return new Set(templates.map((template) => template.metadata?.name));
}

function ingressDependencies(object: KubeObject, namespace: string): Dependency[] {
  const names = new Set<string>();
  for (const { secretName } of object.spec?.tls ?? []) if (secretName) names.add(secretName);
  return refs('Secret', namespace, names);
}

function serviceImportDependencies(object: KubeObject, namespace: string): Dependency[] {
  const derived = `derived-${object.metadata.name}`;
  return [
    { apiVersion: 'v1', kind: 'Service', namespace, name: derived },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      namespace,
      labelSelector: { matchLabels: { 'kubernetes.io/service-name': derived } },
    },
  ];
}

/** Objects that a pod of this spec refers to, but for claims that its owner makes itself. */
export function podDependencies(podSpec: Json, namespace: string, ownClaims: ReadonlySet<string>): Dependency[] {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  const claims = new Set<string>();
  for (const { name } of podSpec.imagePullSecrets ?? []) if (name) secrets.add(name);
  for (const container of allContainers(podSpec)) {
    for (const source of container.envFrom ?? []) addSource(source.configMapRef, source.secretRef, configMaps, secrets);
    for (const { valueFrom } of container.env ?? [])
      addSource(valueFrom?.configMapKeyRef, valueFrom?.secretKeyRef, configMaps, secrets);
  }
  for (const volume of podSpec.volumes ?? []) {
    visitVolume(volume, configMaps, secrets);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim && !ownClaims.has(claim)) claims.add(claim);
  }
  const account: string = podSpec.serviceAccountName ?? '';
  const accounts = account === '' || account === 'default' ? [] : [account];
  return [
    ...refs('ConfigMap', namespace, configMaps),
    ...refs('Secret', namespace, secrets),
    ...refs('ServiceAccount', namespace, accounts),
    ...refs('PersistentVolumeClaim', namespace, claims),
  ];
}

function addSource(configMap: Json, secret: Json, configMaps: Set<string>, secrets: Set<string>): void {
  if (configMap?.name) configMaps.add(configMap.name);
  if (secret?.name) secrets.add(secret.name);
}

/** Volume types that name a Secret, with the path to the name. */
const SECRET_PATHS: string[][] = [
  ['azureFile', 'secretName'],
  ['cephfs', 'secretRef', 'name'],
  ['cinder', 'secretRef', 'name'],
  ['flexVolume', 'secretRef', 'name'],
  ['rbd', 'secretRef', 'name'],
  ['secret', 'secretName'],
  ['scaleIO', 'secretRef', 'name'],
  ['iscsi', 'secretRef', 'name'],
  ['storageos', 'secretRef', 'name'],
  ['csi', 'nodePublishSecretRef', 'name'],
];

function visitVolume(volume: Json, configMaps: Set<string>, secrets: Set<string>): void {
  addSource(volume.configMap, undefined, configMaps, secrets);
  for (const path of SECRET_PATHS) {
    const name = path.reduce((value: Json, key) => value?.[key], volume);
    if (name) secrets.add(name);
  }
  for (const source of volume.projected?.sources ?? []) addSource(source.configMap, source.secret, configMaps, secrets);
}

function refs(kind: string, namespace: string, names: Iterable<string>): Dependency[] {
  return [...names].sort().map((name) => ({ apiVersion: 'v1', kind, namespace, name }));
}
