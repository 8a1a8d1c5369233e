import { accessRule } from '../families.ts';
import { specificGrants } from '../roles.ts';

const RESOURCES = new Map<string, readonly string[]>([
  ['pods/exec', ['']],
  ['pods/attach', ['']],
]);

export const canExecInPods = accessRule(
  'CanExecInPods',
  {
    zh: [
      '角色允许进入容器执行命令',
      '持有者可以在运行中的容器内执行任意命令，读取其中的凭据与数据。',
      '去掉 pods/exec 与 pods/attach，或限定在需要的命名空间和 Pod。',
    ],
    en: [
      'Role may run commands in pods',
      'Who holds it runs any command in running containers and reads their credentials and data.',
      'Remove pods/exec and pods/attach, or grant them for the namespaces and pods that need it.',
    ],
  },
  (role, world) => specificGrants(role, world, RESOURCES, ['create', 'get']),
);
