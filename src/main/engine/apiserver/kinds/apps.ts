/** apps/v1: Deployment, ReplicaSet, StatefulSet, DaemonSet, ControllerRevision. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { integerProblem } from '../go-integer.ts';
import { isRecord } from '../json.ts';
import { partWithQuantitiesOf } from '../openapi/quantities.ts';
import { asSent } from '../openapi/sent-empty.ts';
import { badRequest } from '../status.ts';
import { age, integer, selectorText, templateColumns, text, wide } from '../table/cells.ts';
import type { FieldError, KindDefinition, TableColumn } from '../types.ts';
import { defineKinds, workloadScale } from './define.ts';
import { defaultPodSpec } from './pods/defaults.ts';
import { noDeadline, validatePodTemplate } from './pods/validate.ts';
import { templateWarnings } from './pods/warnings.ts';
import { eachAt, immutable, invalidAll, invalidValue, notSupported, required, sameJson } from './validation/field.ts';
import { labelName, validateAnnotations, validateLabels } from './validation/meta.ts';
import { validateClaimSpec } from './validation/persistent.ts';
import {
  validateDaemonSetStrategy,
  validateDeploymentStrategy,
  validateStatefulSetStrategy,
} from './validation/rollout.ts';
import { isEmptySelector, selectorMatches, validateSelector } from './validation/selector.ts';
import { withStatus } from './validation/workload-status.ts';
import { claimWarnings } from './warnings/claims.ts';

const template = (object: KubeObject): Json => object.spec?.template;
const selectorColumn = (description: string): TableColumn =>
  wide('Selector', (object) => selectorText(object.spec?.selector), { description });
const statusCount = (name: string) => (object: KubeObject) => object.status?.[name] ?? 0;
const DEPLOYMENT_SELECTOR =
  "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels.";
const REPLICASET_SELECTOR =
  "Selector is a label query over pods that should match the replica count. Label keys and values that must match in order to be controlled by this replica set. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors";
const DAEMONSET_SELECTOR =
  "A label query over pods that are managed by the daemon set. Must match in order to be controlled. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors";
const READY = 'Number of the pod with ready state';

const deploymentColumns: TableColumn[] = [
  text('Ready', (object) => `${object.status?.readyReplicas ?? 0}/${object.spec?.replicas ?? 0}`, {
    description: READY,
  }),
  text('Up-to-date', statusCount('updatedReplicas'), {
    description:
      'Total number of non-terminating pods targeted by this deployment that have the desired template spec.',
  }),
  text('Available', statusCount('availableReplicas'), {
    description:
      'Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment.',
  }),
  age,
  ...templateColumns(template),
  selectorColumn(DEPLOYMENT_SELECTOR),
];

const replicaSetColumns: TableColumn[] = [
  integer('Desired', (object) => object.spec?.replicas ?? 0, { from: ['apps.ReplicaSetSpec', 'replicas'] }),
  integer('Current', statusCount('replicas'), { from: ['apps.ReplicaSetStatus', 'replicas'] }),
  integer('Ready', statusCount('readyReplicas'), { from: ['apps.ReplicaSetStatus', 'readyReplicas'] }),
  age,
  ...templateColumns(template),
  selectorColumn(REPLICASET_SELECTOR),
];

const statefulSetColumns: TableColumn[] = [
  text('Ready', (object) => `${object.status?.readyReplicas ?? 0}/${object.spec?.replicas ?? 0}`, {
    description: READY,
  }),
  age,
  ...templateColumns(template),
];

const daemonSetColumns: TableColumn[] = [
  integer('Desired', statusCount('desiredNumberScheduled')),
  integer('Current', statusCount('currentNumberScheduled')),
  integer('Ready', statusCount('numberReady')),
  integer('Up-to-date', statusCount('updatedNumberScheduled')),
  integer('Available', statusCount('numberAvailable')),
  text('Node Selector', (object) => {
    const selector = Object.entries((object.spec?.template?.spec?.nodeSelector ?? {}) as Record<string, string>);
    return selector.length === 0
      ? '<none>'
      : selector
          .map(([key, value]) => `${key}=${value}`)
          .sort()
          .join(',');
  }),
  age,
  ...templateColumns(template),
  selectorColumn(DAEMONSET_SELECTOR),
];

const templatePods = (object: KubeObject): Json => object.spec?.template?.spec;

function defaultTemplate(object: KubeObject): void {
  object.spec ??= {};
  if (object.spec.template?.spec) defaultPodSpec(object.spec.template.spec);
}

function defaultDeployment(object: KubeObject): void {
  defaultTemplate(object);
  const { spec } = object;
  spec.replicas ??= 1;
  spec.strategy ??= {};
  spec.strategy.type ||= 'RollingUpdate';
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {};
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
    spec.strategy.rollingUpdate.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
}

function defaultReplicaSet(object: KubeObject): void {
  defaultTemplate(object);
  object.spec.replicas ??= 1;
}

function defaultStatefulSet(object: KubeObject): void {
  defaultTemplate(object);
  const { spec } = object;
  spec.replicas ??= 1;
  spec.podManagementPolicy ||= 'OrderedReady';
  spec.updateStrategy ??= {};
  // Who names the type gets nothing else.
  if (!spec.updateStrategy.type) spec.updateStrategy.rollingUpdate ??= {};
  spec.updateStrategy.type ||= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate' && spec.updateStrategy.rollingUpdate)
    spec.updateStrategy.rollingUpdate.partition ??= 0;
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain';
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain';
  spec.revisionHistoryLimit ??= 10;
  for (const claim of spec.volumeClaimTemplates ?? []) {
    // Whatever was sent.
    claim.kind = 'PersistentVolumeClaim';
    claim.apiVersion = 'v1';
    claim.spec ??= {};
    claim.spec.volumeMode ??= 'Filesystem';
    claim.status ??= {};
    claim.status.phase ||= 'Pending';
  }
}

/** Left from the first version of the kind, and still written. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

function defaultDaemonSet(object: KubeObject): void {
  defaultTemplate(object);
  object.metadata.annotations ??= {};
  object.metadata.annotations[TEMPLATE_GENERATION] ??= '1';
  const generation: string = object.metadata.annotations[TEMPLATE_GENERATION]!;
  const problem = integerProblem(generation);
  if (problem !== null) throw badRequest(`DaemonSet in version "v1" cannot be handled as a DaemonSet: ${problem}`);
  const { spec } = object;
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ||= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
}

/** A new object starts without status; an update keeps what controllers wrote. */
function keepStatus(empty: () => Json): (object: KubeObject, old: KubeObject | null) => void {
  return (object, old) => {
    object.status = old?.status ?? empty();
  };
}

function prepareDaemonSet(object: KubeObject, old: KubeObject | null): void {
  const { annotations } = object.metadata;
  if (old === null && Number(annotations?.[TEMPLATE_GENERATION]) < 1)
    object.metadata.annotations = { ...annotations, [TEMPLATE_GENERATION]: '1' };
  if (old !== null) {
    const before = Number(old.metadata.annotations?.[TEMPLATE_GENERATION] ?? 0);
    const template = partWithQuantitiesOf('core.PodTemplateSpec', object.spec?.template, old.spec?.template);
    const next = sameJson(template, old.spec?.template) ? before : before + 1;
    object.metadata.annotations = { ...object.metadata.annotations, [TEMPLATE_GENERATION]: String(next) };
  }
  object.status = old?.status ?? {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  };
}

const NEGATIVE = 'must be greater than or equal to 0';

function nonNegative(spec: Json, fields: string[]): FieldError[] {
  return fields
    .filter((field) => typeof spec?.[field] === 'number' && spec[field] < 0)
    .map((field) => invalidValue(`spec.${field}`, spec[field], NEGATIVE));
}

/** The template of a stateful set as its pods are made of it: named by the set, with volumes for its claims. */
function asMade(pods: Json, claims: Json): Json {
  if (!pods?.spec) return pods;
  const { hostname: _host, subdomain: _domain, ...spec } = pods.spec;
  const names = new Set<string>(((claims ?? []) as Json[]).map((claim) => claim.metadata?.name ?? ''));
  const own = ((spec.volumes ?? []) as Json[]).filter((volume) => !names.has(volume.name ?? ''));
  const claimed = [...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...pods, spec: { ...spec, volumes: [...claimed, ...own] } };
}

/** Kinds in whose words a kind refuses a deadline for its pods and an empty selector: some borrow those of others. */
const DEADLINE_KINDS: Readonly<Record<string, string>> = { Deployment: 'ReplicaSet' };
const SELECTOR_KINDS: Readonly<Record<string, string>> = { ReplicaSet: 'deployment' };

function validateWorkload(object: KubeObject, old: KubeObject | null): FieldError[] {
  const spec = object.spec ?? {};
  // A set may keep all revisions.
  const history = object.kind === 'StatefulSet' ? [] : ['revisionHistoryLimit'];
  const errors = nonNegative(spec, ['replicas', 'minReadySeconds', ...history, 'progressDeadlineSeconds']);
  const fixed = old === null ? [] : immutable('spec.selector', spec.selector, old.spec?.selector);
  const pods = validatePods(object.kind, spec);
  // Of a daemon set the change is judged first.
  errors.push(...(object.kind === 'DaemonSet' ? [...fixed, ...pods] : [...pods, ...fixed]));
  return errors;
}

/** The template, and whether the selector finds what is made of it. */
function validatePods(kind: string, spec: Json): FieldError[] {
  const { selector, template: pods } = spec;
  const broken = validateSelector(selector, 'spec.selector');
  const errors = [...broken];
  const daemons = kind === 'DaemonSet';
  const empty = selector && isEmptySelector(selector);
  if (!selector && !daemons) errors.push(required('spec.selector'));
  if (empty) {
    const text = `empty selector is invalid for ${SELECTOR_KINDS[kind] ?? kind.toLowerCase()}`;
    errors.push(invalidValue('spec.selector', selector, text));
  }
  if (broken.length > 0 && !daemons) {
    // Without a selector nothing can be said of the template.
    const text = kind === 'StatefulSet' ? '' : 'invalid label selector';
    errors.push(invalidValue('spec.selector', selector, text));
    if (kind !== 'StatefulSet') return errors;
  } else if (broken.length === 0 && !empty) {
    const labels = asSent(pods?.metadata, 'labels');
    if (!selector || !selectorMatches(selector, labels ?? {}))
      errors.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  }
  if (broken.length === 0 || daemons) {
    const made = kind === 'StatefulSet' ? asMade(pods, spec.volumeClaimTemplates) : pods;
    errors.push(...validatePodTemplate(made, 'spec.template'));
  }
  const { restartPolicy, activeDeadlineSeconds } = pods?.spec ?? {};
  if (pods?.spec && restartPolicy !== 'Always')
    errors.push(notSupported('spec.template.spec.restartPolicy', restartPolicy, ['Always']));
  if (activeDeadlineSeconds !== undefined) errors.push(noDeadline(DEADLINE_KINDS[kind] ?? kind, 'spec.template.spec'));
  return errors;
}

function validateDeployment(object: KubeObject, old: KubeObject | null): FieldError[] {
  const spec = object.spec ?? {};
  const errors = [...validateWorkload(object, old), ...validateDeploymentStrategy(spec)];
  const { minReadySeconds = 0, progressDeadlineSeconds } = spec;
  if (typeof progressDeadlineSeconds === 'number' && progressDeadlineSeconds <= minReadySeconds)
    errors.push(
      invalidValue('spec.progressDeadlineSeconds', progressDeadlineSeconds, 'must be greater than minReadySeconds'),
    );
  return errors;
}

function validateDaemonSet(object: KubeObject, old: KubeObject | null): FieldError[] {
  return [...validateWorkload(object, old), ...validateDaemonSetStrategy(object.spec ?? {})];
}

/** What cannot change of a stateful set is one refusal of the whole spec. */
function validateStatefulSet(object: KubeObject, old: KubeObject | null): FieldError[] {
  return [
    ...validateWorkload(object, null),
    // Once more, in a place of its own.
    ...validateLabels(object.spec?.template?.metadata?.labels, 'spec.template.labels'),
    ...validateAnnotations(object.spec?.template?.metadata?.annotations, 'spec.template.annotations'),
    ...(old === null ? validateClaims(object.spec?.volumeClaimTemplates) : []),
    ...(old === null && object.spec?.serviceName
      ? invalidAll('spec.serviceName', object.spec.serviceName, labelName(object.spec.serviceName))
      : []),
    ...validateStatefulSetStrategy(object.spec ?? {}, old === null ? null : (old.spec ?? {})),
  ];
}

function validateClaims(claims: Json): FieldError[] {
  return eachAt(claims, 'spec.volumeClaimTemplates', ({ spec }, at) => validateClaimSpec(spec ?? {}, `${at}.spec`));
}

function validateRevision({ data, revision = 0 }: KubeObject, old: KubeObject | null): FieldError[] {
  const errors: FieldError[] = [];
  if (revision < 0) errors.push(invalidValue('revision', revision, NEGATIVE));
  if (old !== null) return [...errors, ...immutable('data', data, old.data)];
  if (data === undefined || data === null) errors.push(required('data', 'data is mandatory'));
  else if (!isRecord(data)) errors.push(required('data', 'data must be a valid JSON object'));
  return errors;
}

const ofTemplate = templateWarnings(['spec', 'template']);

function statefulSetWarnings(object: KubeObject, old: KubeObject | null): string[] {
  const { volumeClaimTemplates: claims, revisionHistoryLimit: limit } = object.spec ?? {};
  const warnings = [
    ...ofTemplate(object, old),
    ...((claims ?? []) as Json[]).flatMap(({ spec }, index) =>
      // So it is told.
      claimWarnings(spec, `spec.volumeClaimTemplates[${index}]${old === null ? '' : '.Spec'}`),
    ),
  ];
  if (limit < 0)
    warnings.push(
      'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
    );
  return warnings;
}

const workload = { categories: ['all'], generation: 'spec' as const };

export const apps: KindDefinition[] = defineKinds('apps', 'v1', 'io.k8s.api.apps.v1', [
  {
    kind: 'ControllerRevision',
    metaChecks: 'both',
    resource: 'controllerrevisions',
    validate: validateRevision,
    columns: [
      text('Controller', (object) => {
        const owner = object.metadata.ownerReferences?.find((each) => each.controller);
        if (!owner) return '<none>';
        const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
        return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
      }),
      text('Revision', (object) => object.revision ?? 0),
      age,
    ],
  },
  {
    ...workload,
    kind: 'DaemonSet',
    podSpec: templatePods,
    warnings: templateWarnings(['spec', 'template']),
    resource: 'daemonsets',
    shortNames: ['ds'],
    subresources: ['status'],
    defaults: defaultDaemonSet,
    prepare: prepareDaemonSet,
    validate: withStatus(validateDaemonSet),
    columns: daemonSetColumns,
  },
  {
    ...workload,
    kind: 'Deployment',
    podSpec: templatePods,
    warnings: templateWarnings(['spec', 'template'], true),
    resource: 'deployments',
    shortNames: ['deploy'],
    subresources: ['scale', 'status'],
    scale: workloadScale,
    defaults: defaultDeployment,
    prepare: keepStatus(() => ({})),
    validate: withStatus(validateDeployment),
    columns: deploymentColumns,
  },
  {
    ...workload,
    kind: 'ReplicaSet',
    podSpec: templatePods,
    warnings: templateWarnings(['spec', 'template'], true),
    resource: 'replicasets',
    shortNames: ['rs'],
    subresources: ['scale', 'status'],
    scale: workloadScale,
    selectableFields: { 'status.replicas': (object) => String(object.status?.replicas ?? 0) },
    defaults: defaultReplicaSet,
    prepare: keepStatus(() => ({ replicas: 0 })),
    validate: withStatus(validateWorkload),
    columns: replicaSetColumns,
  },
  {
    ...workload,
    kind: 'StatefulSet',
    podSpec: templatePods,
    warnings: statefulSetWarnings,
    resource: 'statefulsets',
    nameRule: labelName,
    shortNames: ['sts'],
    subresources: ['scale', 'status'],
    scale: workloadScale,
    defaults: defaultStatefulSet,
    prepare: (object, old) => {
      // Behind a gate that is off by default.
      delete object.spec?.updateStrategy?.rollingUpdate?.maxUnavailable;
      object.status = old?.status ?? { replicas: 0, availableReplicas: 0 };
    },
    validate: withStatus(validateStatefulSet),
    columns: statefulSetColumns,
  },
]);
