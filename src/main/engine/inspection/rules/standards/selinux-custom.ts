import { baselineRule } from '../families.ts';
import { profileRule } from '../profiles.ts';

const ALLOWED = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);

export const selinuxCustom = baselineRule(
  'SELinuxCustom',
  {
    zh: [
      '自定义了 SELinux 身份',
      '容器可能以不受限的 SELinux 类型运行，绕过主机的强制访问控制。',
      '去掉 seLinuxOptions 的 user 和 role，type 仅使用 container_t、container_init_t、container_kvm_t 或 container_engine_t。',
    ],
    en: [
      'SELinux identity of its own',
      'The container may run with an unconfined SELinux type, past the mandatory access control of the host.',
      'Remove user and role of seLinuxOptions; as type use container_t, container_init_t, container_kvm_t or container_engine_t.',
    ],
  },
  profileRule(
    'seLinuxOptions',
    ({ type = '', user = '', role = '' }) => !ALLOWED.has(type) || user !== '' || role !== '',
  ),
);
