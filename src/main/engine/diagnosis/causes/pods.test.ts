/** Pods from the node to the first instruction, ready or not, and on their way out. */
import { describe, expect, test } from 'vitest';
import { ago, causes, chain, NOW, node, pod, report, thing, told, UNREADY, waiting, workload } from '../testing.ts';
import { distance } from './volumes.ts';

const N = node();

test('a pod that runs and is ready has no causes, nor has one that is done', () => {
  expect(report(pod(), [N])).toMatchObject({ verdict: 'healthy', findings: [], partial: false });
  expect(causes(pod({ status: { phase: 'Succeeded' } }), [N])).toEqual([]);
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
