/** Between the node and the first instruction: sandbox, network, references, command, hooks, kubelet's own refusal. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { event, field, hit, kubectl, sh } from '../hits.ts';
import { ageOf, type ContainerFact, conditionsOf, containersOf, workloadOf } from '../pods.ts';
import type { Cause, Check, Hit } from '../types.ts';
import type { EventFact, World } from '../world.ts';
import { nodeReadiness } from './node-readiness.ts';
import { nearest } from './volumes.ts';

export const START_CAUSES: readonly Cause[] = [
  {
    id: 'P-NETNOT',
    rank: 64,
    zh: {
      says: '节点 {node} 的容器网络未就绪（没有 CNI 配置）',
      remedy: '安装或修复 CNI 插件，确认其 DaemonSet 在该节点上运行。',
    },
    en: {
      says: 'The container network of node {node} is not ready (no CNI configuration)',
      remedy: 'Install or repair the CNI plugin; make sure that its DaemonSet runs on this node.',
    },
  },
  {
    id: 'P-SANDBOX',
    rank: 63,
    zh: {
      says: '节点 {node} 无法创建 Pod 沙箱：{reason}',
      remedy:
        'CNI 故障：重启该节点上的 CNI Pod；地址耗尽：扩大 Pod 网段或清理泄漏的地址；pause 镜像：改用可访问的镜像源。',
    },
    en: {
      says: 'Node {node} cannot create the pod’s sandbox: {reason}',
      remedy:
        'CNI down: restart its pod on this node. Addresses used up: enlarge the pod range or free leaked ones. Pause image: take it from a registry the node reaches.',
    },
  },
  {
    id: 'P-CONFIG',
    rank: 56,
    zh: {
      says: '容器 {container} 的配置无法满足：{reason}',
      remedy: '创建缺少的 ConfigMap/Secret 或键，或改正引用；runAsNonRoot 时设置数字 runAsUser。',
    },
    en: {
      says: 'Container {container} is configured with what is not there: {reason}',
      remedy:
        'Create the missing ConfigMap, Secret or key, or correct the reference; for runAsNonRoot set a numeric runAsUser.',
    },
  },
  {
    id: 'P-CREATE',
    rank: 54,
    zh: {
      says: '容器 {container} 无法创建或启动：{reason}',
      remedy: '改正 command/args 与挂载路径；确认镜像架构与节点一致、文件可执行。',
    },
    en: {
      says: 'Container {container} cannot be created or started: {reason}',
      remedy:
        'Correct command, args and mount paths; the image must be for the node’s architecture, the file executable.',
    },
  },
  {
    id: 'P-HOOK',
    rank: 53,
    zh: {
      says: '容器 {container} 的生命周期钩子失败：{reason}',
      remedy: '改正 postStart/preStop 的命令；镜像中必须有该程序。',
    },
    en: {
      says: 'A lifecycle hook of container {container} fails: {reason}',
      remedy: 'Correct the command of postStart or preStop; the image must contain the program.',
    },
  },
  {
    id: 'P-REJECT',
    rank: 69,
    zh: {
      says: '节点 {node} 的 kubelet 拒绝了该 Pod（{why}）：{reason}',
      remedy: '删除该 Pod 让其重新调度；修复设备插件、节点资源统计或节点标签。',
    },
    en: {
      says: 'Kubelet of node {node} refuses the pod ({why}): {reason}',
      remedy: 'Delete the pod so that it is placed anew; mend the device plugin, the node’s resources or its labels.',
    },
  },
  {
    id: 'P-KUBELET',
    rank: 62,
    zh: {
      says: '节点 {node} 的 kubelet 没有处理该 Pod（已分配 {seconds} 秒）',
      remedy: '检查节点上的 kubelet：systemctl status kubelet、journalctl -u kubelet。',
    },
    en: {
      says: 'Kubelet of node {node} does not react to the pod (assigned {seconds} s ago)',
      remedy: 'Look at kubelet on the node: systemctl status kubelet, journalctl -u kubelet.',
    },
  },
];

const REJECTED =
  /^(OutOf\w+|NodeAffinity|NodePorts|NodeName|UnexpectedAdmissionError|TopologyAffinityError|ResourceAllocationFailed|Terminated|NodeShutdown|Shutdown|PodOSNotSupported|PodOSSelectorNodeLabelDoesNotMatch|AppArmor|SysctlForbidden|InvalidNodeInfo|UnsupportedSysctl|SMTAlignmentError)$/;
const SILENT_SECONDS = 120;
const YOUNG_SECONDS = 60;

export const sandboxCheck: Check = {
  id: 'sandbox',
  title: { zh: '沙箱、网络与 kubelet', en: 'Sandbox, network and kubelet' },
  needs: ['Event'],
  looked: (pod) => [field(pod, 'status.phase'), field(pod, 'status.podIP', pod.status?.podIP ?? '')],
  run(pod, world) {
    const node = String(pod.spec?.nodeName ?? '');
    const reason = String(pod.status?.reason ?? '');
    const describe = [kubectl('describe', pod)];
    if (pod.status?.phase === 'Failed' && REJECTED.test(reason))
      return [
        hit('P-REJECT', pod, {
          params: { node, why: reason, reason: pod.status?.message ?? '' },
          evidence: [field(pod, 'status.reason'), field(pod, 'status.message')],
          commands: [kubectl('delete', pod), kubectl('describe', { kind: 'Node', namespace: '', name: node })],
        }),
      ];
    if (node === '' || pod.status?.phase !== 'Pending') return [];
    const told = world.events(pod);
    const network = told.find(({ reason: why }) => why === 'NetworkNotReady');
    if (network !== undefined)
      return [
        hit('P-NETNOT', pod, {
          params: { node, reason: network.message },
          evidence: [event(pod, network)],
          commands: [`kubectl get pods -n kube-system -o wide --field-selector spec.nodeName=${sh(node)}`],
          because: troubles(node, world),
        }),
      ];
    const sandbox = told.find(({ reason: why }) => why === 'FailedCreatePodSandBox');
    if (sandbox !== undefined && !hasStarted(pod))
      return [
        hit('P-SANDBOX', pod, {
          params: { node, reason: lastPart(sandbox.message) },
          evidence: [event(pod, sandbox)],
          commands: [`kubectl get pods -n kube-system -o wide --field-selector spec.nodeName=${sh(node)}`, ...describe],
          because: troubles(node, world),
        }),
      ];
    return silent(pod, node, world);
  },
};

function silent(pod: KubeObject, node: string, world: World): Hit[] {
  if (containersOf(pod).some(({ known }) => known) || pod.metadata.deletionTimestamp !== undefined) return [];
  const since = conditionsOf(pod).find(({ type, status }) => type === 'PodScheduled' && status === 'True')?.since;
  const age = since === undefined || since === null ? ageOf(pod, world.now) : (world.now - Date.parse(since)) / 1000;
  if (age < SILENT_SECONDS || world.events(pod).some(({ source }) => source === 'kubelet')) return [];
  return [
    hit('P-KUBELET', pod, {
      params: { node, seconds: Math.round(age) },
      confidence: 'medium',
      evidence: [field(pod, 'spec.nodeName'), field(pod, 'status.containerStatuses', 'absent')],
      commands: [kubectl('describe', { kind: 'Node', namespace: '', name: node })],
      because: troubles(node, world),
    }),
  ];
}

function troubles(name: string, world: World): Hit[] {
  const node = world.get('Node', '', name);
  return node === undefined ? [] : nodeReadiness(node, world);
}

function hasStarted(pod: KubeObject): boolean {
  return containersOf(pod).some(({ running, restarts }) => running !== null || restarts > 0);
}

export const startCheck: Check = {
  id: 'start',
  title: { zh: '配置与启动', en: 'Configuration and start' },
  needs: ['ConfigMap', 'Secret'],
  looked: (pod) =>
    containersOf(pod)
      .filter(({ known }) => known)
      .map((one) =>
        field(
          pod,
          `${one.statusPath}.state`,
          Object.keys(one.running ? { running: 1 } : one.waiting ? { waiting: 1 } : { terminated: 1 })[0],
        ),
      ),
  run(pod, world) {
    const hits: Hit[] = [];
    for (const container of containersOf(pod)) {
      const hook = hookEvent(pod, container, world);
      if (failsHook(pod, container, world)) {
        // A back-off that followed says nothing of the hook.
        const own = container.waiting?.reason === 'PostStartHookError' ? container.waiting.message : '';
        const lifecycle = container.spec.lifecycle;
        const text = own || hook?.message || 'PostStartHookError';
        hits.push(
          hit('P-HOOK', pod, {
            params: { container: container.name, reason: text },
            evidence: [
              hook === undefined ? field(pod, `${container.statusPath}.state.waiting`) : event(pod, hook),
              ...(lifecycle === undefined ? [] : [field(pod, `${container.path}.lifecycle`, lifecycle)]),
            ],
            commands: [kubectl('edit', workloadOf(world, pod))],
          }),
        );
      } else if (container.waiting?.reason === 'CreateContainerConfigError') hits.push(config(pod, container, world));
      else if (
        /^(CreateContainerError|RunContainerError|StartError|ContainerCannotRun)$/.test(container.waiting?.reason ?? '')
      )
        hits.push(create(pod, container, container.waiting?.message ?? '', world));
      else hits.push(...unstarted(pod, container, world));
    }
    return hits;
  },
};

/** A preStop hook that fails matters while the pod is to go: a restart goes on without it. */
function hookEvent(pod: KubeObject, container: ContainerFact, world: World): EventFact | undefined {
  const hooks = pod.metadata.deletionTimestamp === undefined ? /PostStartHook/ : /PostStartHook|PreStopHook/;
  return world
    .events(pod)
    .find(
      ({ reason, message, field: place }) =>
        place.includes(`{${container.name}}`) && (hooks.test(reason) || hooks.test(message)),
    );
}

/** A hook keeps the container from staying: that it ends and is started again follows from that. */
export function failsHook(pod: KubeObject, container: ContainerFact, world: World): boolean {
  return (
    container.waiting?.reason === 'PostStartHookError' ||
    (!container.ready && hookEvent(pod, container, world) !== undefined)
  );
}

/** Kubelet tells some missing references by an event alone. */
function unstarted(pod: KubeObject, container: ContainerFact, world: World): Hit[] {
  if (container.running !== null || container.restarts > 0 || pod.status?.phase !== 'Pending') return [];
  const told = world
    .events(pod)
    .find(
      ({ reason, message }) =>
        reason === 'Failed' && /(configmap|secret) "[^"]+" not found|couldn't find key/i.test(message),
    );
  if (told === undefined || container.role !== 'main') return [];
  if (ageOf(pod, world.now) < YOUNG_SECONDS && told.type !== 'Warning') return [];
  return [config(pod, { ...container, waiting: { reason: '', message: told.message } }, world, [event(pod, told)])];
}

function config(pod: KubeObject, container: ContainerFact, world: World, evidence: Hit['evidence'] = []): Hit {
  const message = container.waiting?.message ?? '';
  const namespace = pod.metadata.namespace ?? '';
  const missing = /(configmap|secret) "([^"]+)" not found/i.exec(message);
  const commands: string[] = [];
  const more: Hit['evidence'] = [];
  if (missing !== null) {
    const kind = missing[1]?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap';
    const name = missing[2] ?? '';
    commands.push(
      kind === 'Secret'
        ? `kubectl create secret generic ${sh(name)} -n ${sh(namespace)} --from-literal=KEY=VALUE`
        : `kubectl create configmap ${sh(name)} -n ${sh(namespace)} --from-literal=KEY=VALUE`,
    );
    const near = nearest(name, world.within(kind, namespace));
    if (near !== undefined) more.push(field(near, 'metadata.name'));
  }
  const key = /couldn't find key (\S+) in (ConfigMap|Secret) \S*?\/?([^/\s]+)$/.exec(message);
  const holder = key === null ? undefined : world.get(key[2] ?? '', namespace, key[3] ?? '');
  if (holder !== undefined) more.push(field(holder, 'data', Object.keys(holder.data ?? {}).join(', ') || '-'));
  return hit('P-CONFIG', pod, {
    params: { container: container.name, reason: message.replace(/^Error: /, '') },
    evidence: [
      ...(evidence.length > 0
        ? evidence
        : [field(pod, `${container.statusPath}.state.waiting`, `CreateContainerConfigError: ${message}`)]),
      ...more,
    ],
    commands: [...commands, kubectl('edit', workloadOf(world, pod))],
  });
}

function create(pod: KubeObject, container: ContainerFact, message: string, world: World): Hit {
  return hit('P-CREATE', pod, {
    params: { container: container.name, reason: lastPart(message) },
    evidence: [
      field(pod, `${container.statusPath}.state.waiting`, `${container.waiting?.reason}: ${message}`),
      field(pod, `${container.path}.command`),
    ],
    commands: [kubectl('edit', workloadOf(world, pod))],
  });
}

function lastPart(message: string): string {
  const parts = message.split(/: (?=[a-z])/i);
  return parts.length <= 3 ? message : parts.slice(-3).join(': ');
}
