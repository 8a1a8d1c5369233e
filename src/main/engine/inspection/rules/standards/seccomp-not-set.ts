import { said } from '#shared/inspection-evidence.ts';
import { inEveryContainer } from '../containers.ts';
import { restrictedRule } from '../families.ts';

export const seccompNotSet = restrictedRule(
  'SeccompNotSet',
  {
    zh: [
      '没有设置 seccomp',
      '除非节点默认开启，容器可以使用全部系统调用。',
      '为 Pod 或容器设置 seccompProfile: {type: RuntimeDefault}。',
    ],
    en: [
      'seccomp is not set',
      'Unless nodes do so by default, the container may use every system call.',
      'Set seccompProfile: {type: RuntimeDefault} for the pod or the container.',
    ],
  },
  inEveryContainer(({ securityContext }, { spec }) =>
    securityContext?.seccompProfile?.type === undefined && spec.securityContext?.seccompProfile?.type === undefined
      ? {
          field: 'securityContext.seccompProfile',
          evidence: said('notSet', { what: 'seccompProfile' }),
          fix: { value: { type: 'RuntimeDefault' } },
        }
      : null,
  ),
);
