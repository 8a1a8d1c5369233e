/**
 * Scripts and clients that a container runs for as long as it lives: those that script-kind.ts names are run for real beside
 * everything else, so that what they say, write and hear comes in its time and the end is their own. Scripts that only
 * print are read from their text (kubelet/behaviour.ts, log-lines.ts), which costs nothing.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { uidOf } from '../sim/objects.ts';
import type { LiveScript, World } from '../sim/world.ts';
import { pause } from './logs.ts';
import { liveScript } from './script-kind.ts';
import type { Run } from './shell/shell.ts';

/** More are not run at once in one cluster: an interpreter and its files each. */
const MOST_LIVE = 200;
/** Longer nobody waits for what a script does first. */
const MOST_BEGINNING_MS = 2000;

/** Does what a script's `trap` says; resolves with its exit code where that ends it, and with null where it goes on. */
export type Hearing = () => Promise<number | null>;

export interface LiveHost {
  world: World;
  /** Runs the script in the files of the container and answers with its exit code; `say` gets every line. */
  run(
    pod: KubeObject,
    live: LiveScript,
    script: string,
    sleep: Run,
    say: (line: string, open?: boolean) => void,
    signal: AbortSignal,
    listens: (hear: Hearing) => void,
  ): Promise<number>;
  /** A line of the container's log. */
  log(pod: KubeObject, container: string, line: string, open?: boolean): void;
}

export class LiveScripts {
  readonly #host: LiveHost;
  /** By pod and container. */
  readonly #running = new Map<string, { id: string; abort: AbortController; hear?: Hearing }>();

  constructor(host: LiveHost) {
    this.#host = host;
    host.world.caches.pods.subscribe((pod, _previous, deleted) => {
      if (!deleted) return;
      for (const [key, { abort }] of this.#running)
        if (key.startsWith(`${uidOf(pod)}/`)) {
          abort.abort();
          this.#running.delete(key);
        }
    });
  }

  /** Whether the container's script is, or would be, run for real. */
  runs(pod: KubeObject, container: Json): boolean {
    return (
      liveScript(container) !== null && (this.#running.has(keyOf(pod, container)) || this.#running.size < MOST_LIVE)
    );
  }

  /** Whether the script was run and is over, which the status may not say yet. */
  ended(pod: KubeObject, container: Json): boolean {
    return this.runs(pod, container) && !this.#running.has(keyOf(pod, container));
  }

  /** The container has started; what ran in the one before it is over. Resolves once its script waits for the first time. */
  async begin(pod: KubeObject, live: LiveScript): Promise<void> {
    const { world, run, log } = this.#host;
    const key = keyOf(pod, live.spec);
    const script = liveScript(live.spec);
    const before = this.#running.get(key);
    if (script === null || before?.id === live.containerId || !this.runs(pod, live.spec)) return;
    before?.abort.abort();
    const abort = new AbortController();
    const own: { id: string; abort: AbortController; hear?: Hearing } = { id: live.containerId, abort };
    this.#running.set(key, own);
    const { signal } = abort;
    const begun = new AbortController();
    const paced = pacedSleep(world.pace, signal);
    const sleep: Run = (...asked) => {
      begun.abort();
      return paced(...asked);
    };
    const name: string = live.spec.name;
    const listens = (hear: Hearing) => {
      own.hear = hear;
    };
    void run(pod, live, script, sleep, (...said) => log(pod, name, ...said), signal, listens)
      .then((code) => {
        if (!signal.aborted) world.signals.terminate(pod, name, code);
      })
      .catch((error: unknown) => {
        if (!signal.aborted) world.report(error, `script of container ${name}`);
      })
      .finally(() => {
        begun.abort();
        if (this.#running.get(key) === own) this.#running.delete(key);
      });
    await pause(MOST_BEGINNING_MS, begun.signal);
  }

  /** The script is told to end. */
  async tell(pod: KubeObject, { spec, containerId }: LiveScript): Promise<void> {
    const found = this.#running.get(keyOf(pod, spec));
    if (found?.id !== containerId || found.hear === undefined) return;
    const { world } = this.#host;
    try {
      const code = await found.hear();
      if (code !== null && !found.abort.signal.aborted) world.signals.terminate(pod, spec.name, code);
    } catch (error) {
      if (!found.abort.signal.aborted) world.report(error, `trap of container ${spec.name}`);
    }
  }

  /** The container has ended, whatever its script still does. */
  end(pod: KubeObject, { spec, containerId }: LiveScript): void {
    const key = keyOf(pod, spec);
    const found = this.#running.get(key);
    if (found?.id !== containerId) return;
    found.abort.abort();
    this.#running.delete(key);
  }

  stop(): void {
    for (const { abort } of this.#running.values()) abort.abort();
    this.#running.clear();
  }
}

/** `sleep` in simulated time. */
export function pacedSleep(pace: number, signal: AbortSignal): Run {
  return async (args) => {
    await pause(secondsOf(args) * 1000 * Math.max(pace, SLOWEST_PACE), signal);
    return 0;
  };
}

function keyOf(pod: KubeObject, container: Json): string {
  return `${uidOf(pod)}/${container.name}`;
}

/** `5`, `0.5`, `2m`, several added up; `infinity` is a month. */
function secondsOf(args: readonly string[]): number {
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
  const month = 30 * 86_400;
  const total = args.reduce((sum, word) => {
    if (/^inf(inity)?$/i.test(word)) return month;
    const [, count, unit] = /^(\d*\.?\d+)([smhd]?)$/.exec(word) ?? [];
    return sum + Number(count ?? 0) * (units[unit ?? ''] ?? 1);
  }, 0);
  return total;
}
