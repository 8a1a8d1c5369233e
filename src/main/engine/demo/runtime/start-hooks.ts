/**
 * What `lifecycle.postStart` does: a command among the container's files, or a request to somebody. Whether it fails is read
 * from its text (kubelet/hooks.ts); here is only what it leaves behind. Source: kubelet's handler runner.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { uidOf } from '../sim/objects.ts';
import type { LiveScript, World } from '../sim/world.ts';

export interface HookHost {
  exec(pod: KubeObject, live: LiveScript, command: string[]): Promise<unknown>;
  /** Rejects where nobody answers. */
  get(pod: KubeObject, url: URL): Promise<void>;
}

export class StartHooks {
  readonly #host: HookHost;
  /** The container whose hook was run last, by pod and name. */
  readonly #done = new Map<string, string>();

  constructor({ caches }: World, host: HookHost) {
    this.#host = host;
    caches.pods.subscribe((pod, _previous, deleted) => {
      if (!deleted) return;
      for (const key of this.#done.keys()) if (key.startsWith(`${uidOf(pod)}/`)) this.#done.delete(key);
    });
  }

  /** Once for every container that starts. */
  async run(pod: KubeObject, live: LiveScript): Promise<void> {
    const hook: Json = live.spec.lifecycle?.postStart;
    if (hook?.exec === undefined && hook?.httpGet === undefined) return;
    const key = `${uidOf(pod)}/${live.spec.name}`;
    if (this.#done.get(key) === live.containerId) return;
    this.#done.set(key, live.containerId);
    try {
      if (hook.exec !== undefined) await this.#host.exec(pod, live, hook.exec.command ?? []);
      else await this.#host.get(pod, urlOf(hook.httpGet, live.spec, pod.status?.podIP ?? ''));
    } catch {
      // Nobody there, or no such file: the hook's own business.
    }
  }
}

function urlOf({ host, port, path, scheme }: Json, spec: Json, own: string): URL {
  const named = ((spec.ports ?? []) as Json[]).find((one) => one.name === port)?.containerPort;
  const start = `${String(scheme ?? 'HTTP').toLowerCase()}://${host || own}:${named ?? port}`;
  return new URL(`/${String(path ?? '/').replace(/^\//, '')}`, start);
}
