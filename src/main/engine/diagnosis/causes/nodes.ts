/** What else goes wrong at nodes: taints, problem detector, clock, reboots, versions, room, GPUs, twins. */

import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, computed, event, field, hit, kubectl, patchOf, seconds, sh } from '../hits.ts';
import { condition, conditionsOf, isOver } from '../pods.ts';
import type { Check, Evidence, Hit, Words } from '../types.ts';
import type { World } from '../world.ts';
import { requestOf, shown } from './placement.ts';

const NODES = { group: '', version: 'v1', resource: 'nodes' };
/** Set by the life-cycle controller and kubelet: their own causes tell about these. */
const FOLLOWS =
  /node\.kubernetes\.io\/(not-ready|unreachable|memory-pressure|disk-pressure|pid-pressure|network-unavailable)/;
const FULL = 0.95;

export const nodeTaintCheck: Check = {
  id: 'node-taints',
  title: { zh: '污点与调度', en: 'Taints and scheduling' },
  needs: [],
  looked: (node) => [
    field(node, 'spec.taints', node.spec?.taints ?? []),
    field(node, 'spec.unschedulable', node.spec?.unschedulable ?? false),
  ],
  run(node) {
    const taints: Json[] = (node.spec?.taints ?? []).filter(
      ({ key, effect }: Json) =>
        effect !== 'PreferNoSchedule' &&
        !FOLLOWS.test(key) &&
        !/node-role\.kubernetes\.io\/(control-plane|master|etcd)/.test(key),
    );
    const cordoned = node.spec?.unschedulable === true;
    const telling = taints.find(({ key }) => /unschedulable|uninitialized|out-of-service/.test(key));
    if (telling === undefined && !cordoned) return [];
    const key = String(telling?.key ?? 'node.kubernetes.io/unschedulable');
    const byHand = /unschedulable/.test(key);
    return [
      hit('N-TAINT', node, {
        // A cordon is somebody's decision; a node that nobody initialised is a fault.
        verdict: /uninitialized/.test(key) ? 'fault' : 'warning',
        params: {
          taint: key,
          by: byHand
            ? `kubectl cordon${telling?.timeAdded ? `, ${telling.timeAdded}` : ''}`
            : /uninitialized/.test(key)
              ? 'cloud-controller-manager'
              : 'spec.taints',
        },
        evidence: [field(node, 'spec.taints', node.spec?.taints ?? []), field(node, 'spec.unschedulable', cordoned)],
        commands: [
          byHand
            ? `kubectl uncordon ${sh(node.metadata.name ?? '')}`
            : `kubectl taint node ${sh(node.metadata.name ?? '')} ${sh(key)}-`,
        ],
        patch: byHand ? patchOf(node, NODES, { spec: { unschedulable: false } }) : null,
      }),
    ];
  },
};

const KERNEL =
  /^(KernelDeadlock|TaskHung|KernelOops|DockerHung|UnregisterNetDevice|CorruptDockerOverlay2|Frequent\w+Restart|RuntimeUnhealthy|KubeletUnhealthy|CPUStuck|SoftLockup|MemoryReadError)$/;

export const nodeProblemCheck: Check = {
  id: 'node-problems',
  title: { zh: '内核、磁盘、时钟与重启', en: 'Kernel, disk, clock and reboots' },
  needs: ['Event'],
  looked: (node) =>
    conditionsOf(node).map(({ type, status, path, since }) => field(node, path, `${type}=${status}`, since)),
  run(node, world) {
    const told = world.events(node);
    const seen = (pattern: RegExp) => told.find(({ reason }) => pattern.test(reason));
    const state = (pattern: RegExp) =>
      conditionsOf(node).find(({ type, status }) => pattern.test(type) && status === 'True');
    const hits: Hit[] = [];
    const report = (cause: string, conditionName: RegExp, eventName: RegExp): void => {
      const found = state(conditionName);
      const fact = seen(eventName);
      if (found === undefined && (fact === undefined || seconds(fact.last, world.now) > 3600)) return;
      const evidence: Evidence[] = [];
      if (found !== undefined)
        evidence.push(field(node, found.path, `${found.type}=True ${found.reason}: ${found.message}`, found.since));
      if (fact !== undefined) evidence.push(event(node, fact));
      hits.push(
        hit(cause, node, {
          verdict: found === undefined ? 'warning' : 'fault',
          params: { reason: found?.message || fact?.message || '', what: found?.type ?? fact?.reason ?? '' },
          evidence,
          commands: [
            kubectl('describe', node),
            `kubectl drain ${sh(node.metadata.name ?? '')} --ignore-daemonsets --delete-emptydir-data`,
          ],
        }),
      );
    };
    report('N-RO', /^ReadonlyFilesystem$/, /^(FilesystemIsReadOnly|Ext4Error|IOError)$/);
    report('N-KERN', KERNEL, KERNEL);
    report('N-TIME', /^NTPProblem$/, /^(NTPIsDown|NTPProblem|ClockSkew)$/);
    const heartbeat = condition(node, 'Ready')?.heartbeat;
    if (
      !hits.some(({ cause }) => cause === 'N-TIME') &&
      heartbeat !== undefined &&
      heartbeat !== null &&
      seconds(heartbeat, world.now) < -120
    )
      hits.push(
        hit('N-TIME', node, {
          verdict: 'warning',
          confidence: 'medium',
          params: { reason: `lastHeartbeatTime ${heartbeat}` },
          evidence: [field(node, 'status.conditions', heartbeat)],
        }),
      );
    hits.push(...reboots(node, world));
    return hits;
  },
};

const FLAPS = 3;
const FLAP_SECONDS = 1800;

function reboots(node: KubeObject, world: World): Hit[] {
  const recent = world.events(node).filter(({ last }) => seconds(last, world.now) < FLAP_SECONDS);
  const rebooted = recent.find(({ reason }) => reason === 'Rebooted');
  const flaps = recent.filter(({ reason }) => reason === 'NodeNotReady');
  const count = flaps.reduce((sum, fact) => sum + fact.count, 0);
  if (rebooted === undefined && count < FLAPS) return [];
  const facts = [...(rebooted === undefined ? [] : [rebooted]), ...flaps].slice(0, 4);
  return [
    hit('N-REBOOT', node, {
      verdict: 'warning',
      params: { reason: rebooted === undefined ? `NodeNotReady × ${count}` : rebooted.message },
      evidence: facts.map((fact) => event(node, fact)),
      commands: [kubectl('describe', node), 'journalctl -k -b -1'],
    }),
  ];
}

export const nodeCapacityCheck: Check = {
  id: 'node-capacity',
  title: { zh: '容量、版本与设备', en: 'Capacity, version and devices' },
  needs: ['Pod', 'Node'],
  looked: (node) => [field(node, 'status.allocatable'), field(node, 'status.nodeInfo.kubeletVersion')],
  run: (node, world) => [
    ...version(node, world),
    ...capacity(node, world),
    ...gpus(node, world),
    ...twins(node, world),
    ...virtual(node),
  ],
};

function minor(text: unknown): number | undefined {
  const match = /^v?(\d+)\.(\d+)/.exec(String(text ?? ''));
  return match === null ? undefined : Number(match[1]) * 1000 + Number(match[2]);
}

function version(node: KubeObject, world: World): Hit[] {
  const kubelet = node.status?.nodeInfo?.kubeletVersion;
  const [mine, server] = [minor(kubelet), minor(world.version)];
  if (mine === undefined || server === undefined || (mine <= server && server - mine <= 3)) return [];
  return [
    hit('N-VER', node, {
      verdict: 'warning',
      params: { kubelet: String(kubelet), server: world.version ?? '' },
      evidence: [field(node, 'status.nodeInfo.kubeletVersion')],
      commands: ['kubectl version', 'kubectl get nodes'],
    }),
  ];
}

function capacity(node: KubeObject, world: World): Hit[] {
  if (!world.complete('Pod')) return [];
  const pods = world.onNode(node.metadata.name ?? '').filter((pod) => !isOver(pod));
  const allocatable = node.status?.allocatable ?? {};
  const reasons: Words[] = [];
  const most = parseQuantity(allocatable.pods);
  if (most > 0 && pods.length / most >= FULL) reasons.push(same(`pods ${pods.length}/${most}`));
  for (const resource of ['cpu', 'memory']) {
    const have = parseQuantity(allocatable[resource]);
    const asked = pods.reduce((sum, pod) => sum + requestOf(pod, resource), 0);
    if (have > 0 && asked / have >= FULL)
      reasons.push(same(`${resource} ${shown(asked, resource)}/${shown(have, resource)}`));
    const whole = parseQuantity(node.status?.capacity?.[resource]);
    if (whole > 0 && have / whole < 0.5)
      reasons.push(
        both(
          `${resource} 共 ${shown(whole, resource)}，可分配 ${shown(have, resource)}`,
          `${resource} allocatable ${shown(have, resource)} of ${shown(whole, resource)}`,
        ),
      );
  }
  if (reasons.length === 0) return [];
  const reason = both(reasons.map(({ zh }) => zh).join('；'), reasons.map(({ en }) => en).join(', '));
  return [
    hit('N-CAP', node, {
      verdict: 'warning',
      params: { reason },
      evidence: [computed(node, 'requests', reason), field(node, 'status.allocatable')],
      commands: [kubectl('describe', node)],
    }),
  ];
}

const same = (text: string): Words => both(text, text);

function gpus(node: KubeObject, world: World): Hit[] {
  const labels = node.metadata.labels ?? {};
  const promised =
    labels['nvidia.com/gpu.present'] === 'true' ||
    Number(labels['nvidia.com/gpu.count'] ?? 0) > 0 ||
    labels.accelerator !== undefined;
  const have = parseQuantity(node.status?.allocatable?.['nvidia.com/gpu']);
  const xid = world
    .events(node)
    .find(({ message, reason }) => /Xid/.test(message) || /^(GPU|NVIDIA)\w*(Error|Unhealthy|Lost)/i.test(reason));
  if (!(promised && have === 0) && xid === undefined) return [];
  const plugins = world.onNode(node.metadata.name ?? '').filter((pod) => /device-plugin/.test(pod.metadata.name ?? ''));
  return [
    hit('N-GPU', node, {
      verdict: have === 0 ? 'fault' : 'warning',
      params: {
        reason:
          xid?.message ??
          both(
            `可分配的 nvidia.com/gpu 为 ${have}，节点上有 ${plugins.length} 个 device-plugin Pod`,
            `allocatable nvidia.com/gpu = ${have}, device-plugin pods: ${plugins.length}`,
          ),
      },
      evidence: [
        field(node, 'status.allocatable', node.status?.allocatable),
        ...(xid === undefined ? [] : [event(node, xid)]),
        ...plugins.map((pod) => field(pod, 'status.phase')),
      ],
      commands: ['nvidia-smi', 'kubectl get pods -A -o wide | grep device-plugin'],
    }),
  ];
}

/** Two nodes with one address or one machine-id: a machine that was cloned. */
function twins(node: KubeObject, world: World): Hit[] {
  const identities = (one: KubeObject): string[] => {
    const address = (one.status?.addresses ?? []).find(({ type }: Json) => type === 'InternalIP')?.address;
    const machine = one.status?.nodeInfo?.machineID;
    return [...(address ? [`InternalIP ${address}`] : []), ...(machine ? [`machineID ${machine}`] : [])];
  };
  const sharing = world.index('nodes by identity', 'Node', identities);
  for (const same of identities(node)) {
    const other = sharing(same).find((one) => one !== node);
    if (other === undefined) continue;
    return [
      hit('N-DUP', node, {
        params: { other: other.metadata.name ?? '', reason: same },
        evidence: [field(node, 'status.addresses'), field(other, 'status.addresses')],
        commands: ['kubectl get nodes -o wide'],
      }),
    ];
  }
  return [];
}

function virtual(node: KubeObject): Hit[] {
  if (node.metadata.labels?.type !== 'virtual-kubelet') return [];
  return [hit('N-VK', node, { verdict: 'warning', confidence: 'high', evidence: [field(node, 'metadata.labels')] })];
}
