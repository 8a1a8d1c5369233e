/** Pod, PodTemplate, ReplicationController. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, integer, labelsText, templateColumns, text, wide } from '../../table/cells.ts';
import { type KindSpec, workloadScale } from '../define.ts';
import { addDefaultPriority, addDefaultTolerations } from '../pods/admission.ts';
import { podColumns } from '../pods/columns.ts';
import { defaultPod, defaultPodSpec } from '../pods/defaults.ts';
import { qosClass } from '../pods/qos.ts';
import { validatePod } from '../pods/validate.ts';

const template = (object: KubeObject): Json => object.spec?.template;

export const podKinds: KindSpec[] = [
  {
    kind: 'Pod',
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
    defaults: (object) => {
      object.spec ??= {};
      defaultPodSpec(object.spec);
      defaultPod(object.spec);
    },
    validate: validatePod,
    prepare: (object, old) => {
      if (old === null) {
        addDefaultPriority(object);
        addDefaultTolerations(object);
      }
      object.status = old?.status ?? { phase: 'Pending', qosClass: qosClass(object.spec) };
    },
    columns: podColumns,
  },
  {
    kind: 'PodTemplate',
    resource: 'podtemplates',
    generation: 'spec',
    defaults: (object) => defaultPodSpec(object.template?.spec),
    columns: [
      ...templateColumns((object) => object.template).map((column) => ({ ...column, priority: 0 })),
      text('Pod Labels', (object) => labelsText(object.template?.metadata?.labels)),
      age,
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
