import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { createRandom } from '../sim/random.ts';
import { BEHAVIOUR_ANNOTATION } from './behaviour.ts';
import { answerKey, openProbes, type ProbeAnswer, touch } from './probing.ts';
import { recoverRun } from './recover.ts';
import { advance, advanceLeaving, newRun, nextDue, nextLeaving } from './run.ts';
import type { RunEnvironment } from './run-state.ts';
import { podStatus } from './status.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const NODE = { ip: '10.0.0.1', minor: 36 };

function pod(container: Json, annotations: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default', uid: 'u1', annotations },
    spec: { restartPolicy: 'Always', nodeName: 'n', containers: [{ name: 'c', image: 'nginx:1.29', ...container }] },
    status: { phase: 'Pending' },
  };
}

/** A pod whose probes are answered by the function; `live` lets seconds pass and returns what was said meanwhile. */
function running(object: KubeObject, answer: (kind: string, second: number) => ProbeAnswer, resumed = false) {
  const env: RunEnvironment = {
    pace: 1,
    minor: 36,
    random: createRandom('probes'),
    images: new Set(),
    answers: new Map(),
    allocateAddress: () => '172.20.0.2',
  };
  let now = resumed ? START + 60_000 : START;
  const run = resumed ? recoverRun(object, now, env) : newRun(object, now, env);
  const asked: string[] = [];
  const second = () => Math.round((now - (run.containers[0]?.startedAt || START)) / 1000);
  const live = (seconds: number): string[] => {
    const said: string[] = [];
    const end = now + seconds * 1000;
    for (;;) {
      said.push(...advance(run, object, now, env).map(({ reason, message }) => `${reason}: ${message}`));
      const [container] = run.containers;
      const open = container === undefined ? [] : openProbes(container, now);
      for (const kind of open) {
        asked.push(`${kind} ${second()}`);
        env.answers?.set(answerKey('c', kind), answer(kind, second()));
      }
      for (const { ending } of run.containers) if (ending !== null) ending.exitCode = 137;
      if (open.length > 0) continue;
      const due = nextDue(run, now);
      if (due > end) break;
      now = Math.max(now + 1, due);
    }
    now = end;
    return said.filter((one) => /^(Unhealthy|Killing)/.test(one));
  };
  const leaveFor = (seconds: number): string[] => {
    const said: string[] = [];
    const end = now + seconds * 1000;
    for (;;) {
      said.push(...advanceLeaving(run, now, env).map(({ reason, message }) => `${reason}: ${message}`));
      const open = run.containers.flatMap((container) => openProbes(container, now));
      for (const kind of open) {
        asked.push(`${kind} ${second()}`);
        env.answers?.set(answerKey('c', kind), answer(kind, second()));
      }
      if (open.length > 0) continue;
      if (nextLeaving(run) > end) break;
      now = nextLeaving(run);
    }
    now = end;
    return said;
  };
  const status = () => podStatus(object, run, NODE, now).containerStatuses[0];
  const touched = () => run.containers.forEach((container) => void touch(container, now, env));
  return { live, leaveFor, asked, status, touched };
}

const GOOD: ProbeAnswer = { failure: null, settled: true };
const HTTP = { httpGet: { port: 80 }, periodSeconds: 5 };

test('a container is ready when its readiness probe first succeeds, not before its delay', () => {
  const { live, status, asked } = running(
    pod({ readinessProbe: { ...HTTP, initialDelaySeconds: 8 } }),
    (_kind, second) => ({ failure: second < 12 ? 'not yet' : null }),
  );
  expect(live(14)).toEqual(['Unhealthy: Readiness probe failed: not yet']);
  expect(status().ready).toBe(false);
  expect(live(3)).toEqual([]);
  expect(status().ready).toBe(true);
  expect(asked).toEqual(['readiness 8', 'readiness 13']);
});

test('a ready container stays so until its probe has failed often enough, and is ready again at the first success', () => {
  const { live, status } = running(pod({ readinessProbe: HTTP }), (_kind, second) => ({
    failure: second > 5 && second < 30 ? 'HTTP probe failed with statuscode: 404' : null,
  }));
  live(15);
  expect(status().ready).toBe(true);
  live(10);
  expect(status()).toMatchObject({ ready: false, restartCount: 0 });
  live(10);
  expect(status().ready).toBe(true);
});

test('a success threshold is counted anew after every failure', () => {
  const { live, status, asked } = running(
    pod({ readinessProbe: { ...HTTP, successThreshold: 2 } }),
    (_kind, second) => ({
      failure: second === 6 ? 'no' : null,
    }),
  );
  live(14);
  expect(status().ready).toBe(false);
  live(5);
  expect(status().ready).toBe(true);
  expect(asked.length).toBe(4);
});

test('nothing else is asked before the startup probe has succeeded, and that is asked no more', () => {
  const probes = { startupProbe: { ...HTTP, failureThreshold: 30 }, livenessProbe: HTTP, readinessProbe: HTTP };
  const { live, status, asked } = running(pod(probes), (kind, second) => ({
    failure: kind === 'startup' && second < 10 ? 'starting' : null,
  }));
  live(9);
  expect(status()).toMatchObject({ started: false, ready: false });
  live(8);
  expect(status()).toMatchObject({ started: true, ready: true });
  expect([...new Set(asked.map((one) => one.split(' ')[0]))]).toEqual(['startup', 'liveness', 'readiness']);
  expect(asked.filter((one) => one.startsWith('startup')).length).toBe(3);
});

test('a liveness probe that fails often enough ends the container; both probes say so', () => {
  const probes = { livenessProbe: { ...HTTP, failureThreshold: 2 }, readinessProbe: HTTP };
  const { live, status } = running(pod(probes), () => ({ failure: 'dial tcp: connect: connection refused' }));
  const said = live(9);
  expect(said.slice(0, 2).sort()).toEqual([
    'Unhealthy: Liveness probe failed: dial tcp: connect: connection refused',
    'Unhealthy: Readiness probe failed: dial tcp: connect: connection refused',
  ]);
  // Whether the next container is asked before the time is over is up to how long it takes to start.
  expect(said).toContain('Killing: Container c failed liveness probe, will be restarted');
  live(3);
  expect(status().restartCount).toBe(1);
});

test('what cannot be asked at all is said so', () => {
  const { live } = running(pod({ readinessProbe: HTTP }), () => ({ failure: 'no such port', errored: true }));
  expect(live(3)).toEqual(['Unhealthy: Readiness probe errored and resulted in unknown state: no such port']);
});

test('a settled success is not asked again until somebody was in the container', () => {
  let broken = false;
  const { live, status, asked, touched } = running(pod({ readinessProbe: { ...HTTP, failureThreshold: 1 } }), () =>
    broken ? { failure: 'HTTP probe failed with statuscode: 403' } : GOOD,
  );
  live(600);
  expect(asked.length).toBe(1);
  broken = true;
  live(60);
  expect(status().ready).toBe(true);
  touched();
  expect(live(6)).toEqual(['Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 403']);
  expect(status().ready).toBe(false);
});

describe('after a restart of the simulation', () => {
  const earlier = (ready: boolean) => {
    const object = pod({ startupProbe: HTTP, readinessProbe: HTTP });
    const first = running(object, () => (ready ? GOOD : { failure: 'no' }));
    first.live(30);
    const containerStatuses = [{ ...first.status(), started: true, ready }];
    return { ...object, status: { phase: 'Running', podIP: '172.20.0.2', containerStatuses } } as KubeObject;
  };

  test('what had started is not started again, and what was ready is so until it is asked', () => {
    const { live, status, asked } = running(earlier(true), () => GOOD, true);
    expect(status()).toMatchObject({ started: true, ready: true });
    live(1);
    expect(asked).toEqual([expect.stringMatching(/^readiness /)]);
    expect(status().ready).toBe(true);
  });

  test('what was not ready becomes so by its probe alone', () => {
    const { live, status } = running(earlier(false), () => ({ failure: 'no' }), true);
    live(20);
    expect(status().ready).toBe(false);
  });
});

test('a staged failure goes before what the container would answer', () => {
  const object = pod({ readinessProbe: HTTP }, { [BEHAVIOUR_ANNOTATION]: 'unready' });
  const { live, status, asked } = running(object, () => GOOD);
  expect(live(7)[0]).toBe('Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503');
  expect(status().ready).toBe(false);
  expect(asked).toEqual([]);
});

test('of a pod that is to go only readiness is asked for, anew where it was settled', () => {
  const object = pod({ readinessProbe: HTTP, livenessProbe: HTTP });
  const { live, leaveFor, status, asked } = running(object, (_kind, second) =>
    second < 20 ? GOOD : { failure: 'shutting down' },
  );
  live(20);
  expect(status().ready).toBe(true);
  asked.length = 0;
  expect(leaveFor(14)).toEqual(Array(2).fill('Unhealthy: Readiness probe failed: shutting down'));
  expect(status().ready).toBe(true);
  expect(leaveFor(5)).toHaveLength(1);
  expect(status().ready).toBe(false);
  expect(asked.map((one) => one.split(' ')[0])).toEqual(['readiness', 'readiness', 'readiness']);
});
