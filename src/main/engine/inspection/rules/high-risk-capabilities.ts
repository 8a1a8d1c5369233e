import type { PodRule } from '../types.ts';
import { addedCapabilities, allContainers } from '../workloads.ts';

/** The manual's three, and others with which a container takes over its node. */
const HIGH_RISK = new Set([
  ...['NET_ADMIN', 'SYS_ADMIN', 'ALL'],
  ...['SYS_MODULE', 'SYS_RAWIO', 'SYS_PTRACE', 'SYS_BOOT', 'MAC_OVERRIDE', 'MAC_ADMIN', 'PERFMON', 'BPF'],
]);

export const highRiskCapabilities: PodRule = {
  id: 'HighRiskCapabilities',
  sets: ['manual'],
  type: 'security',
  severity: 'danger',
  scope: 'pod',
  references: ['https://man7.org/linux/man-pages/man7/capabilities.7.html'],
  texts: {
    zh: {
      title: '添加了高风险的 capability',
      impact: '容器可以改动节点的网络和挂载、加载内核模块或跟踪其他进程，等同于控制节点。',
      remedy: '设置 capabilities: {drop: [ALL]}，只添加确实需要的低风险项；网络插件等系统组件请豁免。',
    },
    en: {
      title: 'High-risk capability added',
      impact:
        'The container changes the node’s network and mounts, loads kernel modules or traces other processes: it owns the node.',
      remedy:
        'Set capabilities: {drop: [ALL]} and add only harmless ones; exempt system components such as network plugins.',
    },
  },
  check: (pod) =>
    allContainers(pod).flatMap(({ container, name, path }) => {
      const found = addedCapabilities(container).filter((capability) => HIGH_RISK.has(capability));
      if (found.length === 0) return [];
      return [
        { container: name, field: `${path}.securityContext.capabilities.add`, evidence: `adds ${found.join(', ')}` },
      ];
    }),
};
