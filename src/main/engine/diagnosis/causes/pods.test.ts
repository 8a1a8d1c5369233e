import { describe, expect, test } from 'vitest';
import {
  ago,
  causes,
  chain,
  crashed,
  NOW,
  node,
  pod,
  report,
  thing,
  told,
  UNREADY,
  unscheduled,
  waiting,
  workload,
} from '../testing.ts';
import { classifyRefusal } from './admission.ts';
import { exitText } from './exits.ts';
import { classifyPull } from './image.ts';
import { classifyReason, parseUnschedulable } from './scheduling.ts';
import { distance } from './volumes.ts';

const N = node();

test('a pod that runs and is ready has no causes, nor has one that is done', () => {
  expect(report(pod(), [N])).toMatchObject({ verdict: 'healthy', findings: [], partial: false });
  expect(causes(pod({ status: { phase: 'Succeeded' } }), [N])).toEqual([]);
});

describe('images', () => {
  test.each([
    ['failed to resolve reference "x": 401 Unauthorized', 'I-401'],
    ["pull access denied for x, repository does not exist or may require 'docker login'", 'I-401'],
    ['insufficient_scope: authorization failed', 'I-401'],
    ['unexpected status: 403 Forbidden', 'I-403'],
    ['denied: requested access to the resource is denied', 'I-403'],
    ['Error: Status 403 trying to pull repository a/b: "CRS_1002: Access Denied"', 'I-OLD'],
    ['manifest unknown', 'I-404'],
    ['rpc error: code = NotFound desc = x: not found', 'I-404'],
    ['no matching manifest for linux/arm64/v8 in the manifest list entries', 'I-ARCH'],
    ['no match for platform in manifest: not found', 'I-ARCH'],
    ['toomanyrequests: You have reached your pull rate limit', 'I-429'],
    ['x509: certificate signed by unknown authority', 'I-X509'],
    ['x509: certificate has expired or is not yet valid', 'I-X509'],
    ['http: server gave HTTP response to HTTPS client', 'I-HTTP'],
    ['dial tcp: lookup registry.example: no such host', 'I-DNS'],
    ['dial tcp 10.0.0.1:443: i/o timeout', 'I-NET'],
    ['net/http: TLS handshake timeout', 'I-NET'],
    ['proxyconnect tcp: dial tcp: connect: connection refused', 'I-NET'],
    ['write /var/lib: no space left on device', 'I-SPACE'],
    ['couldn\'t parse image name "A": invalid reference format', 'I-NAME'],
    ['Container image "x" is not present with pull policy of Never', 'I-NEVER'],
    ['media type application/vnd.docker.distribution.manifest.v1+prettyjws', 'I-SCHEMA'],
    ['Back-off pulling image "x"', 'I-PULL'],
  ])('%s is %s', (text, id) => expect(classifyPull(text)).toBe(id));

  test('a back-off says nothing itself: the event of the pull decides', () => {
    const stuck = waiting('ImagePullBackOff', 'Back-off pulling image "registry.example/web:1"');
    expect(causes(stuck, [N])).toEqual(['I-PULL']);
    const pull = told(stuck, 'Failed', 'Failed to pull image "registry.example/web:1": 403 Forbidden', {
      container: 'app',
    });
    expect(causes(stuck, [N, pull])).toEqual(['I-403']);
  });

  test('the event of another container, or of an older pod with the name, is not taken', () => {
    const stuck = waiting('ImagePullBackOff');
    const other = told(stuck, 'Failed', 'Failed to pull image "other": 403 Forbidden', { container: 'side' });
    const old = told(
      { ...stuck, metadata: { ...stuck.metadata, uid: 'older' } },
      'Failed',
      'Failed to pull image "registry.example/web:1": 403 Forbidden',
      { container: 'app' },
    );
    expect(causes(stuck, [N, other, old])).toEqual(['I-PULL']);
  });

  test('the manual’s 403 names the old runtime of the node and gives the manual’s remedy', () => {
    const stuck = waiting('ImagePullBackOff');
    const pull = told(
      stuck,
      'Failed',
      'Failed to pull image "registry.example/web:1": Error: Status 403 trying to pull repository web: "CRS_1002: Access Denied"',
      { container: 'app' },
    );
    const old = node('n1', {
      status: { nodeInfo: { containerRuntimeVersion: 'docker://1.13.1', kubeletVersion: 'v1.36.0' } },
    });
    const { findings } = report(stuck, [old, pull]);
    expect(findings[0]).toMatchObject({ cause: 'I-OLD', confidence: 'high' });
    expect(findings[0]?.remedy.zh).toContain('升级到最新版本');
    expect(findings[0]?.evidence.map(({ text }) => text)).toContain('docker://1.13.1');
  });

  test('a pull secret is told with the hosts it is for, never with a value', () => {
    const stuck = waiting('ErrImagePull', '401 Unauthorized', {
      spec: {
        nodeName: 'n1',
        containers: [{ name: 'app', image: 'registry.example/web:1' }],
        imagePullSecrets: [{ name: 'login' }],
      },
    });
    const secret = thing('v1', 'Secret', 'login', {
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': '' },
      registries: ['other.example'],
    });
    expect(report(stuck, [N, secret]).findings[0]?.sentence.en).toContain('Secret login: other.example');
  });

  test('init and side containers are looked at as well', () => {
    const stuck = pod({
      status: {
        phase: 'Pending',
        ...UNREADY,
        initContainerStatuses: [
          { name: 'init', state: { waiting: { reason: 'ErrImagePull', message: '429 Too Many Requests' } } },
        ],
      },
      spec: { nodeName: 'n1', initContainers: [{ name: 'init', image: 'x' }], containers: [{ name: 'app' }] },
    });
    expect(causes(stuck, [N])[0]).toBe('I-429');
  });
});

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

describe('from the node to the first instruction', () => {
  const creating = waiting('ContainerCreating');
  test.each([
    ['FailedAttachVolume', 'Multi-Attach error for volume "v" Volume is already used by pod(s) db-0', 'P-ATTACH'],
    ['FailedMount', 'MountVolume.SetUp failed for volume "c" : secret "s" not found', 'P-MOUNT'],
    ['FailedCreatePodSandBox', 'plugin type="calico" failed (add): connection is unauthorized', 'P-SANDBOX'],
    ['NetworkNotReady', 'network is not ready: cni config uninitialized', 'P-NETNOT'],
  ])('%s is %s, and history once the container runs', (reason, message, id) => {
    expect(causes(creating, [N, told(creating, reason, message)])[0]).toBe(id);
    const well = pod();
    expect(causes(well, [N, told(well, reason, message)])).toEqual([]);
  });

  test.each([
    ['CreateContainerConfigError', 'secret "db" not found', 'P-CONFIG'],
    ['CreateContainerConfigError', 'container has runAsNonRoot and image will run as root', 'P-CONFIG'],
    ['CreateContainerError', 'no command specified', 'P-CREATE'],
    ['RunContainerError', 'exec: "x": executable file not found in $PATH', 'P-CREATE'],
    ['PostStartHookError', 'command exited with 1', 'P-HOOK'],
  ])('%s is %s', (reason, message, id) => expect(causes(waiting(reason, message), [N])[0]).toBe(id));

  test('a hook that fails is told by its own words, whatever back-off follows', () => {
    const lifecycle = { postStart: { exec: { command: ['/bin/warm-up'] } } };
    const looping = waiting('CrashLoopBackOff', 'back-off 20s restarting failed container', {
      container: { lifecycle },
    });
    const failed = told(looping, 'FailedPostStartHook', 'PostStartHook failed', { container: 'app' });
    const [first] = report(looping, [N, failed]).findings;
    expect(first).toMatchObject({ cause: 'P-HOOK', sentence: { en: expect.stringContaining('PostStartHook failed') } });
    // That it is killed and started again follows from it, and a preStop hook that fails on the way does not matter.
    expect(causes(looping, [N, failed])).toEqual(['P-HOOK']);
    expect(causes(looping, [N, told(looping, 'FailedPreStopHook', 'failed', { container: 'app' })])).toEqual([
      'C-LOOP',
    ]);
    expect(first?.evidence.some(({ text }) => text.includes('/bin/warm-up'))).toBe(true);
  });

  test('a name that differs by little is shown', () => {
    const near = thing('v1', 'ConfigMap', 'settings');
    const missing = waiting('CreateContainerConfigError', 'configmap "setings" not found');
    expect(report(missing, [N, near]).findings[0]?.evidence.some(({ text }) => text === 'settings')).toBe(true);
    expect([distance('settings', 'setings'), distance('a', 'a')]).toEqual([1, 0]);
  });

  test('a kubelet that does not react is told after two minutes', () => {
    const assigned = (seconds: number) =>
      pod({
        status: {
          phase: 'Pending',
          containerStatuses: [],
          conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: ago(seconds) }],
        },
      });
    expect(causes(assigned(300), [N])).toEqual(['P-KUBELET']);
    expect(causes(assigned(20), [N])).toEqual([]);
  });

  test('a pod kubelet refused', () => {
    expect(
      causes(pod({ status: { phase: 'Failed', reason: 'UnexpectedAdmissionError', message: 'Allocate failed' } }), [
        N,
      ])[0],
    ).toBe('P-REJECT');
  });
});

describe('ends', () => {
  test('exit codes in words', () => {
    expect([137, 143, 127, 0, 77].map((code) => exitText(code).en)).toEqual([
      '137 (SIGKILL)',
      '143 (SIGTERM)',
      '127 (command not found)',
      '0 (completed)',
      '77',
    ]);
  });

  test.each([
    [{ exitCode: 137, reason: 'OOMKilled' }, 'C-OOM'],
    [{ exitCode: 127, reason: 'Error' }, 'C-CMD'],
    [{ exitCode: 128, reason: 'StartError', message: 'permission denied' }, 'C-CMD'],
    [{ exitCode: 0, reason: 'Completed' }, 'C-DONE'],
    [{ exitCode: 1, reason: 'Error' }, 'C-EXIT'],
  ])('%o is %s, under a crash loop', (ended, id) => expect(chain(crashed(ended), [N])).toBe(`C-LOOP < ${id}`));

  test('the last words decide between configuration and the application', () => {
    const log = (text: string) => ({
      logs: [{ namespace: 'shop', pod: 'web-1', container: 'app', previous: true, lines: [{ time: ago(60), text }] }],
    });
    const failed = crashed({ exitCode: 1, reason: 'Error' });
    expect(causes(failed, [N], log('open /etc/app.yaml: no such file or directory'))).toEqual(['C-CONF']);
    expect(causes(failed, [N], log('assertion 4 == 5'))).toEqual(['C-EXIT']);
  });

  test('a kill by a probe is the probe’s, not the memory’s', () => {
    const killed = crashed(
      { exitCode: 137, reason: 'Error' },
      { container: { livenessProbe: { httpGet: { port: 8080 } } } },
    );
    const unhealthy = told(killed, 'Unhealthy', 'Liveness probe failed: HTTP probe failed with statuscode: 500', {
      container: 'app',
    });
    expect(chain(killed, [N, unhealthy])).toBe('C-LOOP < C-LIVE');
    const slow = told(killed, 'Unhealthy', 'Startup probe failed: connection refused', { container: 'app' });
    const killing = told(killed, 'Killing', 'Container app failed startup probe, will be restarted', {
      container: 'app',
    });
    expect(chain(killed, [N, slow, killing])).toBe('C-LOOP < C-START');
    expect(chain(killed, [N, told(N, 'SystemOOM', 'victim process: java')])).toBe('C-LOOP < C-OOMNODE');
  });

  test('an init container that fails names its inner cause', () => {
    const stuck = pod({
      spec: { nodeName: 'n1', initContainers: [{ name: 'migrate' }], containers: [{ name: 'app' }] },
      status: {
        phase: 'Pending',
        ...UNREADY,
        initContainerStatuses: [
          {
            name: 'migrate',
            restartCount: 3,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 2, reason: 'Error' } },
          },
        ],
        containerStatuses: [{ name: 'app', state: { waiting: { reason: 'PodInitializing' } } }],
      },
    });
    expect(chain(stuck, [N])).toBe('C-LOOP < C-INIT < C-EXIT');
  });

  test('an eviction under pressure leads to the node; one for the pod’s own limit does not', () => {
    const low = node('n1', {
      conditions: { MemoryPressure: { status: 'True', reason: 'KubeletHasInsufficientMemory' } },
    });
    const evicted = (message: string) => pod({ status: { phase: 'Failed', reason: 'Evicted', message } });
    expect(chain(evicted('The node was low on resource: memory.'), [low])).toBe('C-EVICT < N-MEM');
    expect(chain(evicted('Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.'), [low])).toBe(
      'C-EVICT',
    );
  });

  test('a container that its probe kills again and again is told though it is ready in between', () => {
    const killed = pod({
      container: { livenessProbe: {} },
      state: { restartCount: 1, lastState: { terminated: { exitCode: 137, reason: 'Error', finishedAt: ago(60) } } },
    });
    const failing = told(killed, 'Unhealthy', 'Liveness probe failed: timeout', { container: 'app' });
    const killing = (lastTimestamp: string) =>
      told(killed, 'Killing', 'Container app failed liveness probe, will be restarted', {
        container: 'app',
        type: 'Normal',
        lastTimestamp,
      });
    expect(chain(killed, [N, failing, killing(ago(60))])).toBe('C-RESTART < C-LIVE');
    expect(causes(killed, [N, failing, killing(ago(5000))])).toEqual([]);
  });

  test('restarts long ago are no matter, restarts of the last hour are', () => {
    const restless = (finished: number) =>
      pod({
        state: {
          restartCount: 7,
          lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt: ago(finished) } },
        },
      });
    expect(report(restless(300), [N])).toMatchObject({ verdict: 'warning' });
    expect(chain(restless(300), [N])).toBe('C-RESTART < C-EXIT');
    expect(causes(restless(90_000), [N])).toEqual([]);
  });
});

describe('readiness and deletion', () => {
  const failing = (container: object) => pod({ container, status: UNREADY, state: { ready: false } });
  test('a probe on a port the container does not have is told as such, with a patch of the workload', () => {
    const deployment = workload('Deployment');
    const set = thing('apps/v1', 'ReplicaSet', 'web-rs', {
      metadata: {
        ownerReferences: [{ kind: 'Deployment', name: 'web', uid: deployment.metadata.uid, controller: true }],
      },
    });
    const wrong = failing({ readinessProbe: { httpGet: { port: 8081, path: '/' } } });
    wrong.metadata.ownerReferences = [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-rs', uid: set.metadata.uid ?? '', controller: true },
    ];
    const unhealthy = told(
      wrong,
      'Unhealthy',
      'Readiness probe failed: dial tcp 10.1.0.1:8081: connect: connection refused',
      { container: 'app' },
    );
    const [first] = report(wrong, [N, set, deployment, unhealthy]).findings;
    expect(first).toMatchObject({
      cause: 'P-READY-PORT',
      confidence: 'high',
      patch: { object: { kind: 'Deployment', name: 'web' }, type: 'strategic' },
    });
    expect(first?.patch?.body).toContain('"port":8080');
  });

  test('a probe on the right port that fails is the application’s', () => {
    const slow = failing({ readinessProbe: { httpGet: { port: 'http' } } });
    expect(
      causes(slow, [
        N,
        told(slow, 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', { container: 'app' }),
      ]),
    ).toEqual(['P-READY']);
  });

  test('a gate nobody opened', () => {
    const gated = pod({
      spec: { nodeName: 'n1', readinessGates: [{ conditionType: 'lb/ready' }], containers: [] },
      status: {
        conditions: [
          { type: 'ContainersReady', status: 'True' },
          { type: 'Ready', status: 'False' },
        ],
        containerStatuses: [],
      },
    });
    expect(causes(gated, [N])).toEqual(['P-GATEX']);
  });

  test('what does not go is told after its time, with who keeps it', () => {
    const leaving = (seconds: number, finalizers?: string[]) =>
      pod({ metadata: { deletionTimestamp: ago(seconds), ...(finalizers === undefined ? {} : { finalizers }) } });
    expect(causes(leaving(10), [N])).toEqual([]);
    expect(report(leaving(300, ['a.example/b']), [N]).findings[0]?.sentence.en).toContain('finalizers a.example/b');
    const down = node('n1', { conditions: { Ready: { status: 'Unknown' } } });
    expect(chain(leaving(300), [down])).toBe('P-TERM < N-DOWN');
  });

  test('a node out of contact explains its pods', () => {
    const down = node('n1', { conditions: { Ready: { status: 'Unknown', reason: 'NodeStatusUnknown' } } });
    expect(chain(pod({ status: UNREADY }), [down])).toBe('P-UNKNOWN < N-DOWN');
  });
});

test('objects with missing fields are judged all the same', () => {
  const bare = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bare' } };
  expect(() => report(bare, [], { now: NOW })).not.toThrow();
  expect(() =>
    report(
      pod({
        status: { containerStatuses: [{ name: 'app' }, null], conditions: [null] },
        spec: { containers: [null, {}] },
      }),
      [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }],
    ),
  ).not.toThrow();
});
