/** PersistentVolume and PersistentVolumeClaim. */

import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, text, wide } from '../../table/cells.ts';
import type { KindSpec } from '../define.ts';
import { defaultVolumeSource } from '../pods/defaults.ts';
import { persistentPluginWarnings } from '../pods/warnings.ts';
import { validateClaim, validateVolume } from '../validation/persistent.ts';
import { claimWarnings } from '../warnings/claims.ts';
import { expressionWarnings } from '../warnings/labels.ts';

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

/** When the phase last changed; part of what is answered. */
function seconds(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

const isOldSource = ({ apiGroup, kind }: Json): boolean =>
  (!apiGroup && kind === 'PersistentVolumeClaim') ||
  (apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot');

/** What a claim is filled from stands in two fields: the older one knows claims and snapshots alone. */
function settleSource(spec: Json, old: Json): void {
  // Sources in other namespaces are behind a gate that is off by default.
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef;
  const used = old?.dataSource || old?.dataSourceRef;
  if (!used && !spec.dataSourceRef && spec.dataSource && !isOldSource(spec.dataSource)) delete spec.dataSource;
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _, ...source } = dataSourceRef;
    spec.dataSource = source;
  }
}

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';
const BETA_OPTIONS = 'volume.beta.kubernetes.io/mount-options';
const CLASS_FIELD = 'deprecated since v1.8; use "storageClassName" attribute instead';
const RECYCLED =
  'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.';

function volumeWarnings({ metadata, spec = {} }: KubeObject): string[] {
  const fields = {
    [BETA_CLASS]: CLASS_FIELD,
    [BETA_OPTIONS]: 'deprecated since v1.31; use "mountOptions" attribute instead',
  };
  const terms = ((spec.nodeAffinity?.required?.nodeSelectorTerms ?? []) as Json[]).flatMap((term, index) =>
    expressionWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`),
  );
  return [
    ...Object.entries(fields)
      .filter(([key]) => metadata.annotations?.[key] !== undefined)
      .map(([key, text]) => `metadata.annotations[${key}]: ${text}`),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? [`spec.persistentVolumeReclaimPolicy: ${RECYCLED}`] : []),
    ...terms,
    ...persistentPluginWarnings(spec),
  ];
}

export const volumeKinds: KindSpec[] = [
  {
    kind: 'PersistentVolume',
    metaChecks: 'twice',
    resource: 'persistentvolumes',
    shortNames: ['pv'],
    namespaced: false,
    subresources: ['status'],
    defaults: (object) => {
      object.spec ??= {};
      object.spec.persistentVolumeReclaimPolicy ||= 'Retain';
      object.spec.volumeMode ??= 'Filesystem';
      defaultVolumeSource(object.spec);
    },
    prepare: (object, old) => {
      object.status = old?.status ?? { phase: 'Pending', lastPhaseTransitionTime: seconds() };
    },
    validate: validateVolume,
    warnings: volumeWarnings,
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
    metaChecks: 'both',
    resource: 'persistentvolumeclaims',
    shortNames: ['pvc'],
    subresources: ['status'],
    defaults: (object) => {
      object.spec ??= {};
      object.spec.volumeMode ??= 'Filesystem';
    },
    prepare: (object, old) => {
      object.status = old?.status ?? { phase: 'Pending' };
      settleSource(object.spec, old?.spec ?? null);
    },
    validate: validateClaim,
    warnings: ({ metadata, spec }) => [
      ...(metadata.annotations?.[BETA_CLASS] === undefined
        ? []
        : [`metadata.annotations[${BETA_CLASS}]: ${CLASS_FIELD}`]),
      ...claimWarnings(spec, 'spec'),
    ],
    columns: [
      text('Status', phase, { from: ['core.PersistentVolumeClaimStatus', 'phase'] }),
      text('Volume', (object) => object.spec?.volumeName ?? '', {
        from: ['core.PersistentVolumeClaimSpec', 'volumeName'],
      }),
      text('Capacity', (object) => (object.spec?.volumeName ? (object.status?.capacity?.storage ?? '0') : ''), {
        from: ['core.PersistentVolumeClaimStatus', 'capacity'],
      }),
      text('Access Modes', (object) => (object.spec?.volumeName ? modesText(object.status?.accessModes) : ''), {
        from: ['core.PersistentVolumeClaimStatus', 'accessModes'],
      }),
      text('StorageClass', storageClass, { description: 'StorageClass of the pvc' }),
      text('VolumeAttributesClass', (object) => object.spec?.volumeAttributesClassName ?? '<unset>', {
        description: 'VolumeAttributesClass of the pvc',
      }),
      age,
      wide('VolumeMode', (object) => object.spec?.volumeMode ?? '<unset>', {
        from: ['core.PersistentVolumeClaimSpec', 'volumeMode'],
      }),
    ],
  },
];
