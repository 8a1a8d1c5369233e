/** Pods that are not created or not placed. */
import { groupOf } from '../../controllers/pod-groups.ts';
import { deployment, disk, machine, object, onMachine, pod } from './build.ts';
import { ENDED_AUTHORITY } from './ended-authority.ts';
import type { Case } from './types.ts';

const ADMISSION: readonly Case[] = [
  {
    id: 'P-QUOTA',
    target: 'Deployment/app',
    objects: (at) => [
      { object: object('v1', 'ResourceQuota', 'pods', at.namespace, { spec: { hard: { pods: '0' } } }) },
      deployment(at),
    ],
  },
  {
    id: 'P-LIMITR',
    target: 'Deployment/app',
    objects: (at) => [
      {
        object: object('v1', 'LimitRange', 'sizes', at.namespace, {
          spec: { limits: [{ type: 'Container', max: { cpu: '500m' } }] },
        }),
      },
      deployment(at, {}, { resources: { limits: { cpu: '2' }, requests: { cpu: '2' } } }),
    ],
  },
  {
    id: 'P-PSA',
    target: 'Deployment/app',
    objects: (at) => [
      {
        object: {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: at.namespace, labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
        },
      },
      deployment(at, { hostNetwork: true }, { ports: [] }),
    ],
  },
  {
    id: 'P-WEBHOOK',
    target: 'Deployment/app',
    objects: (at) => [
      {
        object: object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', at.namespace, '', {
          webhooks: [
            {
              name: 'pods.policy.example.com',
              admissionReviewVersions: ['v1'],
              sideEffects: 'None',
              failurePolicy: 'Fail',
              clientConfig: {
                service: { name: 'policy', namespace: at.namespace, path: '/validate' },
                caBundle: ENDED_AUTHORITY,
              },
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': at.namespace } },
              rules: [
                { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: '*' },
              ],
            },
          ],
        }),
      },
      deployment(at),
    ],
  },
  { id: 'P-SA', target: 'Deployment/app', objects: (at) => [deployment(at, { serviceAccountName: 'builder' })] },
  {
    id: 'P-PRIO',
    target: 'Deployment/app',
    objects: (at) => [deployment(at, { priorityClassName: 'very-important' })],
  },
  {
    // Refused by a rule that no other cause stands for.
    id: 'P-DENIED',
    target: 'Deployment/app',
    objects: (at) => [deployment(at, { runtimeClassName: 'gvisor' })],
  },
  { id: 'P-SELECT', target: 'Deployment/app', objects: (at) => [deployment(at, {}, {}, { replicas: 0 })] },
  {
    id: 'P-PVCQUOTA',
    target: 'StatefulSet/app',
    objects: (at) => [
      {
        object: object('v1', 'ResourceQuota', 'storage', at.namespace, {
          spec: { hard: { persistentvolumeclaims: '0' } },
        }),
      },
      {
        object: object('apps/v1', 'StatefulSet', 'app', at.namespace, {
          spec: {
            serviceName: 'app',
            replicas: 1,
            selector: { matchLabels: { app: 'app' } },
            template: {
              metadata: { labels: { app: 'app' } },
              spec: { containers: [{ name: 'app', image: 'nginx:1.29-alpine' }] },
            },
            volumeClaimTemplates: [
              {
                metadata: { name: 'data' },
                spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
              },
            ],
          },
        }),
      },
    ],
  },
];

const asks = (resource: string, amount: string) => ({
  resources: { requests: { [resource]: amount }, limits: { [resource]: amount } },
});

const PLACEMENT: readonly Case[] = [
  { id: 'P-CPU', target: 'Pod/app', objects: (at) => [pod(at, {}, asks('cpu', '900'))] },
  { id: 'P-MEM', target: 'Pod/app', objects: (at) => [pod(at, {}, asks('memory', '9Ti'))] },
  { id: 'P-EPH', target: 'Pod/app', objects: (at) => [pod(at, {}, asks('ephemeral-storage', '90Ti'))] },
  { id: 'P-EXT', target: 'Pod/app', objects: (at) => [pod(at, {}, asks('nvidia.com/gpu', '8'))] },
  {
    id: 'P-MAXPODS',
    target: 'Pod/app',
    objects: (at) => [
      machine(at, { is: 'pods=1' }),
      pod(at, { nodeName: at.caseNode }, {}, 'first'),
      pod(at, onMachine(at)),
    ],
  },
  {
    id: 'P-TAINT',
    target: 'Pod/app',
    objects: (at) => [
      machine(at, { spec: { taints: [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' }] } }),
      pod(at, onMachine(at)),
    ],
  },
  {
    id: 'P-CORDON',
    target: 'Pod/app',
    objects: (at) => [machine(at, { spec: { unschedulable: true } }), pod(at, onMachine(at))],
  },
  {
    id: 'P-AFF',
    target: 'Pod/app',
    objects: (at) => [pod(at, { nodeSelector: { 'kubernetes.io/os': 'linux', disktype: 'nvme' } })],
  },
  {
    id: 'P-PAFF',
    target: 'Pod/app',
    objects: (at) => [
      pod(at, {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { labelSelector: { matchLabels: { app: 'cache' } }, topologyKey: 'kubernetes.io/hostname' },
            ],
          },
        },
      }),
    ],
  },
  {
    id: 'P-PANTI',
    target: 'Pod/app',
    objects: (at) => [
      pod(at, { nodeName: at.node }, {}, 'first'),
      pod(at, {
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { labelSelector: { matchLabels: { app: 'app' } }, topologyKey: 'kubernetes.io/os' },
            ],
          },
        },
      }),
    ],
  },
  {
    id: 'P-SPREAD',
    target: 'Pod/app',
    objects: (at) => [
      pod(at, {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'example.com/rack',
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: { matchLabels: { app: 'app' } },
          },
        ],
      }),
    ],
  },
  {
    id: 'P-PORT',
    target: 'Pod/app',
    objects: (at) => [
      pod(at, { nodeName: at.node }, { ports: [{ containerPort: 80, hostPort: 18443 }] }, 'holder'),
      pod(
        at,
        { nodeSelector: { 'kubernetes.io/hostname': at.node } },
        { ports: [{ containerPort: 80, hostPort: 18443 }] },
      ),
    ],
  },
  {
    id: 'P-VOLAFF',
    target: 'Pod/app',
    objects: (at) => [
      {
        object: object('v1', 'PersistentVolume', at.namespace, '', {
          spec: {
            capacity: { storage: '1Gi' },
            accessModes: ['ReadWriteOnce'],
            storageClassName: at.namespace,
            persistentVolumeReclaimPolicy: 'Retain',
            csi: { driver: 'disk.example.com', volumeHandle: at.namespace },
            nodeAffinity: {
              required: {
                nodeSelectorTerms: [
                  { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['zone-z'] }] },
                ],
              },
            },
          },
        }),
      },
      {
        object: object('v1', 'PersistentVolumeClaim', 'data', at.namespace, {
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: at.namespace,
            volumeName: at.namespace,
            resources: { requests: { storage: '1Gi' } },
          },
        }),
      },
      pod(at, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }),
    ],
  },
  {
    id: 'P-VOLBIND',
    target: 'Pod/app',
    objects: (at) => [pod(at, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] })],
  },
  {
    id: 'P-VOLMAX',
    target: 'Pod/app',
    objects: (at) => [
      machine(at),
      {
        object: object('storage.k8s.io/v1', 'CSINode', at.caseNode, '', {
          spec: { drivers: [{ name: at.driver, nodeID: at.caseNode, allocatable: { count: 1 } }] },
        }),
      },
      ...disk(at, 'data'),
      ...disk(at, 'more'),
      pod(at, {
        ...onMachine(at),
        volumes: ['data', 'more'].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
      }),
    ],
  },
  {
    id: 'P-DRA',
    target: 'Pod/app',
    objects: (at) => [pod(at, { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] })],
  },
  { id: 'P-NONODE', target: 'Pod/app', takesNodes: true, objects: (at) => [pod(at)] },
  {
    // Words of a plugin that no other cause stands for: two more of the group are never made.
    id: 'P-UNSCHED',
    target: 'Pod/app',
    objects: (at) => {
      const one = pod(at);
      one.object.metadata.labels = { ...one.object.metadata.labels, ...groupOf('app', 3) };
      return [one];
    },
  },
  {
    id: 'P-GATE',
    target: 'Pod/app',
    objects: (at) => [pod(at, { schedulingGates: [{ name: 'quota.example.com/approval' }] })],
  },
  { id: 'P-NOSCHED', target: 'Pod/app', objects: (at) => [pod(at, { schedulerName: 'batch-scheduler' })] },
  {
    id: 'P-PREEMPT',
    target: 'Pod/app',
    objects: (at) => [
      machine(at, { is: 'cpu=2' }),
      {
        object: object('scheduling.k8s.io/v1', 'PriorityClass', at.namespace, '', { value: 1000 }),
      },
      // Takes its time to end, so that there is something to look at.
      pod(
        at,
        { nodeName: at.caseNode, terminationGracePeriodSeconds: 7200 },
        { ...asks('cpu', '1200m'), lifecycle: { preStop: { exec: { command: ['sleep', '3600'] } } } },
      ),
      {
        ...pod(at, { ...onMachine(at), priorityClassName: at.namespace }, asks('cpu', '1200m'), 'urgent'),
        after: 'app',
      },
    ],
  },
];

export const PLACEMENT_CASES: readonly Case[] = [...ADMISSION, ...PLACEMENT];
