import { said } from '#shared/inspection-evidence.ts';
import { addedCapabilities, HIGH_RISK_CAPABILITIES } from '../../workloads.ts';
import { inEveryContainer } from '../containers.ts';
import { hostRule } from '../families.ts';

export const highRiskCapabilities = hostRule(
  'HighRiskCapabilities',
  {
    references: ['https://man7.org/linux/man-pages/man7/capabilities.7.html'],
    zh: [
      '添加了高风险的 capability',
      '容器可以改动节点的网络和挂载、加载内核模块或跟踪其他进程，等同于控制节点。',
      '设置 capabilities: {drop: [ALL]}，只添加确实需要的低风险项；网络插件等系统组件请豁免。',
    ],
    en: [
      'High-risk capability added',
      'The container changes the node’s network and mounts, loads kernel modules or traces other processes: it owns the node.',
      'Set capabilities: {drop: [ALL]} and add only harmless ones; exempt system components such as network plugins.',
    ],
  },
  inEveryContainer((container) => {
    const found = addedCapabilities(container).filter((capability) => HIGH_RISK_CAPABILITIES.has(capability));
    return found.length === 0
      ? null
      : { field: 'securityContext.capabilities.add', evidence: said('adds', { what: found.join(', ') }) };
  }),
);
