import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { createRandom } from '../sim/random.ts';
import { backOffSeconds, durationText, mountBackOffMs } from './back-off.ts';
import { BEHAVIOUR_ANNOTATION } from './behaviour.ts';
import { recoverRun } from './recover.ts';
import { adopt, advance, endAll, newRun, nextDue } from './run.ts';
import type { PodRun, RunEnvironment } from './run-state.ts';
import { podStatus } from './status.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const NODE = { ip: '10.0.0.1', minor: 36 };

function pod(spec: Json = {}, annotations: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default', uid: 'u1', annotations },
    spec: { restartPolicy: 'Always', nodeName: 'n', containers: [{ name: 'c', image: 'nginx:1.27' }], ...spec },
    status: { phase: 'Pending', qosClass: 'BestEffort' },
  };
}

function environment(pace = 1, minor = NODE.minor): RunEnvironment {
  return {
    pace,
    minor,
    random: createRandom('test'),
    images: new Set(),
    allocateAddress: () => '172.20.0.2',
  };
}

/** Lets simulated time pass until the condition holds; returns the time and all events. */
function until(object: KubeObject, env: RunEnvironment, done: (status: Json) => boolean, limitMs = 3_600_000) {
  const run = newRun(object, NOW, env);
  const events: string[] = [];
  let now = NOW;
  for (let steps = 0; steps < 1000; steps++) {
    events.push(...advance(run, object, now, env).map((event) => `${event.reason}: ${event.message}`));
    const status = podStatus(object, run, NODE, now);
    if (done(status)) return { run, events, status, now };
    const due = sawEnd(run) ? now : nextDue(run, now);
    if (!Number.isFinite(due) || due > NOW + limitMs) return { run, events, status, now };
    now = Math.max(now + 1, due);
  }
  throw new Error('no end');
}
/** As whoever stops containers does; true: one was to end. */
function sawEnd(run: PodRun, exitCode = 0): boolean {
  const ending = run.containers.flatMap((one) => one.ending ?? []);
  for (const one of ending) one.exitCode = exitCode;
  return ending.length > 0;
}
const ready = (status: Json) => condition(status, 'Ready') === 'True';
const condition = (status: Json, type: string) =>
  status.conditions.find((candidate: Json) => candidate.type === type)?.status;
const waiting = (status: Json) => status.containerStatuses[0].state.waiting?.reason;

test('a flaky container crashes some times and then stays', () => {
  const object = pod({}, { 'demo.fleetdeck/behaviour': 'flaky' });
  const { status } = until(object, environment(), () => false);
  expect(status.containerStatuses[0]).toMatchObject({
    restartCount: 4,
    ready: true,
    lastState: { terminated: { exitCode: 1 } },
  });
});

test('a container whose variables come from nowhere waits after its image, and starts when they are there', () => {
  const object = pod();
  const env: RunEnvironment = { ...environment(), broken: new Map([['c', 'secret "db" not found']]) };
  const { run, status, events, now } = until(object, env, (one) => waiting(one) === 'CreateContainerConfigError');
  expect(status.containerStatuses[0]).toMatchObject({
    restartCount: 0,
    state: { waiting: { message: 'secret "db" not found' } },
  });
  expect(events.slice(-2)).toEqual([
    expect.stringContaining('Pulled: Successfully pulled image'),
    'Failed: Error: secret "db" not found',
  ]);
  const whole = { ...env, broken: new Map() };
  const again = nextDue(run, now);
  const begun = advance(run, object, again, whole).map(({ reason }) => reason);
  const made = advance(run, object, nextDue(run, again), whole).map(({ reason }) => reason);
  expect([...begun, ...made]).toEqual(['Pulled', 'Created', 'Started']);
  const absent = until(
    pod({ containers: [{ name: 'c', image: 'nginx:missing' }] }),
    env,
    (one) => waiting(one) !== 'ContainerCreating',
  );
  expect(waiting(absent.status)).toBe('ErrImagePull');
});

describe('a pod that starts', () => {
  test('is seen creating first, then runs within one to three seconds with address and events', () => {
    const object = pod();
    const env = environment();
    const run = newRun(object, NOW, env);
    advance(run, object, NOW, env);
    const first = podStatus(object, run, NODE, NOW);
    expect([first.phase, waiting(first), first.podIP]).toEqual(['Pending', 'ContainerCreating', undefined]);

    const { status, now, events } = until(object, environment(), ready);
    expect(status.phase).toBe('Running');
    expect(status.podIP).toBe('172.20.0.2');
    expect(status.qosClass).toBe('BestEffort');
    expect(now - NOW).toBeGreaterThan(500);
    expect(now - NOW).toBeLessThan(3000);
    expect(events.map((event) => event.split(':')[0])).toEqual(['Pulling', 'Pulled', 'Created', 'Started']);
    expect(status.containerStatuses[0]).toMatchObject({
      ready: true,
      started: true,
      restartCount: 0,
      image: 'docker.io/library/nginx:1.27',
      imageID: expect.stringMatching(/^docker\.io\/library\/nginx@sha256:[0-9a-f]{64}$/),
    });
  });

  test('with pace 0 is ready in one step', () => {
    const object = pod();
    const env = environment(0);
    const run = newRun(object, NOW, env);
    advance(run, object, NOW, env);
    expect(ready(podStatus(object, run, NODE, NOW))).toBe(true);
  });

  test('does not pull an image the node has', () => {
    const env = { ...environment(0), minor: 34 };
    env.images.add('docker.io/library/nginx:1.27');
    expect(until(pod(), env, ready).events[0]).toBe('Pulled: Container image "nginx:1.27" already present on machine');
  });

  test('runs init containers in order before the others, and a sidecar beside them', () => {
    const initContainers = [
      { name: 'first', image: 'busybox:1', command: ['sh', '-c', 'sleep 1'] },
      { name: 'proxy', image: 'envoyproxy/envoy:v1', restartPolicy: 'Always' },
    ];
    const object = pod({ initContainers });
    const { status, events } = until(object, environment(1, 35), ready);
    const started = events.filter((event) => event.startsWith('Started'));
    expect(started).toEqual([
      'Started: Started container first',
      'Started: Started container proxy',
      'Started: Started container c',
    ]);
    expect(condition(status, 'Initialized')).toBe('True');
    expect(status.initContainerStatuses[0].state.terminated.reason).toBe('Completed');
  });
});

describe('an image that is not there', () => {
  test('gives ErrImagePull, then ImagePullBackOff, with the runtime text', () => {
    const object = pod({ containers: [{ name: 'c', image: 'nginx:missing' }] });
    const failed = until(object, environment(), (status) => waiting(status) === 'ErrImagePull');
    expect(failed.status.containerStatuses[0].state.waiting.message).toBe(
      'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:missing": ' +
        'failed to resolve reference "docker.io/library/nginx:missing": docker.io/library/nginx:missing: not found',
    );
    const backOff = until(object, environment(), (status) => waiting(status) === 'ImagePullBackOff');
    expect(backOff.status.phase).toBe('Pending');
    expect(backOff.events).toContain('Failed: Error: ImagePullBackOff');
    expect(backOff.events).toContain('BackOff: Back-off pulling image "nginx:missing"');
  });

  test('a name that is no reference is refused without a pull', () => {
    const object = pod({ containers: [{ name: 'c', image: 'Nginx:1' }] });
    const { status, events } = until(object, environment(), () => false);
    expect(waiting(status)).toBe('InvalidImageName');
    expect(events.join()).not.toContain('Pulling');
  });
});

describe('a pod that is ended', () => {
  const ended = (spec: Json, done: (status: Json) => boolean) => {
    const object = pod(spec);
    const { run, now } = until(object, environment(), done);
    endAll(run, now, 137);
    const { initContainerStatuses = [], containerStatuses } = podStatus(object, run, NODE, now);
    return [...initContainerStatuses, ...containerStatuses].map(({ state }: Json) => {
      const { terminated, waiting: waits } = state;
      return terminated?.reason ?? waits?.reason;
    });
  };
  const failing = { name: 'first', image: 'busybox:1', command: ['sh', '-c', 'exit 1'] };
  const passing = { name: 'second', image: 'busybox:1', command: ['sh', '-c', 'exit 0'] };
  const failed = ({ initContainerStatuses }: Json) => initContainerStatuses[0].lastState.terminated !== undefined;

  test('does not say of main containers that they ended while an init container kept them from being begun', () => {
    expect(ended({ initContainers: [failing, passing] }, failed)).toEqual([
      'ContainerStatusUnknown',
      'PodInitializing',
      'PodInitializing',
    ]);
  });

  test('says so of what was to run once the init containers were through', () => {
    const pulls = (status: Json) => status.initContainerStatuses[0].state.terminated !== undefined;
    expect(ended({ initContainers: [passing] }, pulls)).toEqual(['Completed', 'ContainerStatusUnknown']);
    expect(ended({}, () => true)).toEqual(['ContainerStatusUnknown']);
  });
});

describe('a container that ends', () => {
  test('and should serve is restarted with growing back-off', () => {
    const object = pod({}, { [BEHAVIOUR_ANNOTATION]: 'crash' });
    const { status, events } = until(object, environment(), (current) => waiting(current) === 'CrashLoopBackOff');
    expect(status.phase).toBe('Running');
    expect(status.containerStatuses[0].restartCount).toBe(1);
    expect(status.containerStatuses[0].lastState.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
    expect(status.containerStatuses[0].state.waiting.message).toBe(
      'back-off 10s restarting failed container=c pod=p_default(u1)',
    );
    expect(events.at(-1)).toBe('BackOff: Back-off restarting failed container c in pod p_default(u1)');
    expect([0, 1, 2, 3, 6, 20].map(backOffSeconds)).toEqual([0, 10, 20, 40, 300, 300]);
    expect([durationText(10), durationText(80), durationText(300)]).toEqual(['10s', '1m20s', '5m0s']);
  });

  test('a crash loop never spins, however fast the simulation runs', () => {
    const object = pod({}, { [BEHAVIOUR_ANNOTATION]: 'crash' });
    const env = environment(0);
    const run = newRun(object, NOW, env);
    let now = NOW;
    for (let i = 0; i < 20; i++) {
      advance(run, object, now, env);
      now = Math.max(now, nextDue(run, now));
    }
    expect(now - NOW).toBeGreaterThan(5000);
  });

  test('of a job is Succeeded, or Failed with its exit code', () => {
    const job = (command: string) =>
      pod({ restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1', command: ['sh', '-c', command] }] });
    const good = until(job('sleep 2'), environment(), (status) => status.phase === 'Succeeded');
    expect(good.status.phase).toBe('Succeeded');
    expect(condition(good.status, 'Ready')).toBe('False');
    const bad = until(job('exit 3'), environment(), (status) => status.phase === 'Failed');
    expect(bad.status.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
  });

  test('an unready one runs without being ready and says why', () => {
    const containers = [{ name: 'c', image: 'nginx:1.27', readinessProbe: { httpGet: { port: 80 } } }];
    const object = pod({ containers }, { [BEHAVIOUR_ANNOTATION]: 'unready' });
    const { status, events } = until(object, environment(), () => false);
    expect([status.phase, condition(status, 'Ready')]).toEqual(['Running', 'False']);
    expect(events.at(-1)).toBe('Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503');
  });
});

test('a running pod is taken over unchanged after a restart of the simulation', () => {
  const object = pod();
  const { status, now } = until(object, environment(), ready);
  const later = now + 60_000;
  const stored = { ...object, status };
  const env = environment();
  const run = recoverRun(stored, later, env);
  expect(advance(run, stored, later, env)).toEqual([]);
  expect(podStatus(stored, run, NODE, later)).toEqual(status);
  expect(env.images.has('docker.io/library/nginx:1.27')).toBe(true);
});

test('a changed image restarts the container', () => {
  const object = pod();
  const env = environment(0);
  const run = newRun(object, NOW, env);
  advance(run, object, NOW, env);
  const edited = pod({ containers: [{ name: 'c', image: 'nginx:1.28' }] });
  const events = adopt(run, edited, NOW + 1000, env);
  expect(events[0]?.message).toBe('Container c definition changed, will be restarted');
  expect(run.containers[0]?.ending).toMatchObject({ graceSeconds: 30, anew: true });
  sawEnd(run, 137);
  advance(run, edited, NOW + 1000, env);
  expect(podStatus(edited, run, NODE, NOW + 1000).containerStatuses[0]).toMatchObject({
    restartCount: 1,
    image: 'docker.io/library/nginx:1.28',
    ready: true,
    lastState: { terminated: { exitCode: 137, reason: 'Error' } },
  });
});

test.each([
  [undefined, 12],
  [3, 3],
])('a probe with a grace of %s has its container end within %i s, by its own exit code', (own, graceSeconds) => {
  const livenessProbe = { httpGet: { port: 80 }, terminationGracePeriodSeconds: own };
  const object = pod(
    { containers: [{ name: 'c', image: 'nginx:1.27', livenessProbe }], terminationGracePeriodSeconds: 12 },
    { [BEHAVIOUR_ANNOTATION]: 'unhealthy' },
  );
  const env = environment();
  const run = newRun(object, NOW, env);
  let now = NOW;
  const said: string[] = [];
  while (Number.isFinite(now) && run.containers[0]?.ending === null) {
    said.push(...advance(run, object, now, env).map(({ reason }) => reason));
    now = run.containers[0].ending === null ? nextDue(run, now) : now;
  }
  expect(run.containers[0]?.ending).toEqual({ graceSeconds, anew: false, begun: false, exitCode: null });
  expect(said.slice(-2)).toEqual(['Unhealthy', 'Killing']);
  // It runs on until it has ended, and nobody asks it again.
  expect([podStatus(object, run, NODE, now).containerStatuses[0].state.running, nextDue(run, now)]).toEqual([
    expect.anything(),
    Number.POSITIVE_INFINITY,
  ]);
  sawEnd(run, 0);
  advance(run, object, now, env);
  expect(podStatus(object, run, NODE, now).containerStatuses[0].state.terminated).toMatchObject({
    exitCode: 0,
    reason: 'Completed',
  });
});

test('a resize that finds no room waits for it, says so once, and leaves what runs as it is', () => {
  const sized = (cpu: string, generation: number) => {
    const object = pod({ containers: [{ name: 'c', image: 'nginx:1.27', resources: { requests: { cpu } } }] });
    return { ...object, metadata: { ...object.metadata, generation } };
  };
  const env = environment();
  const { run, now } = until(sized('100m', 1), env, ready);
  const message = "Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000";
  const crowded = { ...env, refusesResize: () => ({ reason: 'OutOfcpu', message }) };
  const larger = sized('3', 2);
  const [event, ...more] = adopt(run, larger, now, crowded);
  expect(more).toEqual([]);
  expect(event).toMatchObject({
    type: 'Warning',
    reason: 'ResizeDeferred',
    message: `Pod resize OutOfcpu: {"containers":[{"name":"c","resources":{"requests":{"cpu":"3"}}}],"generation":2,"error":"${message}"}`,
  });
  const shown = (at: number) => {
    const status = podStatus(larger, run, NODE, at);
    const condition = status.conditions.find(({ type }: { type: string }) => type === 'PodResizePending');
    return [condition?.reason, condition?.message, status.containerStatuses[0].allocatedResources.cpu];
  };
  expect(shown(now)).toEqual(['Deferred', message, '100m']);
  expect(adopt(run, larger, now + 5000, crowded)).toEqual([]);
  const resized = adopt(run, larger, now + 9000, env);
  expect(resized.map(({ reason }) => reason)).toEqual(['ResizeStarted', 'ResizeCompleted']);
  expect(shown(now + 9000)).toEqual([undefined, undefined, '3']);
});

test('other resources take effect where the pod runs, and restart a container whose policy says so', () => {
  const sized = (cpu: string, memory: string) =>
    pod({
      containers: [
        {
          name: 'c',
          image: 'nginx:1.27',
          resources: { requests: { cpu, memory } },
          resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }],
        },
      ],
    });
  const env = environment();
  const { run, now } = until(sized('100m', '64Mi'), env, ready);
  const larger = sized('200m', '64Mi');
  const events = [...adopt(run, larger, now, env), ...advance(run, larger, now, env)];
  expect(events.map(({ reason, container }) => `${reason}${container}`)).toEqual(['ResizeStarted', 'ResizeCompleted']);
  expect(events[1]?.message).toBe(
    'Pod resize completed: {"containers":[{"name":"c","resources":{"requests":{"cpu":"200m","memory":"64Mi"}}}],"generation":0}',
  );
  const [status] = podStatus(larger, run, NODE, now).containerStatuses;
  expect(status).toMatchObject({ restartCount: 0, ready: true, allocatedResources: { cpu: '200m', memory: '64Mi' } });
  const restarted = adopt(run, sized('200m', '128Mi'), now, env);
  expect(restarted[0]).toMatchObject({ reason: 'Killing', message: 'Container c resize requires restart' });
  // Its program is told to end, and takes a moment.
  expect(run.containers[0]?.restarts).toBe(0);
  sawEnd(run);
  advance(run, larger, now, env);
  expect(run.containers[0]?.restarts).toBe(1);
  // A kubelet from before leaves all as it was.
  const old = { ...environment(), minor: 32 };
  const before = until(sized('100m', '64Mi'), old, ready);
  expect(adopt(before.run, larger, before.now, old)).toEqual([]);
  expect(before.run.containers[0]?.spec.resources.requests.cpu).toBe('100m');
});

test('an ephemeral container joins a running pod, does not touch its readiness and is not started again', () => {
  const env = environment();
  const { run, now } = until(pod(), env, ready);
  const debugged = pod({
    ephemeralContainers: [{ name: 'debug', image: 'busybox', command: ['sh', '-c', 'sleep 2; exit 3'] }],
  });
  adopt(run, debugged, now, env);
  let at = now;
  for (let steps = 0; steps < 20; steps++) {
    advance(run, debugged, at, env);
    const due = nextDue(run, at);
    if (!Number.isFinite(due)) break;
    at = Math.max(at + 1, due);
  }
  const status = podStatus(debugged, run, NODE, at);
  expect(status.ephemeralContainerStatuses).toMatchObject([
    { name: 'debug', restartCount: 0, state: { terminated: { exitCode: 3, reason: 'Error' } } },
  ]);
  expect([status.phase, condition(status, 'Ready'), status.containerStatuses.length]).toEqual(['Running', 'True', 1]);
});

test('a status says what the kubelet of its version knows: mounts, resources, the generation it speaks of', () => {
  const mounts = [
    { name: 'token', mountPath: '/run/token', readOnly: true },
    { name: 'data', mountPath: '/data' },
  ];
  const resources = { requests: { cpu: '10m' }, limits: { cpu: '20m' } };
  const object = pod({ containers: [{ name: 'c', image: 'nginx:1.27', volumeMounts: mounts, resources }] });
  object.metadata.generation = 3;
  const { run, now } = until(object, environment(), ready);
  const of = (minor: number) => podStatus(object, run, { ip: NODE.ip, minor }, now);
  const fields = (minor: number) => Object.keys(of(minor).containerStatuses[0]);

  expect(of(34)).toMatchObject({
    observedGeneration: 3,
    containerStatuses: [
      {
        resources,
        allocatedResources: { cpu: '10m' },
        volumeMounts: [
          { name: 'token', mountPath: '/run/token', readOnly: true, recursiveReadOnly: 'Disabled' },
          { name: 'data', mountPath: '/data' },
        ],
      },
    ],
  });
  expect(new Set(of(34).conditions.map((one: Json) => one.observedGeneration))).toEqual(new Set([3]));
  expect(of(33)).not.toHaveProperty('observedGeneration');
  expect(fields(32)).toContain('volumeMounts');
  expect(fields(32)).not.toContain('resources');
  expect(fields(30)).not.toContain('volumeMounts');
});

test('a volume that is not there is asked for ever more rarely', () => {
  expect([1, 2, 3, 5, 9, 30].map(mountBackOffMs)).toEqual([500, 1000, 2000, 8000, 122_000, 122_000]);
});

test('a sync that cannot create the container begins with its image again', () => {
  const env: RunEnvironment = { ...environment(), broken: new Map([['c', 'secret "db" not found']]) };
  const { events } = until(pod(), env, () => false, 40_000);
  const told = (start: string) => events.filter((event) => event.startsWith(start)).length;
  expect(told('Failed: Error: secret "db" not found')).toBeGreaterThan(2);
  expect(told('Pulled: Container image "nginx:1.27" already present on machine and can be accessed by the pod')).toBe(
    told('Failed') - 1,
  );
});

test('a container whose ports are silent fails the probes that ask them, and becomes ready again when they answer', () => {
  const probes = { readinessProbe: { httpGet: { port: 'web', path: '/ready' }, periodSeconds: 5 } };
  const ports = [{ name: 'web', containerPort: 8080 }];
  const containers = [{ name: 'c', image: 'nginx:1.27', ports, ...probes }];
  const object = pod({ containers }, { [BEHAVIOUR_ANNOTATION]: 'silent' });
  const { run, status, events, now } = until(object, environment(), () => false, 20_000);
  expect([status.phase, ready(status)]).toEqual(['Running', false]);
  expect(events).toContain(
    'Unhealthy: Readiness probe failed: Get "http://172.20.0.2:8080/ready": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
  );
  const well = pod({ containers });
  adopt(run, well, now, environment());
  advance(run, well, now + 6000, environment());
  expect(ready(podStatus(well, run, NODE, now + 6000))).toBe(true);
});

test('a silent container is restarted by its liveness probe, and stays ready without any probe', () => {
  const silent = { [BEHAVIOUR_ANNOTATION]: 'silent' };
  const livenessProbe = { tcpSocket: { port: 6379 }, periodSeconds: 1 };
  const probed = pod({ containers: [{ name: 'c', image: 'redis:8', livenessProbe }] }, silent);
  const { events } = until(probed, environment(), (one) => one.containerStatuses[0].restartCount > 0);
  expect(events).toContain('Unhealthy: Liveness probe failed: dial tcp 172.20.0.2:6379: i/o timeout');
  expect(ready(until(pod({}, silent), environment(), ready).status)).toBe(true);
});

test('requests that fail fail the probes that are requests', () => {
  const readinessProbe = { httpGet: { port: 80 } };
  const wish = { [BEHAVIOUR_ANNOTATION]: 'fails-requests' };
  const object = pod({ containers: [{ name: 'c', image: 'nginx:1.27', readinessProbe }] }, wish);
  const { status, events } = until(object, environment(), () => false, 20_000);
  expect(ready(status)).toBe(false);
  expect(events).toContain('Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503');
});

test.each([
  [31, 'Created container c', 'Started container c'],
  [35, 'Created container: c', 'Started container c'],
  [36, 'Container created', 'Container started'],
])('kubelet 1.%i says of a start what it does', (minor, created, started) => {
  const { events } = until(pod(), environment(1, minor), ready);
  expect(events.slice(-2)).toEqual([`Created: ${created}`, `Started: ${started}`]);
});

test('a pull that waits says why, since 1.32', () => {
  const object = pod({ containers: [{ name: 'c', image: 'nginx:missing' }] });
  const messageAt = (minor: number) =>
    until(object, environment(1, minor), (status) => waiting(status) === 'ImagePullBackOff').status.containerStatuses[0]
      .state.waiting.message;
  const said = 'rpc error: code = NotFound desc = failed to pull and unpack image';
  expect(messageAt(31)).toBe('Back-off pulling image "nginx:missing"');
  expect(messageAt(36)).toContain(`Back-off pulling image "nginx:missing": ErrImagePull: ${said}`);
});

test.each([
  [
    'liveness',
    { exec: { command: ['cat', '/tmp/healthy'] } },
    "cat: can't open '/tmp/healthy': No such file or directory\n",
  ],
  ['readiness', { exec: { command: ['sh', '-c', 'ls /ready'] } }, 'ls: /ready: No such file or directory\n'],
  ['readiness', { grpc: { port: 9000 } }, 'service unhealthy (responded with "NOT_SERVING")'],
  ['liveness', { httpGet: { port: 80 } }, 'HTTP probe failed with statuscode: 500'],
] as const)('a %s probe by %j fails in its own words', (kind, question, words) => {
  const behaviour = kind === 'liveness' ? 'unhealthy' : 'unready';
  const containers = [{ name: 'c', image: 'nginx:1.27', [`${kind}Probe`]: question }];
  const { events } = until(
    pod({ containers }, { [BEHAVIOUR_ANNOTATION]: behaviour }),
    environment(),
    () => false,
    30_000,
  );
  expect(events).toContain(`Unhealthy: ${kind === 'liveness' ? 'Liveness' : 'Readiness'} probe failed: ${words}`);
});

test('a liveness probe hears what the program answers to everybody', () => {
  const containers = [{ name: 'c', image: 'nginx:1.27', livenessProbe: { httpGet: { port: 80 } } }];
  const object = pod({ containers }, { [BEHAVIOUR_ANNOTATION]: 'fails-requests' });
  const { events } = until(object, environment(), (status) => status.containerStatuses[0].restartCount > 0);
  expect(events).toContain('Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 503');
});

test('an end that its rule speaks of starts the whole pod over, init containers first and without a back-off', () => {
  const rules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }];
  const object = pod({
    restartPolicy: 'Never',
    initContainers: [
      { name: 'first', image: 'busybox', command: ['true'] },
      { name: 'side', image: 'nginx:1.27', restartPolicy: 'Always' },
    ],
    containers: [
      { name: 'source', image: 'nginx:1.27', restartPolicy: 'Never', restartPolicyRules: rules },
      { name: 'other', image: 'nginx:1.27' },
    ],
  });
  const env = environment();
  const { run, status, now } = until(object, env, ready);
  expect(condition(status, 'AllContainersRestarting')).toBe('False');
  const source = run.containers.find(({ spec }) => spec.name === 'source');
  if (source === undefined) throw new Error('no source');
  source.exitAt = now;
  source.behaviour = { ...source.behaviour, exitCode: 42, reason: 'Error' };
  const before = { ...object, status };
  advance(run, before, now, env);
  expect(podStatus(before, run, NODE, now).conditions).toContainEqual(
    expect.objectContaining({
      type: 'AllContainersRestarting',
      status: 'True',
      reason: 'RestartAllContainersStarted',
      message: 'container exited with restart policy rule',
    }),
  );
  source.behaviour = { ...source.behaviour, exitCode: 0, runsFor: Number.POSITIVE_INFINITY };
  const at = nextDue(run, now);
  const said = advance(run, before, at, env).filter(({ reason }) => reason === 'Killing');
  expect(said.map(({ container, message }) => `${container} ${message}`)).toEqual(['side killing', 'other killing']);
  const during = podStatus(before, run, NODE, at);
  // It was initialized, and stays so.
  expect([during.phase, condition(during, 'Initialized'), condition(during, 'Ready')]).toEqual([
    'Running',
    'True',
    'False',
  ]);
  expect(during.containerStatuses[1]).toMatchObject({
    state: { waiting: { reason: 'RestartingAllContainers' } },
    lastState: { terminated: { exitCode: 137, reason: 'RestartingAllContainers' } },
    restartCount: 1,
  });
  const order: string[] = [];
  let time = at;
  while (Number.isFinite(time)) {
    for (const { reason, container } of advance(run, before, time, env))
      if (reason === 'Started') order.push(container);
    time = nextDue(run, time);
  }
  expect([...order.slice(0, 2), ...order.slice(2).sort()]).toEqual(['first', 'side', 'other', 'source']);
  const after = podStatus(before, run, NODE, at + 60_000);
  const counts = [...after.initContainerStatuses, ...after.containerStatuses].map((one: Json) => one.restartCount);
  expect([ready(after), ...counts]).toEqual([true, 1, 1, 1, 1]);
  expect(condition(after, 'AllContainersRestarting')).toBe('False');
});

test('what has no probe is not found failing', () => {
  const object = pod({}, { [BEHAVIOUR_ANNOTATION]: 'unhealthy,unready,unstarted' });
  const { status, events } = until(object, environment(), () => false);
  expect([ready(status), status.containerStatuses[0].restartCount]).toEqual([true, 0]);
  expect(events.some((event) => event.startsWith('Unhealthy'))).toBe(false);
});

test('a program that is not in the image ends its container before it began', () => {
  const containers = [{ name: 'c', image: 'nginx:1.27', command: ['no-such-program'] }];
  const { status, events } = until(pod({ containers }), environment(), (one) => waiting(one) === 'CrashLoopBackOff');
  const words = 'exec: "no-such-program": executable file not found in $PATH';
  expect(events.find((event) => event.startsWith('Failed'))).toContain(words);
  expect(status.containerStatuses[0].lastState.terminated).toMatchObject({
    exitCode: 128,
    reason: 'StartError',
    startedAt: '1970-01-01T00:00:00Z',
    message: expect.stringContaining(words),
  });
  expect(events.some((event) => event.startsWith('Started'))).toBe(false);
});

test.each([
  [{ image: 'NGINX:1' }, 'InspectFailed', 'InvalidImageName'],
  [{ image: 'nginx:9', imagePullPolicy: 'Never' }, 'ErrImageNeverPull', 'ErrImageNeverPull'],
])('%j is told of with every sync', (container, first, reason) => {
  let syncs = 0;
  const object = pod({ containers: [{ name: 'c', ...container }] });
  const { events, status } = until(object, environment(), () => ++syncs > 5);
  expect(waiting(status)).toBe(reason);
  expect(events.filter((event) => event.startsWith(`${first}:`)).length).toBeGreaterThan(2);
  expect(events.filter((event) => event === `Failed: Error: ${reason}`).length).toBeGreaterThan(2);
  expect(status.containerStatuses[0].restartCount).toBe(0);
});

test.each<[Json, number, number]>([
  [{ restartPolicy: 'Never', restartPolicyRules: [rule('In', 42)] }, 42, 1],
  [{ restartPolicy: 'Never', restartPolicyRules: [rule('In', 42)] }, 41, 0],
  [{ restartPolicy: 'Never', restartPolicyRules: [rule('NotIn', 42)] }, 41, 1],
  [{ restartPolicy: 'OnFailure' }, 1, 1],
  [{ restartPolicy: 'OnFailure' }, 0, 0],
  [{}, 1, 0],
])('a container with %j that ends with %d is restarted %d times at once', (own, exitCode, restarts) => {
  const command = ['sh', '-c', `exit ${exitCode}`];
  const object = pod({ restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox', command, ...own }] });
  const over = ({ phase, containerStatuses: [one] }: Json) => /Succeeded|Failed/.test(phase) || one.restartCount > 0;
  expect(until(object, environment(), over).status.containerStatuses[0].restartCount).toBe(restarts);
});

function rule(operator: string, ...values: number[]): Json {
  return { action: 'Restart', exitCodes: { operator, values } };
}

test.each([
  ['done', null],
  ['failed', 'PostStartHook failed'],
] as const)('a container whose start hook is %s', (end, failure) => {
  const object = pod({
    restartPolicy: 'Never',
    containers: [
      { name: 'c', image: 'nginx', lifecycle: { postStart: { exec: { command: ['x'] } } } },
      { name: 'd', image: 'nginx' },
    ],
  });
  const env = environment();
  const { run, status, now } = until(object, env, () => false);
  // Nothing goes on until the hook is over, the next container neither.
  expect(status.containerStatuses.map((one: Json) => Object.keys(one.state))).toEqual([['waiting'], ['waiting']]);
  const [hooked] = run.containers;
  if (hooked === undefined) throw new Error('no container');
  expect(hooked.step).toBe('hooked');
  hooked.startHook = end;
  const events = advance(run, object, now, env);
  expect(events.find(({ reason }) => reason === 'FailedPostStartHook')?.message ?? null).toBe(failure);
  const [after] = podStatus(object, run, NODE, now).containerStatuses;
  expect(after.state).toMatchObject(end === 'done' ? { running: {} } : { terminated: { exitCode: 137 } });
});

test('a readiness gate that is shut keeps a pod from being ready, and says why', () => {
  const gated = pod({ readinessGates: [{ conditionType: 'example.com/lb' }] });
  const { run, now } = until(gated, environment(), (status) => status.phase === 'Running', 60_000);
  const said = (conditions: Json[]) =>
    podStatus({ ...gated, status: { conditions } }, run, NODE, now).conditions.find(
      (one: Json) => one.type === 'Ready',
    );
  expect(said([]).message).toBe('corresponding condition of pod readiness gate "example.com/lb" does not exist.');
  expect(said([{ type: 'example.com/lb', status: 'False' }]).message).toBe(
    'the status of pod readiness gate "example.com/lb" is not "True", but False',
  );
  expect(said([{ type: 'example.com/lb', status: 'True' }]).status).toBe('True');
});

test('an image that is mounted is pulled for the containers that mount it, and again where none has', () => {
  const mounted = (name: string, reference: string) => ({ name, image: { reference } });
  const uses = (name: string) => ({
    name: `c-${name}`,
    image: 'busybox',
    command: ['sleep', '60'],
    volumeMounts: [{ name, mountPath: '/v' }],
  });
  const object = pod({
    volumes: [mounted('there', 'nginx:1.29'), mounted('not', 'quay.io/missing/x:1')],
    containers: [uses('there'), uses('not')],
  });
  const { run, events, status } = until(
    object,
    environment(),
    ({ containerStatuses: [one, other] }) =>
      one.state.running !== undefined && other.state.waiting?.reason === 'ImagePullBackOff',
    20_000,
  );
  expect(events).toContain('Pulling: Pulling image "nginx:1.29"');
  expect(run.images.map(({ step }) => step)).toEqual(['finished', 'pullBackOff']);
  const again = recoverRun({ ...object, status }, NOW, environment());
  expect(again.images.map(({ step }) => step)).toEqual(['finished', 'idle']);
});
