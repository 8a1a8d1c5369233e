/** What kube-state-metrics says about pods and their containers. Pure. Source: its documentation, "Pod Metrics". */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { controllerOf, nameOf, namespaceOf, uidOf } from '../sim/objects.ts';
import { created, flag, info, ownerLabels, quantities, type State, timed } from './state.ts';
import type { Labels } from './types.ts';

const PHASES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'];
const REASONS = ['Evicted', 'NodeAffinity', 'NodeLost', 'Shutdown', 'UnexpectedAdmissionError'];
const QOS_CLASSES = ['BestEffort', 'Burstable', 'Guaranteed'];

export function podStates(pod: KubeObject): State[] {
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
    info('kube_pod_owner', { ...labels, ...ownerLabels(owner) }),
    info('kube_pod_restart_policy', { ...labels, type: pod.spec?.restartPolicy ?? 'Always' }),
    ...REASONS.map(
      (reason): State => ['kube_pod_status_reason', { ...labels, reason }, flag(pod.status?.reason === reason)],
    ),
    ...QOS_CLASSES.map(
      (qos): State => ['kube_pod_status_qos_class', { ...labels, qos_class: qos }, flag(pod.status?.qosClass === qos)],
    ),
    ...((pod.status?.podIPs ?? []) as Json[]).map(({ ip }) =>
      info('kube_pod_ips', { ...labels, ip, ip_family: String(ip).includes(':') ? '6' : '4' }),
    ),
    ...((pod.spec?.volumes ?? []) as Json[]).flatMap(({ name, persistentVolumeClaim: claim }) =>
      claim === undefined
        ? []
        : [
            info('kube_pod_spec_volumes_persistentvolumeclaims_info', {
              ...labels,
              volume: name,
              persistentvolumeclaim: claim.claimName,
            }),
          ],
    ),
    ...created('kube_pod_created', labels, pod),
    ...PHASES.map((phase): State => ['kube_pod_status_phase', { ...labels, phase }, flag(pod.status?.phase === phase)]),
  ];
  out.push(...timed('kube_pod_start_time', labels, pod.status?.startTime));
  out.push(...timed('kube_pod_deletion_timestamp', labels, pod.metadata.deletionTimestamp));
  out.push(...timed('kube_pod_completion_time', labels, completedAt(pod)));
  for (const [type, metric] of [
    ['Ready', 'kube_pod_status_ready'],
    ['PodScheduled', 'kube_pod_status_scheduled'],
  ]) {
    const condition = (pod.status?.conditions ?? []).find((one: Json) => one.type === type);
    if (condition === undefined || metric === undefined) continue;
    if (condition.status === 'True') out.push(...timed(`${metric}_time`, labels, condition.lastTransitionTime));
    if (condition.reason === 'Unschedulable') out.push(['kube_pod_status_unschedulable', labels, 1]);
    for (const status of ['true', 'false', 'unknown'])
      out.push([metric, { ...labels, condition: status }, flag(String(condition.status).toLowerCase() === status)]);
  }
  for (const container of pod.spec?.containers ?? []) {
    const of = { ...labels, container: container.name, node: pod.spec?.nodeName ?? '' };
    out.push(...quantities('kube_pod_container_resource_requests', of, container.resources?.requests));
    out.push(...quantities('kube_pod_container_resource_limits', of, container.resources?.limits));
  }
  for (const container of pod.spec?.initContainers ?? []) {
    const of = { ...labels, container: container.name, node: pod.spec?.nodeName ?? '' };
    out.push(...quantities('kube_pod_init_container_resource_requests', of, container.resources?.requests));
    out.push(...quantities('kube_pod_init_container_resource_limits', of, container.resources?.limits));
  }
  const specs: Json[] = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  for (const [list, prefix] of [
    ['containerStatuses', 'kube_pod_container'],
    ['initContainerStatuses', 'kube_pod_init_container'],
  ] as const)
    for (const status of pod.status?.[list] ?? []) {
      const image: string = specs.find(({ name }) => name === status.name)?.image ?? '';
      out.push(...containerStates(prefix, { ...labels, container: status.name }, status, image));
    }
  return out;
}

/** When the last container of a pod that has ended ended. */
function completedAt({ status }: KubeObject): string | undefined {
  if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') return undefined;
  const ends: string[] = ((status?.containerStatuses ?? []) as Json[]).flatMap(({ state }) =>
    state?.terminated?.finishedAt === undefined ? [] : [state.terminated.finishedAt],
  );
  return ends.sort().at(-1);
}

/** `prefix`: of containers, or of init containers. */
function containerStates(prefix: string, labels: Labels, status: Json, image: string): State[] {
  const { running, waiting, terminated } = status.state ?? {};
  const last = status.lastState?.terminated;
  const reasons: [string, string | undefined][] = [
    ['waiting_reason', waiting?.reason],
    ['terminated_reason', terminated?.reason],
    ['last_terminated_reason', last?.reason],
  ];
  const named: Labels = {
    ...labels,
    image: status.image ?? '',
    image_spec: image,
    image_id: status.imageID ?? '',
    container_id: status.containerID ?? '',
  };
  return [
    info(`${prefix}_info`, named),
    [`${prefix}_status_ready`, labels, flag(status.ready === true)],
    [`${prefix}_status_running`, labels, flag(running !== undefined)],
    [`${prefix}_status_waiting`, labels, flag(waiting !== undefined)],
    [`${prefix}_status_terminated`, labels, flag(terminated !== undefined)],
    [`${prefix}_status_restarts_total`, labels, status.restartCount ?? 0],
    ...timed(`${prefix}_state_started`, labels, running?.startedAt ?? terminated?.startedAt),
    ...(last === undefined ? [] : [[`${prefix}_status_last_terminated_exitcode`, labels, last.exitCode] as const]),
    ...timed(`${prefix}_status_last_terminated_timestamp`, labels, last?.finishedAt),
    ...reasons.flatMap(([metric, reason]) =>
      reason === undefined ? [] : [info(`${prefix}_status_${metric}`, { ...labels, reason })],
    ),
  ];
}
