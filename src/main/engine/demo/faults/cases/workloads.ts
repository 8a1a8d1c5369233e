/** Autoscalers that do not scale, workloads and Jobs that do not get done, namespaces that do not go. */
import type { Json } from '#shared/kubernetes/types.ts';
import { LOAD_ANNOTATION } from '../../usage/load.ts';
import { deployment, object } from './build.ts';
import type { Case, CaseObject, CasePlace } from './types.ts';

const CPU = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } };

function scaler(at: CasePlace, target: string, metric: Json = CPU): CaseObject {
  return {
    object: object('autoscaling/v2', 'HorizontalPodAutoscaler', 'app', at.namespace, {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target },
        minReplicas: 1,
        maxReplicas: 3,
        metrics: [metric],
      },
    }),
  };
}

const SCALER = 'HorizontalPodAutoscaler/app';
const job = (at: CasePlace, spec: Json): CaseObject => ({
  object: object('batch/v1', 'Job', 'app', at.namespace, {
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'app', image: 'busybox', command: ['sh', '-c', 'exit 1'] }],
        },
      },
      ...spec,
    },
  }),
});

export const WORKLOAD_CASES: readonly Case[] = [
  { id: 'H-TARGET', target: SCALER, objects: (at) => [scaler(at, 'gone')] },
  { id: 'H-REQUEST', target: SCALER, objects: (at) => [deployment(at), scaler(at, 'app')] },
  {
    id: 'H-METRICS',
    target: SCALER,
    objects: (at) => [
      deployment(at),
      scaler(at, 'app', {
        type: 'Pods',
        pods: { metric: { name: 'requests_per_second' }, target: { type: 'AverageValue', averageValue: '100' } },
      }),
    ],
  },
  {
    // Busy enough for more replicas than it may have.
    id: 'H-LIMITED',
    target: SCALER,
    objects: (at) => {
      const { object: busy } = deployment(at, {}, { resources: { requests: { cpu: '100m' } } });
      busy.metadata.annotations = { [LOAD_ANNOTATION]: 'cpu=400%' };
      return [{ object: busy }, scaler(at, 'app')];
    },
  },
  {
    id: 'W-PODS',
    target: 'Deployment/app',
    objects: (at) => [deployment(at, {}, { envFrom: [{ configMapRef: { name: 'settings' } }] }, { replicas: 2 })],
  },
  {
    id: 'W-STUCK',
    target: 'Deployment/app',
    objects: (at) => [
      deployment(at, {}, { image: 'registry.example.com/team/missing:2.0' }, { progressDeadlineSeconds: 10 }),
    ],
  },
  {
    id: 'NS-CONTENT',
    target: 'Namespace/case-ns-content-old',
    objects: (at) => {
      const old = `${at.namespace}-old`;
      const kept = object('v1', 'ConfigMap', 'state', old);
      kept.metadata.finalizers = ['demo.fleetdeck/guard'];
      const space = { object: object('v1', 'Namespace', old, '') };
      return [space, { object: kept }, { ...space, deleted: true }];
    },
  },
  {
    // An API that was taken down and is still registered: nobody can list what it may hold.
    id: 'NS-API',
    target: 'Namespace/case-ns-api-old',
    objects: (at) => [
      {
        object: object('apiregistration.k8s.io/v1', 'APIService', 'v1beta1.queue.example.com', '', {
          spec: {
            group: 'queue.example.com',
            version: 'v1beta1',
            service: { name: 'queue-api', namespace: at.namespace },
            insecureSkipTLSVerify: true,
            groupPriorityMinimum: 100,
            versionPriority: 100,
          },
        }),
      },
      { object: object('v1', 'Namespace', `${at.namespace}-old`, ''), deleted: true },
    ],
  },
  { id: 'J-FAILED', target: 'Job/app', objects: (at) => [job(at, {})] },
  { id: 'J-SUSPENDED', target: 'Job/app', objects: (at) => [job(at, { suspend: true })] },
];
