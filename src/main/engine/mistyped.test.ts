/**
 * Fields that are missing or of a wrong type, one at a time, in objects that have much in them: every rule and every
 * check looks at what is left, and none fails. As manifests and servers that are none may have them.
 */
import { expect, test } from 'vitest';
import { DIAGNOSIS_KINDS } from '#shared/diagnosis.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { wellTyped } from '#shared/kubernetes/well-typed.ts';
import { judge } from './diagnosis/diagnose.ts';
import { createWorld as diagnosisWorld } from './diagnosis/world.ts';
import { inspect } from './inspection/inspect.ts';
import { RULES } from './inspection/rules/index.ts';
import { createWorld as inspectionWorld } from './inspection/world.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const THEN = '2026-06-01T08:00:00Z';
const WRONG: readonly Json[] = [undefined, 'x', 7, [null], {}];

const TEMPLATE = {
  metadata: {
    labels: { app: 'web' },
    annotations: { 'container.apparmor.security.beta.kubernetes.io/app': 'unconfined' },
  },
  spec: {
    hostNetwork: true,
    serviceAccountName: 'web',
    nodeSelector: { disk: 'ssd' },
    schedulingGates: [{ name: 'gate' }],
    imagePullSecrets: [{ name: 'pull' }],
    tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule' }],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
      },
    ],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }],
        },
      },
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'web' } } },
        ],
      },
    },
    securityContext: {
      sysctls: [{ name: 'kernel.msgmax', value: '1' }],
      seLinuxOptions: { type: 't' },
      windowsOptions: { hostProcess: true },
    },
    volumes: [
      { name: 'host', hostPath: { path: '/var/run/docker.sock' } },
      { name: 'claim', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'config', configMap: { name: 'web', items: [{ key: 'k', path: 'p' }] } },
      { name: 'all', projected: { sources: [{ secret: { name: 's' } }, { configMap: { name: 'c' } }] } },
      { name: 'scratch', emptyDir: {} },
    ],
    initContainers: [{ name: 'init', image: 'init', restartPolicy: 'Always' }],
    containers: [
      {
        name: 'app',
        image: 'web:latest',
        command: ['run'],
        args: ['--x'],
        ports: [{ name: 'http', containerPort: 80, hostPort: 80 }],
        env: [
          { name: 'DB_PASSWORD', value: 'hunter2hunter2' },
          { name: 'K', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
        ],
        envFrom: [{ configMapRef: { name: 'c' } }],
        resources: { limits: { cpu: '1' }, requests: { cpu: '1' } },
        livenessProbe: { httpGet: { path: '/', port: 'http', host: 'x' }, periodSeconds: 1 },
        readinessProbe: { httpGet: { path: '/', port: 'http' } },
        lifecycle: { postStart: { exec: { command: ['x'] } } },
        securityContext: {
          privileged: true,
          capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
          seccompProfile: { type: 'Unconfined' },
        },
        volumeMounts: [{ name: 'host', mountPath: '/h' }],
      },
    ],
  },
};
/** For workloads that are like the others but for what is around it. */
const SMALL = { metadata: TEMPLATE.metadata, spec: { containers: [{ name: 'app', image: 'web' }] } };
const SELECTOR = { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] };
const conditions = (type: string, status: string) => [
  { type, status, reason: 'Why', message: 'because', lastTransitionTime: THEN, lastHeartbeatTime: THEN },
];
const thing = (apiVersion: string, kind: string, rest: Json, name = 'web'): KubeObject => ({
  apiVersion,
  kind,
  metadata: {
    name,
    namespace: 'shop',
    uid: `${kind}-${name}`,
    creationTimestamp: THEN,
    labels: { app: 'web' },
    annotations: { a: 'b' },
  },
  ...rest,
});

const CORPUS: readonly KubeObject[] = [
  thing('v1', 'Pod', {
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'p',
      labels: { app: 'web' },
      creationTimestamp: THEN,
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'ReplicaSet-web', controller: true },
      ],
    },
    spec: { ...TEMPLATE.spec, nodeName: 'web' },
    status: {
      phase: 'Pending',
      reason: 'Evicted',
      podIP: '10.0.0.1',
      podIPs: [{ ip: '10.0.0.1' }],
      conditions: conditions('PodScheduled', 'False'),
      initContainerStatuses: [{ name: 'init', state: { terminated: { exitCode: 1, reason: 'Error' } } }],
      containerStatuses: [
        {
          name: 'app',
          ready: false,
          restartCount: 9,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'm' } },
          lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', startedAt: THEN, finishedAt: THEN } },
        },
      ],
    },
  }),
  thing('apps/v1', 'ReplicaSet', {
    spec: { replicas: 2, selector: SELECTOR, template: TEMPLATE },
    status: { replicas: 0, conditions: conditions('ReplicaFailure', 'True') },
  }),
  thing('apps/v1', 'Deployment', {
    spec: { replicas: 2, selector: SELECTOR, template: SMALL },
    status: { readyReplicas: 0, conditions: conditions('Progressing', 'False') },
  }),
  thing('apps/v1', 'StatefulSet', {
    spec: {
      replicas: 2,
      serviceName: 'web',
      selector: SELECTOR,
      template: SMALL,
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { storageClassName: 'fast' } }],
    },
    status: { readyReplicas: 0 },
  }),
  thing('apps/v1', 'DaemonSet', {
    spec: { selector: SELECTOR, template: SMALL },
    status: { desiredNumberScheduled: 3, numberAvailable: 1 },
  }),
  thing('batch/v1', 'Job', {
    spec: { template: SMALL },
    status: { failed: 3, completionTime: THEN, conditions: conditions('Failed', 'True') },
  }),
  thing('batch/v1', 'CronJob', {
    spec: { schedule: '* * * * *', jobTemplate: { spec: { template: SMALL } } },
    status: { active: [{ name: 'x' }] },
  }),
  thing('v1', 'Service', {
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'web' },
      clusterIP: '10.1.0.1',
      externalIPs: ['1.2.3.4'],
      ipFamilies: ['IPv4'],
      ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort: 30080 }],
    },
    status: { loadBalancer: { ingress: [{ ip: '1.2.3.4', hostname: 'h' }] } },
  }),
  thing('discovery.k8s.io/v1', 'EndpointSlice', {
    metadata: { name: 'web-x', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 80 }],
    endpoints: [
      {
        addresses: ['10.0.0.1'],
        conditions: { ready: false },
        nodeName: 'web',
        targetRef: { kind: 'Pod', name: 'web' },
      },
    ],
  }),
  thing('networking.k8s.io/v1', 'Ingress', {
    spec: {
      ingressClassName: 'nginx',
      tls: [{ hosts: ['a.example'], secretName: 's' }],
      defaultBackend: { service: { name: 'web', port: { number: 80 } } },
      rules: [
        {
          host: 'b.example',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { name: 'x' } } } }],
          },
        },
      ],
    },
    status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
  }),
  thing('networking.k8s.io/v1', 'IngressClass', { spec: { controller: 'k8s.io/ingress-nginx' } }, 'nginx'),
  thing('networking.k8s.io/v1', 'NetworkPolicy', {
    spec: {
      podSelector: SELECTOR,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [
            { podSelector: SELECTOR, namespaceSelector: SELECTOR },
            { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
          ],
          ports: [{ port: 80, endPort: 90, protocol: 'TCP' }],
        },
      ],
      egress: [{ to: [{ podSelector: SELECTOR }] }],
    },
  }),
  thing('policy/v1', 'PodDisruptionBudget', {
    spec: { minAvailable: 2, selector: SELECTOR },
    status: { expectedPods: 2 },
  }),
  thing('autoscaling/v2', 'HorizontalPodAutoscaler', {
    spec: {
      minReplicas: 1,
      maxReplicas: 1,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ],
    },
    status: { conditions: conditions('ScalingActive', 'False'), currentMetrics: [{ type: 'Resource' }] },
  }),
  thing(
    'v1',
    'PersistentVolumeClaim',
    {
      spec: {
        storageClassName: 'fast',
        volumeName: 'pv',
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
      },
      status: { phase: 'Pending' },
    },
    'data',
  ),
  thing(
    'v1',
    'PersistentVolume',
    {
      spec: {
        claimRef: { namespace: 'shop', name: 'data' },
        csi: { driver: 'd' },
        capacity: { storage: '1Gi' },
        nodeAffinity: {
          required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }] },
        },
      },
      status: { phase: 'Released', message: 'm' },
    },
    'pv',
  ),
  thing('storage.k8s.io/v1', 'StorageClass', { provisioner: 'p', volumeBindingMode: 'Immediate' }, 'fast'),
  thing('v1', 'LimitRange', {
    spec: { limits: [{ type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }] },
  }),
  thing('v1', 'ResourceQuota', { spec: { hard: { pods: '1' } }, status: { used: { pods: '1' }, hard: { pods: '1' } } }),
  thing('v1', 'Namespace', {
    metadata: { name: 'web', deletionTimestamp: THEN, labels: { a: 'b' } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Terminating', conditions: conditions('NamespaceContentRemaining', 'True') },
  }),
  thing('v1', 'Node', {
    metadata: { name: 'web', labels: { zone: 'a' } },
    spec: { unschedulable: true, taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }], podCIDR: '10.0.0.0/24' },
    status: {
      conditions: conditions('Ready', 'Unknown'),
      addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
      capacity: { cpu: '4', pods: '10' },
      allocatable: { cpu: '4', pods: '10' },
      nodeInfo: { kubeletVersion: 'v1.20.0', containerRuntimeVersion: 'docker://1.13', machineID: 'm' },
    },
  }),
  thing('coordination.k8s.io/v1', 'Lease', {
    metadata: { name: 'web', namespace: 'kube-node-lease' },
    spec: { renewTime: THEN },
  }),
  thing('rbac.authorization.k8s.io/v1', 'ClusterRole', {
    rules: [
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'], resourceNames: ['x'] },
      { apiGroups: [''], resources: ['secrets', 'pods'], verbs: ['get', 'create', 'impersonate'] },
    ],
  }),
  thing('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', {
    roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [
      { kind: 'Group', name: 'system:authenticated' },
      { kind: 'ServiceAccount', namespace: 'shop', name: 'web' },
    ],
  }),
  thing('v1', 'ServiceAccount', { secrets: [{ name: 's' }], imagePullSecrets: [{ name: 'pull' }] }),
  thing('v1', 'ConfigMap', { data: { k: 'v' } }),
  thing('v1', 'Secret', { type: 'kubernetes.io/tls', data: { 'tls.crt': 'x' } }, 's'),
  thing(
    'v1',
    'Event',
    {
      involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web', uid: 'p', fieldPath: 'spec.containers{app}' },
      type: 'Warning',
      reason: 'Failed',
      message: 'Failed to pull image "web": 403',
      count: 3,
      firstTimestamp: THEN,
      lastTimestamp: THEN,
      source: { component: 'kubelet' },
    },
    'event',
  ),
  thing('metrics.k8s.io/v1beta1', 'PodMetrics', { containers: [{ name: 'app', usage: { cpu: '2', memory: '1Gi' } }] }),
];

function* pathsOf(value: Json, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (typeof value === 'object' && value !== null)
    for (const key of Object.keys(value)) yield* pathsOf(value[key], [...path, key]);
}

function changed(object: KubeObject, path: readonly string[], value: Json): KubeObject {
  const copy: Json = structuredClone(object);
  const place = path.slice(0, -1).reduce((at, key) => at[key], copy);
  const last = path.at(-1) ?? '';
  if (value !== undefined) place[last] = value;
  else if (Array.isArray(place)) place.splice(Number(last), 1);
  else delete place[last];
  return wellTyped(copy);
}

test.each(CORPUS.map((object) => [object.kind, object] as const))('%s', (_, object) => {
  const others = CORPUS.filter((one) => one !== object);
  // What is asked about in a cluster comes to these: the others stand behind them.
  const asked = ['Pod', 'Service', 'Ingress'];
  for (const [index, path] of [...pathsOf(object)].entries()) {
    if (path[0] === 'apiVersion' || path[0] === 'kind') continue;
    // One for each field, in turn: neighbouring fields get the others.
    const wrong = WRONG[index % WRONG.length];
    const given = changed(object, path, wrong);
    const objects = [given, ...others];
    const look = (): void => {
      inspect(inspectionWorld({ cluster: 'test', objects, now: NOW, version: 'v1.36.2' }), { rules: RULES });
      const world = diagnosisWorld({ cluster: 'test', objects, now: NOW, version: 'v1.36.2' });
      for (const one of objects) if ((one === given || asked.includes(one.kind)) && isDiagnosed(one)) judge(one, world);
    };
    expect(look, `${path.join('.')} = ${JSON.stringify(wrong)}`).not.toThrow();
  }
});

function isDiagnosed({ kind }: KubeObject): boolean {
  return (DIAGNOSIS_KINDS as readonly string[]).includes(kind);
}
