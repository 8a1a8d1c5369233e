/**
 * The ends of containers that take their time on a node, by pod: of one that is to go, of one that was active for too
 * long, of sidecars whose main containers have ended. Hooks at the start are under way here as well, and end with the pod.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { pause } from '../runtime/logs.ts';
import type { LiveScript, World } from '../sim/world.ts';
import { SLOWEST_PACE } from './back-off.ts';
import { PodStop } from './pod-stop.ts';
import { endStopped, leftSidecars } from './run.ts';
import { type ContainerRun, graceOf, type PodRun, type RunEvent } from './run-state.ts';
import { type StopHost, stopContainer, stopContainers } from './stopping.ts';

/** Exit code of what has been killed. */
export const SIGKILLED = 137;

export class Endings {
  readonly #world: World;
  readonly #tell: (pod: KubeObject, event: RunEvent) => void;
  /** The pod has to be looked at again. */
  readonly #again: (key: string) => void;
  /** Pods that are to go, and sidecars of those whose main containers have ended. */
  readonly #stops = new Map<string, PodStop>();
  readonly #leaving = new Map<string, PodStop>();
  /** Pods that have been active for longer than they may. */
  readonly #expiring = new Map<string, PodStop>();
  /** Single containers of pods that go on. */
  readonly #single = new Map<string, Set<PodStop>>();
  /** Hooks at the start that are under way. */
  readonly #hooks = new Map<string, AbortController>();

  constructor(world: World, tell: (pod: KubeObject, event: RunEvent) => void, again: (key: string) => void) {
    this.#world = world;
    this.#tell = tell;
    this.#again = again;
  }

  /** Nobody waits for it any more. */
  forget(uid: string): void {
    for (const each of [this.#stops, this.#leaving, this.#expiring]) {
      each.get(uid)?.cancel();
      each.delete(uid);
    }
    for (const stop of this.#single.get(uid) ?? []) stop.cancel();
    this.#single.delete(uid);
    this.#hooks.get(uid)?.abort();
    this.#hooks.delete(uid);
  }

  /** Stops a pod that is to go within so many seconds, sooner when it is asked again for fewer. True: it is done. */
  stopped(pod: KubeObject, uid: string, run: PodRun | undefined, graceSeconds: number): boolean {
    const found = kept(this.#stops, uid, () => this.#stopping(pod, run?.containers ?? [], graceSeconds));
    found.within(this.graceMs(graceSeconds));
    return found.done;
  }

  /** Stops a pod that has been active for too long; `first` is called before anything is stopped. True: it is done. */
  expired(pod: KubeObject, run: PodRun, first: () => void): boolean {
    return kept(this.#expiring, run.uid, () => {
      first();
      return this.#stopping(pod, run.containers, graceOf(pod));
    }).done;
  }

  /** The last main container has ended for good: its sidecars follow. */
  stopSidecars(pod: KubeObject, run: PodRun): void {
    if (this.#leaving.has(run.uid)) return;
    const left = leftSidecars(run);
    for (const container of left)
      if (!isAlive(container)) endStopped(container, this.#world.now(), container.terminated?.exitCode ?? SIGKILLED);
    if (left.some(isAlive)) this.#leaving.set(run.uid, this.#stopping(pod, left, graceOf(pod)));
  }

  /** Containers that have to end while their pod goes on: each within its grace, after its hook. */
  stopSingle(pod: KubeObject, run: PodRun): void {
    for (const container of run.containers) {
      const { ending } = container;
      if (container.step !== 'running' || ending === null || ending.begun) continue;
      ending.begun = true;
      const under = kept(this.#single, run.uid, () => new Set<PodStop>());
      // The program may come to its own end before, which takes the order back.
      const host = this.#host(pod, (_container, exitCode) => (ending.exitCode = exitCode));
      const stop: PodStop = new PodStop(
        (over) => stopContainer(container, host, over),
        this.graceMs(ending.graceSeconds),
        () => {
          under.delete(stop);
          this.#again(objectKey(pod));
        },
      );
      under.add(stop);
    }
  }

  /** Runs the hooks of containers that have just been made; they count as running when that is done. */
  startHooks(pod: KubeObject, run: PodRun): void {
    for (const container of run.containers) {
      if (container.step !== 'hooked' || container.startHook !== null) continue;
      container.startHook = 'running';
      const { spec, containerId } = container;
      const gone = kept(this.#hooks, run.uid, () => new AbortController());
      void this.#hooked(pod, { spec, containerId }, spec.lifecycle.postStart, gone.signal).then((good) => {
        container.startHook = good ? 'done' : 'failed';
        this.#again(objectKey(pod));
      });
    }
  }

  graceMs(seconds: number): number {
    return seconds * 1000 * Math.max(this.#world.pace, SLOWEST_PACE);
  }

  /** Ends those that run within a time, and comes back to the pod when they have ended. */
  #stopping(pod: KubeObject, containers: ContainerRun[], graceSeconds: number): PodStop {
    const host = this.#host(pod, (container, exitCode) => {
      const now = this.#world.now();
      // Its program may have come to its own end before.
      endStopped(container, now, container.exitAt <= now ? container.behaviour.exitCode : exitCode);
    });
    const work = (over: AbortSignal) => stopContainers(containers.filter(isAlive), host, over);
    return new PodStop(work, this.graceMs(graceSeconds), () => this.#again(objectKey(pod)));
  }

  #host(pod: KubeObject, ended: StopHost['ended']): StopHost {
    const world = this.#world;
    return {
      tell: ({ spec, role }, type, reason, message) =>
        this.#tell(pod, { type, reason, message, container: spec.name, role }),
      hook: ({ spec, containerId }, hook, signal) => this.#hooked(pod, { spec, containerId }, hook, signal),
      told: ({ spec, containerId }) => void this.#world.signals.told(pod, { spec, containerId }),
      endingMs: (seconds) => (world.random.between(400, 1500) + seconds * 1000) * world.pace,
      pause,
      ended,
    };
  }

  /** A hook that cannot be run at all has failed. */
  async #hooked(pod: KubeObject, live: LiveScript, hook: Json, signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#world.signals.hook(pod, live, hook, signal);
    } catch (error) {
      if (!signal.aborted) this.#world.report(error, `hook of container ${live.spec.name}`);
      return false;
    }
  }
}

/** Its program runs, whether or not it counts as running yet. */
export function isAlive({ step }: ContainerRun): boolean {
  return step === 'running' || step === 'hooked';
}

function kept<T>(map: Map<string, T>, key: string, make: () => T): T {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
