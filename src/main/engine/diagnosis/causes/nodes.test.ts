import { describe, expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { ago, causes, chain, crashed, node, pod, report, thing, told, waiting, workload } from '../testing.ts';

describe('nodes', () => {
  test('one that works has no causes', () => {
    expect(report(node())).toMatchObject({ verdict: 'healthy', findings: [] });
  });

  const unready = (message: string) => ({ Ready: { status: 'False', reason: 'KubeletNotReady', message } });
  test.each<[string, Record<string, Json>]>([
    ['N-DOWN', { Ready: { status: 'Unknown', reason: 'NodeStatusUnknown' } }],
    ['N-CERT', unready('x509: certificate has expired')],
    ['N-RUNTIME', unready('PLEG is not healthy: pleg was last seen active 5m ago')],
    ['N-RUNTIME', unready('failed to get docker version: Is the docker daemon running?')],
    ['N-CNI', unready('container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady')],
    ['N-CNI', { NetworkUnavailable: { status: 'True', reason: 'NoRouteCreated' } }],
    ['N-NOTREADY', unready('something new')],
    ['N-MEM', { MemoryPressure: { status: 'True' } }],
    ['N-DISK', { DiskPressure: { status: 'True' } }],
    ['N-PID', { PIDPressure: { status: 'True' } }],
    ['N-RO', { ReadonlyFilesystem: { status: 'True' } }],
    ['N-KERN', { KernelDeadlock: { status: 'True', message: 'hung' } }],
    ['N-TIME', { NTPProblem: { status: 'True' } }],
  ])('%s by its conditions', (id, conditions) => expect(causes(node('n1', { conditions }))[0]).toBe(id));

  test('a node whose whole zone is away says so', () => {
    const away = (name: string) =>
      node(name, {
        metadata: { labels: { 'topology.kubernetes.io/zone': 'z1' } },
        conditions: { Ready: { status: 'Unknown' } },
      });
    expect(report(away('n1'), [away('n2')]).findings[0]?.sentence.en).toContain('zone z1: 2/2');
  });

  test('a kubelet that waits for its certificate', () => {
    const request = (conditions: Json[]) =>
      thing(
        'certificates.k8s.io/v1',
        'CertificateSigningRequest',
        'csr-1',
        {
          spec: { username: 'system:node:n1', signerName: 'kubernetes.io/kube-apiserver-client-kubelet' },
          status: { conditions },
        },
        '',
      );
    expect(report(node(), [request([])]).findings[0]).toMatchObject({ cause: 'N-CERT', verdict: 'warning' });
    expect(causes(node(), [request([{ type: 'Approved' }])])).toEqual([]);
  });

  test('taints: a cordon is a warning with its way back, a node nobody initialised a fault, those of trouble are not told twice', () => {
    expect(report(node('n1', { spec: { unschedulable: true } })).findings[0]).toMatchObject({
      cause: 'N-TAINT',
      verdict: 'warning',
      patch: { body: '{"spec":{"unschedulable":false}}' },
    });
    expect(
      report(
        node('n1', {
          spec: { taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', effect: 'NoSchedule' }] },
        }),
      ).findings[0],
    ).toMatchObject({ cause: 'N-TAINT', verdict: 'fault' });
    expect(
      causes(node('n1', { spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }] } })),
    ).toEqual([]);
    expect(
      causes(
        node('n1', { spec: { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } }),
      ),
    ).toEqual([]);
  });

  test('reboots and flapping of the last half hour', () => {
    const n = node();
    expect(causes(n, [told(n, 'Rebooted', 'boot id')])).toEqual(['N-REBOOT']);
    expect(causes(n, [told(n, 'NodeNotReady', 'x', { count: 4 })])).toEqual(['N-REBOOT']);
    expect(causes(n, [told(n, 'NodeNotReady', 'x', { count: 1 })])).toEqual([]);
    expect(causes(n, [told(n, 'Rebooted', 'boot id', { lastTimestamp: ago(7200) })])).toEqual([]);
  });

  test('versions: newer than the server, or more than three behind', () => {
    const at = (kubeletVersion: string) => node('n1', { status: { nodeInfo: { kubeletVersion } } });
    expect(['v1.37.0', 'v1.32.9', 'v1.33.0', 'v1.36.1+k3s1'].map((version) => causes(at(version)).length)).toEqual([
      1, 1, 0, 0,
    ]);
  });

  test('room, GPUs, twins and virtual nodes', () => {
    const full = pod({ container: { resources: { requests: { cpu: '3900m' } } } });
    expect(causes(node(), [full])).toEqual(['N-CAP']);
    expect(causes(node(), [pod({ container: { resources: { requests: { cpu: '1' } } } })])).toEqual([]);
    expect(causes(node('n1', { metadata: { labels: { 'nvidia.com/gpu.present': 'true' } } }))).toEqual(['N-GPU']);
    const address = { addresses: [{ type: 'InternalIP', address: '10.0.0.5' }] };
    expect(causes(node('n1', { status: address }), [node('n2', { status: address })])).toEqual(['N-DUP']);
    expect(causes(node('n1', { metadata: { labels: { type: 'virtual-kubelet' } } }))).toEqual(['N-VK']);
  });
});

describe('workloads', () => {
  test('one with all its replicas has no causes', () => {
    expect(causes(workload('Deployment', {}, { readyReplicas: 1 }))).toEqual([]);
  });

  test('paused, scaled to nothing, or with a selector of its own', () => {
    expect(report(workload('Deployment', { paused: true }, { readyReplicas: 1 })).findings[0]).toMatchObject({
      cause: 'P-SELECT',
      patch: { body: '{"spec":{"paused":null}}' },
    });
    expect(causes(workload('Deployment', { replicas: 0 }))).toEqual(['P-SELECT']);
    expect(
      report(workload('Deployment', { selector: { matchLabels: { app: 'x' } } }, { readyReplicas: 1 })).findings[0],
    ).toMatchObject({ cause: 'P-SELECT', verdict: 'fault' });
  });

  test('the pods say why replicas are missing; a rollout that hangs as well', () => {
    const deployment = workload('Deployment', {}, { readyReplicas: 0 });
    const owned = (kind: string, name: string, uid: string | undefined) => ({
      ownerReferences: [{ kind, name, uid, controller: true }],
    });
    const set = thing('apps/v1', 'ReplicaSet', 'web-rs', {
      metadata: owned('Deployment', 'web', deployment.metadata.uid),
    });
    const stuck = waiting('ErrImagePull', 'manifest unknown', {
      metadata: owned('ReplicaSet', 'web-rs', set.metadata.uid),
    });
    expect(chain(deployment, [node(), set, stuck])).toBe('W-PODS < I-404');
    const evicted = pod({
      metadata: { name: 'old', ...owned('ReplicaSet', 'web-rs', set.metadata.uid) },
      status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
    });
    const low = node('n1', { conditions: { MemoryPressure: { status: 'True' } } });
    expect(chain(deployment, [low, set, evicted, stuck])).toBe('W-PODS < I-404');
    expect(chain(deployment, [low, set, evicted])).toBe('W-PODS < C-EVICT < N-MEM');
    const late = {
      ...deployment,
      status: {
        readyReplicas: 1,
        conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
      },
    };
    expect(chain(late, [node(), set, stuck])).toBe('W-STUCK < I-404');
  });

  test('jobs: suspended, failed with the pods’ reason, out of time', () => {
    const job = (status: Json, spec: Json = {}) => thing('batch/v1', 'Job', 'import', { spec, status });
    expect(causes(job({}, { suspend: true }))).toEqual(['J-SUSPENDED']);
    const failed = job({
      conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'limit' }],
    });
    expect(causes(failed)).toEqual(['C-DEADLINE']);
    const ended = crashed(
      { exitCode: 1, reason: 'Error' },
      { metadata: { ownerReferences: [{ kind: 'Job', name: 'import', uid: failed.metadata.uid, controller: true }] } },
    );
    expect(chain(failed, [node(), ended])).toBe('J-FAILED < C-LOOP < C-EXIT');
    expect(
      causes(job({ conditions: [{ type: 'Failed', status: 'True', reason: 'DeadlineExceeded', message: 'late' }] })),
    ).toEqual(['C-DEADLINE']);
    expect(causes(job({ conditions: [{ type: 'Complete', status: 'True' }] }))).toEqual([]);
  });

  test('claims: without class, lost, waiting for a consumer', () => {
    const claim = (spec: Json, status: Json = { phase: 'Pending' }) =>
      thing('v1', 'PersistentVolumeClaim', 'data', { spec, status });
    const fast = thing('storage.k8s.io/v1', 'StorageClass', 'fast', {}, '');
    expect(causes(claim({ storageClassName: 'gone' }))).toEqual(['P-PVCPEND']);
    expect(causes(claim({ volumeName: 'v' }, { phase: 'Lost' }))).toEqual(['P-PVCLOST']);
    expect(causes(claim({}, { phase: 'Bound' }))).toEqual([]);
    const waits = claim({ storageClassName: 'fast' });
    expect(causes(waits, [fast, told(waits, 'WaitForFirstConsumer', 'waiting', { type: 'Normal' })])).toEqual([]);
    const without = claim({});
    const [first] = report(without, [
      fast,
      told(without, 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set', {
        type: 'Normal',
      }),
    ]).findings;
    expect(first).toMatchObject({ cause: 'P-PVCPEND', patch: { object: { kind: 'StorageClass', name: 'fast' } } });
  });

  test('autoscalers: no target, no requests, no metrics, at the bound', () => {
    const scaler = (conditions: Json[]) =>
      thing('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
        spec: {
          scaleTargetRef: { kind: 'Deployment', name: 'web' },
          metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } }],
        },
        status: { conditions },
      });
    const inactive = [
      { type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric', message: 'no metrics' },
    ];
    const asking = workload('Deployment', {
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'app', resources: { requests: { cpu: '1' } } }] },
      },
    });
    expect(causes(scaler(inactive))).toEqual(['H-TARGET']);
    expect(causes(scaler(inactive), [workload('Deployment')])).toEqual(['H-REQUEST']);
    expect(causes(scaler(inactive), [asking])).toEqual(['H-METRICS']);
    expect(causes(scaler([{ type: 'ScalingLimited', status: 'True', reason: 'TooManyReplicas' }]), [asking])).toEqual([
      'H-LIMITED',
    ]);
    expect(causes(scaler([]), [asking])).toEqual([]);
  });

  test('namespaces that do not go: an aggregated API that is down, finalizers that stay', () => {
    const space = (conditions: Json[]) =>
      thing(
        'v1',
        'Namespace',
        'old',
        { metadata: { deletionTimestamp: ago(900) }, status: { phase: 'Terminating', conditions } },
        '',
      );
    const down = thing(
      'apiregistration.k8s.io/v1',
      'APIService',
      'v1beta1.metrics.k8s.io',
      { status: { conditions: [{ type: 'Available', status: 'False', message: 'no endpoints' }] } },
      '',
    );
    expect(
      report(space([{ type: 'NamespaceDeletionDiscoveryFailure', status: 'True', message: 'x' }]), [down]).findings[0]
        ?.sentence.en,
    ).toContain('v1beta1.metrics.k8s.io');
    expect(
      causes(space([{ type: 'NamespaceFinalizersRemaining', status: 'True', message: 'a.example in 3 instances' }])),
    ).toEqual(['NS-CONTENT']);
    const pod = (namespace: string) =>
      thing(
        'v1',
        'Pod',
        'held',
        { metadata: { finalizers: ['example.com/hold'], deletionTimestamp: ago(900) } },
        namespace,
      );
    const quiet = [{ type: 'NamespaceContentRemaining', status: 'False', message: 'All content successfully removed' }];
    expect(causes(space(quiet), [pod('other')])).toEqual([]);
    expect(report(space(quiet), [pod('old')]).findings[0]?.sentence.en).toContain('Pod/held: example.com/hold');
    expect(causes(thing('v1', 'Namespace', 'shop', { status: { phase: 'Active' } }, ''))).toEqual([]);
  });
});
