import type { PodRule } from '../types.ts';
import { allContainers } from '../workloads.ts';

export const privilegedAllowed: PodRule = {
  id: 'PrivilegedAllowed',
  sets: ['manual'],
  type: 'security',
  severity: 'danger',
  scope: 'pod',
  references: ['https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline'],
  texts: {
    zh: {
      title: '以特权模式运行',
      impact: '容器可以访问节点的全部设备和内核，等同于节点上的 root。',
      remedy: '将 securityContext.privileged 设为 false；只添加需要的单个 capability，或使用设备插件。',
    },
    en: {
      title: 'Runs privileged',
      impact: 'The container has all devices and the kernel of its node: it is root there.',
      remedy: 'Set securityContext.privileged to false; add the single capability needed, or use a device plugin.',
    },
  },
  check: (pod) =>
    allContainers(pod)
      .filter(({ container }) => container.securityContext?.privileged === true)
      .map(({ name, path }) => ({
        container: name,
        field: `${path}.securityContext.privileged`,
        evidence: 'privileged: true',
        fix: { value: false },
      })),
};
