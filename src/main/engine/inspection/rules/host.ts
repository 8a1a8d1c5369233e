/** The rules about sharing the node's namespaces and ports. */
import type { PodRule, RuleTexts } from '../types.ts';
import { allContainers } from '../workloads.ts';

const REFERENCES = ['https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline'];

function sharedNamespace(id: string, field: 'hostIPC' | 'hostNetwork' | 'hostPID', texts: PodRule['texts']): PodRule {
  return {
    id,
    sets: ['manual'],
    type: 'security',
    severity: 'danger',
    scope: 'pod',
    texts,
    references: REFERENCES,
    check: ({ spec, path }) =>
      spec[field] === true ? [{ field: `${path}.${field}`, evidence: `${field}: true`, fix: {} }] : [],
  };
}
const texts = (zh: RuleTexts, en: RuleTexts): PodRule['texts'] => ({ zh, en });

export const hostIpcAllowed = sharedNamespace(
  'HostIPCAllowed',
  'hostIPC',
  texts(
    { title: '开启了主机 IPC', impact: '容器可以读写节点上其他进程的共享内存。', remedy: '将 hostIPC 设为 false。' },
    {
      title: 'Host IPC shared',
      impact: 'The container reads and writes shared memory of other processes on the node.',
      remedy: 'Set hostIPC to false.',
    },
  ),
);
export const hostNetworkAllowed = sharedNamespace(
  'HostNetworkAllowed',
  'hostNetwork',
  texts(
    {
      title: '开启了主机网络',
      impact: '容器可以监听节点的流量，访问只在 localhost 上提供的服务，且不受 NetworkPolicy 约束。',
      remedy: '将 hostNetwork 设为 false，通过 Service 对外提供；网络插件等系统组件请豁免。',
    },
    {
      title: 'Host network shared',
      impact:
        'The container sees the node’s traffic, reaches what listens on localhost only, and escapes NetworkPolicies.',
      remedy: 'Set hostNetwork to false and expose it by a Service; exempt system components such as network plugins.',
    },
  ),
);
export const hostPidAllowed = sharedNamespace(
  'HostPIDAllowed',
  'hostPID',
  texts(
    {
      title: '开启了主机 PID',
      impact: '容器可以看到节点上所有进程及其环境变量，并可能终止它们。',
      remedy: '将 hostPID 设为 false。',
    },
    {
      title: 'Host PID namespace shared',
      impact: 'The container sees every process of the node with its environment, and may end it.',
      remedy: 'Set hostPID to false.',
    },
  ),
);

/** With the host's network every port is one of the host: that is told once, by its own rule. */
export const hostPortAllowed: PodRule = {
  id: 'HostPortAllowed',
  sets: ['manual'],
  type: 'security',
  severity: 'danger',
  scope: 'pod',
  references: REFERENCES,
  texts: texts(
    {
      title: '开启了主机端口',
      impact: 'Pod 被固定到端口空闲的节点上，端口冲突会使它无法调度；端口绕过 Service 直接暴露。',
      remedy: '去掉 hostPort，通过 Service 或 Ingress 对外提供。',
    },
    {
      title: 'Host port used',
      impact:
        'The pod is pinned to nodes where the port is free, conflicts keep it from being scheduled, and the port is open past every Service.',
      remedy: 'Remove hostPort and expose it by a Service or an Ingress.',
    },
  ),
  check: (pod) =>
    pod.spec.hostNetwork === true
      ? []
      : allContainers(pod).flatMap(({ container, name, path }) => {
          const ports = ((container.ports ?? []) as { hostPort?: number }[]).flatMap(({ hostPort }) => hostPort || []);
          if (ports.length === 0) return [];
          return [{ container: name, field: `${path}.ports`, evidence: `hostPort ${ports.join(', ')}` }];
        }),
};
