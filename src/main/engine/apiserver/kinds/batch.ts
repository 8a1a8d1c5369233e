/** batch/v1: Job, CronJob. Source: API reference; Job documentation on selectors and completion modes. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, humanDuration, labelsText, selectorText, since, templateColumns, text, wide } from '../table/cells.ts';
import type { FieldError, KindDefinition, TableColumn } from '../types.ts';
import { cronProblem, isTimeZone } from './cron.ts';
import { defineKinds } from './define.ts';
import { defaultPodSpec } from './pods/defaults.ts';
import { validatePodTemplate } from './pods/validate.ts';
import { templateWarnings } from './pods/warnings.ts';
import { immutable, invalidValue, notSupported, required, sameJson } from './validation/field.ts';
import { validateJobPolicies } from './validation/jobs.ts';
import { labelName } from './validation/meta.ts';
import { selectorMatches } from './validation/selector.ts';

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
  spec.selector.matchLabels = { ...spec.selector.matchLabels, [UID]: uid };
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

/** Labels that tell the job's pods from others are the server's. */
function validateGenerated({ metadata, spec }: KubeObject): FieldError[] {
  if (spec?.manualSelector === true) return [];
  const labels: Record<string, string> = spec?.template?.metadata?.labels ?? {};
  const expected = {
    'controller-uid': metadata.uid,
    'job-name': metadata.name,
    [UID]: metadata.uid,
    [NAME]: metadata.name,
  };
  return Object.entries(expected)
    .filter(([key, value]) => labels[key] !== value)
    .map(([key, value]) => invalidValue(`spec.template.metadata.labels[${key}]`, labels, `must be '${value}'`));
}

function validateJob(object: KubeObject, old: KubeObject | null): FieldError[] {
  const spec = object.spec ?? {};
  const errors = validateJobSpec(spec, 'spec');
  const labels = spec.template?.metadata?.labels ?? null;
  if (!spec.selector) errors.push(required('spec.selector'));
  if (!spec.selector || !selectorMatches(spec.selector, labels ?? {}))
    errors.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  errors.push(...validateName(object), ...validateGenerated(object));
  const generated = { matchLabels: { [UID]: object.metadata.uid } };
  if (spec.manualSelector !== true && spec.selector && !sameJson(spec.selector, generated))
    errors.push(invalidValue('spec.selector', spec.selector, '`selector` not auto-generated'));
  if (old === null) return errors;
  // An indexed job may be resized as a whole.
  const elastic = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism;
  if (!elastic) errors.push(...immutable('spec.completions', spec.completions, old.spec?.completions));
  for (const field of [
    'selector',
    'completionMode',
    'podFailurePolicy',
    'backoffLimitPerIndex',
    'managedBy',
    'successPolicy',
  ])
    errors.push(...immutable(`spec.${field}`, spec[field], old.spec?.[field]));
  if (old.spec?.suspend !== true && spec.suspend !== true)
    errors.push(...immutable('spec.template', spec.template, old.spec?.template));
  return errors;
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
    else if (!isTimeZone(spec.timeZone))
      errors.push(invalidValue('spec.timeZone', spec.timeZone, `unknown time zone ${spec.timeZone}`));
  }
  if (!POLICIES.includes(spec.concurrencyPolicy))
    errors.push(notSupported('spec.concurrencyPolicy', spec.concurrencyPolicy, POLICIES));
  for (const field of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'])
    if (typeof spec[field] === 'number' && spec[field] < 0)
      errors.push(invalidValue(`spec.${field}`, spec[field], 'must be greater than or equal to 0'));
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
    warnings: templateWarnings(['spec', 'jobTemplate', 'spec', 'template']),
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
    warnings: templateWarnings(['spec', 'template']),
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
