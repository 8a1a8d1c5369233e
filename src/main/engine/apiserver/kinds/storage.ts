/** storage.k8s.io/v1. Source: API reference. */

import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, createdAt, text } from '../table/cells.ts';
import type { FieldError, KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';
import { defaultVolumeSource } from './pods/defaults.ts';
import { validateDriverName } from './pods/spec/plugins.ts';
import { validateDriver, validateNodeDrivers } from './validation/csi.ts';
import {
  duplicate,
  eachAt,
  forbiddenField,
  immutable,
  immutableField,
  invalidAll,
  invalidValue,
  notSupported,
  required,
  sameJson,
  tooLong,
} from './validation/field.ts';
import { qualifiedName, subdomainName } from './validation/meta.ts';
import { validateInlineVolume } from './validation/persistent.ts';
import { compareQuantities } from './validation/quantity.ts';
import { validateSelector } from './validation/selector.ts';
import { deprecatedLabel, expressionWarnings, labelWarnings } from './warnings/labels.ts';

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

function validateClass(object: KubeObject, old: KubeObject | null): FieldError[] {
  const errors: FieldError[] = [];
  errors.push(...validateProvisioner(object.provisioner ?? '', 'provisioner'));
  errors.push(...validateParameters(object.parameters, true));
  // An empty text is let be.
  if (!['', 'Delete', 'Retain'].includes(object.reclaimPolicy))
    errors.push(notSupported('reclaimPolicy', object.reclaimPolicy, ['Delete', 'Retain']));
  if (!['Immediate', 'WaitForFirstConsumer'].includes(object.volumeBindingMode))
    errors.push(notSupported('volumeBindingMode', object.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']));
  errors.push(...validateTopologies(object.allowedTopologies, 'allowedTopologies'));
  if (old === null) return errors;
  for (const field of ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'])
    errors.push(...immutableField('storage.StorageClass', field, field, object, old));
  return errors;
}

/** Shown as it is judged, in small letters. */
function validateProvisioner(name: string, at: string): FieldError[] {
  if (name === '') return [required(at)];
  return invalidAll(at, name.toLowerCase(), qualifiedName(name.toLowerCase()));
}

const MOST_PARAMETERS = 512;
const MOST_PARAMETER_BYTES = 256 * 1024;

function validateParameters(parameters: Json, mayBeEmpty: boolean): FieldError[] {
  const given = Object.entries((parameters ?? {}) as Record<string, string>);
  const errors: FieldError[] = [];
  if (given.length > MOST_PARAMETERS) return [tooLong('parameters', MOST_PARAMETERS)];
  if (given.length === 0 && !mayBeEmpty) return [required('parameters', 'must contain at least one key/value pair')];
  let size = 0;
  for (const [key, value] of given) {
    if (key === '') errors.push(invalidValue('parameters', key, 'field can not be empty.'));
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  return size > MOST_PARAMETER_BYTES ? [...errors, tooLong('parameters', MOST_PARAMETER_BYTES)] : errors;
}

function validateCapacity(object: KubeObject, old: KubeObject | null): FieldError[] {
  const errors = [
    ...validateSelector(object.nodeTopology, 'nodeTopology'),
    ...invalidAll('storageClassName', object.storageClassName ?? '', subdomainName(object.storageClassName ?? '')),
  ];
  if (object.capacity !== undefined && compareQuantities(object.capacity, '0') < 0)
    errors.push(invalidValue('capacity', object.capacity, 'must be greater than or equal to 0'));
  if (old === null) return errors;
  return [
    ...errors,
    ...immutable('nodeTopology', object.nodeTopology, old.nodeTopology),
    ...immutable('storageClassName', object.storageClassName, old.storageClassName),
  ];
}

function validateTopologies(topologies: Json, at: string): FieldError[] {
  const seen: string[] = [];
  return eachAt(topologies, at, (topology, where) => {
    const list = `${where}.matchLabelExpressions`;
    const keys = new Set<string>();
    const errors = eachAt(topology.matchLabelExpressions, list, ({ key = '', values: given }, place) => {
      const values: string[] = given ?? [];
      const found = values.length === 0 ? [required(`${place}.values`)] : [];
      values.forEach((value, index) => {
        if (values.indexOf(value) < index) found.push(duplicate(`${place}.values[${index}]`, value));
      });
      found.push(...invalidAll(`${place}.key`, key, qualifiedName(key)));
      if (keys.has(key)) found.push(duplicate(`${place}.key`, key));
      keys.add(key);
      return found;
    });
    const terms = ((topology.matchLabelExpressions ?? []) as Json[]).map(
      ({ key, values }) => [key, [...(values ?? [])].sort()] as const,
    );
    const id = JSON.stringify(terms.sort(([a], [b]) => (a < b ? -1 : 1)));
    // Each term is compared with those before it and with as many empty ones as there are terms.
    const equals = seen.filter((other) => other === id).length + (terms.length === 0 ? topologies.length : 0);
    for (let i = 0; i < equals; i++) errors.push(duplicate(list, ''));
    seen.push(id);
    return errors;
  });
}

function validateAttachment(object: KubeObject, old: KubeObject | null): FieldError[] {
  const { attacher = '', nodeName = '', source = {} } = object.spec ?? {};
  const errors = [...validateDriverName(attacher, 'spec.attacher')];
  const name = source.persistentVolumeName;
  const inline = source.inlineVolumeSpec;
  const at = 'spec.source.persistentVolumeName';
  const exactly = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (name === undefined && inline === undefined) errors.push(required('spec.source', exactly));
  else if (name !== undefined && inline !== undefined) errors.push(forbiddenField('spec.source', exactly));
  else if (name === '') errors.push(required(at, 'must specify non empty persistentVolumeName'));
  else if (inline !== undefined) errors.push(...validateInlineVolume(inline, 'spec.source.inlineVolumeSpec'));
  errors.push(...invalidAll('spec.nodeName', nodeName, subdomainName(nodeName)));
  if (old !== null) errors.push(...immutableField('storage.VolumeAttachment', 'spec', 'spec', object, old));
  return name === undefined ? errors : [...errors, ...invalidAll(at, name, subdomainName(name))];
}

function isDefault(object: KubeObject): boolean {
  return object.metadata.annotations?.[DEFAULT_CLASS] === 'true';
}

function classWarnings({ allowedTopologies }: KubeObject): string[] {
  return ((allowedTopologies ?? []) as Json[]).flatMap(({ matchLabelExpressions = [] }, index) =>
    (matchLabelExpressions as Json[]).flatMap(({ key = '' }, place) => {
      const text = deprecatedLabel(key);
      const at = `allowedTopologies[${index}].matchLabelExpressions[${place}].key`;
      return text === undefined ? [] : [`${at}: ${text}`];
    }),
  );
}

export const storage: KindDefinition[] = defineKinds('storage.k8s.io', 'v1', 'io.k8s.api.storage.v1', [
  {
    kind: 'CSIDriver',
    prepare: (object, old) => {
      // Behind a gate that is off by default.
      delete object.spec?.preventPodSchedulingIfMissing;
      if (old !== null && !sameJson(object.spec, old.spec))
        object.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },
    warnings: ({ spec }, old) =>
      (spec?.tokenRequests ?? []).length > 0 &&
      spec.serviceAccountTokenInSecrets === undefined &&
      !sameJson(spec.tokenRequests, old?.spec?.tokenRequests)
        ? [
            'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes',
          ]
        : [],
    needsVersion: true,
    resource: 'csidrivers',
    generation: 'updates',
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
      text('AttachRequired', (object) => object.spec?.attachRequired ?? true, { type: 'boolean' }),
      text('PodInfoOnMount', (object) => object.spec?.podInfoOnMount ?? false, { type: 'boolean' }),
      text('StorageCapacity', (object) => object.spec?.storageCapacity ?? false, { type: 'boolean' }),
      text('TokenRequests', (object) => {
        const audiences = (object.spec?.tokenRequests ?? []).map((each: { audience: string }) => each.audience);
        return audiences.length === 0 ? '<unset>' : audiences.join(',');
      }),
      text('RequiresRepublish', (object) => object.spec?.requiresRepublish ?? false, { type: 'boolean' }),
      text('Modes', (object) => (object.spec?.volumeLifecycleModes ?? []).join(',') || '<none>'),
      age,
    ],
  },
  {
    kind: 'CSINode',
    metaChecks: 'object',
    needsVersion: true,
    resource: 'csinodes',
    namespaced: false,
    validate: validateNodeDrivers,
    columns: [text('Drivers', (object) => (object.spec?.drivers ?? []).length, { type: 'integer' }), age],
  },
  {
    kind: 'CSIStorageCapacity',
    warnings: ({ nodeTopology }) => [
      ...expressionWarnings(nodeTopology, 'nodeTopology'),
      ...labelWarnings(nodeTopology?.matchLabels, (name) => `nodeTopology.matchLabels.${name}`),
    ],
    metaChecks: 'both',
    needsVersion: true,
    resource: 'csistoragecapacities',
    validate: validateCapacity,
    columns: [createdAt],
  },
  {
    kind: 'StorageClass',
    warnings: classWarnings,
    metaChecks: 'both',
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
    metaChecks: 'object',
    needsVersion: true,
    resource: 'volumeattachments',
    namespaced: false,
    subresources: ['status'],
    defaults: ({ spec }) => defaultVolumeSource(spec?.source?.inlineVolumeSpec ?? {}),
    prepare: (object, old) => {
      object.status = old?.status ?? { attached: false };
    },
    validate: validateAttachment,
    columns: [
      text('Attacher', (object) => object.spec?.attacher ?? '', { format: 'name' }),
      text('PV', (object) => object.spec?.source?.persistentVolumeName ?? ''),
      text('Node', (object) => object.spec?.nodeName ?? ''),
      text('Attached', (object) => object.status?.attached ?? false, { type: 'boolean' }),
      age,
    ],
  },
  {
    kind: 'VolumeAttributesClass',
    metaChecks: 'both',
    resource: 'volumeattributesclasses',
    shortNames: ['vac'],
    namespaced: false,
    validate: (object, old) => [
      ...validateProvisioner(object.driverName ?? '', 'driverName'),
      ...validateParameters(object.parameters, false),
      ...(old === null
        ? []
        : [
            ...(object.driverName === old.driverName
              ? []
              : [forbiddenField('driverName', 'updates to driverName are forbidden.')]),
            ...(sameJson(object.parameters ?? {}, old.parameters ?? {})
              ? []
              : [forbiddenField('parameters', 'updates to parameters are forbidden.')]),
          ]),
    ],
    columns: [text('DriverName', (object) => object.driverName ?? ''), age],
  },
]);
