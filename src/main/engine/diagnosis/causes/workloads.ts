/** Workloads, autoscalers and namespaces: what keeps them from what they ask for. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, event, field, hit, kubectl, patchOf, sh } from '../hits.ts';
import { condition, conditionsOf, isReady, podsOf, selects, WORKLOAD_RESOURCE } from '../pods.ts';
import type { Cause, Check, Hit, Param } from '../types.ts';
import type { World } from '../world.ts';
import { admissionCheck } from './admission.ts';
import { podHits, unhealthyHits } from './pod.ts';
import { claimCheck } from './volumes.ts';

export const WORKLOAD_CAUSES: readonly Cause[] = [
  {
    id: 'P-SELECT',
    rank: 81,
    zh: {
      says: '{kind} {name} 没有运行新的 Pod：{reason}',
      remedy: '恢复（kubectl rollout resume）、扩容，或改正选择器与模板标签。',
    },
    en: {
      says: '{kind} {name} runs no new pods: {reason}',
      remedy: 'Resume it (kubectl rollout resume), scale it up, or correct selector and template labels.',
    },
  },
  {
    id: 'W-PODS',
    rank: 14,
    zh: { says: '{kind} {name} 只有 {ready}/{wanted} 个副本就绪', remedy: '先修复 Pod。' },
    en: { says: '{kind} {name} has {ready} of {wanted} replicas ready', remedy: 'Mend the pods first.' },
  },
  {
    id: 'W-STUCK',
    rank: 13,
    zh: {
      says: '{kind} {name} 的发布没有在期限内完成（ProgressDeadlineExceeded）',
      remedy: '修复新版本的 Pod，或回滚（kubectl rollout undo）。',
    },
    en: {
      says: 'The rollout of {kind} {name} did not finish in time (ProgressDeadlineExceeded)',
      remedy: 'Mend the pods of the new revision, or roll back (kubectl rollout undo).',
    },
  },
  {
    id: 'J-FAILED',
    rank: 12,
    zh: { says: 'Job {name} 失败：{reason}', remedy: '查看失败 Pod 的日志；修复后删除并重新创建 Job。' },
    en: {
      says: 'Job {name} failed: {reason}',
      remedy: 'Read the log of the failed pods; when it is mended, delete the Job and create it again.',
    },
  },
  {
    id: 'J-SUSPENDED',
    rank: 50,
    zh: { says: '{kind} {name} 已被暂停', remedy: '恢复：把 spec.suspend 改为 false。' },
    en: { says: '{kind} {name} is suspended', remedy: 'Set spec.suspend to false.' },
  },
  {
    id: 'H-TARGET',
    rank: 59,
    zh: { says: 'HPA {name} 的伸缩目标 {target} 不存在', remedy: '改正 spec.scaleTargetRef。' },
    en: { says: 'The target {target} of autoscaler {name} does not exist', remedy: 'Correct spec.scaleTargetRef.' },
  },
  {
    id: 'H-METRICS',
    rank: 57,
    zh: { says: 'HPA {name} 取不到指标：{reason}', remedy: '安装或修复 metrics-server；自定义指标需要适配器。' },
    en: {
      says: 'Autoscaler {name} gets no metrics: {reason}',
      remedy: 'Install or mend metrics-server; custom metrics need an adapter.',
    },
  },
  {
    id: 'H-REQUEST',
    rank: 58,
    zh: {
      says: 'HPA {name} 按利用率伸缩，但目标容器没有设置 requests.{resource}',
      remedy: '为目标工作负载的容器设置 resources.requests。',
    },
    en: {
      says: 'Autoscaler {name} scales by utilisation, and the target’s containers have no requests.{resource}',
      remedy: 'Give the containers of the target resources.requests.',
    },
  },
  {
    id: 'H-LIMITED',
    rank: 30,
    zh: { says: 'HPA {name} 已达到副本数边界：{reason}', remedy: '确认上限是否足够，必要时提高 maxReplicas。' },
    en: {
      says: 'Autoscaler {name} is at the bound of its replicas: {reason}',
      remedy: 'See whether the bound is enough; raise maxReplicas if need be.',
    },
  },
  {
    id: 'NS-API',
    rank: 60,
    zh: {
      says: '命名空间 {name} 卡在删除中：聚合 API {service} 不可用，无法列出其中的对象',
      remedy: '修复该 APIService 的后端，或删除已废弃的 APIService。',
    },
    en: {
      says: 'Namespace {name} does not finish terminating: the aggregated API {service} is down, so its objects cannot be listed',
      remedy: 'Mend what is behind the APIService, or delete an APIService that is no longer in use.',
    },
  },
  {
    id: 'NS-CONTENT',
    rank: 58,
    zh: {
      says: '命名空间 {name} 卡在删除中：{reason}',
      remedy:
        '修复负责这些 finalizer 的控制器；确认安全后再移除对象上的 finalizer，不要直接修改命名空间的 finalizers。',
    },
    en: {
      says: 'Namespace {name} does not finish terminating: {reason}',
      remedy:
        'Mend the controllers of these finalizers; remove finalizers from the objects only when that is safe, and never from the namespace itself.',
    },
  },
];

const kindOf = (object: KubeObject) => ({ kind: object.kind });

function counts(workload: KubeObject): { wanted: number; ready: number } {
  const { status = {}, spec = {} } = workload;
  if (workload.kind === 'DaemonSet')
    return { wanted: Number(status.desiredNumberScheduled ?? 0), ready: Number(status.numberReady ?? 0) };
  return { wanted: Number(spec.replicas ?? 1), ready: Number(status.readyReplicas ?? 0) };
}

export const rolloutCheck: Check = {
  id: 'rollout',
  title: { zh: '副本与发布', en: 'Replicas and rollout' },
  needs: [],
  looked: (workload) => [
    field(workload, 'spec.replicas', workload.spec?.replicas ?? counts(workload).wanted),
    field(workload, 'status.readyReplicas', counts(workload).ready),
  ],
  run(workload, world) {
    const { spec = {} } = workload;
    const shared = (reason: Param, path: string) => ({
      params: { ...kindOf(workload), reason },
      evidence: [field(workload, path)],
    });
    const resource = WORKLOAD_RESOURCE[workload.kind];
    const hits: Hit[] = [];
    if (spec.paused === true)
      hits.push(
        hit('P-SELECT', workload, {
          ...shared('spec.paused = true', 'spec.paused'),
          verdict: 'warning',
          commands: [kubectl('rollout resume', workload)],
          patch: resource === undefined ? null : patchOf(workload, resource, { spec: { paused: null } }),
        }),
      );
    if (spec.replicas === 0) {
      const scaler = world
        .within('HorizontalPodAutoscaler', workload.metadata.namespace ?? '')
        .find((one) => one.spec?.scaleTargetRef?.name === workload.metadata.name);
      hits.push(
        hit('P-SELECT', workload, {
          ...shared(
            scaler === undefined ? 'spec.replicas = 0' : `spec.replicas = 0 (HPA ${scaler.metadata.name})`,
            'spec.replicas',
          ),
          verdict: 'warning',
          commands: [kubectl('scale', workload, '--replicas=1')],
          patch: resource === undefined ? null : patchOf(workload, resource, { spec: { replicas: 1 } }),
        }),
      );
    }
    if (spec.template !== undefined && !selects(spec.selector, spec.template?.metadata?.labels))
      hits.push(
        hit('P-SELECT', workload, {
          ...shared(both('选择器与模板标签不匹配', 'the selector does not match the template'), 'spec.selector'),
          commands: [kubectl('edit', workload)],
        }),
      );
    return hits;
  },
};

/** Workload and its pods, seen together: the count is the symptom, the pods say why. */
export const workloadPodsCheck: Check = {
  id: 'workload-pods',
  title: { zh: '工作负载的 Pod', en: 'Pods of the workload' },
  needs: ['Pod', 'Event'],
  looked: (workload, world) =>
    podsOf(world, workload)
      .slice(0, 10)
      .map((pod) => field(pod, 'status.phase')),
  run(workload, world) {
    const { wanted, ready } = counts(workload);
    const late = conditionsOf(workload).find(
      ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
    );
    const pods = podsOf(world, workload);
    const unwell = [...unhealthyHits(pods, world), ...claimsOfSet(workload, world)];
    // Pods that are not even made keep a rollout from its end.
    const because = late !== undefined && unwell.length === 0 ? admissionCheck.run(workload, world) : unwell;
    if (late !== undefined)
      return [
        hit('W-STUCK', workload, {
          params: kindOf(workload),
          evidence: [field(workload, late.path, late.message, late.since)],
          commands: [kubectl('rollout status', workload), kubectl('rollout undo', workload)],
          because,
          confidence: because.length > 0 ? 'high' : 'low',
        }),
      ];
    if (ready >= wanted && because.length === 0) return [];
    // With all replicas there, trouble of single pods (an old one that does not go) is no fault of the workload.
    if (ready >= wanted) return because.map((one) => ({ ...one, verdict: 'warning' as const }));
    if (because.length === 0 && pods.length === 0 && admissionCheck.run(workload, world).length > 0) return [];
    const starting = because.length === 0;
    return [
      hit('W-PODS', workload, {
        verdict: starting ? 'warning' : 'fault',
        params: { ...kindOf(workload), ready, wanted },
        evidence: [
          field(workload, 'status.readyReplicas', ready),
          ...pods
            .filter((pod) => !isReady(pod))
            .slice(0, 5)
            .map((pod) => field(pod, 'status.phase')),
        ],
        commands: [kubectl('describe', workload)],
        because,
        confidence: starting ? 'low' : 'high',
      }),
    ];
  },
};

/** A StatefulSet waits for its claims even before the pod is looked at. */
function claimsOfSet(workload: KubeObject, world: World): Hit[] {
  if (workload.kind !== 'StatefulSet') return [];
  const templates: Json[] = workload.spec?.volumeClaimTemplates ?? [];
  return templates.flatMap(({ metadata }) => {
    const claim = world.get(
      'PersistentVolumeClaim',
      workload.metadata.namespace ?? '',
      `${metadata?.name}-${workload.metadata.name}-0`,
    );
    return claim === undefined ? [] : claimCheck.run(claim, world);
  });
}

export const jobCheck: Check = {
  id: 'job',
  title: { zh: '任务', en: 'Job' },
  needs: ['Pod', 'Event'],
  looked: (job) => [
    field(job, 'status.succeeded', job.status?.succeeded ?? 0),
    field(job, 'status.failed', job.status?.failed ?? 0),
  ],
  run(job, world) {
    const hits: Hit[] = [];
    const pods = podsOf(world, job);
    if (job.spec?.suspend === true)
      hits.push(
        hit('J-SUSPENDED', job, {
          verdict: 'warning',
          params: kindOf(job),
          evidence: [field(job, 'spec.suspend')],
          patch: patchOf(job, { group: 'batch', version: 'v1', resource: 'jobs' }, { spec: { suspend: false } }),
        }),
      );
    const failed = conditionsOf(job).find(
      ({ type, status }) => (type === 'Failed' || type === 'FailureTarget') && status === 'True',
    );
    const because = pods
      .filter((pod) => pod.status?.phase === 'Failed' || !isReady(pod))
      .slice(0, 10)
      .flatMap((pod) => podHits(pod, world));
    if (failed === undefined) {
      const complete = condition(job, 'Complete')?.status === 'True';
      return complete ? hits : [...hits, ...because];
    }
    const evidence = [field(job, failed.path, `${failed.reason}: ${failed.message}`, failed.since)];
    if (failed.reason === 'DeadlineExceeded')
      return [
        ...hits,
        hit('C-DEADLINE', job, {
          params: { reason: failed.message },
          evidence: [...evidence, field(job, 'spec.activeDeadlineSeconds')],
          commands: [kubectl('logs', job)],
        }),
      ];
    const told = world.events(job).find(({ type }) => type === 'Warning');
    // Pods of failed jobs are often gone: then their end is all there is to tell.
    const limit = because.length === 0 && failed.reason === 'BackoffLimitExceeded';
    return [
      ...hits,
      hit(limit ? 'C-DEADLINE' : 'J-FAILED', job, {
        params: { reason: `${failed.reason}: ${failed.message}` },
        evidence: [...evidence, ...(told === undefined ? [] : [event(job, told)])],
        commands: [kubectl('logs', job)],
        because,
      }),
    ];
  },
};

export const scalerCheck: Check = {
  id: 'autoscaler',
  title: { zh: '伸缩目标与指标', en: 'Target and metrics' },
  needs: ['Deployment', 'StatefulSet'],
  looked: (scaler) => [
    field(scaler, 'spec.scaleTargetRef'),
    ...conditionsOf(scaler).map(({ type, status, reason, path, since }) =>
      field(scaler, path, `${type}=${status} ${reason}`, since),
    ),
  ],
  run(scaler, world) {
    const { kind, name } = scaler.spec?.scaleTargetRef ?? {};
    const namespace = scaler.metadata.namespace ?? '';
    const target = world.get(String(kind), namespace, String(name));
    const known = ['Deployment', 'StatefulSet', 'ReplicaSet'].includes(String(kind));
    if (known && target === undefined && world.complete(String(kind)))
      return [
        hit('H-TARGET', scaler, {
          params: { target: `${kind}/${name}` },
          evidence: [field(scaler, 'spec.scaleTargetRef')],
          commands: [`kubectl get ${sh(String(kind).toLowerCase())} -n ${sh(namespace)}`],
        }),
      ];
    const active = conditionsOf(scaler).find(({ type, status }) => type === 'ScalingActive' && status === 'False');
    const lacks = requestless(scaler, target);
    if (lacks !== undefined && active !== undefined && active.reason !== 'ScalingDisabled')
      return [
        hit('H-REQUEST', scaler, {
          params: { resource: lacks.resource },
          evidence: [
            field(scaler, active.path, `${active.reason}: ${active.message}`, active.since),
            ...(target === undefined ? [] : [field(target, lacks.path, 'absent')]),
          ],
          commands:
            target === undefined ? [] : [kubectl('set resources', target, `--requests=${lacks.resource}=AMOUNT`)],
        }),
      ];
    const able = conditionsOf(scaler).find(({ type, status }) => type === 'AbleToScale' && status === 'False');
    const failing = active ?? able;
    if (failing !== undefined && failing.reason !== 'ScalingDisabled')
      return [
        hit('H-METRICS', scaler, {
          params: { reason: failing.message || failing.reason },
          evidence: [field(scaler, failing.path, `${failing.reason}: ${failing.message}`, failing.since)],
          commands: ['kubectl get apiservice v1beta1.metrics.k8s.io', 'kubectl top pods'],
        }),
      ];
    const limited = conditionsOf(scaler).find(
      ({ type, status, reason }) => type === 'ScalingLimited' && status === 'True' && reason === 'TooManyReplicas',
    );
    if (limited === undefined) return [];
    return [
      hit('H-LIMITED', scaler, {
        verdict: 'warning',
        params: { reason: limited.message },
        evidence: [field(scaler, limited.path, limited.message, limited.since), field(scaler, 'spec.maxReplicas')],
        commands: [kubectl('edit', scaler)],
      }),
    ];
  },
};

function requestless(
  scaler: KubeObject,
  target: KubeObject | undefined,
): { resource: string; path: string } | undefined {
  for (const metric of (scaler.spec?.metrics ?? []) as Json[]) {
    if (metric?.type !== 'Resource' || metric.resource?.target?.type !== 'Utilization') continue;
    const resource = String(metric.resource.name);
    const index = ((target?.spec?.template?.spec?.containers ?? []) as Json[]).findIndex(
      (one) => one?.resources?.requests?.[resource] === undefined && one?.resources?.limits?.[resource] === undefined,
    );
    if (index >= 0) return { resource, path: `spec.template.spec.containers[${index}].resources.requests.${resource}` };
  }
  return undefined;
}

export const namespaceCheck: Check = {
  id: 'namespace',
  title: { zh: '命名空间的删除', en: 'Termination of the namespace' },
  needs: ['APIService', 'Pod'],
  looked: (space) => [
    field(space, 'status.phase'),
    ...conditionsOf(space).map(({ type, status, path }) => field(space, path, `${type}=${status}`)),
  ],
  run(space, world) {
    if (space.metadata.deletionTimestamp === undefined && space.status?.phase !== 'Terminating') return [];
    const wrong = conditionsOf(space).filter(
      ({ type, status }) =>
        status === 'True' &&
        /DiscoveryFailure|GroupVersionParsingFailure|DeletionContentFailure|ContentRemaining|FinalizersRemaining/.test(
          type,
        ),
    );
    const discovery = wrong.find(({ type }) => /DiscoveryFailure/.test(type));
    const down = world.all('APIService').find((service) => condition(service, 'Available')?.status === 'False');
    if (discovery !== undefined || (down !== undefined && wrong.length === 0))
      return [
        hit('NS-API', space, {
          params: { service: down?.metadata.name ?? discovery?.message ?? '?' },
          evidence: [
            ...(discovery === undefined ? [] : [field(space, discovery.path, discovery.message, discovery.since)]),
            ...(down === undefined ? [] : [field(down, 'status.conditions', condition(down, 'Available')?.message)]),
          ],
          commands: ['kubectl get apiservices', ...(down === undefined ? [] : [kubectl('describe', down)])],
        }),
      ];
    const [first] = wrong.filter(({ type }) => /Finalizers/.test(type)).concat(wrong);
    if (first === undefined) return heldByPods(space, world);
    return [
      hit('NS-CONTENT', space, {
        params: { reason: first.message },
        evidence: wrong.map((one) => field(space, one.path, `${one.type}: ${one.message}`, one.since)),
        commands: [
          `kubectl api-resources --verbs=list --namespaced -o name | xargs -n 1 kubectl get -n ${sh(space.metadata.name ?? '')} --ignore-not-found`,
        ],
      }),
    ];
  },
};

/** Since 1.33 pods go before all else, and as long as one is left the conditions of the namespace say nothing of it. */
function heldByPods(space: KubeObject, world: World): Hit[] {
  const held = world
    .all('Pod')
    .filter(({ metadata }) => metadata.namespace === space.metadata.name && (metadata.finalizers ?? []).length > 0);
  if (held.length === 0) return [];
  const reason = held.map(({ metadata }) => `Pod/${metadata.name}: ${metadata.finalizers?.join(', ')}`).join('; ');
  return [
    hit('NS-CONTENT', space, {
      params: { reason },
      evidence: held.map((pod) => field(pod, 'metadata.finalizers', pod.metadata.finalizers?.join(', '))),
      commands: held.map((pod) => kubectl('describe', pod)),
    }),
  ];
}

/** Of a claim: who uses it and does not start for it. */
export const claimUsersCheck: Check = {
  id: 'claim-users',
  title: { zh: '使用它的 Pod', en: 'Pods that use it' },
  needs: ['Pod'],
  looked: (claim, world) => usersOf(claim, world).map((pod) => field(pod, 'status.phase')),
  run: (claim, world) =>
    claim.status?.phase === 'Bound'
      ? usersOf(claim, world).flatMap((pod) =>
          podHits(pod, world).filter(({ cause }) => /^P-(ATTACH|MOUNT|VOL)/.test(cause)),
        )
      : [],
};

function usersOf(claim: KubeObject, world: World): KubeObject[] {
  return world
    .within('Pod', claim.metadata.namespace ?? '')
    .filter((pod) =>
      (pod.spec?.volumes ?? []).some((one: Json) => one?.persistentVolumeClaim?.claimName === claim.metadata.name),
    )
    .slice(0, 10);
}
