/** Containers that end, and what they end by. */
import { describe, expect, test } from 'vitest';
import { ago, causes, chain, crashed, node, pod, report, told, UNREADY } from '../testing.ts';
import { exitText } from './exits.ts';

const N = node();

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
