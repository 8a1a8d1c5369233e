/** Pods that are not started, or do not stay. */
import { BEHAVIOUR_ANNOTATION } from '../../kubelet/behaviour.ts';
import { NODES } from '../../sim/refs.ts';
import { disk, machine, object, onMachine, pod } from './build.ts';
import type { Case } from './types.ts';

const DATA = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };

const START: readonly Case[] = [
  {
    id: 'P-PVCPEND',
    target: 'PersistentVolumeClaim/data',
    objects: (at) => [
      {
        object: object('v1', 'PersistentVolumeClaim', 'data', at.namespace, {
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'fast-nvme',
            resources: { requests: { storage: '1Gi' } },
          },
        }),
      },
      pod(at, DATA),
    ],
  },
  {
    // As a claim is that was bound once: its volume was deleted by hand.
    id: 'P-PVCLOST',
    target: 'PersistentVolumeClaim/data',
    objects: (at) => {
      const [, claim] = disk(at, 'data');
      if (claim !== undefined) claim.object.metadata.annotations = { 'pv.kubernetes.io/bind-completed': 'yes' };
      return claim === undefined ? [] : [claim];
    },
  },
  {
    id: 'P-ATTACH',
    target: 'Pod/app',
    objects: (at) => [
      machine(at),
      ...disk(at, 'data'),
      pod(at, { ...DATA, nodeName: at.node }, {}, 'first'),
      { ...pod(at, { ...DATA, nodeName: at.caseNode }), after: 'first' },
    ],
  },
  {
    id: 'P-MOUNT',
    target: 'Pod/app',
    objects: (at) => [pod(at, { volumes: [{ name: 'config', configMap: { name: 'settings' } }] })],
  },
  { id: 'P-SANDBOX', target: 'Pod/app', objects: (at) => [pod(at, {}, {}, 'app', 'sandbox-fails')] },
  {
    id: 'P-NETNOT',
    target: 'Pod/app',
    objects: (at) => [
      machine(at, { behaviour: 'not-ready' }),
      pod(at, { nodeName: at.caseNode, tolerations: [{ operator: 'Exists' }] }),
    ],
  },
  {
    id: 'P-CONFIG',
    target: 'Pod/app',
    objects: (at) => [pod(at, {}, { envFrom: [{ secretRef: { name: 'database' } }] })],
  },
  { id: 'P-CREATE', target: 'Pod/app', objects: (at) => [pod(at, {}, {}, 'app', 'no-command')] },
  {
    id: 'P-KUBELET',
    target: 'Pod/app',
    objects: (at) => [machine(at, { behaviour: 'ignores-pods' }), pod(at, onMachine(at))],
  },
  {
    id: 'P-HOOK',
    target: 'Pod/app',
    objects: (at) => [
      pod(at, {}, { lifecycle: { postStart: { exec: { command: ['sh', '-c', '/bin/warm-up || exit 3'] } } } }),
    ],
  },
  {
    id: 'P-REJECT',
    target: 'Pod/app',
    objects: (at) => [pod(at, { nodeName: at.node }, { resources: { requests: { cpu: '900' } } })],
  },
];

/** The simulation runs it like this. */
const behaving = (id: string, behaviour: string, container: object): Case => ({
  id,
  target: 'Pod/app',
  objects: (at) => [pod(at, {}, container, 'app', behaviour)],
});

const EXITS: readonly Case[] = [
  behaving('C-OOM', 'oom', { resources: { limits: { memory: '128Mi' } } }),
  {
    id: 'C-OOMNODE',
    target: 'Pod/app',
    objects: (at) => [machine(at, { behaviour: 'system-oom' }), pod(at, onMachine(at))],
  },
  behaving('C-LIVE', 'unhealthy', { livenessProbe: { httpGet: { path: '/health', port: 80 }, periodSeconds: 5 } }),
  behaving('C-START', 'unstarted', {
    startupProbe: { httpGet: { path: '/', port: 80 }, failureThreshold: 3, periodSeconds: 5 },
  }),
  {
    id: 'C-CMD',
    target: 'Pod/app',
    objects: (at) => [
      pod(at, {}, { image: 'busybox', command: ['sh', '-c', 'echo "sh: /start.sh: not found"; exit 127'], ports: [] }),
    ],
  },
  {
    id: 'C-EXIT',
    target: 'Pod/app',
    objects: (at) => [
      pod(at, {}, { image: 'busybox', command: ['sh', '-c', 'echo "shutting down"; exit 3'], ports: [] }),
    ],
  },
  {
    id: 'C-CONF',
    target: 'Pod/app',
    objects: (at) => [
      pod(
        at,
        {},
        {
          image: 'busybox',
          command: ['sh', '-c', 'echo "dial tcp 10.96.4.7:5432: connection refused"; exit 1'],
          ports: [],
        },
      ),
    ],
  },
  {
    id: 'C-DONE',
    target: 'Pod/app',
    objects: (at) => [pod(at, {}, { image: 'busybox', command: ['sh', '-c', 'echo finished'], ports: [] })],
  },
  {
    id: 'C-INIT',
    target: 'Pod/app',
    objects: (at) => [
      pod(at, {
        initContainers: [{ name: 'migrate', image: 'busybox', command: ['sh', '-c', 'echo migration failed; exit 3'] }],
      }),
    ],
  },
  {
    id: 'C-LOOP',
    target: 'Pod/app',
    objects: (at) => [pod(at, {}, { image: 'busybox', command: ['sh', '-c', 'sleep 1; exit 4'], ports: [] })],
  },
  {
    id: 'C-EVICT',
    target: 'Pod/app',
    objects: (at) => [pod(at, {}, { resources: { limits: { 'ephemeral-storage': '1Gi' } } }, 'app', 'fills-disk')],
  },
  {
    id: 'C-TAINTEV',
    target: 'Pod/app',
    objects: (at) => [
      machine(at),
      pod(
        at,
        { nodeName: at.caseNode, terminationGracePeriodSeconds: 7200 },
        { lifecycle: { preStop: { exec: { command: ['sleep', '3600'] } } } },
      ),
    ],
    change: {
      ...NODES,
      namespace: '',
      name: 'case-c-taintev',
      after: 'app',
      to: { spec: { taints: [{ key: 'maintenance', effect: 'NoExecute' }] } },
      back: { spec: { taints: [] } },
    },
  },
  {
    id: 'C-DEADLINE',
    target: 'Job/app',
    objects: (at) => [
      {
        object: object('batch/v1', 'Job', 'app', at.namespace, {
          spec: {
            activeDeadlineSeconds: 1,
            backoffLimit: 0,
            template: {
              spec: {
                restartPolicy: 'Never',
                containers: [{ name: 'app', image: 'busybox', command: ['sh', '-c', 'sleep 3600'] }],
              },
            },
          },
        }),
      },
    ],
  },
  behaving('C-RESTART', 'flaky', {}),
  behaving('P-READY', 'unready', { readinessProbe: { httpGet: { path: '/ready', port: 80 } } }),
  behaving('P-READY-PORT', 'unready', { readinessProbe: { tcpSocket: { port: 8080 } } }),
  {
    // Its probe failed once and asks again in an hour; whoever cleaned up has taken the event away.
    id: 'P-NOTREADY',
    target: 'Pod/app',
    objects: (at) => [
      {
        ...pod(
          at,
          {},
          { readinessProbe: { httpGet: { path: '/ready', port: 80 }, periodSeconds: 3600 } },
          'app',
          'unready',
        ),
        forgets: 'Unhealthy',
      },
    ],
  },
  {
    id: 'P-GATEX',
    target: 'Pod/app',
    objects: (at) => [pod(at, { readinessGates: [{ conditionType: 'target-health.elbv2.k8s.aws/web' }] })],
  },
  {
    id: 'P-TERM',
    target: 'Pod/app',
    objects: (at) => {
      const { object: kept } = pod(at, { nodeName: at.node, terminationGracePeriodSeconds: 0 });
      kept.metadata.finalizers = ['demo.fleetdeck/guard'];
      return [{ object: kept, deleted: true }];
    },
  },
  {
    id: 'P-UNKNOWN',
    target: 'Pod/app',
    objects: (at) => [machine(at), pod(at, { nodeName: at.caseNode, tolerations: [{ operator: 'Exists' }] })],
    change: {
      ...NODES,
      namespace: '',
      name: 'case-p-unknown',
      after: 'app',
      to: { metadata: { annotations: { [BEHAVIOUR_ANNOTATION]: 'down' } } },
      back: { metadata: { annotations: { [BEHAVIOUR_ANNOTATION]: null } } },
    },
  },
];

export const POD_CASES: readonly Case[] = [...START, ...EXITS];
