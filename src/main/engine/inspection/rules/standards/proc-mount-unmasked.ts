import { inEveryContainer } from '../containers.ts';
import { baselineRule } from '../families.ts';

/** With user namespaces of its own (hostUsers false) a pod may. */
export const procMountUnmasked = baselineRule(
  'ProcMountUnmasked',
  {
    zh: [
      '/proc 未屏蔽',
      '容器可以看到并修改通常被屏蔽的内核接口。',
      '去掉 securityContext.procMount，或设为 Default。',
    ],
    en: [
      '/proc is unmasked',
      'The container sees and changes interfaces of the kernel that are hidden otherwise.',
      'Remove securityContext.procMount, or set it to Default.',
    ],
  },
  inEveryContainer(({ securityContext }, { spec }) => {
    const mount = securityContext?.procMount ?? 'Default';
    return mount === 'Default' || spec.hostUsers === false
      ? null
      : { field: 'securityContext.procMount', evidence: `procMount: ${mount}`, fix: {} };
  }),
);
