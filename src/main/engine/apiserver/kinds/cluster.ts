/** Small groups about the cluster itself: coordination.k8s.io, events.k8s.io, node.k8s.io, scheduling.k8s.io. */

import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { shown } from '../openapi/shown.ts';
import { age, text } from '../table/cells.ts';
import type { FieldError, KindDefinition } from '../types.ts';
import { eventColumns, eventFields, validateNewEvent } from './core/event.ts';
import { defineKinds } from './define.ts';
import { validateResources } from './pods/spec/resources.ts';
import { validateTolerations } from './pods/spec/scheduling.ts';
import {
  duplicate,
  forbiddenField,
  immutable,
  invalidAll,
  invalidValue,
  notSupported,
  required,
} from './validation/field.ts';
import { labelName, validateLabels } from './validation/meta.ts';
import { labelWarnings } from './warnings/labels.ts';

export const coordination: KindDefinition[] = defineKinds('coordination.k8s.io', 'v1', 'io.k8s.api.coordination.v1', [
  {
    kind: 'Lease',
    madeByUpdate: true,
    needsVersion: true,
    resource: 'leases',
    // Behind a gate that is off by default.
    prepare: (object) => {
      delete object.spec?.strategy;
      delete object.spec?.preferredHolder;
    },
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
    madeByUpdate: true,
    resource: 'events',
    shortNames: ['ev'],
    selectableFields: eventFields('regarding'),
    validate: validateNewEvent,
    columns: eventColumns('regarding'),
  },
]);

export const node: KindDefinition[] = defineKinds('node.k8s.io', 'v1', 'io.k8s.api.node.v1', [
  {
    kind: 'RuntimeClass',
    metaChecks: 'twice',
    madeByUpdate: true,
    warnings: ({ scheduling }) => labelWarnings(scheduling?.nodeSelector, () => 'scheduling.nodeSelector'),
    needsVersion: true,
    resource: 'runtimeclasses',
    namespaced: false,
    validate: validateRuntime,
    columns: [text('Handler', (object) => object.handler ?? ''), age],
  },
]);

function validateRuntime(object: KubeObject, old: KubeObject | null): FieldError[] {
  const handler: string = object.handler ?? '';
  const errors = handler === '' ? [required('handler')] : invalidAll('handler', handler, labelName(handler));
  if (object.overhead) errors.push(...validateResources({ limits: object.overhead.podFixed }, 'overhead', new Set()));
  if (object.scheduling) {
    const { nodeSelector, tolerations = [] } = object.scheduling;
    errors.push(
      ...validateLabels(nodeSelector, 'scheduling.nodeSelector'),
      ...validateTolerations(tolerations, 'scheduling.tolerations'),
    );
    // How long something is tolerated does not tell two apart.
    const told = ({ key = '', operator = '', value = '', effect = '' }: Json) =>
      JSON.stringify([key, operator, value, effect]);
    const seen = (tolerations as Json[]).map(told);
    (tolerations as Json[]).forEach((toleration, index) => {
      if (seen.indexOf(told(toleration)) < index)
        errors.push(duplicate(`scheduling.tolerations[${index}]`, shown('core.Toleration', toleration)));
    });
  }
  return old === null ? errors : [...errors, ...immutable('handler', handler, old.handler)];
}

const HIGHEST_USER_PRIORITY = 1_000_000_000;

export const scheduling: KindDefinition[] = defineKinds('scheduling.k8s.io', 'v1', 'io.k8s.api.scheduling.v1', [
  {
    kind: 'PriorityClass',
    resource: 'priorityclasses',
    shortNames: ['pc'],
    namespaced: false,
    prepare: (object, old) => {
      object.metadata.generation = old?.metadata.generation ?? 1;
    },
    defaults: (object) => {
      object.value ??= 0;
      object.preemptionPolicy ??= 'PreemptLowerPriority';
    },
    validate: validatePriorityClass,
    columns: [
      text('Value', (object) => object.value ?? 0, { type: 'integer', from: ['scheduling.PriorityClass', 'value'] }),
      text('Global-Default', (object) => object.globalDefault ?? false, {
        type: 'boolean',
        from: ['scheduling.PriorityClass', 'globalDefault'],
      }),
      age,
      text('PreemptionPolicy', (object) => object.preemptionPolicy ?? '', {
        from: ['scheduling.PriorityClass', 'preemptionPolicy'],
      }),
    ],
  },
]);

const PREEMPTION = ['PreemptLowerPriority', 'Never'];

function validatePriorityClass(object: KubeObject, old: KubeObject | null): FieldError[] {
  if (old !== null)
    return [
      ...(object.value === old.value ? [] : [forbiddenField('value', 'may not be changed in an update.')]),
      ...immutable('preemptionPolicy', object.preemptionPolicy, old.preemptionPolicy),
    ];
  const errors: FieldError[] = [];
  const name = object.metadata.name ?? '';
  if (name.startsWith('system-') && !['system-node-critical', 'system-cluster-critical'].includes(name)) {
    const text = "priority class names with 'system-' prefix are reserved for system use only. error: ";
    errors.push(forbiddenField('metadata.name', `${text}${name} is not a known system priority class`));
  } else if (!name.startsWith('system-') && object.value > HIGHEST_USER_PRIORITY) {
    const text = `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`;
    errors.push(forbiddenField('value', text));
  }
  if (object.preemptionPolicy === '') errors.push(required('preemptionPolicy'));
  else if (!PREEMPTION.includes(object.preemptionPolicy))
    errors.push(notSupported('preemptionPolicy', object.preemptionPolicy, PREEMPTION));
  return errors;
}
