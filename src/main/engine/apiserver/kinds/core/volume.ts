/** PersistentVolume and PersistentVolumeClaim. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { age, text, wide } from '../../table/cells.ts';
import type { KindSpec } from '../define.ts';

const SHORT_MODES: [string, string][] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

function modesText(modes: string[] | undefined): string {
  return SHORT_MODES.filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(',');
}

const storageClass = (object: KubeObject): string =>
  object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? object.spec?.storageClassName ?? '';

const phase = (object: KubeObject): string =>
  object.metadata.deletionTimestamp ? 'Terminating' : (object.status?.phase ?? '');

export const volumeKinds: KindSpec[] = [
  {
    kind: 'PersistentVolume',
    resource: 'persistentvolumes',
    shortNames: ['pv'],
    namespaced: false,
    subresources: ['status'],
    defaults: (object) => {
      object.spec ??= {};
      object.spec.persistentVolumeReclaimPolicy ||= 'Retain';
      object.spec.volumeMode ??= 'Filesystem';
      if (object.spec.hostPath) object.spec.hostPath.type ??= '';
    },
    prepare: (object, old) => {
      object.status = old?.status ?? { phase: 'Pending' };
    },
    columns: [
      text('Capacity', (object) => object.spec?.capacity?.storage ?? ''),
      text('Access Modes', (object) => modesText(object.spec?.accessModes)),
      text('Reclaim Policy', (object) => object.spec?.persistentVolumeReclaimPolicy ?? ''),
      text('Status', phase),
      text('Claim', (object) => {
        const claim = object.spec?.claimRef;
        return claim ? `${claim.namespace}/${claim.name}` : '';
      }),
      text('StorageClass', storageClass),
      text('VolumeAttributesClass', (object) => object.spec?.volumeAttributesClassName ?? '<unset>'),
      text('Reason', (object) => object.status?.reason ?? ''),
      age,
      wide('VolumeMode', (object) => object.spec?.volumeMode ?? '<unset>'),
    ],
  },
  {
    kind: 'PersistentVolumeClaim',
    resource: 'persistentvolumeclaims',
    shortNames: ['pvc'],
    subresources: ['status'],
    defaults: (object) => {
      object.spec ??= {};
      object.spec.volumeMode ??= 'Filesystem';
    },
    prepare: (object, old) => {
      object.status = old?.status ?? { phase: 'Pending' };
    },
    columns: [
      text('Status', phase),
      text('Volume', (object) => object.spec?.volumeName ?? ''),
      text('Capacity', (object) => (object.spec?.volumeName ? (object.status?.capacity?.storage ?? '0') : '')),
      text('Access Modes', (object) => (object.spec?.volumeName ? modesText(object.status?.accessModes) : '')),
      text('StorageClass', storageClass, { description: 'StorageClass of the pvc' }),
      text('VolumeAttributesClass', (object) => object.spec?.volumeAttributesClassName ?? '<unset>', {
        description: 'VolumeAttributesClass of the pvc',
      }),
      age,
      wide('VolumeMode', (object) => object.spec?.volumeMode ?? '<unset>'),
    ],
  },
];
