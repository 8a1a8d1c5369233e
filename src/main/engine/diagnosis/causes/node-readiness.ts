/**
 * Whether a node can run pods: silence, runtime, network, certificate, pressure. What other checks ask when a pod on the
 * node is in trouble. Source: node life-cycle controller, kubelet's node status setters.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { event, field, hit, kubectl, seconds, sh } from '../hits.ts';
import { type ConditionFact, condition, isOver } from '../pods.ts';
import type { Check, Evidence, Hit } from '../types.ts';
import type { World } from '../world.ts';

const ZONE = 'topology.kubernetes.io/zone';

export function nodeReadiness(node: KubeObject, world: World): Hit[] {
  return world.once('readiness', node, () => [...readiness(node, world), ...pressures(node, world)]);
}

export const nodeReadinessCheck: Check = {
  id: 'node-ready',
  title: { zh: '节点就绪与心跳', en: 'Readiness and heartbeat' },
  needs: ['Lease', 'Event'],
  looked(node, world) {
    const ready = condition(node, 'Ready');
    const lease = world.get('Lease', 'kube-node-lease', node.metadata.name ?? '');
    return [
      ...(ready === undefined
        ? []
        : [field(node, ready.path, `Ready=${ready.status} ${ready.reason}`, ready.heartbeat)]),
      ...(lease === undefined ? [] : [field(lease, 'spec.renewTime')]),
    ];
  },
  run: nodeReadiness,
};

function readiness(node: KubeObject, world: World): Hit[] {
  const ready = condition(node, 'Ready');
  const name = node.metadata.name ?? '';
  const certificate = certificateOf(node, ready, world);
  if (ready === undefined || ready.status === 'Unknown') {
    const lease = world.get('Lease', 'kube-node-lease', name);
    const last = [lease?.spec?.renewTime, ready?.heartbeat]
      .filter((time) => typeof time === 'string')
      .sort()
      .at(-1);
    const zone = node.metadata.labels?.[ZONE];
    const mates = world.all('Node').filter((other) => zone !== undefined && other.metadata.labels?.[ZONE] === zone);
    const down = mates.filter((other) => condition(other, 'Ready')?.status === 'Unknown');
    const whole = mates.length > 1 && down.length === mates.length;
    const evidence: Evidence[] = [
      ...(ready === undefined
        ? [field(node, 'status.conditions', 'absent')]
        : [field(node, ready.path, `Ready=${ready.status} ${ready.reason}: ${ready.message}`, ready.since)]),
      ...(lease === undefined ? [] : [field(lease, 'spec.renewTime')]),
      ...taintsOf(node, /unreachable/),
    ];
    return [
      ...certificate,
      hit('N-DOWN', node, {
        params: {
          seconds: last === undefined ? '?' : Math.max(0, Math.round(seconds(last, world.now))),
          scope: whole ? ` (zone ${zone}: ${down.length}/${mates.length})` : '',
        },
        evidence,
        commands: [kubectl('describe', node), 'systemctl status kubelet', 'journalctl -u kubelet --since "-15min"'],
        because: [],
      }),
    ];
  }
  const network = condition(node, 'NetworkUnavailable');
  const hits: Hit[] = [...certificate];
  if (ready.status === 'False') hits.push(notReady(node, ready, world));
  if (network?.status === 'True') hits.push(cni(node, network, world));
  return hits;
}

function notReady(node: KubeObject, ready: ConditionFact, world: World): Hit {
  const { message } = ready;
  if (/NetworkPluginNotReady|network not ready|cni (config|plugin)/i.test(message)) return cni(node, ready, world);
  const evidence = [field(node, ready.path, `Ready=False ${ready.reason}: ${message}`, ready.since)];
  const about = {
    params: { reason: message || ready.reason },
    evidence,
    commands: [kubectl('describe', node), 'journalctl -u kubelet --since "-15min"'],
  };
  if (
    /PLEG is not healthy|container runtime is down|docker daemon|containerd\.sock|dockershim|crio\.sock|runtime/i.test(
      message,
    )
  ) {
    evidence.push(field(node, 'status.nodeInfo.containerRuntimeVersion'));
    return hit('N-RUNTIME', node, {
      ...about,
      commands: ['systemctl status containerd', 'systemctl restart containerd', ...about.commands],
    });
  }
  return hit('N-NOTREADY', node, { ...about, confidence: 'medium' });
}

const CNI_NAMES = /calico|flannel|cilium|weave|kube-router|antrea|canal|aws-node|azure-cni|terway|cni|ovn|multus/i;

function cni(node: KubeObject, told: ConditionFact, world: World): Hit {
  const agents = world.onNode(node.metadata.name ?? '').filter((pod) => CNI_NAMES.test(pod.metadata.name ?? ''));
  return hit('N-CNI', node, {
    params: { reason: told.message || told.reason },
    evidence: [
      field(node, told.path, `${told.type}=${told.status} ${told.reason}: ${told.message}`, told.since),
      ...agents.slice(0, 3).map((pod) => field(pod, 'status.phase')),
    ],
    commands: [`kubectl get pods -A -o wide --field-selector spec.nodeName=${sh(node.metadata.name ?? '')}`],
  });
}

/** kubelet asks with the user system:node:<name>, while it bootstraps with a token's. */
function certificateOf(node: KubeObject, ready: ConditionFact | undefined, world: World): Hit[] {
  const name = node.metadata.name ?? '';
  const waiting = world.all('CertificateSigningRequest').filter((request) => {
    const decided = (request.status?.conditions ?? []).some(
      ({ type }: Json) => type === 'Approved' || type === 'Denied',
    );
    return (
      !decided &&
      request.spec?.username === `system:node:${name}` &&
      /kube-apiserver-client-kubelet|kubelet-serving/.test(request.spec?.signerName ?? '')
    );
  });
  const expired = /x509: certificate has expired/.test(ready?.message ?? '');
  const [first] = waiting;
  if (first === undefined && !expired) return [];
  if (
    first !== undefined &&
    ready?.status === 'True' &&
    /serving/.test(first.spec?.signerName ?? '') &&
    seconds(first.metadata.creationTimestamp, world.now) < 60
  )
    return [];
  return [
    hit('N-CERT', node, {
      verdict: ready?.status === 'True' ? 'warning' : 'fault',
      params: {
        reason:
          first === undefined
            ? (ready?.message ?? '')
            : `CSR ${first.metadata.name} (${first.spec?.signerName}) Pending`,
      },
      evidence: waiting
        .slice(0, 3)
        .map((request) =>
          field(request, 'spec.signerName', request.spec?.signerName, request.metadata.creationTimestamp ?? null),
        ),
      commands:
        first === undefined
          ? ['kubectl get csr']
          : ['kubectl get csr', `kubectl certificate approve ${sh(first.metadata.name ?? '')}`],
    }),
  ];
}

function pressures(node: KubeObject, world: World): Hit[] {
  const hits: Hit[] = [];
  const told = world.events(node);
  for (const [type, cause, events] of [
    ['MemoryPressure', 'N-MEM', /^(EvictionThresholdMet|SystemOOM|OOMKilling)$/],
    ['DiskPressure', 'N-DISK', /^(FreeDiskSpaceFailed|ImageGCFailed|InvalidDiskCapacity|EvictionThresholdMet)$/],
    ['PIDPressure', 'N-PID', /^EvictionThresholdMet$/],
  ] as const) {
    const found = condition(node, type);
    if (found?.status !== 'True') continue;
    const seen = told.filter(({ reason }) => events.test(reason));
    hits.push(
      hit(cause, node, {
        params: { reason: found.message || found.reason, top: cause === 'N-MEM' ? topMemory(node, world) : '' },
        evidence: [
          field(node, found.path, `${type}=True ${found.reason}: ${found.message}`, found.since),
          ...seen.slice(0, 3).map((fact) => event(node, fact)),
        ],
        commands: [
          kubectl('describe', node),
          `kubectl get pods -A --field-selector spec.nodeName=${sh(node.metadata.name ?? '')}`,
        ],
      }),
    );
  }
  return hits;
}

function topMemory(node: KubeObject, world: World): string {
  const used = world
    .onNode(node.metadata.name ?? '')
    .filter((pod) => !isOver(pod))
    .map((pod) => ({ pod, memory: world.usage(pod)?.memory ?? 0 }))
    .filter(({ memory }) => memory > 0)
    .sort((a, b) => b.memory - a.memory)
    .slice(0, 3);
  if (used.length === 0) return '';
  return ` (${used.map(({ pod, memory }) => `${pod.metadata.namespace}/${pod.metadata.name} ${Math.round(memory / 2 ** 20)}Mi`).join(', ')})`;
}

export function taintsOf(node: KubeObject, pattern: RegExp): Evidence[] {
  const taints: Json[] = node.spec?.taints ?? [];
  return taints.some(({ key }) => pattern.test(String(key))) ? [field(node, 'spec.taints')] : [];
}
