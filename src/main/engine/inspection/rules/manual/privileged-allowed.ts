import { inEveryContainer } from '../containers.ts';
import { hostRule } from '../families.ts';

export const privilegedAllowed = hostRule(
  'PrivilegedAllowed',
  {
    zh: [
      '以特权模式运行',
      '容器可以访问节点的全部设备和内核，等同于节点上的 root。',
      '将 securityContext.privileged 设为 false；只添加需要的单个 capability，或使用设备插件。',
    ],
    en: [
      'Runs privileged',
      'The container has all devices and the kernel of its node: it is root there.',
      'Set securityContext.privileged to false; add the single capability needed, or use a device plugin.',
    ],
  },
  inEveryContainer(({ securityContext }) =>
    securityContext?.privileged === true
      ? { field: 'securityContext.privileged', evidence: 'privileged: true', fix: { value: false } }
      : null,
  ),
);
