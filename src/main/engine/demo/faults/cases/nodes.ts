/** Nodes in trouble: machines that join the cluster with a behaviour of their own. */
import { machine } from './build.ts';
import { KUBELET_REQUEST } from './signing-request.ts';
import type { Case } from './types.ts';

function ill(id: string, more: Parameters<typeof machine>[1]): Case {
  return { id, target: 'Node/', objects: (at) => [machine(at, more)] };
}

const behaving = (id: string, behaviour: string): Case => ill(id, { behaviour });

export const NODE_CASES: readonly Case[] = [
  behaving('N-DOWN', 'down'),
  {
    // Nobody approved the next certificate, and the last one has run out.
    id: 'N-CERT',
    target: 'Node/',
    objects: (at) => [
      machine(at, { behaviour: 'down' }),
      {
        as: `system:node:${at.caseNode}`,
        object: {
          apiVersion: 'certificates.k8s.io/v1',
          kind: 'CertificateSigningRequest',
          metadata: { name: at.caseNode },
          spec: {
            request: KUBELET_REQUEST,
            signerName: 'kubernetes.io/kubelet-serving',
            usages: ['digital signature', 'server auth'],
          },
        },
      },
    ],
  },
  { ...behaving('N-KUBELET', 'kubelet-unhealthy'), further: 'kubelet' },
  behaving('N-RUNTIME', 'runtime-down'),
  behaving('N-CNI', 'not-ready'),
  behaving('N-NOTREADY', 'csi-not-ready'),
  behaving('N-MEM', 'memory-pressure'),
  behaving('N-DISK', 'disk-pressure'),
  behaving('N-PID', 'pid-pressure'),
  ill('N-TAINT', {
    spec: { taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' }] },
  }),
  behaving('N-RO', 'read-only'),
  behaving('N-KERN', 'kernel-deadlock'),
  behaving('N-TIME', 'clock-wrong'),
  behaving('N-REBOOT', 'reboots'),
  ill('N-VER', { is: 'kubelet=v1.20.4' }),
  // The pods of DaemonSets alone fill it.
  ill('N-CAP', { is: 'pods=1' }),
  ill('N-GPU', { labels: { 'nvidia.com/gpu.present': 'true' } }),
  {
    id: 'N-DUP',
    target: 'Node/',
    objects: (at) => [
      machine(at, { is: 'ip=192.0.2.77', name: `${at.caseNode}-twin` }),
      machine(at, { is: 'ip=192.0.2.77' }),
    ],
  },
  ill('N-VK', { labels: { type: 'virtual-kubelet' } }),
];
