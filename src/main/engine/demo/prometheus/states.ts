/** What kube-state-metrics says about objects, as samples without time. Pure. Source: kube-state-metrics documentation, "Exposed Metrics". */

import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { rollingLimits } from '../controllers/rollout.ts';
import { controllerOf, nameOf, namespaceOf, uidOf } from '../sim/objects.ts';
import { podStates } from './pod-states.ts';
import {
  conditions,
  counts,
  created,
  flag,
  info,
  ownerLabels,
  quantities,
  type State,
  type StateReader,
  timed,
} from './state.ts';
import type { Labels } from './types.ts';

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
    ...rollingStates(labels, deployment),
    ['kube_deployment_metadata_generation', labels, deployment.metadata.generation ?? 0],
    ...conditions('kube_deployment_status_condition', labels, deployment),
  ];
}

function rollingStates(labels: Labels, { spec }: KubeObject): State[] {
  const rolling = spec?.strategy?.rollingUpdate;
  if (rolling === undefined) return [];
  const prefix = 'kube_deployment_spec_strategy_rollingupdate';
  const limits = rollingLimits(rolling, spec?.replicas ?? 1);
  return [
    [`${prefix}_max_unavailable`, labels, limits.maxUnavailable],
    [`${prefix}_max_surge`, labels, limits.maxSurge],
  ];
}

function replicaSetStates(set: KubeObject): State[] {
  const labels = { namespace: namespaceOf(set), replicaset: nameOf(set) };
  return [
    info('kube_replicaset_owner', { ...labels, ...ownerLabels(controllerOf(set)) }),
    ...created('kube_replicaset_created', labels, set),
    ['kube_replicaset_metadata_generation', labels, set.metadata.generation ?? 0],
    ['kube_replicaset_spec_replicas', labels, set.spec?.replicas ?? 1],
    ...counts('kube_replicaset_status', labels, set.status, {
      replicas: 'replicas',
      ready_replicas: 'readyReplicas',
      fully_labeled_replicas: 'fullyLabeledReplicas',
      observed_generation: 'observedGeneration',
    }),
  ];
}

function statefulSetStates(set: KubeObject): State[] {
  const labels = { namespace: namespaceOf(set), statefulset: nameOf(set) };
  return [
    ...created('kube_statefulset_created', labels, set),
    ...['current', 'update'].map((which): State => {
      const revision: string = set.status?.[`${which}Revision`] ?? '';
      return info(`kube_statefulset_status_${which}_revision`, { ...labels, revision });
    }),
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
    ['kube_daemonset_metadata_generation', labels, set.metadata.generation ?? 0],
    ...counts('kube_daemonset_status', labels, set.status, {
      observed_generation: 'observedGeneration',
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
  const { completions, parallelism, activeDeadlineSeconds } = job.spec ?? {};
  const wished: [string, unknown][] = [
    ['completions', completions],
    ['parallelism', parallelism],
    ['active_deadline_seconds', activeDeadlineSeconds],
  ];
  return [
    info('kube_job_info', labels),
    info('kube_job_owner', { ...labels, ...ownerLabels(controllerOf(job)) }),
    ...wished.flatMap(([field, value]): State[] =>
      value === undefined ? [] : [[`kube_job_spec_${field}`, labels, Number(value)]],
    ),
    ...timed('kube_job_status_start_time', labels, job.status?.startTime),
    ...timed('kube_job_status_completion_time', labels, job.status?.completionTime),
    ...created('kube_job_created', labels, job),
    ...counts('kube_job_status', labels, job.status, { active: 'active', succeeded: 'succeeded', failed: 'failed' }),
    ...(ended('Complete') ? [['kube_job_complete', { ...labels, condition: 'true' }, 1] as const] : []),
    ...(ended('Failed') ? [['kube_job_failed', { ...labels, condition: 'true' }, 1] as const] : []),
  ];
}

function cronJobStates(job: KubeObject): State[] {
  const labels = { namespace: namespaceOf(job), cronjob: nameOf(job) };
  return [
    info('kube_cronjob_info', {
      ...labels,
      schedule: job.spec?.schedule ?? '',
      concurrency_policy: job.spec?.concurrencyPolicy ?? 'Allow',
      timezone: job.spec?.timeZone ?? 'local',
    }),
    ...created('kube_cronjob_created', labels, job),
    ['kube_cronjob_spec_suspend', labels, flag(job.spec?.suspend === true)],
    ['kube_cronjob_status_active', labels, (job.status?.active ?? []).length],
    ...timed('kube_cronjob_status_last_schedule_time', labels, job.status?.lastScheduleTime),
    ...timed('kube_cronjob_status_last_successful_time', labels, job.status?.lastSuccessfulTime),
  ];
}

function nodeStates(node: KubeObject): State[] {
  const labels = { node: nameOf(node) };
  const about = node.status?.nodeInfo ?? {};
  const address = (node.status?.addresses ?? []).find((one: Json) => one.type === 'InternalIP')?.address ?? '';
  const roles = Object.keys(node.metadata.labels ?? {}).flatMap((label) =>
    label.startsWith('node-role.kubernetes.io/') ? [label.slice('node-role.kubernetes.io/'.length)] : [],
  );
  return [
    [
      'kube_node_info',
      {
        ...labels,
        kernel_version: about.kernelVersion ?? '',
        os_image: about.osImage ?? '',
        container_runtime_version: about.containerRuntimeVersion ?? '',
        kubelet_version: about.kubeletVersion ?? '',
        system_uuid: about.systemUUID ?? '',
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
    ...((node.status?.addresses ?? []) as Json[]).map(({ type, address: one }) =>
      info('kube_node_status_addresses', { ...labels, type, address: one }),
    ),
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
    info('kube_persistentvolumeclaim_info', {
      ...labels,
      storageclass: claim.spec?.storageClassName ?? '',
      volumename: claim.spec?.volumeName ?? '',
      volumemode: claim.spec?.volumeMode ?? 'Filesystem',
    }),
    ...created('kube_persistentvolumeclaim_created', labels, claim),
    ...((claim.spec?.accessModes ?? []) as string[]).map((mode) =>
      info('kube_persistentvolumeclaim_access_mode', { ...labels, access_mode: mode }),
    ),
    ...conditions('kube_persistentvolumeclaim_status_condition', labels, claim),
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

function volumeStates(volume: KubeObject): State[] {
  const labels = { persistentvolume: nameOf(volume) };
  const { claimRef: claim, csi, storageClassName, capacity } = volume.spec ?? {};
  return [
    info('kube_persistentvolume_info', {
      ...labels,
      storageclass: storageClassName ?? '',
      csi_driver: csi?.driver ?? '',
      csi_volume_handle: csi?.volumeHandle ?? '',
      reclaim_policy: volume.spec?.persistentVolumeReclaimPolicy ?? '',
      volume_mode: volume.spec?.volumeMode ?? 'Filesystem',
      host_path: volume.spec?.hostPath?.path ?? '',
      local_path: volume.spec?.local?.path ?? '',
    }),
    ...created('kube_persistentvolume_created', labels, volume),
    ['kube_persistentvolume_capacity_bytes', labels, parseQuantity(capacity?.storage)],
    ...(claim === undefined
      ? []
      : [info('kube_persistentvolume_claim_ref', { ...labels, name: claim.name, claim_namespace: claim.namespace })]),
    ...['Pending', 'Available', 'Bound', 'Released', 'Failed'].map(
      (phase): State => [
        'kube_persistentvolume_status_phase',
        { ...labels, phase },
        flag(volume.status?.phase === phase),
      ],
    ),
  ];
}

function namespaceStates(namespace: KubeObject): State[] {
  const labels = { namespace: nameOf(namespace) };
  return [
    ...created('kube_namespace_created', labels, namespace),
    ...['Active', 'Terminating'].map(
      (phase): State => ['kube_namespace_status_phase', { ...labels, phase }, flag(namespace.status?.phase === phase)],
    ),
  ];
}

function storageClassStates(storageClass: KubeObject): State[] {
  const labels = { storageclass: nameOf(storageClass) };
  return [
    info('kube_storageclass_info', {
      ...labels,
      provisioner: String(storageClass.provisioner ?? ''),
      reclaim_policy: String(storageClass.reclaimPolicy ?? 'Delete'),
      volume_binding_mode: String(storageClass.volumeBindingMode ?? 'Immediate'),
    }),
    ...created('kube_storageclass_created', labels, storageClass),
  ];
}

function budgetStates(budget: KubeObject): State[] {
  const labels = { namespace: namespaceOf(budget), poddisruptionbudget: nameOf(budget) };
  return [
    ...created('kube_poddisruptionbudget_created', labels, budget),
    ...counts('kube_poddisruptionbudget_status', labels, budget.status, {
      current_healthy: 'currentHealthy',
      desired_healthy: 'desiredHealthy',
      pod_disruptions_allowed: 'disruptionsAllowed',
      expected_pods: 'expectedPods',
      observed_generation: 'observedGeneration',
    }),
  ];
}

function serviceStates(service: KubeObject): State[] {
  const labels = { namespace: namespaceOf(service), service: nameOf(service), uid: uidOf(service) };
  return [
    info('kube_service_info', {
      ...labels,
      cluster_ip: service.spec?.clusterIP ?? '',
      external_name: service.spec?.externalName ?? '',
      load_balancer_ip: service.spec?.loadBalancerIP ?? '',
    }),
    ...created('kube_service_created', labels, service),
    ...((service.status?.loadBalancer?.ingress ?? []) as Json[]).map(({ ip = '', hostname = '' }) =>
      info('kube_service_status_load_balancer_ingress', { ...labels, ip, hostname }),
    ),
    ['kube_service_spec_type', { ...labels, type: service.spec?.type ?? 'ClusterIP' }, 1],
  ];
}

function autoscalerStates(autoscaler: KubeObject): State[] {
  const labels = { namespace: namespaceOf(autoscaler), horizontalpodautoscaler: nameOf(autoscaler) };
  const prefix = 'kube_horizontalpodautoscaler';
  const target = autoscaler.spec?.scaleTargetRef ?? {};
  return [
    info(`${prefix}_info`, {
      ...labels,
      scaletargetref_api_version: target.apiVersion ?? '',
      scaletargetref_kind: target.kind ?? '',
      scaletargetref_name: target.name ?? '',
    }),
    [`${prefix}_metadata_generation`, labels, autoscaler.metadata.generation ?? 0],
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
  volumes: volumeStates,
  namespaces: namespaceStates,
  storageClasses: storageClassStates,
  disruptionBudgets: budgetStates,
  autoscalers: autoscalerStates,
} satisfies Record<string, StateReader>;

export type StateKind = keyof typeof STATE_READERS;
