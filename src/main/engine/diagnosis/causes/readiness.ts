/** Pods that run and are not ready, or are to go and stay. Sources: kubelet's prober, readiness gates (KEP-580). */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, event, field, hit, kubectl, patchOf, seconds } from '../hits.ts';
import {
  ageOf,
  type ContainerFact,
  condition,
  conditionsOf,
  containersOf,
  isOver,
  WORKLOAD_RESOURCE,
  workloadOf,
} from '../pods.ts';
import type { Cause, Check, Evidence, Hit } from '../types.ts';
import type { World } from '../world.ts';
import { nodeReadiness } from './node-readiness.ts';

export const READINESS_CAUSES: readonly Cause[] = [
  {
    id: 'P-READY-PORT',
    rank: 38,
    zh: {
      says: '容器 {container} 的就绪探针访问端口 {port}，而容器声明的端口是 {ports}：{reason}',
      remedy: '把 readinessProbe 的端口改为应用实际监听的端口。',
    },
    en: {
      says: 'The readiness probe of container {container} asks port {port}, and the container’s ports are {ports}: {reason}',
      remedy: 'Point readinessProbe to the port the application listens on.',
    },
  },
  {
    id: 'P-READY',
    rank: 35,
    zh: {
      says: '容器 {container} 的就绪探针失败：{reason}',
      remedy: '确认应用已监听探针的端口与路径（不只是 127.0.0.1），依赖已就绪；必要时放宽阈值。',
    },
    en: {
      says: 'The readiness probe of container {container} fails: {reason}',
      remedy:
        'The application has to listen on the probe’s port and path (not on 127.0.0.1 alone) and its dependencies have to be there; loosen the thresholds if need be.',
    },
  },
  {
    id: 'P-GATEX',
    rank: 36,
    zh: {
      says: '就绪门控 {gates} 未满足',
      remedy: '检查负责该条件的控制器（通常是负载均衡控制器）是否在运行、健康检查是否通过。',
    },
    en: {
      says: 'Readiness gates are not met: {gates}',
      remedy:
        'Check that the controller that sets the condition runs (most often that of a load balancer) and that its health check passes.',
    },
  },
  {
    id: 'P-TERM',
    rank: 71,
    zh: {
      says: '已请求删除 {seconds} 秒仍未消失：{reason}',
      remedy: '有 finalizer：先修复负责它的控制器，确认安全后再移除；节点失联：隔离节点后强制删除。',
    },
    en: {
      says: 'Deletion was asked for {seconds} s ago and it is still there: {reason}',
      remedy:
        'Finalizers: repair the controller that has to remove them; remove them by hand only when that is safe. Node out of contact: fence it, then force the deletion.',
    },
  },
  {
    id: 'P-UNKNOWN',
    rank: 34,
    zh: { says: '节点 {node} 失联，Pod 的真实状态未知', remedy: '先修复节点。' },
    en: { says: 'Node {node} is out of contact, so nobody knows how the pod is', remedy: 'Repair the node first.' },
  },
  {
    id: 'P-NOTREADY',
    rank: 10,
    zh: { says: '容器 {container} 未就绪，没有留下原因', remedy: '查看容器日志；事件可能已过期。' },
    en: {
      says: 'Container {container} is not ready, and nothing says why',
      remedy: 'Read the container’s log; the events may have expired.',
    },
  },
];

const GRACE_SECONDS = 60;
const YOUNG_SECONDS = 40;

export const readinessCheck: Check = {
  id: 'readiness',
  title: { zh: '就绪与探针', en: 'Readiness and probes' },
  needs: ['Event'],
  looked(pod) {
    const ready = condition(pod, 'Ready');
    return ready === undefined ? [] : [field(pod, ready.path, `Ready=${ready.status}`, ready.since)];
  },
  run(pod, world) {
    const ready = condition(pod, 'Ready');
    if (isOver(pod) || ready?.status === 'True' || pod.metadata.deletionTimestamp !== undefined) return [];
    const hits: Hit[] = [];
    const node = world.get('Node', '', String(pod.spec?.nodeName ?? ''));
    const down = node === undefined ? [] : nodeReadiness(node, world).filter(({ cause }) => cause === 'N-DOWN');
    if (down.length > 0 || pod.status?.reason === 'NodeLost' || pod.status?.phase === 'Unknown')
      hits.push(
        hit('P-UNKNOWN', pod, {
          params: { node: pod.spec?.nodeName ?? '' },
          evidence: [
            field(pod, 'spec.nodeName'),
            ...(ready === undefined ? [] : [field(pod, ready.path, `Ready=${ready.status}`, ready.since)]),
          ],
          because: down,
        }),
      );
    for (const container of containersOf(pod))
      if (container.running !== null && !container.ready && container.role !== 'init')
        hits.push(...probe(pod, container, world));
    const unmet = (pod.spec?.readinessGates ?? [])
      .map((gate: Json) => String(gate?.conditionType))
      .filter((type: string) => condition(pod, type)?.status !== 'True');
    if (
      unmet.length > 0 &&
      condition(pod, 'ContainersReady')?.status === 'True' &&
      ageOf(pod, world.now) > YOUNG_SECONDS
    )
      hits.push(
        hit('P-GATEX', pod, {
          params: { gates: unmet.join(', ') },
          evidence: [
            field(pod, 'spec.readinessGates'),
            field(
              pod,
              'status.conditions',
              conditionsOf(pod)
                .map(({ type, status }) => `${type}=${status}`)
                .join(', '),
            ),
          ],
          commands: [kubectl('get', pod, '-o', "jsonpath='{.status.conditions}'")],
        }),
      );
    return hits;
  },
};

function probe(pod: KubeObject, container: ContainerFact, world: World): Hit[] {
  const failed = world
    .events(pod)
    .find(
      ({ reason, message, field: place }) =>
        reason === 'Unhealthy' &&
        /^Readiness probe/.test(message) &&
        (place === '' || place.includes(`{${container.name}}`)),
    );
  const settings: Json = container.spec.readinessProbe;
  if (failed === undefined) {
    if (ageOf(pod, world.now) < YOUNG_SECONDS + Number(settings?.initialDelaySeconds ?? 0)) return [];
    if (world.events(pod).some(({ reason, message }) => reason === 'Unhealthy' && !/^Readiness/.test(message)))
      return [];
    return [
      hit('P-NOTREADY', pod, {
        params: { container: container.name },
        confidence: 'low',
        evidence: [field(pod, `${container.statusPath}.ready`, 'false')],
        commands: [kubectl('logs', pod, '-c', container.name)],
      }),
    ];
  }
  const reason = failed.message.replace(/^Readiness probe (failed|errored): ?/, '') || failed.message;
  const evidence: Evidence[] = [
    event(pod, failed),
    field(pod, `${container.path}.readinessProbe`, settings ?? 'absent'),
  ];
  const wrong = wrongPort(container);
  const commands = [
    kubectl('logs', pod, '-c', container.name),
    kubectl('port-forward', pod, `18080:${wrong?.declared[0] ?? portOf(settings) ?? 8080}`),
  ];
  if (wrong === null)
    return [hit('P-READY', pod, { params: { container: container.name, reason }, evidence, commands })];
  evidence.push(field(pod, `${container.path}.ports`, container.spec.ports));
  return [
    hit('P-READY-PORT', pod, {
      params: { container: container.name, reason, port: wrong.asked, ports: wrong.declared.join(', ') },
      // Ports of a container are information only: the application may listen elsewhere.
      confidence: /refused|no such|not found/.test(reason) || wrong.named ? 'high' : 'medium',
      evidence,
      commands,
      patch: portPatch(pod, container, wrong, world),
    }),
  ];
}

function portOf(settings: Json): string | number | undefined {
  return settings?.httpGet?.port ?? settings?.tcpSocket?.port ?? settings?.grpc?.port;
}

function wrongPort(container: ContainerFact): { asked: string; declared: string[]; named: boolean } | null {
  const asked = portOf(container.spec.readinessProbe);
  const ports: Json[] = container.spec.ports ?? [];
  if (asked === undefined || ports.length === 0) return null;
  const fits = ports.some((port) => port?.containerPort === Number(asked) || port?.name === asked);
  return fits
    ? null
    : {
        asked: String(asked),
        declared: ports.map((port) => String(port?.containerPort)),
        named: typeof asked === 'string',
      };
}

/** Offered where there is only one port it can mean, and a workload to write it into. */
function portPatch(
  pod: KubeObject,
  container: ContainerFact,
  wrong: { declared: string[] },
  world: World,
): Hit['patch'] {
  const workload = workloadOf(world, pod);
  const resource = WORKLOAD_RESOURCE[workload.kind];
  const [port] = wrong.declared;
  if (resource === undefined || wrong.declared.length !== 1 || port === undefined) return null;
  const kind = container.spec.readinessProbe?.httpGet === undefined ? 'tcpSocket' : 'httpGet';
  const containers = [{ name: container.name, readinessProbe: { [kind]: { port: Number(port) } } }];
  return patchOf(workload, resource, { spec: { template: { spec: { containers } } } }, 'strategic');
}

export const terminationCheck: Check = {
  id: 'termination',
  title: { zh: '删除', en: 'Deletion' },
  needs: ['Event'],
  looked: (object) => [field(object, 'metadata.deletionTimestamp', object.metadata.deletionTimestamp ?? 'absent')],
  run(object, world) {
    const since = object.metadata.deletionTimestamp;
    if (since === undefined) return [];
    // deletionTimestamp lies the grace period after the request.
    const late = seconds(since, world.now);
    const told = world
      .events(object)
      .find(({ reason }) => /^(FailedKillPod|ExceededGracePeriod|FailedPreStopHook)$/.test(reason));
    if (late < GRACE_SECONDS && told === undefined) return [];
    const node = world.get('Node', '', String(object.spec?.nodeName ?? ''));
    const because = node === undefined ? [] : nodeReadiness(node, world);
    const finalizers = object.metadata.finalizers ?? [];
    const reason =
      finalizers.length > 0
        ? `finalizers ${finalizers.join(', ')}`
        : (told?.message ??
          (because.length > 0
            ? both(`节点 ${object.spec?.nodeName} 不正常`, `node ${object.spec?.nodeName} is not well`)
            : both('没有留下原因', 'nothing says why')));
    return [
      hit('P-TERM', object, {
        params: { seconds: Math.max(0, Math.round(late)), reason },
        evidence: [
          field(object, 'metadata.deletionTimestamp', since, since),
          ...(finalizers.length > 0 ? [field(object, 'metadata.finalizers')] : []),
          ...(told === undefined ? [] : [event(object, told)]),
        ],
        commands:
          finalizers.length > 0
            ? [kubectl('get', object, '-o', "jsonpath='{.metadata.finalizers}'")]
            : [kubectl('delete', object, '--force', '--grace-period=0')],
        because,
      }),
    ];
  },
};
