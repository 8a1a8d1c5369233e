/**
 * What a kubelet asks of the programs in its containers before and after it looks at their times: what they need that is
 * not made, how scripts will end, what probes answer, what was said at last. The answers go into the run (run-state.ts).
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { environmentOf } from '../runtime/environment.ts';
import type { World } from '../sim/world.ts';
import { answerKey, openProbes, type ProbeAnswer, probeOf } from './probing.ts';
import { brokenSettings } from './references.ts';
import type { PodRun, RunEnvironment, Terminated } from './run-state.ts';
import { initialized } from './status.ts';

/** A script that does not wait for anything. */
const ENDS_AFTER_S = 0.5;

export class Inquiries {
  readonly #world: World;
  /** Ends whose last words have been asked for. */
  readonly #heard = new WeakSet<Terminated>();

  constructor(world: World) {
    this.#world = world;
  }

  /** What containers need that are not made yet; one that waited for what is there now is tried at once. */
  async settings(pod: KubeObject, run: PodRun, env: RunEnvironment): Promise<void> {
    const { caches, clients, now } = this.#world;
    const services = caches.services.list();
    const node = caches.nodes.get(pod.spec?.nodeName ?? '');
    const broken = await brokenSettings(clients.kubelet, pod, (container) =>
      environmentOf(clients.kubelet, pod, container, services, '/', node),
    );
    env.broken = broken;
    for (const container of run.containers)
      if (container.waiting?.reason === 'CreateContainerConfigError' && !broken.has(container.spec.name))
        container.due = now();
  }

  /** How scripts will end that are about to be run once. */
  async foresee(pod: KubeObject, run: PodRun): Promise<void> {
    const { signals } = this.#world;
    const ready = initialized(run);
    for (const container of run.containers) {
      // What has to wait for others may find what they write.
      const waits = container.role !== 'init' && !ready;
      if (waits || ['running', 'finished', 'exited'].includes(container.step)) continue;
      if (signals.lives(pod, container.spec)) {
        container.behaviour = {
          ...container.behaviour,
          runsFor: Number.POSITIVE_INFINITY,
          exitCode: 0,
          reason: 'Completed',
        };
        continue;
      }
      const attempt = container.restarts + (container.step === 'backOff' ? 1 : 0);
      const exitCode = await signals.outcome(pod, container.spec.name, attempt).catch(() => null);
      if (exitCode === null) continue;
      const runsFor = Math.min(container.behaviour.runsFor, ENDS_AFTER_S);
      const reason = exitCode === 0 ? 'Completed' : 'Error';
      container.behaviour = { ...container.behaviour, runsFor, exitCode, reason };
    }
  }

  /** What runs is told of, so that its script is run with it. */
  async begin(pod: KubeObject, run: PodRun): Promise<void> {
    for (const { step, spec, containerId } of run.containers)
      if (step === 'running' || step === 'hooked') await this.#world.signals.begin(pod, { spec, containerId });
  }

  /** Asks the probes that are due; false: there were none. */
  async probed(pod: KubeObject, run: PodRun, now: number, env: RunEnvironment): Promise<boolean> {
    const answers = new Map<string, ProbeAnswer>();
    for (const container of run.containers)
      for (const kind of openProbes(container, now)) {
        const { spec, containerId } = container;
        const request = { spec, containerId, probe: probeOf(spec, kind), ip: run.ip ?? '' };
        const answer = await this.#world.signals.probe(pod, request).catch(() => null);
        answers.set(answerKey(spec.name, kind), answer ?? { failure: null });
      }
    env.answers = answers;
    return answers.size > 0;
  }

  /** What containers that have ended since have said at last; `shown`: the pod with the status it is about to have. */
  async hear(run: PodRun, shown: () => KubeObject): Promise<void> {
    for (const { last, terminated, spec } of run.containers)
      for (const ended of [last, terminated]) {
        if (ended === null || this.#heard.has(ended)) continue;
        this.#heard.add(ended);
        if (ended.message !== undefined) continue;
        const live = { spec, containerId: ended.containerId };
        const words = await this.#world.signals.lastWords(shown(), live, ended.exitCode);
        if (words !== '') ended.message = words;
      }
  }
}
