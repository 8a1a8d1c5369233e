/** batch/v1: Job, CronJob. Source: API reference; Job documentation on selectors and completion modes. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { asSent } from '../openapi/sent-empty.ts';
import { shownField } from '../openapi/shown.ts';
import { age, humanDuration, labelsText, selectorText, since, templateColumns, text, wide } from '../table/cells.ts';
import type { FieldError, KindDefinition, TableColumn } from '../types.ts';
import { cronProblem } from './cron.ts';
import { defineKinds } from './define.ts';
import { defaultPodSpec } from './pods/defaults.ts';
import { validatePodTemplate } from './pods/validate.ts';
import { templateWarnings } from './pods/warnings.ts';
import { timeZoneProblem } from './time-zones.ts';
import {
  immutable,
  immutableField,
  invalidValue,
  notSupported,
  required,
  sameJson,
  sortedMap,
} from './validation/field.ts';
import { validateJobPolicies } from './validation/jobs.ts';
import { labelName } from './validation/meta.ts';
import { selectorMatches, validateSelector } from './validation/selector.ts';
import { hostNameWarnings } from './warnings/names.ts';

const UID = 'batch.kubernetes.io/controller-uid';
const NAME = 'batch.kubernetes.io/job-name';
/** A job with a limit per index has none of its own. */
const UNLIMITED = 2 ** 31 - 1;

function defaultJobSpec(spec: Json): void {
  if (spec === null || typeof spec !== 'object') return;
  if (spec.completions === undefined && spec.parallelism === undefined) {
    spec.completions = 1;
    spec.parallelism = 1;
  }
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : UNLIMITED;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  for (const rule of spec.podFailurePolicy?.rules ?? [])
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
  defaultPodSpec(spec.template?.spec);
}

/** Pods of a job are told from others by labels the server makes, unless the person wants to choose. */
function prepareJob(object: KubeObject, old: KubeObject | null): void {
  if (old !== null) {
    object.status = old.status;
    return;
  }
  object.status = {};
  const { spec } = object;
  if (!spec || spec.manualSelector === true) return;
  const sharesLabels = sameJson(object.metadata.labels ?? {}, spec.template?.metadata?.labels ?? {});
  const uid = object.metadata.uid ?? '';
  const name = object.metadata.name ?? '';
  spec.template ??= {};
  spec.template.metadata ??= {};
  spec.template.metadata.labels = {
    [UID]: uid,
    [NAME]: name,
    'controller-uid': uid,
    'job-name': name,
    // What somebody chose is refused later when it is something else.
    ...spec.template.metadata.labels,
  };
  spec.selector ??= {};
  spec.selector.matchLabels = { [UID]: uid, ...spec.selector.matchLabels };
  if (sharesLabels) object.metadata.labels = { ...spec.template.metadata.labels };
}

function validateJobSpec(spec: Json, at: string): FieldError[] {
  const errors = validateJobPolicies(spec, at);
  const policy = spec.template?.spec?.restartPolicy;
  errors.push(...validatePodTemplate(spec.template, `${at}.template`));
  if (policy === 'Always')
    errors.push(required(`${at}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  else if (policy !== 'OnFailure' && policy !== 'Never')
    errors.push(notSupported(`${at}.template.spec.restartPolicy`, policy, ['OnFailure', 'Never']));
  else if (spec.podFailurePolicy && policy !== 'Never') {
    const text = 'only "Never" is supported when podFailurePolicy is specified';
    errors.push(invalidValue(`${at}.template.spec.restartPolicy`, policy, text));
  }
  return errors;
}

/** The names of an indexed job's pods have to be host names. */
function validateName({ metadata, spec }: KubeObject): FieldError[] {
  if (spec?.completionMode !== 'Indexed' || !(spec.completions > 0)) return [];
  const host = `${metadata.name}-${spec.completions - 1}`;
  if (labelName(host).length === 0) return [];
  const text = `will not able to create pod with invalid DNS label: ${host}`;
  return [invalidValue('metadata.name', metadata.name ?? '', text)];
}

/** Labels that tell the job's pods from others are the server's. `prefixed`: those with the project's own prefix, too. */
function validateGenerated({ metadata, spec }: KubeObject, prefixed: boolean): FieldError[] {
  if (spec?.manualSelector === true || !spec?.selector) return [];
  const labels: Record<string, string> = spec.template?.metadata?.labels ?? {};
  const expected: Record<string, string> = { 'controller-uid': metadata.uid ?? '', 'job-name': metadata.name ?? '' };
  if (prefixed) Object.assign(expected, { [UID]: metadata.uid, [NAME]: metadata.name });
  const errors = Object.entries(expected).flatMap(([key, value]): FieldError[] => {
    const at = `spec.template.metadata.labels[${key}]`;
    const text = `must be '${value}'`;
    if (labels[key] === undefined) return [required(at, text)];
    return labels[key] === value ? [] : [invalidValue(at, sortedMap(labels), text)];
  });
  if (!isBroken(spec.selector) && !selectorMatches(spec.selector, expected))
    errors.push(invalidValue('spec.selector', shownSelector(spec.selector), '`selector` not auto-generated'));
  return errors;
}

/** Nothing is selected by what cannot be read. */
const isBroken = (selector: Json): boolean => validateSelector(selector, '').length > 0;
const shownSelector = (selector: Json): Json => shownField('batch.JobSpec', 'selector', { selector });

/** What is said of a job's spec with its selector: once of the job, once more of its change. */
function validateWithSelector(spec: Json): FieldError[] {
  const errors = validateJobSpec(spec, 'spec');
  const labels = asSent(spec.template?.metadata, 'labels');
  if (!spec.selector) errors.push(required('spec.selector'));
  else errors.push(...validateSelector(spec.selector, 'spec.selector'));
  if (spec.selector && isBroken(spec.selector)) return errors;
  if (!spec.selector || !selectorMatches(spec.selector, labels ?? {})) {
    const text = '`selector` does not match template `labels`';
    errors.push(invalidValue('spec.template.metadata.labels', sortedMap(labels), text));
  }
  return errors;
}

function validateJob(object: KubeObject, old: KubeObject | null): FieldError[] {
  const spec = object.spec ?? {};
  const known = old?.spec?.template?.metadata?.labels;
  const prefixed = old === null || (known?.[UID] !== undefined && known?.[NAME] !== undefined);
  const errors = [...validateGenerated(object, prefixed), ...validateWithSelector(spec), ...validateName(object)];
  return old === null ? errors : [...errors, ...validateWithSelector(spec), ...validateJobChange(spec, old)];
}

function validateJobChange(spec: Json, old: KubeObject): FieldError[] {
  const before = old.spec ?? {};
  const fixed = (field: string) => immutableField('batch.JobSpec', field, `spec.${field}`, spec, before);
  return [
    ...validateResized(spec, before),
    ...fixed('selector'),
    ...validateTemplateChange(spec.template ?? {}, old),
    ...['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'].flatMap(fixed),
  ];
}

/** An indexed job may be resized as a whole. */
function validateResized(spec: Json, before: Json): FieldError[] {
  const at = 'spec.completions';
  if (spec.completionMode !== 'Indexed') return immutable(at, spec.completions, before.completions);
  if (spec.completions === before.completions || spec.completions === undefined) return [];
  if (spec.completions === spec.parallelism) return [];
  return [invalidValue(at, spec.completions, 'can only be modified in tandem with spec.parallelism')];
}

/** While no pod of it runs, it can be said where the pods of a suspended job go and what they need. */
function validateTemplateChange(template: Json, old: KubeObject): FieldError[] {
  const { spec: before = {}, status } = old;
  const suspended = before.suspend === true;
  const idle = (status?.startTime === undefined || condition(old, 'Suspended')) && !status?.active;
  const mutable = suspended && idle;
  const expected = mutable ? withPlacement(before.template ?? {}, template) : (before.template ?? {});
  if (!mutable)
    return immutableField('batch.JobSpec', 'template', 'spec.template', { template }, { template: expected });
  const pods = withResources(expected.spec ?? {}, template.spec ?? {});
  return immutableField('core.PodTemplateSpec', 'spec', 'spec.template.spec', template, { spec: pods });
}

/** The template with what tells where its pods go taken from another one. */
function withPlacement(template: Json, from: Json): Json {
  const { spec = {} } = template;
  const given = from.spec ?? {};
  const affinity = { ...spec.affinity, nodeAffinity: given.affinity?.nodeAffinity };
  if (affinity.nodeAffinity === undefined) delete affinity.nodeAffinity;
  const placed = {
    ...spec,
    affinity: given.affinity === undefined && Object.keys(affinity).length === 0 ? undefined : affinity,
    nodeSelector: given.nodeSelector,
    tolerations: given.tolerations,
    schedulingGates: given.schedulingGates,
  };
  return { ...template, spec: placed };
}

/** The pods with the resources of their containers taken from others. */
function withResources(pods: Json, from: Json): Json {
  const taken = (list: string): Json => {
    const [own, given]: [Json[], Json[]] = [pods[list] ?? [], from[list] ?? []];
    if (own.length !== given.length) return pods[list];
    return pods[list]?.map((container: Json, index: number) =>
      container.name === given[index].name ? { ...container, resources: given[index].resources } : container,
    );
  };
  return { ...pods, containers: taken('containers'), initContainers: taken('initContainers') };
}

function defaultCronJob(object: KubeObject): void {
  object.spec ??= {};
  const { spec } = object;
  spec.concurrencyPolicy ||= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  // The job inside is defaulted when it is made; its pods already here.
  defaultPodSpec(spec.jobTemplate?.spec?.template?.spec);
}

const MAX_CRON_NAME = 52;
const POLICIES = ['Allow', 'Forbid', 'Replace'];

function validateCronJob(object: KubeObject, old: KubeObject | null): FieldError[] {
  const errors: FieldError[] = [];
  const spec = object.spec ?? {};
  const name = object.metadata.name ?? '';
  if (old === null && name.length > MAX_CRON_NAME)
    errors.push(invalidValue('metadata.name', name, `must be no more than ${MAX_CRON_NAME} characters`));
  if (!spec.schedule) errors.push(required('spec.schedule'));
  else {
    const inZone = /TZ/.test(spec.schedule);
    const problem = inZone ? null : cronProblem(spec.schedule);
    if (problem !== null) errors.push(invalidValue('spec.schedule', spec.schedule, problem));
    if (inZone) {
      const text = spec.timeZone
        ? 'cannot use both timeZone field and TZ or CRON_TZ in schedule'
        : 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
      errors.push(invalidValue('spec.schedule', spec.schedule, text));
    }
  }
  if (spec.timeZone !== undefined) {
    if (spec.timeZone === '')
      errors.push(invalidValue('spec.timeZone', '', 'timeZone must be nil or non-empty string'));
    else if (spec.timeZone.toLowerCase() === 'local')
      errors.push(
        invalidValue(
          'spec.timeZone',
          spec.timeZone,
          'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
        ),
      );
    else {
      const problem = timeZoneProblem(spec.timeZone);
      if (problem !== null) errors.push(invalidValue('spec.timeZone', spec.timeZone, problem));
    }
  }
  const nonNegative = (field: string): void => {
    if (typeof spec[field] === 'number' && spec[field] < 0)
      errors.push(invalidValue(`spec.${field}`, spec[field], 'must be greater than or equal to 0'));
  };
  nonNegative('startingDeadlineSeconds');
  if (!POLICIES.includes(spec.concurrencyPolicy))
    errors.push(notSupported('spec.concurrencyPolicy', spec.concurrencyPolicy, POLICIES));
  nonNegative('successfulJobsHistoryLimit');
  nonNegative('failedJobsHistoryLimit');
  const job = spec.jobTemplate?.spec;
  if (job) {
    const {
      completionMode = 'NonIndexed',
      podReplacementPolicy = job.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed',
    } = job;
    errors.push(...validateJobSpec({ ...job, completionMode, podReplacementPolicy }, 'spec.jobTemplate.spec'));
    if (job.selector)
      errors.push(invalidValue('spec.jobTemplate.spec.selector', job.selector, '`selector` will be auto-generated'));
    if (job.manualSelector === true)
      errors.push(notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']));
  }
  return errors;
}

const MANY_COMPLETIONS = 100_000;
const MANY_PODS = 10_000;
const UNTRACKED =
  'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';

/** Of the job whose spec is at the path. */
function jobWarnings(path: readonly string[]): (object: KubeObject, old: KubeObject | null) => string[] {
  const ofTemplate = templateWarnings([...path, 'template']);
  return (object, old) => {
    const known = old === null ? hostNameWarnings(object) : [];
    if (old !== null && object.metadata.generation === old.metadata.generation) return known;
    const job = path.reduce<Json>((value, key) => value?.[key], object as unknown as Json);
    const { completionMode, completions = 0, parallelism = 0 } = job ?? {};
    if (completionMode === 'Indexed' && completions > MANY_COMPLETIONS && parallelism > MANY_PODS)
      known.push(`${path.join('.')}: ${UNTRACKED}`);
    return [...known, ...ofTemplate(object, old)];
  };
}

const condition = (job: KubeObject, type: string): boolean =>
  (job.status?.conditions ?? []).some((each: Json) => each.type === type && each.status === 'True');

function jobStatus(job: KubeObject): string {
  if (condition(job, 'Complete')) return 'Complete';
  if (condition(job, 'Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  if (condition(job, 'Suspended')) return 'Suspended';
  if (condition(job, 'FailureTarget')) return 'FailureTarget';
  return condition(job, 'SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function completions(job: KubeObject): string {
  const { completions: wanted, parallelism = 0 } = job.spec ?? {};
  const done = job.status?.succeeded ?? 0;
  if (wanted !== undefined) return `${done}/${wanted}`;
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function duration(job: KubeObject, now: number): string {
  const { startTime, completionTime } = job.status ?? {};
  if (!startTime) return '';
  const end = completionTime ? Date.parse(completionTime) : now;
  return humanDuration(end - Date.parse(startTime));
}

const JOB_SELECTOR =
  'A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors';

const jobColumns: TableColumn[] = [
  text('Status', jobStatus, { description: 'Status of the job.' }),
  text('Completions', completions, { from: ['batch.JobStatus', 'succeeded'] }),
  text('Duration', duration, { description: 'Time required to complete the job.' }),
  age,
  ...templateColumns((job) => job.spec?.template),
  wide('Selector', (job) => selectorText(job.spec?.selector), { description: JOB_SELECTOR }),
];

const cronJobColumns: TableColumn[] = [
  text('Schedule', (cron) => cron.spec?.schedule ?? '', { from: ['batch.CronJobSpec', 'schedule'] }),
  text('Timezone', (cron) => cron.spec?.timeZone ?? '<none>', { from: ['batch.CronJobSpec', 'timeZone'] }),
  text('Suspend', (cron) => (cron.spec?.suspend === true ? 'True' : 'False'), {
    type: 'boolean',
    from: ['batch.CronJobSpec', 'suspend'],
  }),
  text('Active', (cron) => (cron.status?.active ?? []).length, {
    type: 'integer',
    from: ['batch.CronJobStatus', 'active'],
  }),
  text(
    'Last Schedule',
    (cron, now) => (cron.status?.lastScheduleTime ? since(cron.status.lastScheduleTime, now) : '<none>'),
    { from: ['batch.CronJobStatus', 'lastScheduleTime'] },
  ),
  age,
  ...templateColumns((cron) => cron.spec?.jobTemplate?.spec?.template),
  wide('Selector', (cron) => labelsText(cron.spec?.jobTemplate?.spec?.selector?.matchLabels)),
];

export const batch: KindDefinition[] = defineKinds('batch', 'v1', 'io.k8s.api.batch.v1', [
  {
    kind: 'CronJob',
    statusMetaChecks: 'none',
    podSpec: (object) => object.spec?.jobTemplate?.spec?.template?.spec,
    warnings: jobWarnings(['spec', 'jobTemplate', 'spec']),
    resource: 'cronjobs',
    shortNames: ['cj'],
    categories: ['all'],
    subresources: ['status'],
    generation: 'spec',
    defaults: defaultCronJob,
    prepare: (object, old) => {
      object.status = old?.status ?? {};
    },
    validate: validateCronJob,
    columns: cronJobColumns,
  },
  {
    kind: 'Job',
    podSpec: (object) => object.spec?.template?.spec,
    warnings: jobWarnings(['spec']),
    metaChecks: 'both',
    resource: 'jobs',
    categories: ['all'],
    subresources: ['status'],
    generation: 'spec',
    selectableFields: { 'status.successful': (job) => String(job.status?.succeeded ?? 0) },
    defaults: (object) => {
      object.spec ??= {};
      defaultJobSpec(object.spec);
      // Labels of the template are the job's own when it has none.
      const labels = object.spec.template?.metadata?.labels;
      if (labels && Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = { ...labels };
    },
    prepare: prepareJob,
    validate: validateJob,
    columns: jobColumns,
  },
]);
