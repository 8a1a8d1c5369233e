/** What kube-state-metrics says about objects, as samples without time. Pure. Source: kube-state-metrics documentation, "Exposed Metrics". */

import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { controllerOf, nameOf, namespaceOf, parseTime, uidOf } from '../sim/objects.ts';
import type { Labels } from './types.ts';

export type State = readonly [metric: string, labels: Labels, value: number];
type StateReader = (object: KubeObject) => State[];

const flag = (on: boolean): number => (on ? 1 : 0);
const seconds = (time: unknown): number => Math.floor(parseTime(time) / 1000);

function created(metric: string, labels: Labels, object: KubeObject): State[] {
  return [[metric, labels, seconds(object.metadata.creationTimestamp)]];
}

/** A metric per listed status field; absent fields are zero. */
function counts(prefix: string, labels: Labels, source: Json, fields: Readonly<Record<string, string>>): State[] {
  return Object.entries(fields).map(([metric, field]) => [`${prefix}_${metric}`, labels, Number(source?.[field] ?? 0)]);
}

/** One series per condition and status, as kube-state-metrics spells statuses. */
function conditions(metric: string, labels: Labels, object: KubeObject): State[] {
  return (object.status?.conditions ?? []).flatMap((condition: Json) =>
    ['true', 'false', 'unknown'].map(
      (status): State => [
        metric,
        { ...labels, condition: condition.type, status },
        flag(String(condition.status).toLowerCase() === status),
      ],
    ),
  );
}

function quantities(metric: string, labels: Labels, amounts: Json): State[] {
  return Object.entries(amounts ?? {}).map(([resource, amount]) => [
    metric,
    { ...labels, resource: resource.replace(/[^a-zA-Z0-9]/g, '_'), unit: unitOf(resource) },
    parseQuantity(amount),
  ]);
}

function unitOf(resource: string): string {
  if (resource === 'cpu') return 'core';
  return /memory|storage|hugepages/.test(resource) ? 'byte' : 'integer';
}

const PHASES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'];

function podStates(pod: KubeObject): State[] {
  const labels = { namespace: namespaceOf(pod), pod: nameOf(pod), uid: uidOf(pod) };
  const owner = controllerOf(pod);
  const out: State[] = [
    [
      'kube_pod_info',
      {
        ...labels,
        host_ip: pod.status?.hostIP ?? '',
        pod_ip: pod.status?.podIP ?? '',
        node: pod.spec?.nodeName ?? '',
        created_by_kind: owner?.kind ?? '',
        created_by_name: owner?.name ?? '',
        priority_class: pod.spec?.priorityClassName ?? '',
        host_network: String(pod.spec?.hostNetwork === true),
      },
      1,
    ],
    [
      'kube_pod_owner',
      {
        ...labels,
        owner_kind: owner?.kind ?? '',
        owner_name: owner?.name ?? '',
        owner_is_controller: owner ? 'true' : '',
      },
      1,
    ],
    ...created('kube_pod_created', labels, pod),
    ...PHASES.map((phase): State => ['kube_pod_status_phase', { ...labels, phase }, flag(pod.status?.phase === phase)]),
  ];
  if (pod.status?.startTime !== undefined) out.push(['kube_pod_start_time', labels, seconds(pod.status.startTime)]);
  for (const [type, metric] of [
    ['Ready', 'kube_pod_status_ready'],
    ['PodScheduled', 'kube_pod_status_scheduled'],
  ]) {
    const condition = (pod.status?.conditions ?? []).find((one: Json) => one.type === type);
    if (condition === undefined || metric === undefined) continue;
    for (const status of ['true', 'false', 'unknown'])
      out.push([metric, { ...labels, condition: status }, flag(String(condition.status).toLowerCase() === status)]);
  }
  for (const container of pod.spec?.containers ?? []) {
    const of = { ...labels, container: container.name, node: pod.spec?.nodeName ?? '' };
    out.push(...quantities('kube_pod_container_resource_requests', of, container.resources?.requests));
    out.push(...quantities('kube_pod_container_resource_limits', of, container.resources?.limits));
  }
  for (const status of pod.status?.containerStatuses ?? []) out.push(...containerStates(labels, status));
  return out;
}

function containerStates(pod: Labels, status: Json): State[] {
  const labels = { ...pod, container: status.name };
  const out: State[] = [
    [
      'kube_pod_container_info',
      { ...labels, image: status.image ?? '', image_id: status.imageID ?? '', container_id: status.containerID ?? '' },
      1,
    ],
    ['kube_pod_container_status_ready', labels, flag(status.ready === true)],
    ['kube_pod_container_status_running', labels, flag(status.state?.running !== undefined)],
    ['kube_pod_container_status_waiting', labels, flag(status.state?.waiting !== undefined)],
    ['kube_pod_container_status_terminated', labels, flag(status.state?.terminated !== undefined)],
    ['kube_pod_container_status_restarts_total', labels, status.restartCount ?? 0],
  ];
  const reasons: [string, string | undefined][] = [
    ['waiting_reason', status.state?.waiting?.reason],
    ['terminated_reason', status.state?.terminated?.reason],
    ['last_terminated_reason', status.lastState?.terminated?.reason],
  ];
  for (const [metric, reason] of reasons)
    if (reason !== undefined) out.push([`kube_pod_container_status_${metric}`, { ...labels, reason }, 1]);
  return out;
}

function deploymentStates(deployment: KubeObject): State[] {
  const labels = { namespace: namespaceOf(deployment), deployment: nameOf(deployment) };
  return [
    ...created('kube_deployment_created', labels, deployment),
    ...counts('kube_deployment_status', labels, deployment.status, {
      replicas: 'replicas',
      replicas_ready: 'readyReplicas',
      replicas_available: 'availableReplicas',
      replicas_unavailable: 'unavailableReplicas',
      replicas_updated: 'updatedReplicas',
      observed_generation: 'observedGeneration',
    }),
    ['kube_deployment_spec_replicas', labels, deployment.spec?.replicas ?? 1],
    ['kube_deployment_spec_paused', labels, flag(deployment.spec?.paused === true)],
    ['kube_deployment_metadata_generation', labels, deployment.metadata.generation ?? 0],
    ...conditions('kube_deployment_status_condition', labels, deployment),
  ];
}

function replicaSetStates(set: KubeObject): State[] {
  const labels = { namespace: namespaceOf(set), replicaset: nameOf(set) };
  const owner = controllerOf(set);
  return [
    [
      'kube_replicaset_owner',
      {
        ...labels,
        owner_kind: owner?.kind ?? '',
        owner_name: owner?.name ?? '',
        owner_is_controller: owner ? 'true' : '',
      },
      1,
    ],
    ['kube_replicaset_spec_replicas', labels, set.spec?.replicas ?? 1],
    ...counts('kube_replicaset_status', labels, set.status, {
      replicas: 'replicas',
      ready_replicas: 'readyReplicas',
      observed_generation: 'observedGeneration',
    }),
  ];
}

function statefulSetStates(set: KubeObject): State[] {
  const labels = { namespace: namespaceOf(set), statefulset: nameOf(set) };
  return [
    ...created('kube_statefulset_created', labels, set),
    ['kube_statefulset_replicas', labels, set.spec?.replicas ?? 1],
    ['kube_statefulset_metadata_generation', labels, set.metadata.generation ?? 0],
    ...counts('kube_statefulset_status', labels, set.status, {
      replicas: 'replicas',
      replicas_ready: 'readyReplicas',
      replicas_available: 'availableReplicas',
      replicas_current: 'currentReplicas',
      replicas_updated: 'updatedReplicas',
      observed_generation: 'observedGeneration',
    }),
  ];
}

function daemonSetStates(set: KubeObject): State[] {
  const labels = { namespace: namespaceOf(set), daemonset: nameOf(set) };
  return [
    ...created('kube_daemonset_created', labels, set),
    ...counts('kube_daemonset_status', labels, set.status, {
      current_number_scheduled: 'currentNumberScheduled',
      desired_number_scheduled: 'desiredNumberScheduled',
      number_available: 'numberAvailable',
      number_misscheduled: 'numberMisscheduled',
      number_ready: 'numberReady',
      number_unavailable: 'numberUnavailable',
      updated_number_scheduled: 'updatedNumberScheduled',
    }),
  ];
}

function jobStates(job: KubeObject): State[] {
  const labels = { namespace: namespaceOf(job), job_name: nameOf(job) };
  const ended = (type: string) =>
    (job.status?.conditions ?? []).some((one: Json) => one.type === type && one.status === 'True');
  return [
    ...created('kube_job_created', labels, job),
    ...counts('kube_job_status', labels, job.status, { active: 'active', succeeded: 'succeeded', failed: 'failed' }),
    ...(ended('Complete') ? [['kube_job_complete', { ...labels, condition: 'true' }, 1] as const] : []),
    ...(ended('Failed') ? [['kube_job_failed', { ...labels, condition: 'true' }, 1] as const] : []),
  ];
}

function cronJobStates(job: KubeObject): State[] {
  const labels = { namespace: namespaceOf(job), cronjob: nameOf(job) };
  const last = seconds(job.status?.lastScheduleTime);
  return [
    ...created('kube_cronjob_created', labels, job),
    ['kube_cronjob_spec_suspend', labels, flag(job.spec?.suspend === true)],
    ['kube_cronjob_status_active', labels, (job.status?.active ?? []).length],
    ...(Number.isNaN(last) ? [] : [['kube_cronjob_status_last_schedule_time', labels, last] as const]),
  ];
}

function nodeStates(node: KubeObject): State[] {
  const labels = { node: nameOf(node) };
  const info = node.status?.nodeInfo ?? {};
  const address = (node.status?.addresses ?? []).find((one: Json) => one.type === 'InternalIP')?.address ?? '';
  const roles = Object.keys(node.metadata.labels ?? {}).flatMap((label) =>
    label.startsWith('node-role.kubernetes.io/') ? [label.slice('node-role.kubernetes.io/'.length)] : [],
  );
  return [
    [
      'kube_node_info',
      {
        ...labels,
        kernel_version: info.kernelVersion ?? '',
        os_image: info.osImage ?? '',
        container_runtime_version: info.containerRuntimeVersion ?? '',
        kubelet_version: info.kubeletVersion ?? '',
        provider_id: node.spec?.providerID ?? '',
        pod_cidr: node.spec?.podCIDR ?? '',
        internal_ip: address,
      },
      1,
    ],
    ...created('kube_node_created', labels, node),
    ['up', { ...labels, job: 'kubelet', instance: `${address}:10250` }, flag(isReadyNode(node))],
    ['up', { ...labels, job: 'node-exporter', instance: `${address}:9100` }, flag(isReadyNode(node))],
    ['kube_node_spec_unschedulable', labels, flag(node.spec?.unschedulable === true)],
    ...(node.spec?.taints ?? []).map(
      (taint: Json): State => [
        'kube_node_spec_taint',
        { ...labels, key: taint.key, value: taint.value ?? '', effect: taint.effect },
        1,
      ],
    ),
    ...roles.map((role): State => ['kube_node_role', { ...labels, role }, 1]),
    ...conditions('kube_node_status_condition', labels, node),
    ...quantities('kube_node_status_capacity', labels, node.status?.capacity),
    ...quantities('kube_node_status_allocatable', labels, node.status?.allocatable),
  ];
}

function isReadyNode(node: KubeObject): boolean {
  return (node.status?.conditions ?? []).some((one: Json) => one.type === 'Ready' && one.status === 'True');
}

function claimStates(claim: KubeObject): State[] {
  const labels = { namespace: namespaceOf(claim), persistentvolumeclaim: nameOf(claim) };
  return [
    [
      'kube_persistentvolumeclaim_info',
      { ...labels, storageclass: claim.spec?.storageClassName ?? '', volumename: claim.spec?.volumeName ?? '' },
      1,
    ],
    [
      'kube_persistentvolumeclaim_resource_requests_storage_bytes',
      labels,
      parseQuantity(claim.spec?.resources?.requests?.storage),
    ],
    ...['Bound', 'Pending', 'Lost'].map(
      (phase): State => [
        'kube_persistentvolumeclaim_status_phase',
        { ...labels, phase },
        flag(claim.status?.phase === phase),
      ],
    ),
  ];
}

function serviceStates(service: KubeObject): State[] {
  const labels = { namespace: namespaceOf(service), service: nameOf(service), uid: uidOf(service) };
  return [
    ['kube_service_info', { ...labels, cluster_ip: service.spec?.clusterIP ?? '' }, 1],
    ['kube_service_spec_type', { ...labels, type: service.spec?.type ?? 'ClusterIP' }, 1],
  ];
}

function autoscalerStates(autoscaler: KubeObject): State[] {
  const labels = { namespace: namespaceOf(autoscaler), horizontalpodautoscaler: nameOf(autoscaler) };
  const prefix = 'kube_horizontalpodautoscaler';
  return [
    [`${prefix}_spec_min_replicas`, labels, autoscaler.spec?.minReplicas ?? 1],
    [`${prefix}_spec_max_replicas`, labels, autoscaler.spec?.maxReplicas ?? 0],
    [`${prefix}_status_current_replicas`, labels, autoscaler.status?.currentReplicas ?? 0],
    [`${prefix}_status_desired_replicas`, labels, autoscaler.status?.desiredReplicas ?? 0],
    ...conditions(`${prefix}_status_condition`, labels, autoscaler),
  ];
}

/** By the name of the cache that holds the kind. */
export const STATE_READERS = {
  pods: podStates,
  nodes: nodeStates,
  deployments: deploymentStates,
  replicaSets: replicaSetStates,
  statefulSets: statefulSetStates,
  daemonSets: daemonSetStates,
  jobs: jobStates,
  cronJobs: cronJobStates,
  services: serviceStates,
  volumeClaims: claimStates,
  autoscalers: autoscalerStates,
} satisfies Record<string, StateReader>;

export type StateKind = keyof typeof STATE_READERS;
