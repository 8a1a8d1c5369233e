/** Kinds of the groups apps, batch and autoscaling. Columns as kubectl prints them. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import {
  age,
  condition,
  deleting,
  isTrue,
  joined,
  type KindDefinition,
  type Level,
  list,
  num,
  number,
  replicaLevel,
  selectorText,
  since,
  status,
  str,
  text,
} from './define.ts';

const images = text(
  'images',
  'Images',
  (object) => joined(list(podSpec(object)?.containers).map((container) => String(container.image ?? ''))),
  1,
);
const selector = text('selector', 'Selector', (object) => selectorText(object.spec?.selector), 1);

function podSpec(object: KubeObject): Json {
  return object.spec?.jobTemplate?.spec?.template?.spec ?? object.spec?.template?.spec;
}

/** The controller has seen the newest spec. */
function observed(object: KubeObject): boolean {
  return num(object.status?.observedGeneration, -1) >= num(object.metadata.generation);
}

function fraction(ready: number, wanted: number): string {
  return `${ready}/${wanted}`;
}

export const deployments: KindDefinition = {
  resource: 'deployments.apps',
  columns: [
    text('ready', 'Ready', (d) => fraction(num(d.status?.readyReplicas), num(d.spec?.replicas, 1))),
    number('upToDate', 'Up-to-date', (d) => num(d.status?.updatedReplicas)),
    number('available', 'Available', (d) => num(d.status?.availableReplicas)),
    images,
    selector,
    age,
  ],
  level(d): Level {
    if (deleting(d)) return 'progressing';
    const failed = condition(d, 'Progressing');
    if (isTrue(d, 'ReplicaFailure') || failed?.reason === 'ProgressDeadlineExceeded') return 'error';
    const wanted = num(d.spec?.replicas, 1);
    if (d.spec?.paused === true && num(d.status?.readyReplicas) < wanted) return 'warning';
    const rolled = observed(d) && num(d.status?.updatedReplicas) >= wanted;
    const done = rolled && failed?.reason !== 'ReplicaSetUpdated';
    return replicaLevel(wanted, num(d.status?.availableReplicas), done || failed?.reason === 'NewReplicaSetAvailable');
  },
};

export const statefulSets: KindDefinition = {
  resource: 'statefulsets.apps',
  columns: [
    text('ready', 'Ready', (s) => fraction(num(s.status?.readyReplicas), num(s.spec?.replicas, 1))),
    images,
    age,
  ],
  level(s): Level {
    if (deleting(s)) return 'progressing';
    const wanted = num(s.spec?.replicas, 1);
    const rolled = s.status?.updateRevision === s.status?.currentRevision || num(s.status?.updatedReplicas) >= wanted;
    return replicaLevel(
      wanted,
      num(s.status?.readyReplicas),
      observed(s) && rolled && num(s.status?.replicas) >= wanted,
    );
  },
};

export const daemonSets: KindDefinition = {
  resource: 'daemonsets.apps',
  columns: [
    number('desired', 'Desired', (d) => num(d.status?.desiredNumberScheduled)),
    number('current', 'Current', (d) => num(d.status?.currentNumberScheduled)),
    number('ready', 'Ready', (d) => num(d.status?.numberReady)),
    number('upToDate', 'Up-to-date', (d) => num(d.status?.updatedNumberScheduled)),
    number('available', 'Available', (d) => num(d.status?.numberAvailable)),
    text('nodeSelector', 'Node Selector', (d) => selectorText(podSpec(d)?.nodeSelector)),
    images,
    selector,
    age,
  ],
  level(d): Level {
    if (deleting(d)) return 'progressing';
    const wanted = num(d.status?.desiredNumberScheduled);
    const rolled = observed(d) && num(d.status?.updatedNumberScheduled) >= wanted;
    return replicaLevel(wanted, num(d.status?.numberAvailable), rolled);
  },
};

export const replicaSets: KindDefinition = {
  resource: 'replicasets.apps',
  columns: [
    number('desired', 'Desired', (r) => num(r.spec?.replicas, 1)),
    number('current', 'Current', (r) => num(r.status?.replicas)),
    number('ready', 'Ready', (r) => num(r.status?.readyReplicas)),
    images,
    selector,
    age,
  ],
  level(r): Level {
    if (deleting(r)) return 'progressing';
    if (isTrue(r, 'ReplicaFailure')) return 'error';
    const wanted = num(r.spec?.replicas, 1);
    if (wanted === 0 && num(r.status?.replicas) === 0) return 'none';
    return replicaLevel(wanted, num(r.status?.readyReplicas), observed(r) && num(r.status?.replicas) === wanted);
  },
};

/** kubectl's STATUS of a job. */
function jobStatus(job: KubeObject): string {
  if (isTrue(job, 'Complete')) return 'Complete';
  if (isTrue(job, 'Failed')) return 'Failed';
  if (deleting(job)) return 'Terminating';
  if (isTrue(job, 'Suspended')) return 'Suspended';
  if (isTrue(job, 'FailureTarget')) return 'FailureTarget';
  if (isTrue(job, 'SuccessCriteriaMet')) return 'SuccessCriteriaMet';
  return 'Running';
}

export const jobs: KindDefinition = {
  resource: 'jobs.batch',
  columns: [
    status('status', 'Status', jobStatus),
    text('completions', 'Completions', (job) => {
      const done = num(job.status?.succeeded);
      if (typeof job.spec?.completions === 'number') return fraction(done, job.spec.completions);
      const parallelism = num(job.spec?.parallelism, 1);
      return parallelism > 1 ? `${done}/1 of ${parallelism}` : fraction(done, 1);
    }),
    number('active', 'Active', (job) => num(job.status?.active), 1),
    number('failed', 'Failed', (job) => num(job.status?.failed), 1),
    since('finished', 'Finished', (job) => str(job.status?.completionTime), 1),
    images,
    age,
  ],
  level(job): Level {
    const word = jobStatus(job);
    if (word === 'Complete') return 'none';
    if (word === 'Failed' || word === 'FailureTarget') return 'error';
    if (word === 'Suspended') return 'none';
    return num(job.status?.failed) > 0 ? 'warning' : 'progressing';
  },
};

export const cronJobs: KindDefinition = {
  resource: 'cronjobs.batch',
  columns: [
    text('schedule', 'Schedule', (cron) => str(cron.spec?.schedule)),
    text('timezone', 'Timezone', (cron) => str(cron.spec?.timeZone)),
    text('suspend', 'Suspend', (cron) => (cron.spec?.suspend === true ? 'True' : 'False')),
    number('active', 'Active', (cron) => list(cron.status?.active).length),
    since('lastSchedule', 'Last Schedule', (cron) => str(cron.status?.lastScheduleTime)),
    images,
    age,
  ],
  level: (cron) => (cron.spec?.suspend === true ? 'none' : 'ok'),
};

function metricText(metric: Json, current: Json[]): string {
  const kind = String(metric.type ?? '');
  const field = `${kind.charAt(0).toLowerCase()}${kind.slice(1)}`;
  const source = metric[field] ?? {};
  const name = str(source.name) ?? str(source.metric?.name) ?? kind;
  const now = current.find(
    (item) => item.type === kind && (str(item[field]?.name) ?? str(item[field]?.metric?.name) ?? kind) === name,
  )?.[field]?.current;
  const target = source.target ?? {};
  if (typeof target.averageUtilization === 'number')
    return `${name}: ${typeof now?.averageUtilization === 'number' ? `${now.averageUtilization}%` : '<unknown>'}/${target.averageUtilization}%`;
  const value = target.averageValue ?? target.value ?? '<auto>';
  return `${name}: ${now?.averageValue ?? now?.value ?? '<unknown>'}/${value}`;
}

export const horizontalPodAutoscalers: KindDefinition = {
  resource: 'horizontalpodautoscalers.autoscaling',
  columns: [
    text('reference', 'Reference', (hpa) => {
      const target = hpa.spec?.scaleTargetRef ?? {};
      return `${target.kind ?? ''}/${target.name ?? ''}`;
    }),
    text('targets', 'Targets', (hpa) =>
      joined(list(hpa.spec?.metrics).map((metric) => metricText(metric, list(hpa.status?.currentMetrics)))),
    ),
    number('minPods', 'MinPods', (hpa) => num(hpa.spec?.minReplicas, 1)),
    number('maxPods', 'MaxPods', (hpa) => num(hpa.spec?.maxReplicas)),
    number('replicas', 'Replicas', (hpa) => num(hpa.status?.currentReplicas)),
    age,
  ],
  level(hpa): Level {
    if (condition(hpa, 'AbleToScale')?.status === 'False') return 'error';
    if (condition(hpa, 'ScalingActive')?.status === 'False')
      return condition(hpa, 'ScalingActive')?.reason === 'ScalingDisabled' ? 'none' : 'warning';
    return isTrue(hpa, 'ScalingLimited') ? 'warning' : 'ok';
  },
};
