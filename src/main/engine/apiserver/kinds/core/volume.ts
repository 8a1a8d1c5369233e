/** PersistentVolume and PersistentVolumeClaim. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, text, wide } from '../../table/cells.ts';
import type { FieldError } from '../../types.ts';
import type { KindSpec } from '../define.ts';
import { forbiddenField, immutable, invalidValue, notSupported, required, sameJson } from '../validation/field.ts';
import { compareQuantities } from '../validation/quantity.ts';

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

const CLAIM_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const CLAIM_FIXED =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
/** What follows is a comparison for people, whose text clients ignore. */
const DIFFERENCE = '\n@@ -1 +1 @@';

function validateModes(modes: string[]): FieldError[] {
  if (modes.length === 0) return [required('spec.accessModes')];
  return modes
    .filter((mode) => !CLAIM_MODES.includes(mode))
    .map((mode) => notSupported('spec.accessModes', mode, CLAIM_MODES));
}

function validateClaim(object: KubeObject, old: KubeObject | null): FieldError[] {
  const spec = object.spec ?? {};
  const errors = validateModes(spec.accessModes ?? []);
  const size = spec.resources?.requests?.storage;
  if (size === undefined) errors.push(required('spec.resources[storage]'));
  else if (compareQuantities(size, '0') <= 0)
    errors.push(invalidValue('spec.resources[storage]', size, 'must be greater than zero'));
  if (!['Block', 'Filesystem'].includes(spec.volumeMode))
    errors.push(notSupported('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem']));
  if (old === null) return errors;
  const bound = old.status?.phase === 'Bound';
  const fixed = ({ spec: given }: KubeObject): Json => {
    const { volumeName, storageClassName, ...rest } = given ?? {};
    // Binding fills these in once.
    if (old.spec?.volumeName) rest.volumeName = volumeName;
    if (old.spec?.storageClassName !== undefined) rest.storageClassName = storageClassName;
    if (bound) {
      delete rest.volumeAttributesClassName;
      if (rest.resources) rest.resources = { ...rest.resources, requests: undefined };
    }
    return rest;
  };
  if (!sameJson(fixed(object), fixed(old))) errors.push(forbiddenField('spec', CLAIM_FIXED + DIFFERENCE));
  if (spec.volumeMode !== old.spec?.volumeMode)
    errors.push(...immutable('volumeMode', spec.volumeMode, old.spec?.volumeMode));
  return errors;
}

/** Fields of a volume's spec that are not its source. */
const COMMON = new Set([
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeMode',
  'nodeAffinity',
  'volumeAttributesClassName',
]);

function validateVolume(object: KubeObject, old: KubeObject | null): FieldError[] {
  const spec = object.spec ?? {};
  const errors = validateModes(spec.accessModes ?? []);
  const capacity: Json = spec.capacity ?? {};
  if (Object.keys(capacity).length === 0) errors.push(required('spec.capacity'));
  if (capacity.storage === undefined || Object.keys(capacity).length > 1)
    errors.push(notSupported('spec.capacity', capacity, ['storage']));
  else if (compareQuantities(capacity.storage, '0') <= 0)
    errors.push(invalidValue('spec.capacity[storage]', capacity.storage, 'must be greater than zero'));
  const sources = (volume: Json): Json =>
    Object.fromEntries(Object.entries(volume ?? {}).filter(([key]) => !COMMON.has(key)));
  const given = sources(spec);
  if (Object.keys(given).length === 0) errors.push(required('spec', 'must specify a volume type'));
  for (const extra of Object.keys(given).slice(1))
    errors.push(forbiddenField(`spec.${extra}`, 'may not specify more than 1 volume type'));
  const policies = ['Delete', 'Recycle', 'Retain'];
  if (!policies.includes(spec.persistentVolumeReclaimPolicy))
    errors.push(notSupported('spec.persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy, policies));
  if (old !== null && !sameJson(given, sources(old.spec))) {
    const text = 'spec.persistentvolumesource is immutable after creation';
    errors.push(forbiddenField('spec.persistentvolumesource', text + DIFFERENCE));
  }
  if (old !== null && spec.volumeMode !== old.spec?.volumeMode)
    errors.push(...immutable('spec.volumeMode', spec.volumeMode, old.spec?.volumeMode));
  return errors;
}

/** When the phase last changed; part of what is answered. */
function seconds(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

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
      object.status = old?.status ?? { phase: 'Pending', lastPhaseTransitionTime: seconds() };
    },
    validate: validateVolume,
    warnings: (object) =>
      object.spec?.persistentVolumeReclaimPolicy === 'Recycle'
        ? [
            'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
          ]
        : [],
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
    validate: validateClaim,
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
