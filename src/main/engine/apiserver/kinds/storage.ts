/** storage.k8s.io/v1. Source: API reference. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { age, text } from '../table/cells.ts';
import type { FieldError, KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';
import { validateDriver, validateNodeDrivers } from './validation/csi.ts';
import { immutable, invalidAll, notSupported, required } from './validation/field.ts';
import { qualifiedName } from './validation/meta.ts';

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

function validateClass(object: KubeObject, old: KubeObject | null): FieldError[] {
  const errors: FieldError[] = [];
  const provisioner: string = object.provisioner ?? '';
  if (provisioner === '') errors.push(required('provisioner'));
  else errors.push(...invalidAll('provisioner', provisioner, qualifiedName(provisioner.toLowerCase())));
  if (!['Delete', 'Retain'].includes(object.reclaimPolicy))
    errors.push(notSupported('reclaimPolicy', object.reclaimPolicy, ['Delete', 'Retain']));
  if (!['Immediate', 'WaitForFirstConsumer'].includes(object.volumeBindingMode))
    errors.push(notSupported('volumeBindingMode', object.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']));
  if (old === null) return errors;
  for (const field of ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'])
    errors.push(...immutable(field, object[field], old[field]));
  return errors;
}

function isDefault(object: KubeObject): boolean {
  return object.metadata.annotations?.[DEFAULT_CLASS] === 'true';
}

const yesNo = (value: unknown): string => String(value ?? '<unset>');

export const storage: KindDefinition[] = defineKinds('storage.k8s.io', 'v1', 'io.k8s.api.storage.v1', [
  {
    kind: 'CSIDriver',
    resource: 'csidrivers',
    namespaced: false,
    defaults: (object) => {
      object.spec ??= {};
      const { spec } = object;
      spec.attachRequired ??= true;
      spec.podInfoOnMount ??= false;
      spec.storageCapacity ??= false;
      spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
      if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent'];
      spec.requiresRepublish ??= false;
      spec.seLinuxMount ??= false;
    },
    validate: validateDriver,
    columns: [
      text('AttachRequired', (object) => yesNo(object.spec?.attachRequired ?? true)),
      text('PodInfoOnMount', (object) => yesNo(object.spec?.podInfoOnMount ?? false)),
      text('StorageCapacity', (object) => yesNo(object.spec?.storageCapacity ?? false)),
      text('TokenRequests', (object) => {
        const audiences = (object.spec?.tokenRequests ?? []).map((each: { audience: string }) => each.audience);
        return audiences.length === 0 ? '<unset>' : audiences.join(',');
      }),
      text('RequiresRepublish', (object) => yesNo(object.spec?.requiresRepublish ?? false)),
      text('Modes', (object) => (object.spec?.volumeLifecycleModes ?? []).join(',') || '<none>'),
      age,
    ],
  },
  {
    kind: 'CSINode',
    resource: 'csinodes',
    namespaced: false,
    validate: validateNodeDrivers,
    columns: [text('Drivers', (object) => (object.spec?.drivers ?? []).length, { type: 'integer' }), age],
  },
  {
    kind: 'CSIStorageCapacity',
    resource: 'csistoragecapacities',
    columns: [
      text('StorageClassName', (object) => object.storageClassName ?? ''),
      text('Capacity', (object) => object.capacity ?? '<unset>'),
    ],
  },
  {
    kind: 'StorageClass',
    resource: 'storageclasses',
    shortNames: ['sc'],
    namespaced: false,
    defaults: (object) => {
      object.reclaimPolicy ??= 'Delete';
      object.volumeBindingMode ??= 'Immediate';
    },
    validate: validateClass,
    // The default class says so behind its name.
    nameCell: (object) => `${object.metadata.name ?? ''}${isDefault(object) ? ' (default)' : ''}`,
    columns: [
      text('Provisioner', (object) => object.provisioner ?? ''),
      text('ReclaimPolicy', (object) => object.reclaimPolicy ?? 'Delete'),
      text('VolumeBindingMode', (object) => object.volumeBindingMode ?? 'Immediate'),
      text('AllowVolumeExpansion', (object) => String(object.allowVolumeExpansion ?? false)),
      age,
    ],
  },
  {
    kind: 'VolumeAttachment',
    resource: 'volumeattachments',
    namespaced: false,
    subresources: ['status'],
    prepare: (object, old) => {
      object.status = old?.status ?? { attached: false };
    },
    validate: (object, old) => {
      const errors: FieldError[] = [];
      if (!object.spec?.attacher) errors.push(required('spec.attacher'));
      if (!object.spec?.nodeName) errors.push(required('spec.nodeName'));
      if (!object.spec?.source?.persistentVolumeName && !object.spec?.source?.inlineVolumeSpec)
        errors.push(required('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
      if (old !== null) errors.push(...immutable('spec', object.spec, old.spec));
      return errors;
    },
    columns: [
      text('Attacher', (object) => object.spec?.attacher ?? ''),
      text('PV', (object) => object.spec?.source?.persistentVolumeName ?? ''),
      text('Node', (object) => object.spec?.nodeName ?? ''),
      text('Attached', (object) => String(object.status?.attached ?? false), { type: 'boolean' }),
      age,
    ],
  },
  {
    kind: 'VolumeAttributesClass',
    resource: 'volumeattributesclasses',
    shortNames: ['vac'],
    namespaced: false,
    validate: (object, old) => [
      ...(object.driverName ? [] : [required('driverName')]),
      ...(old === null
        ? []
        : [
            ...immutable('driverName', object.driverName, old.driverName),
            ...immutable('parameters', object.parameters, old.parameters),
          ]),
    ],
    columns: [text('DriverName', (object) => object.driverName ?? ''), age],
  },
]);
