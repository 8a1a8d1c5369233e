/** Small groups about the cluster itself: coordination.k8s.io, events.k8s.io, node.k8s.io, scheduling.k8s.io. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { age, text } from '../table/cells.ts';
import type { FieldError, KindDefinition } from '../types.ts';
import { eventColumns, eventFields } from './core/event.ts';
import { defineKinds } from './define.ts';
import { forbiddenField, immutable, invalidValue, required, sameJson } from './validation/field.ts';

export const coordination: KindDefinition[] = defineKinds('coordination.k8s.io', 'v1', 'io.k8s.api.coordination.v1', [
  {
    kind: 'Lease',
    resource: 'leases',
    validate: validateLease,
    columns: [text('Holder', (object) => object.spec?.holderIdentity ?? ''), age],
  },
]);

function validateLease(object: KubeObject): FieldError[] {
  const spec = object.spec ?? {};
  const errors: FieldError[] = [];
  if (spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0)
    errors.push(invalidValue('spec.leaseDurationSeconds', spec.leaseDurationSeconds, 'must be greater than 0'));
  if (spec.leaseTransitions !== undefined && spec.leaseTransitions < 0)
    errors.push(invalidValue('spec.leaseTransitions', spec.leaseTransitions, 'must be greater than or equal to 0'));
  return errors;
}

export const events: KindDefinition[] = defineKinds('events.k8s.io', 'v1', 'io.k8s.api.events.v1', [
  {
    kind: 'Event',
    resource: 'events',
    shortNames: ['ev'],
    selectableFields: eventFields('regarding'),
    columns: eventColumns('regarding'),
  },
]);

export const node: KindDefinition[] = defineKinds('node.k8s.io', 'v1', 'io.k8s.api.node.v1', [
  {
    kind: 'RuntimeClass',
    resource: 'runtimeclasses',
    namespaced: false,
    validate: (object, old) => [
      ...(object.handler ? [] : [required('handler')]),
      ...(old === null ? [] : immutable('handler', object.handler, old.handler)),
    ],
    columns: [text('Handler', (object) => object.handler ?? ''), age],
  },
]);

const HIGHEST_USER_PRIORITY = 1_000_000_000;

export const scheduling: KindDefinition[] = defineKinds('scheduling.k8s.io', 'v1', 'io.k8s.api.scheduling.v1', [
  {
    kind: 'PriorityClass',
    resource: 'priorityclasses',
    shortNames: ['pc'],
    namespaced: false,
    generation: 'spec',
    defaults: (object) => {
      object.value ??= 0;
      object.preemptionPolicy ??= 'PreemptLowerPriority';
    },
    validate: validatePriorityClass,
    columns: [
      text('Value', (object) => object.value ?? 0, { type: 'integer' }),
      text('Global-Default', (object) => String(object.globalDefault ?? false), { type: 'boolean' }),
      age,
      text('PreemptionPolicy', (object) => object.preemptionPolicy ?? ''),
    ],
  },
]);

function validatePriorityClass(object: KubeObject, old: KubeObject | null): FieldError[] {
  const errors: FieldError[] = [];
  const name = object.metadata.name ?? '';
  if (
    old === null &&
    name.startsWith('system-') &&
    !['system-node-critical', 'system-cluster-critical'].includes(name)
  ) {
    const text = "priority class names with 'system-' prefix are reserved for system use only. error: ";
    errors.push(forbiddenField('metadata.name', `${text}${name} is not a known system priority class`));
  } else if (!name.startsWith('system-') && object.value > HIGHEST_USER_PRIORITY) {
    const text = `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`;
    errors.push(forbiddenField('value', text));
  }
  if (old !== null) {
    if (object.value !== old.value) errors.push(forbiddenField('Value', 'may not be changed in an update.'));
    if (!sameJson(object.preemptionPolicy, old.preemptionPolicy))
      errors.push(...immutable('preemptionPolicy', object.preemptionPolicy, old.preemptionPolicy));
  }
  return errors;
}
