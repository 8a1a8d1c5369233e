import { baselineRule } from '../families.ts';
import { profileRule } from '../profiles.ts';

export const seccompUnconfined = baselineRule(
  'SeccompUnconfined',
  {
    zh: [
      '关闭了 seccomp',
      '容器可以使用全部系统调用，其中不乏内核漏洞的入口。',
      '将 seccompProfile.type 设为 RuntimeDefault。',
    ],
    en: [
      'seccomp is switched off',
      'The container may use every system call, among them those through which kernels are attacked.',
      'Set seccompProfile.type to RuntimeDefault.',
    ],
  },
  profileRule('seccompProfile', ({ type }) => type === 'Unconfined'),
);
