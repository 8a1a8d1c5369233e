import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { BEHAVIOUR_ANNOTATION } from './behaviour.ts';
import { hookEnding } from './hooks.ts';
import type { PodRun } from './run-state.ts';
import { overLimit, sandboxTrouble } from './troubles.ts';

const pod = (container: Json = {}, spec: Json = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', uid: 'u-1' },
  spec: { containers: [{ name: 'c', ...container }], ...spec },
});
const node = (behaviour: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', annotations: { [BEHAVIOUR_ANNOTATION]: behaviour } },
});

describe('a sandbox', () => {
  test('is made where nothing is wrong, and always in the network of the host', () => {
    expect(sandboxTrouble(pod(), node(''), '', null)).toBeNull();
    expect(sandboxTrouble(pod({}, { hostNetwork: true }), node('not-ready'), 'sandbox-fails', 'x')).toBeNull();
  });
  test.each([
    [node('not-ready'), '', null, 'NetworkNotReady', 'cni plugin not initialized'],
    [node('sandbox-fails'), '', null, 'FailedCreatePodSandBox', 'connection is unauthorized'],
    [node(''), 'crash,sandbox-fails', null, 'FailedCreatePodSandBox', 'connection is unauthorized'],
    [
      node(''),
      '',
      '172.20.0.2-172.20.0.2',
      'FailedCreatePodSandBox',
      'no IP addresses available in range set: 172.20.0.2-172.20.0.2',
    ],
  ])('is refused with the words of the runtime (%#)', (on, wish, exhausted, reason, text) => {
    const found = sandboxTrouble(pod(), on, wish, exhausted);
    expect(found?.reason).toBe(reason);
    expect(found?.message).toContain(text);
  });
});

describe('scratch space', () => {
  const run = (startedAt: number, step = 'running') =>
    ({ containers: [{ role: 'main', step, startedAt, spec: { name: 'c' } }] }) as unknown as PodRun;
  const limited = pod({ resources: { limits: { 'ephemeral-storage': '1Gi' } } });
  test('is full a while after the start, and only where there is a limit', () => {
    expect(overLimit(limited, run(0), 'fills-disk', 1000, 1)).toBe(4000);
    expect(overLimit(limited, run(0), 'fills-disk', 5000, 1)).toContain('exceeds the total limit of containers 1Gi');
    expect(overLimit(pod(), run(0), 'fills-disk', 5000, 1)).toBeNull();
    expect(overLimit(limited, run(0), '', 5000, 1)).toBeNull();
    expect(overLimit(limited, run(0, 'starting'), 'fills-disk', 5000, 1)).toBeNull();
  });
});

describe('hooks', () => {
  const ending = (...command: string[]) => hookEnding({ exec: { command } });
  test('end as their command says', () => {
    expect(ending('sh', '-c', 'exit 3')).toEqual({ exitCode: 3, runsFor: 0.5 });
    expect(ending('/bin/missing').exitCode).toBe(126);
    expect(ending('sh', '-c', 'echo ready').exitCode).toBe(0);
    expect(ending('/app/drain')).toEqual({ exitCode: 0, runsFor: 0 });
  });
  test('take their time', () => {
    expect(ending('sleep', '20').runsFor).toBe(20);
    expect(hookEnding({ sleep: { seconds: 5 } })).toEqual({ exitCode: 0, runsFor: 5 });
  });
});
