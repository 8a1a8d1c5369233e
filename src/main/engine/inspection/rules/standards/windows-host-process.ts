import { baselineRule } from '../families.ts';
import { profileRule } from '../profiles.ts';

export const windowsHostProcess = baselineRule(
  'WindowsHostProcess',
  {
    zh: [
      'Windows HostProcess 容器',
      '容器以节点自身的权限运行，等同于节点管理员。',
      '将 windowsOptions.hostProcess 设为 false。',
    ],
    en: [
      'Windows host process',
      'The container runs with the rights of the node itself: it is its administrator.',
      'Set windowsOptions.hostProcess to false.',
    ],
  },
  profileRule('windowsOptions', ({ hostProcess }) => hostProcess === true),
);
