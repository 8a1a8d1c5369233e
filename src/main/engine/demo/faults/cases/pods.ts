/** Pods that are not started, or do not stay. */
import { crashed, node, object, pod, running, STAGED, stagedPod, waiting, warning } from './build.ts';
import type { Case, CasePlace } from './types.ts';

const DATA = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
const creating = (at: CasePlace) => waiting(at, 'ContainerCreating');
const created = (id: string, reason: string, message: string): Case => ({
  id,
  target: 'Pod/app',
  objects: (at) => [stagedPod(at, creating(at), [warning(reason, message, { count: 5 })])],
});

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
  created(
    'P-ATTACH',
    'FailedAttachVolume',
    'Multi-Attach error for volume "pvc-5d1f6f0e" Volume is already used by pod(s) db-0',
  ),
  {
    id: 'P-MOUNT',
    target: 'Pod/app',
    objects: (at) => [pod(at, { volumes: [{ name: 'config', configMap: { name: 'settings' } }] })],
  },
  created(
    'P-SANDBOX',
    'FailedCreatePodSandBox',
    'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "2b1c": plugin type="calico" failed (add): error getting ClusterInformation: connection is unauthorized: Unauthorized',
  ),
  created(
    'P-NETNOT',
    'NetworkNotReady',
    'network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni config uninitialized',
  ),
  {
    id: 'P-CONFIG',
    target: 'Pod/app',
    objects: (at) => [pod(at, {}, { envFrom: [{ secretRef: { name: 'database' } }] })],
  },
  {
    id: 'P-CREATE',
    target: 'Pod/app',
    objects: (at) => [
      stagedPod(
        at,
        waiting(
          at,
          'RunContainerError',
          'failed to create containerd task: failed to create shim task: OCI runtime create failed: exec: "/app/serve": stat /app/serve: no such file or directory: unknown',
        ),
        [],
        { container: { command: ['/app/serve'] } },
      ),
    ],
  },
  {
    id: 'P-KUBELET',
    target: 'Pod/app',
    objects: (at) => [
      stagedPod(at, {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: at.ago(300) }],
      }),
    ],
  },
  {
    id: 'P-HOOK',
    target: 'Pod/app',
    objects: (at) => [
      stagedPod(
        at,
        waiting(
          at,
          'PostStartHookError',
          'Exec lifecycle hook ([/bin/warm-up]) for Container "app" failed - error: command exited with 126',
        ),
        [warning('FailedPostStartHook', 'PostStartHook failed', { fieldPath: 'spec.containers{app}' })],
      ),
    ],
  },
  {
    id: 'P-REJECT',
    target: 'Pod/app',
    objects: (at) => [
      stagedPod(at, {
        phase: 'Failed',
        reason: 'OutOfcpu',
        message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 4000, used: 3900, capacity: 4000",
      }),
    ],
  },
];

/** The simulation runs it like this. */
const behaving = (id: string, behaviour: string, container: object): Case => ({
  id,
  target: 'Pod/app',
  objects: (at) => [pod(at, {}, container, 'app', behaviour)],
});

const ended = (
  id: string,
  container: object,
  events: Parameters<typeof warning>[] = [],
  exit = { exitCode: 137, reason: 'Error' },
): Case => ({
  id,
  target: 'Pod/app',
  objects: (at) => [
    stagedPod(
      at,
      crashed(at, exit),
      events.map(([reason, message]) => warning(reason, message, { fieldPath: 'spec.containers{app}' })),
      { container },
    ),
  ],
});

const EXITS: readonly Case[] = [
  behaving('C-OOM', 'oom', { resources: { limits: { memory: '128Mi' } } }),
  {
    id: 'C-OOMNODE',
    target: 'Pod/app',
    objects: (at) => [
      node(
        at,
        {},
        {
          events: [
            warning('SystemOOM', 'System OOM encountered, victim process: java, pid: 4211', { component: 'kubelet' }),
          ],
        },
      ),
      stagedPod(at, crashed(at, { exitCode: 137, reason: 'Error' }), [], { spec: { nodeName: at.caseNode } }),
    ],
  },
  behaving('C-LIVE', 'unhealthy', { livenessProbe: { httpGet: { path: '/health', port: 80 }, periodSeconds: 5 } }),
  behaving('C-START', 'unstarted', {
    startupProbe: { httpGet: { path: '/', port: 80 }, failureThreshold: 3, periodSeconds: 5 },
  }),
  ended('C-CMD', { command: ['/start.sh'] }, [], { exitCode: 127, reason: 'StartError' }),
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
    objects: (at) => [
      stagedPod(
        at,
        {
          phase: 'Failed',
          reason: 'Evicted',
          message: 'Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ',
        },
        [warning('Evicted', 'Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ')],
      ),
    ],
  },
  {
    id: 'C-TAINTEV',
    target: 'Pod/app',
    objects: (at) => [
      stagedPod(at, {
        phase: 'Failed',
        conditions: [
          {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'DeletionByTaintManager',
            message: 'Taint manager: deleting due to NoExecute taint',
            lastTransitionTime: at.ago(60),
          },
        ],
      }),
    ],
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
  {
    id: 'C-RESTART',
    target: 'Pod/app',
    objects: (at) => [
      stagedPod(
        at,
        running(at, {
          restartCount: 7,
          lastState: { terminated: { exitCode: 1, reason: 'Error', startedAt: at.ago(400), finishedAt: at.ago(100) } },
        }),
      ),
    ],
  },
  behaving('P-READY', 'unready', { readinessProbe: { httpGet: { path: '/ready', port: 80 } } }),
  {
    id: 'P-GATEX',
    target: 'Pod/app',
    objects: (at) => {
      const status = running(at, {}, false);
      status.containerStatuses[0].ready = true;
      status.conditions[2].status = 'True';
      return [
        stagedPod(at, status, [], { spec: { readinessGates: [{ conditionType: 'target-health.elbv2.k8s.aws/web' }] } }),
      ];
    },
  },
  {
    id: 'P-TERM',
    target: 'Pod/app',
    objects: (at) => [
      {
        object: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: 'app',
            namespace: at.namespace,
            annotations: { ...STAGED },
            finalizers: ['demo.fleetdeck/guard'],
          },
          spec: {
            nodeName: at.node,
            terminationGracePeriodSeconds: 0,
            containers: [{ name: 'app', image: 'nginx:1.29-alpine' }],
          },
        },
        status: running(at),
        deleted: true,
      },
    ],
  },
  {
    id: 'P-UNKNOWN',
    target: 'Pod/app',
    objects: (at) => [
      node(at, {
        Ready: { status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' },
      }),
      stagedPod(at, running(at, { ready: true }, false), [], { spec: { nodeName: at.caseNode } }),
    ],
  },
];

export const POD_CASES: readonly Case[] = [...START, ...EXITS];
