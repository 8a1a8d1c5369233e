/** Pod, PodTemplate, ReplicationController. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { timestamp } from '../../core.ts';
import { asSent } from '../../openapi/sent-empty.ts';
import { age, integer, labelsText, templateColumns, text, wide } from '../../table/cells.ts';
import type { FieldError } from '../../types.ts';
import { type KindSpec, workloadScale } from '../define.ts';
import { podColumns } from '../pods/columns.ts';
import { defaultPod, defaultPodSpec, settleAddresses } from '../pods/defaults.ts';
import { mergeLabelKeys } from '../pods/label-keys.ts';
import { takeProfiles } from '../pods/profiles.ts';
import { qosClass } from '../pods/qos.ts';
import { noDeadline, validatePod, validatePodTemplate } from '../pods/validate.ts';
import { podWarnings, templateWarnings } from '../pods/warnings.ts';
import { invalidValue, notSupported, required } from '../validation/field.ts';
import { withStatus } from '../validation/workload-status.ts';
import { hostNameWarnings } from '../warnings/names.ts';

const template = (object: KubeObject): Json => object.spec?.template;

function validateController(object: KubeObject): FieldError[] {
  const { selector = {}, template: pods } = object.spec ?? {};
  const errors = ['minReadySeconds', 'replicas']
    .filter((field) => (object.spec?.[field] ?? 0) < 0)
    .map((field) => invalidValue(`spec.${field}`, object.spec[field], 'must be greater than or equal to 0'));
  const wanted = Object.entries(selector as Record<string, string>);
  if (wanted.length === 0) errors.push(required('spec.selector'));
  const at = 'spec.template';
  if (!pods) return [...errors, required(at)];
  const labels: Record<string, string> = pods.metadata?.labels ?? {};
  if (!wanted.every(([key, value]) => labels[key] === value))
    errors.push(
      invalidValue(
        `${at}.metadata.labels`,
        asSent(pods.metadata, 'labels'),
        '`selector` does not match template `labels`',
      ),
    );
  errors.push(...validatePodTemplate(pods, at));
  const { restartPolicy, activeDeadlineSeconds } = pods.spec ?? {};
  if (restartPolicy !== 'Always') errors.push(notSupported(`${at}.spec.restartPolicy`, restartPolicy, ['Always']));
  if (activeDeadlineSeconds !== undefined) errors.push(noDeadline('ReplicationController', `${at}.spec`));
  return errors;
}

const controllerWarnings = templateWarnings(['spec', 'template'], true);

export const podKinds: KindSpec[] = [
  {
    kind: 'Pod',
    metaChecks: 'both',
    resource: 'pods',
    shortNames: ['po'],
    categories: ['all'],
    subresources: [
      'attach',
      'binding',
      'ephemeralcontainers',
      'eviction',
      'exec',
      'log',
      'portforward',
      'proxy',
      'resize',
      'status',
    ],
    generation: 'spec',
    selectableFields: {
      'spec.nodeName': (pod) => pod.spec?.nodeName ?? '',
      'spec.restartPolicy': (pod) => pod.spec?.restartPolicy ?? '',
      'spec.schedulerName': (pod) => pod.spec?.schedulerName ?? '',
      'spec.serviceAccountName': (pod) => pod.spec?.serviceAccountName ?? '',
      'spec.hostNetwork': (pod) => String(pod.spec?.hostNetwork ?? false),
      'status.phase': (pod) => pod.status?.phase ?? '',
      'status.podIP': (pod) => pod.status?.podIP ?? '',
      'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName ?? '',
    },
    podSpec: (object) => object.spec,
    defaults: (object) => {
      object.spec ??= {};
      defaultPodSpec(object.spec);
      defaultPod(object.spec);
    },
    statusDefaults: ({ status }) => settleAddresses(status),
    sparesDefaulted: true,
    validate: validatePod,
    // Of changed ones nobody is told: it is seldom people who change pods.
    warnings: (object, old) =>
      old === null ? [...hostNameWarnings(object, "in the Pod's hostname, which"), ...podWarnings(object)] : [],
    takeOver: takeProfiles,
    prepare: (object, old) => {
      if (old === null) mergeLabelKeys(object);
      object.status = old?.status ?? newStatus(object.spec);
    },
    columns: podColumns,
  },
  {
    kind: 'PodTemplate',
    resource: 'podtemplates',
    generation: 'spec',
    podSpec: (object) => object.template?.spec,
    defaults: (object) => {
      object.template ??= {};
      object.template.spec ??= {};
      defaultPodSpec(object.template.spec);
    },
    validate: (object) => validatePodTemplate(object.template, 'template'),
    warnings: templateWarnings(['template']),
    columns: [
      ...templateColumns((object) => object.template).map((column) => ({ ...column, priority: 0 })),
      text('Pod Labels', (object) => labelsText(object.template?.metadata?.labels)),
    ],
  },
  {
    kind: 'ReplicationController',
    resource: 'replicationcontrollers',
    shortNames: ['rc'],
    categories: ['all'],
    subresources: ['scale', 'status'],
    generation: 'spec',
    scale: workloadScale,
    selectableFields: { 'status.replicas': (object) => String(object.status?.replicas ?? 0) },
    podSpec: (object) => object.spec?.template?.spec,
    defaults: (object) => {
      object.spec ??= {};
      const labels = object.spec.template?.metadata?.labels;
      if (labels) {
        if (Object.keys(object.spec.selector ?? {}).length === 0) object.spec.selector = { ...labels };
        if (Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = { ...labels };
      }
      object.spec.replicas ??= 1;
      defaultPodSpec(object.spec.template?.spec);
    },
    prepare: (object, old) => {
      object.status = old?.status ?? { replicas: 0 };
    },
    validate: withStatus(validateController),
    // Of a change it is the template that there was which is looked at.
    warnings: (object, old) => (old === null ? controllerWarnings(object, null) : controllerWarnings(old, object)),
    columns: [
      integer('Desired', (object) => object.spec?.replicas ?? 0),
      integer('Current', (object) => object.status?.replicas ?? 0),
      integer('Ready', (object) => object.status?.readyReplicas ?? 0),
      age,
      ...templateColumns(template),
      wide('Selector', (object) => labelsText(object.spec?.selector)),
    ],
  },
];

function newStatus(spec: KubeObject['spec']): KubeObject['status'] {
  const status = { phase: 'Pending', qosClass: qosClass(spec) };
  if ((spec?.schedulingGates ?? []).length === 0) return status;
  const gated = {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: timestamp(),
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  };
  return { ...status, conditions: [gated] };
}
