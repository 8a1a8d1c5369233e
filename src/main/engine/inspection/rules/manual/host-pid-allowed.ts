import { hostRule } from '../families.ts';

export const hostPidAllowed = hostRule(
  'HostPIDAllowed',
  {
    zh: ['开启了主机 PID', '容器可以看到节点上所有进程及其环境变量，并可能终止它们。', '将 hostPID 设为 false。'],
    en: [
      'Host PID namespace shared',
      'The container sees every process of the node with its environment, and may end it.',
      'Set hostPID to false.',
    ],
  },
  ({ spec, path }) => (spec.hostPID === true ? [{ field: `${path}.hostPID`, evidence: 'hostPID: true', fix: {} }] : []),
);
