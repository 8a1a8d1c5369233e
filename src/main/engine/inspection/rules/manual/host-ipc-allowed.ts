import { hostRule } from '../families.ts';

export const hostIpcAllowed = hostRule(
  'HostIPCAllowed',
  {
    zh: ['开启了主机 IPC', '容器可以读写节点上其他进程的共享内存。', '将 hostIPC 设为 false。'],
    en: [
      'Host IPC shared',
      'The container reads and writes shared memory of other processes on the node.',
      'Set hostIPC to false.',
    ],
  },
  ({ spec, path }) => (spec.hostIPC === true ? [{ field: `${path}.hostIPC`, evidence: 'hostIPC: true', fix: {} }] : []),
);
