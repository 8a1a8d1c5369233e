/** What takes a service down, and what is down. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { ago, container, deployment, describeRules, object, withContainer } from '../../testing.ts';
import { RELIABILITY_RULES } from './index.ts';

const web = (spec: Json = {}, change: Json = {}): KubeObject => {
  const one = deployment({});
  return {
    ...one,
    ...change,
    metadata: { ...one.metadata, creationTimestamp: ago(86_400) },
    spec: { ...one.spec, ...spec },
  };
};
const served = object('v1/Service', 'web', {
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
});
const budget = (spec: Json, change: Json = {}): KubeObject =>
  object('policy/v1/PodDisruptionBudget', 'web', {
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
    ...change,
  });
const autoscaler = (spec: Json, change: Json = {}): KubeObject =>
  object('autoscaling/v2/HorizontalPodAutoscaler', 'web', {
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 9, ...spec },
    ...change,
  });
const ingress = (service: Json): KubeObject =>
  object('networking.k8s.io/v1/Ingress', 'web', { spec: { rules: [{ http: { paths: [{ backend: { service } }] } }] } });
const set = (spec: Json): KubeObject => ({ ...web(spec), kind: 'StatefulSet' });
const pod = (status: Json, metadata: Json = {}): KubeObject => object('v1/Pod', 'web-1', { metadata, status });
const claim = (phase: string, seconds: number): KubeObject =>
  object('v1/PersistentVolumeClaim', 'data', { metadata: { creationTimestamp: ago(seconds) }, status: { phase } });
const namespace = (seconds: number): KubeObject =>
  object('v1/Namespace', 'old', { metadata: { namespace: undefined, deletionTimestamp: ago(seconds) } });
const port = (targetPort: unknown): KubeObject =>
  object('v1/Service', 'web', { spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort }] } });
const probe = { httpGet: { path: '/', port: 80 } };

const uses = (source: Json): KubeObject => withContainer({ envFrom: [source] });
const big = (replicas: number): KubeObject[] => [
  autoscaler({ maxReplicas: replicas }),
  web(),
  object('v1/Node', 'n1', {
    metadata: { namespace: undefined },
    status: { allocatable: { cpu: '4', memory: '16Gi' } },
  }),
];

/** One authority that ended in 2021, one that ends 19 days from now, and one that is good for twenty years. */
const ENDED = [
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJNekNCMjZBREFnRUNBZzl5VUdpYTZmNDhPNVptS1F3cStUOHdDZ1lJS29aSXpqMEVBd0',
  'l3RkRFU01CQUcKQTFVRUF4TUpjRzlzYVdONUxXTmhNQjRYRFRJd01ERXdNVEF3TURBd01Gb1hEVEl4TURFd01UQXdNREF3TUZvdwpGREVTTUJB',
  'R0ExVUVBeE1KY0c5c2FXTjVMV05oTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFCk92S25aZXZraldmZXAvcHgwdTQ5aTVPel',
  'JjcjdWelI2eHVZL3ErTlBaWU4zT1cxQzhvaGpLYmZWdUxmdnNvaSsKSHBGeWJxYldOVFA3Y0FENHBNOVlPYU1RTUE0d0RBWURWUjBUQkFVd0F3',
  'RUIvekFLQmdncWhrak9QUVFEQWdOSApBREJFQWlCWkhYTi9tRTl2bm5RWEVtTW1BOHlHM3Y1WCtLTGt2YitWS3dKekxqZlpXZ0lnSitCVzRBSC',
  'ttKzBKCkhDS0h3cit5T0JLUXYrL0lVVnZ2cmJUM0VKL3RRVlE9Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0=',
].join('');
const ENDS_SOON = [
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJORENCMjZBREFnRUNBZzh6QlVaenBTdnpNVUZOckRpNkE4NHdDZ1lJS29aSXpqMEVBd0',
  'l3RkRFU01CQUcKQTFVRUF4TUpjRzlzYVdONUxXTmhNQjRYRFRJMk1ERXdNVEF3TURBd01Gb1hEVEkyTURZeU1EQXdNREF3TUZvdwpGREVTTUJB',
  'R0ExVUVBeE1KY0c5c2FXTjVMV05oTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFCkRqZyt5V0N3bUlKRitUSlBXOEFSZ0RQY0',
  'wrRDRxVUd6ZkplTmpYWU5LVzM4SUtCT2dqbzJROExhbGs2SUphc2YKWkZKclJ1VnczVlptd3FrK3U1T2NQcU1RTUE0d0RBWURWUjBUQkFVd0F3',
  'RUIvekFLQmdncWhrak9QUVFEQWdOSQpBREJGQWlBVVBOaytCTzZlY05vcW54L3lLWC91L1lDZHZ4THA5VkhqQjczQ3AzSTlhUUloQU5rSnR4bl',
  'BWOVhXCjAvcGdNcWdQS2lKK01QdzBLTE91ZjBLK0JsVTRRMGozCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0=',
].join('');
const GOOD_FOR_LONG = [
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJORENCMjZBREFnRUNBZzk5TUlJSTY5ckp4NGQvYVE4OTZ5TXdDZ1lJS29aSXpqMEVBd0',
  'l3RkRFU01CQUcKQTFVRUF4TUpjRzlzYVdONUxXTmhNQjRYRFRJMk1ERXdNVEF3TURBd01Gb1hEVFEyTURFd01UQXdNREF3TUZvdwpGREVTTUJB',
  'R0ExVUVBeE1KY0c5c2FXTjVMV05oTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFCnNSQVZXRlBrT2RNK1JSYU8vcmtwaTBPOX',
  'loeW9xdWowbE9JbytCZTdZdnNycUtEMUc3MnJxQ2c0SWh1d0Z1dU4KeEJkR3ZweVY2b0hEWXFEUXdIWWp1YU1RTUE0d0RBWURWUjBUQkFVd0F3',
  'RUIvekFLQmdncWhrak9QUVFEQWdOSQpBREJGQWlBUHpFL0xzdVUwL3BFcWtXQ0p5M0tIeUNyUzNpb0JRMzYwOXZkc3VWSDdyQUloQUxsWTlaSF',
  'gweU93CmJadzBLZFpVZDBuK0FuTGo0amFFSVRWNUdLQUMrYkRBCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0=',
].join('');
const pemOf = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
const webhook = (caBundle?: string): KubeObject =>
  object('admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration', 'policy', {
    metadata: { namespace: undefined },
    webhooks: [{ name: 'pods.policy.example.com', clientConfig: caBundle === undefined ? {} : { caBundle } }],
  });

describeRules(RELIABILITY_RULES, {
  WebhookAuthorityEnds: [
    ['that has ended', [webhook(ENDED)], ['danger']],
    ['that ends soon', [webhook(ENDS_SOON)], ['warning']],
    ['that nobody can read', [webhook('bm9uZQ==')], ['warning']],
    ['good for long', [webhook(GOOD_FOR_LONG)], []],
    [
      'that is being renewed',
      [webhook(Buffer.from(`${pemOf(ENDED)}\n${pemOf(GOOD_FOR_LONG)}`).toString('base64'))],
      [],
    ],
    ['left to the system’s', [webhook()], []],
  ],
  ReferenceMissing: [
    ['a Secret', [uses({ secretRef: { name: 'password' } })], ['danger'], 'v1.33.0'],
    ['there', [uses({ secretRef: { name: 'password' } }), object('v1/Secret', 'password')], [], 'v1.33.0'],
    ['optional', [uses({ configMapRef: { name: 'settings', optional: true } })], [], 'v1.33.0'],
    ['a ServiceAccount', [deployment({ serviceAccountName: 'builder' })], ['danger'], 'v1.33.0'],
    ['manifests, which may be a part', [uses({ secretRef: { name: 'password' } })], []],
  ],
  AutoscalerExceedsCapacity: [
    ['more than there is', big(9), ['warning']],
    ['as much as there is', big(4), []],
    ['nodes that are not known', big(9).slice(0, 2), []],
  ],
  ScratchSpaceUnlimited: [
    ['no limit', [deployment({ volumes: [{ name: 'tmp', emptyDir: {} }] })], ['notice']],
    ['a size', [deployment({ volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '1Gi' } }] })], []],
    ['in memory', [deployment({ volumes: [{ name: 'tmp', emptyDir: { medium: 'Memory' } }] })], []],
  ],
  SingleReplica: [
    ['behind a Service', [web(), served], ['warning']],
    ['alone', [web()], ['notice']],
    ['two', [web({ replicas: 2 }), served], []],
    ['none on purpose', [web({ replicas: 0 }), served], []],
    ['with an autoscaler', [web(), served, autoscaler({})], []],
  ],
  NoDisruptionBudget: [
    ['none', [web({ replicas: 2 })], ['warning']],
    ['for others', [web({ replicas: 2 }), budget({ selector: { matchLabels: { app: 'x' } } })], ['warning']],
    ['its own', [web({ replicas: 2 }), budget({})], []],
    ['a single copy', [web()], []],
  ],
  DisruptionBudgetBlocks: [
    ['no disruption', [budget({ maxUnavailable: 0 })], ['warning']],
    ['all must stay', [budget({ minAvailable: '100%' })], ['warning']],
    ['as many as there are', [budget({ minAvailable: 2 }, { status: { expectedPods: 2 } })], ['warning']],
    ['one may go', [budget({ minAvailable: 1 }, { status: { expectedPods: 2 } })], []],
  ],
  DisruptionBudgetSelectsNothing: [
    ['nothing', [budget({})], ['notice']],
    ['a workload', [budget({}), web()], []],
  ],
  AutoscalerTargetMissing: [
    ['gone', [autoscaler({})], ['danger']],
    ['there', [autoscaler({}), web()], []],
    ['of a kind that is not read', [autoscaler({ scaleTargetRef: { kind: 'Rollout', name: 'web' } })], []],
  ],
  AutoscalerRange: [
    ['equal', [autoscaler({ minReplicas: 3, maxReplicas: 3 })], ['notice']],
    ['from one', [autoscaler({ minReplicas: undefined })], ['notice']],
    ['from two', [autoscaler({})], []],
  ],
  AutoscalerCannotScale: [
    [
      'no metrics',
      [
        autoscaler(
          {},
          { status: { conditions: [{ type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric' }] } },
        ),
      ],
      ['warning'],
    ],
    [
      'switched off on purpose',
      [
        autoscaler(
          {},
          { status: { conditions: [{ type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled' }] } },
        ),
      ],
      [],
    ],
    ['well', [autoscaler({}, { status: { conditions: [{ type: 'ScalingActive', status: 'True' }] } })], []],
  ],
  NoSpread: [
    ['nothing', [web({ replicas: 2 })], ['notice']],
    [
      'constraints',
      [
        {
          ...deployment({ topologySpreadConstraints: [{ maxSkew: 1 }] }),
          spec: { replicas: 2, ...deployment({ topologySpreadConstraints: [{ maxSkew: 1 }] }).spec },
        },
      ],
      [],
    ],
    ['a single copy', [web()], []],
  ],
  ProbesIdentical: [
    ['the same', [withContainer({ livenessProbe: probe, readinessProbe: { ...probe } })], ['warning app']],
    [
      'another patience',
      [withContainer({ livenessProbe: { ...probe, failureThreshold: 9 }, readinessProbe: probe })],
      [],
    ],
  ],
  CronJobWithoutDeadline: [
    ['none', [object('batch/v1/CronJob', 'import', { spec: {} })], ['notice']],
    ['one', [object('batch/v1/CronJob', 'import', { spec: { startingDeadlineSeconds: 100 } })], []],
  ],
  ServiceSelectsNothing: [
    ['nothing', [served], ['warning']],
    ['pods', [served, object('v1/Pod', 'web-1', { metadata: { labels: { app: 'web' } } })], []],
    ['a workload at rest', [served, web({ replicas: 0 })], []],
    ['no selector', [object('v1/Service', 'out', { spec: { type: 'ExternalName' } })], []],
  ],
  ServiceTargetPortMissing: [
    ['a name nobody has', [port('http'), web()], ['danger']],
    [
      'a name',
      [port('http'), deployment({ containers: [container({ ports: [{ name: 'http', containerPort: 80 }] })] })],
      [],
    ],
    ['a number', [port(8080), web()], []],
  ],
  IngressBackendMissing: [
    ['no Service', [ingress({ name: 'web', port: { number: 80 } })], ['danger']],
    ['no such port', [ingress({ name: 'web', port: { number: 81 } }), served], ['danger']],
    ['there', [ingress({ name: 'web', port: { number: 80 } }), served], []],
  ],
  StatefulSetServiceMissing: [
    ['gone', [set({ serviceName: 'db' })], ['warning']],
    ['with an address', [set({ serviceName: 'web' }), served], ['warning']],
    ['headless', [set({ serviceName: 'db' }), object('v1/Service', 'db', { spec: { clusterIP: 'None' } })], []],
  ],
  ReplicasUnavailable: [
    ['some', [web({ replicas: 3 }, { status: { readyReplicas: 2 } })], ['warning']],
    ['all', [web({ replicas: 3 }, { status: { readyReplicas: 0 } })], ['danger']],
    ['none missing', [web({ replicas: 3 }, { status: { readyReplicas: 3 } })], []],
    ['a manifest', [web({ replicas: 3 })], []],
  ],
  ManyRestarts: [
    ['many', [pod({ containerStatuses: [{ name: 'app', restartCount: 6 }] })], ['warning app']],
    ['few', [pod({ containerStatuses: [{ name: 'app', restartCount: 5 }] })], []],
  ],
  PodStuck: [
    ['pending', [pod({ phase: 'Pending' })], ['warning']],
    ['terminating', [pod({ phase: 'Running' }, { deletionTimestamp: ago(7200) })], ['warning']],
    ['pending since now', [pod({ phase: 'Pending' }, { creationTimestamp: ago(60) })], []],
    ['running', [pod({ phase: 'Running' })], []],
  ],
  ClaimNotBound: [
    ['pending', [claim('Pending', 3600)], ['warning']],
    ['lost', [claim('Lost', 60)], ['danger']],
    ['pending since now', [claim('Pending', 60)], []],
    ['bound', [claim('Bound', 3600)], []],
  ],
  NamespaceStuck: [
    ['for hours', [namespace(7200)], ['warning']],
    ['for a minute', [namespace(60)], []],
  ],
  SelectorMismatch: [
    ['others', [web({ selector: { matchLabels: { app: 'x' } } })], ['danger']],
    ['its own', [web({ selector: { matchLabels: { app: 'web' } } })], []],
  ],
});
