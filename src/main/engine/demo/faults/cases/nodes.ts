/** Nodes in trouble. They are nobody's machines: their conditions stay as they are told here. */
import type { Json } from '#shared/kubernetes/types.ts';
import { node, warning } from './build.ts';
import type { Case, CaseEvent } from './types.ts';

function ill(
  id: string,
  conditions: Readonly<Record<string, Json>>,
  more: { spec?: Json; labels?: Record<string, string>; status?: Json; events?: readonly CaseEvent[] } = {},
): Case {
  return { id, target: 'Node/', objects: (at) => [node(at, conditions, more)] };
}

const unready = (message: string): Json => ({ status: 'False', reason: 'KubeletNotReady', message });
const is = (reason: string, message: string): Json => ({ status: 'True', reason, message });

export const NODE_CASES: readonly Case[] = [
  ill('N-DOWN', {
    Ready: { status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' },
  }),
  ill('N-CERT', {
    Ready: unready('Unable to authenticate the request: x509: certificate has expired or is not yet valid'),
  }),
  ill('N-RUNTIME', {
    Ready: unready(
      '[container runtime is down, PLEG is not healthy: pleg was last seen active 6m12s ago; threshold is 3m0s]',
    ),
  }),
  ill('N-CNI', {
    Ready: unready(
      'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni config uninitialized',
    ),
  }),
  ill('N-MEM', { MemoryPressure: is('KubeletHasInsufficientMemory', 'kubelet has insufficient memory available') }),
  ill(
    'N-DISK',
    { DiskPressure: is('KubeletHasDiskPressure', 'kubelet has disk pressure') },
    {
      events: [
        warning(
          'FreeDiskSpaceFailed',
          'Failed to garbage collect required amount of images. Attempted to free 9534832640 bytes, but only found 0 bytes eligible to free.',
        ),
      ],
    },
  ),
  ill('N-PID', { PIDPressure: is('KubeletHasInsufficientPID', 'kubelet has insufficient PID available') }),
  ill(
    'N-TAINT',
    {},
    {
      spec: {
        taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' }],
      },
    },
  ),
  ill('N-RO', { ReadonlyFilesystem: is('FilesystemIsReadOnly', 'Remounting filesystem read-only') }),
  ill('N-KERN', { KernelDeadlock: is('DockerHung', 'task docker:7 blocked for more than 300 seconds.') }),
  ill('N-TIME', { NTPProblem: is('NTPIsDown', 'NTP service is not running; offset 4.2 s') }),
  ill(
    'N-REBOOT',
    {},
    {
      events: [
        warning('Rebooted', 'Node has been rebooted, boot id: 1c2f'),
        { type: 'Normal', reason: 'NodeNotReady', message: 'Node status is now: NodeNotReady', count: 4 },
      ],
    },
  ),
  ill(
    'N-VER',
    {},
    {
      status: {
        nodeInfo: {
          kubeletVersion: 'v1.20.4',
          containerRuntimeVersion: 'containerd://1.4.4',
          operatingSystem: 'linux',
          architecture: 'amd64',
          machineID: 'n-ver',
          systemUUID: 'n-ver',
          bootID: 'n-ver',
          kernelVersion: '5.4.0',
          osImage: 'Linux',
          kubeProxyVersion: 'v1.20.4',
        },
      },
    },
  ),
  ill(
    'N-CAP',
    {},
    {
      status: {
        capacity: { cpu: '4', memory: '16Gi', pods: '110' },
        allocatable: { cpu: '500m', memory: '2Gi', pods: '110' },
      },
    },
  ),
  ill('N-GPU', {}, { labels: { 'nvidia.com/gpu.present': 'true' } }),
  {
    id: 'N-DUP',
    target: 'Node/',
    objects: (at) => {
      const addresses = [{ type: 'InternalIP', address: '192.0.2.77' }];
      const twin = node({ ...at, caseNode: `${at.caseNode}-twin` }, {}, { status: { addresses } });
      return [twin, node(at, {}, { status: { addresses } })];
    },
  },
  ill('N-VK', {}, { labels: { type: 'virtual-kubelet' } }),
];
