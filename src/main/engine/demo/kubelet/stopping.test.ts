import { expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import type { ContainerRun } from './run-state.ts';
import { endOf, type StopHost, stopContainers } from './stopping.ts';

const container = (name: string, role: ContainerRun['role'], spec: Json = {}): ContainerRun =>
  ({ role, spec: { name, image: 'registry.k8s.io/app', ...spec } }) as unknown as ContainerRun;

/** Everything that takes time ends when `step` is called, in the order in which it was asked for. */
function host(goes: Partial<StopHost> = {}) {
  const said: string[] = [];
  const waiting: (() => void)[] = [];
  const turn = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve());
    });
  return {
    said,
    /** Lets whatever has been asked for by now go on, and all that follows from it come. */
    async step() {
      for (const go of waiting.splice(0)) go();
      await new Promise((resolve) => setImmediate(resolve));
    },
    stops: {
      tell: ({ spec }, _type, reason) => said.push(`${reason} ${spec.name}`),
      hook: async ({ spec }, _hook, signal) => {
        said.push(`hook ${spec.name}`);
        await turn(signal);
        return true;
      },
      told: ({ spec }) => said.push(`told ${spec.name}`),
      endingMs: (seconds) => 1000 + seconds,
      pause: (_ms, signal) => turn(signal),
      ended: ({ spec }, code) => said.push(`ended ${spec.name} ${code}`),
      ...goes,
    } satisfies StopHost,
  };
}

test('sidecars end after the main containers, the last one first; hooks run at once', async () => {
  const { said, step, stops } = host();
  const hook = { lifecycle: { preStop: { exec: { command: ['x'] } } } };
  const ends = stopContainers(
    [container('first', 'sidecar', hook), container('second', 'sidecar'), container('main', 'main', hook)],
    stops,
    new AbortController().signal,
  );
  expect(said.splice(0)).toEqual(['Killing main', 'hook main', 'Killing second', 'Killing first', 'hook first']);
  await step();
  expect(said.splice(0)).toEqual(['told main']);
  await step();
  expect(said.splice(0)).toEqual(['ended main 143', 'told second']);
  await step();
  expect(said.splice(0)).toEqual(['ended second 143', 'told first']);
  await step();
  await ends;
  expect(said).toEqual(['ended first 143']);
});

test('a hook that fails is told, and its container ends all the same', async () => {
  const { said, stops } = host({ hook: async () => false, pause: async () => undefined });
  const failing = container('c', 'main', { image: 'nginx', lifecycle: { preStop: { exec: { command: ['x'] } } } });
  await stopContainers([failing], stops, new AbortController().signal);
  expect(said).toEqual(['Killing c', 'FailedPreStopHook c', 'told c', 'ended c 0']);
});

test('what has not ended by then is killed when the grace period is over', async () => {
  const { said, step, stops } = host();
  const over = new AbortController();
  const ends = stopContainers(
    [
      container('side', 'sidecar'),
      container('deaf', 'main', { command: ['sleep', '3600'] }),
      container('held', 'main', { lifecycle: { preStop: { sleep: { seconds: 60 } } } }),
    ],
    stops,
    over.signal,
  );
  over.abort();
  await step();
  await ends;
  expect(said.filter((line) => line.startsWith('ended')).sort()).toEqual([
    'ended deaf 137',
    'ended held 137',
    'ended side 137',
  ]);
});

test.each<[Json, number, boolean]>([
  [{ image: 'nginx:1.29' }, 0, true],
  [{ image: 'shop/cart' }, 143, true],
  [{ image: 'busybox', command: ['sleep', '3600'] }, 137, false],
  [{ image: 'busybox', command: ['/bin/sh', '-c', 'while true; do date; sleep 1; done'] }, 137, false],
  [{ image: 'busybox', command: ['sh', '-c', 'trap "exit 0" TERM; sleep 60 & wait'] }, 0, true],
  [{ image: 'busybox', command: ['sh', '-c', "trap 'echo bye; exit 7' TERM; sleep infinity & wait $!"] }, 7, true],
  [{ image: 'busybox', command: ['sh', '-c', "trap 'echo bye' TERM; sleep 60 & wait"] }, 0, true],
  [{ image: 'busybox', command: ['sh', '-c', "trap 'echo bye' TERM; while true; do sleep 1; done"] }, 137, false],
  [{ image: 'busybox', command: ['sh', '-c', "trap 'exit 0' TERM; tail -f /dev/null"] }, 137, false],
])('%j told to end: code %d, heeds it: %s', (spec, exitCode, heeds) => {
  expect(endOf(spec)).toEqual({ exitCode, heeds, after: 0, takes: 0 });
});

test.each<[Json, number, number, number]>([
  [{ image: 'busybox', command: ['sh', '-c', "trap 'sleep 9; exit 3' TERM; sleep 60"] }, 3, 60, 9],
  [{ image: 'busybox', command: ['sh', '-c', 'trap "exit 0" TERM; sleep 2m'] }, 0, 120, 0],
  [
    {
      image: 'busybox',
      command: ['sh', '-c', '_term(){\n  sleep 5\n  exit 143\n}\ntrap _term SIGTERM\nwhile true; do sleep 1; done'],
    },
    143,
    0.5,
    5,
  ],
  [{ image: 'registry.k8s.io/e2e-test-images/agnhost:2.63.0', args: ['netexec', '--delay-shutdown=100'] }, 143, 0, 100],
])('%j told to end: code %d, heard after %d s, then for %d s', (spec, exitCode, after, takes) => {
  expect(endOf(spec)).toEqual({ exitCode, heeds: true, after, takes });
});
