/** Small plugins of the default admission chain that fill in what a cluster decides. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { compareQuantities } from '../kinds/validation/quantity.ts';
import { forbidden } from '../status.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { AdmissionPlugin } from '../types.ts';
import { subjectOf } from './subject.ts';

function onCreate(group: string, ...resources: string[]): AdmissionPlugin['matches'] {
  return (kind, operation, subresource) =>
    operation === 'CREATE' && subresource === '' && kind.group === group && resources.includes(kind.resource);
}

const PROTECTION: Record<string, string> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
  volumeattributesclasses: 'kubernetes.io/vac-protection',
};

/** Source: Kubernetes documentation, "Storage Object in Use Protection". */
export const storageProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  matches: (kind, operation, subresource) =>
    operation === 'CREATE' &&
    subresource === '' &&
    (kind.group === '' || kind.group === 'storage.k8s.io') &&
    Object.hasOwn(PROTECTION, kind.resource),
  mutate: ({ object, kind }) => {
    const finalizer = PROTECTION[kind.resource]!;
    const present = object!.metadata.finalizers ?? [];
    if (!present.includes(finalizer)) object!.metadata.finalizers = [...present, finalizer];
  },
};

/** Source: Kubernetes documentation, "Taint Nodes by Condition". */
export const taintNodes: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  matches: onCreate('', 'nodes'),
  mutate: ({ object }) => {
    const spec = object!.spec ?? {};
    const taints: { key: string }[] = spec.taints ?? [];
    if (taints.some((taint) => taint.key === 'node.kubernetes.io/not-ready')) return;
    object!.spec = { ...spec, taints: [...taints, { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] };
  },
};

const TOPOLOGY = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** A pod says in which zone its node stands. Source: KEP-4742. */
export function topologyLabels(store: ObjectStore): AdmissionPlugin {
  const nodes = store.collection('/nodes');
  return {
    name: 'PodTopologyLabels',
    matches: (kind, operation, subresource) =>
      kind.group === '' && kind.resource === 'pods' && operation === 'CREATE' && ['', 'binding'].includes(subresource),
    mutate: ({ object, subresource }) => {
      const { metadata, spec, target } = object!;
      const node = subresource === '' ? spec?.nodeName : target?.kind === 'Node' ? target.name : undefined;
      const labels = nodes.latest(String(node ?? ''))?.object.metadata.labels ?? {};
      const known = Object.entries(labels).filter(([key]) => TOPOLOGY.includes(key));
      if (known.length > 0) metadata.labels = { ...metadata.labels, ...Object.fromEntries(known) };
    },
  };
}

const DEFAULT_INGRESS_CLASS = 'ingressclass.kubernetes.io/is-default-class';
const DEFAULT_STORAGE_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** Source: Kubernetes documentation, "Ingress", default IngressClass. */
export function defaultIngressClass(store: ObjectStore): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    matches: onCreate('networking.k8s.io', 'ingresses'),
    mutate: ({ object, kind }) => {
      const ingress = object!;
      const old = ingress.metadata.annotations?.['kubernetes.io/ingress.class'];
      if (ingress.spec?.ingressClassName !== undefined || old !== undefined) return;
      const defaults = markedDefault(store, 'networking.k8s.io/ingressclasses', DEFAULT_INGRESS_CLASS);
      if (defaults.length > 1)
        throw forbidden(
          kind,
          subjectOf({ name: '', object }),
          `${defaults.length} default IngressClasses were found, only 1 allowed`,
        );
      if (defaults[0] !== undefined) ingress.spec = { ...ingress.spec, ingressClassName: defaults[0].metadata.name };
    },
  };
}

/** Source: Kubernetes documentation, "Change the default StorageClass": of several the newest counts. */
export function defaultStorageClass(store: ObjectStore): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    matches: onCreate('', 'persistentvolumeclaims'),
    mutate: ({ object }) => {
      const claim = object!;
      if (claim.spec?.storageClassName !== undefined) return;
      if (claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) return;
      const newest = markedDefault(store, 'storage.k8s.io/storageclasses', DEFAULT_STORAGE_CLASS).sort((a, b) =>
        String(b.metadata.creationTimestamp).localeCompare(String(a.metadata.creationTimestamp)),
      )[0];
      if (newest !== undefined) claim.spec = { ...claim.spec, storageClassName: newest.metadata.name };
    },
  };
}

function markedDefault(store: ObjectStore, collection: string, annotation: string): KubeObject[] {
  return [...store.collection(collection).items.values()]
    .map((stored) => stored.object)
    .filter((object) => object.metadata.annotations?.[annotation] === 'true');
}

/** Source: Kubernetes documentation, "Expanding Persistent Volumes Claims". */
export function claimResize(store: ObjectStore): AdmissionPlugin {
  const classes = store.collection('storage.k8s.io/storageclasses');
  return {
    name: 'PersistentVolumeClaimResize',
    matches: (kind, operation, subresource) =>
      kind.group === '' && kind.resource === 'persistentvolumeclaims' && operation === 'UPDATE' && subresource === '',
    validate: ({ object, old, kind, name }) => {
      const [asked, before] = [object!, old!].map((claim) => claim.spec?.resources?.requests?.storage);
      if (asked === undefined || compareQuantities(asked, before) <= 0) return;
      if (old!.status?.phase !== 'Bound')
        throw forbidden(kind, name, 'Only bound persistent volume claims can be expanded');
      const className = old!.spec?.storageClassName ?? '';
      if (classes.latest(className)?.object.allowVolumeExpansion !== true)
        throw forbidden(
          kind,
          name,
          'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
        );
    },
  };
}
