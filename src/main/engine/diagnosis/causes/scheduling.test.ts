/** Pods that are not created, or not placed. */
import { describe, expect, test } from 'vitest';
import { ENDED_AUTHORITY } from '../../demo/faults/cases/ended-authority.ts';
import { ago, causes, chain, node, pod, report, thing, told, unscheduled, workload } from '../testing.ts';
import { classifyRefusal } from './admission.ts';
import { classifyReason, parseUnschedulable } from './scheduling.ts';

const N = node();

describe('creation', () => {
  test.each([
    [
      'Error creating: pods "a" is forbidden: exceeded quota: compute, requested: cpu=1, used: cpu=4, limited: cpu=4',
      'P-QUOTA',
    ],
    ['pods "a" is forbidden: failed quota: compute: must specify limits.cpu for: app', 'P-QUOTA'],
    ['maximum cpu usage per Container is 1, but limit is 2', 'P-LIMITR'],
    ['cpu max limit to request ratio per Container is 2', 'P-LIMITR'],
    ['violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)', 'P-PSA'],
    ['admission webhook "x.example" denied the request: no', 'P-WEBHOOK'],
    ['failed calling webhook "x.example": context deadline exceeded', 'P-WEBHOOK'],
    ['error looking up service account shop/b: serviceaccount "b" not found', 'P-SA'],
    ['no PriorityClass with name high was found', 'P-PRIO'],
    ['something else', 'P-DENIED'],
  ])('%s is %s', (text, id) => expect(classifyRefusal(text).cause).toBe(id));

  test('what the ReplicaSet was answered is told at its Deployment, once', () => {
    const deployment = workload('Deployment', {}, { readyReplicas: 0 });
    const set = thing('apps/v1', 'ReplicaSet', 'web-1', {
      metadata: {
        ownerReferences: [{ kind: 'Deployment', name: 'web', uid: deployment.metadata.uid, controller: true }],
      },
      spec: { replicas: 1 },
      status: {},
    });
    const refused = (n: number) =>
      told(
        set,
        'FailedCreate',
        `Error creating: pods "web-1-${n}" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=0, limited: pods=0`,
      );
    const found = report(deployment, [set, refused(1), refused(10)]);
    expect(found.findings).toHaveLength(1);
    expect(found.findings[0]).toMatchObject({ cause: 'P-QUOTA', object: { kind: 'Deployment' } });
    expect(causes({ ...deployment, status: { readyReplicas: 1 } }, [set, refused(1)])).toEqual([]);
  });
});

test('a webhook that is not trusted is told with the authority that it should have', () => {
  const deployment = workload('Deployment', {}, { readyReplicas: 0 });
  const refused = told(
    deployment,
    'FailedCreate',
    'Internal error occurred: failed calling webhook "x.example": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  );
  const said = (caBundle: string): string | undefined => {
    const configuration = thing('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'x', {
      webhooks: [{ name: 'x.example', clientConfig: { caBundle } }],
    });
    const [first] = report(deployment, [refused, configuration]).findings;
    expect(first?.cause).toBe('P-WEBHOOK');
    return first?.evidence.find(({ at }) => at.endsWith('caBundle'))?.text;
  };
  expect(said(ENDED_AUTHORITY)).toBe('CN=policy-ca expired 2021-01-01T00:00:00.000Z');
  expect(said('bm9uZQ==')).toBe('no certificate can be read');
});

describe('scheduling', () => {
  test('the scheduler’s sentence is taken apart, whatever follows it', () => {
    expect(
      parseUnschedulable(
        '0/5 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {a: b}, 2 node(s) were unschedulable. preemption: 0/5 nodes are available: 5 x.',
      ),
    ).toEqual([
      { count: 1, text: 'Insufficient cpu' },
      { count: 2, text: 'node(s) had untolerated taint {a: b}' },
      { count: 2, text: 'node(s) were unschedulable' },
    ]);
    expect(
      parseUnschedulable(
        '0/4 nodes are available: 4 Insufficient example.com/gpu. no new claims to deallocate, preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.',
      ),
    ).toEqual([{ count: 4, text: 'Insufficient example.com/gpu' }]);
    expect(
      parseUnschedulable("0/1 nodes are available: 1 node(s) had taint {a: b}, that the pod didn't tolerate."),
    ).toHaveLength(1);
    for (const rest of ['preemption: y', 'not found']) {
      const message = `0/3 nodes are available: persistentvolumeclaim "x" not found. ${rest}`;
      expect(parseUnschedulable(message)).toEqual([{ count: 0, text: 'persistentvolumeclaim "x" not found' }]);
    }
    const own = 'pod group app is not ready: 1 pending, 3 needed';
    expect(parseUnschedulable(own)).toEqual([{ count: 0, text: own }]);
  });

  test.each([
    ['Insufficient memory', 'P-MEM'],
    ['Insufficient ephemeral-storage', 'P-EPH'],
    ['Insufficient nvidia.com/gpu', 'P-EXT'],
    ['Too many pods', 'P-MAXPODS'],
    ["node(s) had taint {a: b}, that the pod didn't tolerate", 'P-TAINT'],
    ['node(s) had untolerated taint(s)', 'P-TAINT'],
    ["node(s) didn't match Pod's node affinity/selector", 'P-AFF'],
    ["node(s) didn't match pod affinity rules", 'P-PAFF'],
    ["node(s) didn't satisfy existing pods anti-affinity rules", 'P-PANTI'],
    ["node(s) didn't match pod topology spread constraints (missing required label)", 'P-SPREAD'],
    ["node(s) didn't have free ports for the requested pod ports", 'P-PORT'],
    ['node(s) had volume node affinity conflict', 'P-VOLAFF'],
    ["node(s) didn't match PersistentVolume's node affinity", 'P-VOLAFF'],
    ["node(s) didn't find available persistent volumes to bind", 'P-VOLBIND'],
    ['node(s) exceed max volume count', 'P-VOLMAX'],
    ['cannot allocate all claims', 'P-DRA'],
    ['a reason nobody knows yet', 'P-UNSCHED'],
  ])('%s is %s', (text, id) => expect(classifyReason(text)).toBe(id));

  test('what is insufficient is told with the figures of the nodes', () => {
    const hungry = unscheduled('0/1 nodes are available: 1 Insufficient cpu.', {
      containers: [{ name: 'app', resources: { requests: { cpu: '3' } } }],
    });
    const sitting = pod({ metadata: { name: 'other' }, container: { resources: { requests: { cpu: '2' } } } });
    const { findings } = report(hungry, [N, sitting]);
    expect(findings[0]).toMatchObject({ cause: 'P-CPU' });
    expect(findings[0]?.sentence.en).toContain('requests 3, the emptiest node n1 has 2');
    expect(findings[0]?.evidence.some(({ text }) => text === 'allocatable 4, requested 2, free 2')).toBe(true);
    // Room on a node that keeps the pod away is none.
    const away = node('n2', { spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }] } });
    expect(report(hungry, [N, sitting, away]).findings[0]?.sentence.en).toContain('the emptiest node n1 has 2');
  });

  test('the nearest node and what it lacks are named', () => {
    const picky = unscheduled("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.", {
      nodeSelector: { 'kubernetes.io/os': 'linux', disk: 'ssd' },
    });
    const other = node('n2', { metadata: { labels: { disk: 'hdd', 'kubernetes.io/os': 'linux' } } });
    expect(report(picky, [node('n1', { metadata: { labels: {} } }), other]).findings[0]?.sentence.en).toContain(
      'n2: disk=hdd ≠ ssd',
    );
  });

  test('a taint that a node in trouble has leads to the node', () => {
    const kept = unscheduled(
      '0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }.',
    );
    const down = node('n1', {
      conditions: { Ready: { status: 'Unknown' } },
      spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }] },
    });
    expect(chain(kept, [down])).toBe('P-TAINT < N-DOWN');
  });

  test('of the nodes that a pod asks for, what keeps it off is the cause; of others it is not', () => {
    const asked = { nodeSelector: { disktype: 'nvme' } };
    const nvme = { labels: { disktype: 'nvme' } };
    const message = (text: string) =>
      `0/2 nodes are available: 1 ${text}, 1 node(s) didn't match Pod's node affinity/selector.`;
    const tainted = node('n2', {
      metadata: nvme,
      spec: { taints: [{ key: 'dedicated', value: 'x', effect: 'NoSchedule' }] },
    });
    const cordoned = node('n2', { metadata: nvme, spec: { unschedulable: true } });
    const first = (text: string, other: ReturnType<typeof node>) =>
      report(unscheduled(message(text), asked), [node(), other]).findings[0];
    expect(first('node(s) had untolerated taint {dedicated: x}', tainted)).toMatchObject({
      cause: 'P-TAINT',
      verdict: 'fault',
    });
    expect(first('node(s) were unschedulable', cordoned)).toMatchObject({ cause: 'P-CORDON', verdict: 'fault' });
    const plain = node('n2', { spec: { unschedulable: true } });
    expect(first('node(s) were unschedulable', plain)).toMatchObject({ cause: 'P-AFF' });
  });

  test('a taint on purpose is no cause where another reason keeps the pod off', () => {
    const kept = unscheduled(
      '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {dedicated: x}.',
    );
    expect(causes(kept, [N])[0]).toBe('P-CPU');
  });

  test('nodes that the pod rules out itself are no cause while those it asks for lack something', () => {
    const pinned = unscheduled(
      "0/3 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 2 node(s) didn't match Pod's node affinity/selector.",
      { nodeSelector: { 'kubernetes.io/hostname': 'n1' } },
    );
    expect(report(pinned, [N]).findings.map(({ cause, verdict }) => `${cause} ${verdict}`)).toEqual([
      'P-PORT fault',
      'P-AFF warning',
    ]);
  });

  test('a claim that is not there is the claim’s matter; one that waits leads to its class', () => {
    const spec = { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] };
    const message = '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.';
    const claim = thing('v1', 'PersistentVolumeClaim', 'data', {
      spec: { storageClassName: 'gone' },
      status: { phase: 'Pending' },
    });
    expect(chain(unscheduled(message, spec), [N, claim])).toBe('P-VOLBIND < P-PVCPEND');
    expect(causes(unscheduled('0/1 nodes are available: persistentvolumeclaim "data" not found.', spec), [N])).toEqual([
      'P-VOLBIND',
    ]);
  });

  test('gates and schedulers nobody runs are told; a young pod is given time', () => {
    expect(causes(unscheduled('', { schedulingGates: [{ name: 'g' }] }), [N])).toEqual(['P-GATE']);
    const unseen = (seconds: number) =>
      pod({
        metadata: { creationTimestamp: ago(seconds) },
        spec: { nodeName: undefined, schedulerName: 'mine', containers: [] },
        status: { phase: 'Pending', conditions: [], containerStatuses: [] },
      });
    expect(causes(unseen(600), [N])).toEqual(['P-NOSCHED']);
    expect(causes(unseen(5), [N])).toEqual([]);
  });
});
