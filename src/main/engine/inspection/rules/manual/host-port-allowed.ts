import type { Json } from '#shared/kubernetes/types.ts';
import { inEveryContainer } from '../containers.ts';
import { hostRule } from '../families.ts';

/** With the host's network every port is one of the host: that is told once, by its own rule. */
export const hostPortAllowed = hostRule(
  'HostPortAllowed',
  {
    zh: [
      '开启了主机端口',
      'Pod 被固定到端口空闲的节点上，端口冲突会使它无法调度；端口绕过 Service 直接暴露。',
      '去掉 hostPort，通过 Service 或 Ingress 对外提供。',
    ],
    en: [
      'Host port used',
      'The pod is pinned to nodes where the port is free, conflicts keep it from being scheduled, and the port is open past every Service.',
      'Remove hostPort and expose it by a Service or an Ingress.',
    ],
  },
  inEveryContainer((container, { spec }) => {
    const ports: Json[] = container.ports ?? [];
    const used = ports.flatMap(({ hostPort }) => hostPort || []);
    if (spec.hostNetwork === true || used.length === 0) return null;
    const fix = { value: ports.map(({ hostPort: _port, hostIP: _ip, ...port }) => port) };
    return { field: 'ports', evidence: `hostPort ${used.join(', ')}`, fix };
  }),
);
