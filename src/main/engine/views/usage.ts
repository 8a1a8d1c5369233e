/**
 * What pods and nodes really use, for the rows of a feed: the metrics API (metrics.k8s.io/v1beta1) knows no watch, so it
 * is asked again and again while somebody looks. A cluster without it costs one question now and then.
 */

import { quantityValue } from '#shared/kubernetes/quantity.ts';
import type { KubeClient } from '../kube/index.ts';

export interface Usage {
  /** `12m` and `34Mi`, as `kubectl top` prints them. */
  cpu: string;
  memory: string;
}

export interface UsageTuning {
  everyMs: number;
  /** Where nobody answers: how long until it is asked again. */
  absentMs: number;
}

/** metrics-server measures every 15 s; a list of many pods is large, so it is asked for less often. */
const DEFAULT: UsageTuning = { everyMs: 20_000, absentMs: 300_000 };
const MANY = 3_000;

export class UsagePoll {
  readonly #client: KubeClient;
  readonly #resource: 'pods' | 'nodes';
  readonly #namespace: string;
  readonly #onSample: (samples: ReadonlyMap<string, Usage>) => void;
  readonly #tuning: UsageTuning;
  #timer: NodeJS.Timeout | undefined;
  #abort: AbortController | null = null;
  #closed = false;

  constructor(
    options: { client: KubeClient; resource: 'pods' | 'nodes'; namespace: string },
    onSample: (samples: ReadonlyMap<string, Usage>) => void,
    tuning: UsageTuning = DEFAULT,
  ) {
    this.#client = options.client;
    this.#resource = options.resource;
    this.#namespace = options.namespace;
    this.#onSample = onSample;
    this.#tuning = tuning;
    void this.#ask();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  async #ask(): Promise<void> {
    const { everyMs, absentMs } = this.#tuning;
    this.#abort = new AbortController();
    let next = absentMs;
    try {
      const { items } = await this.#client.list(
        { group: 'metrics.k8s.io', version: 'v1beta1', resource: this.#resource },
        {
          signal: this.#abort.signal,
          priority: 'background',
          ...(this.#namespace === '' ? {} : { namespace: this.#namespace }),
        },
      );
      if (this.#closed) return;
      this.#onSample(new Map(items.map((item) => [keyOf(item), usageOf(item)])));
      next = items.length > MANY ? everyMs * 3 : everyMs;
    } catch {
      // Not installed, not ready, not permitted: the cells stay empty, which is what is known.
      if (this.#closed) return;
    }
    this.#timer = setTimeout(() => void this.#ask(), next);
    this.#timer.unref();
  }
}

function keyOf({ metadata }: { metadata: { namespace?: string; name?: string } }): string {
  return metadata.namespace === undefined ? (metadata.name ?? '') : `${metadata.namespace}/${metadata.name ?? ''}`;
}

function usageOf(item: Record<string, unknown>): Usage {
  const parts = Array.isArray(item.containers) ? item.containers : [item];
  let cores = 0;
  let bytes = 0;
  for (const part of parts) {
    const { cpu, memory } = ((part as { usage?: unknown } | null)?.usage ?? {}) as { cpu?: unknown; memory?: unknown };
    cores += typeof cpu === 'string' ? (quantityValue(cpu) ?? 0) : 0;
    bytes += typeof memory === 'string' ? (quantityValue(memory) ?? 0) : 0;
  }
  return { cpu: `${Math.ceil(cores * 1000)}m`, memory: `${Math.round(bytes / 2 ** 20)}Mi` };
}
