/**
 * Inspects one cluster or control plane: reads it, has the work done elsewhere, and says what was found and what was not
 * checked.
 */
import { randomUUID } from 'node:crypto';
import type { Exemption, InspectionConfig, NotChecked } from '#shared/contract/inspection.ts';
import type { Target } from '#shared/contract/views.ts';
import type { KubeClient } from '../../kube/index.ts';
import { collect } from '../collect.ts';
import { notChecked } from '../not-checked.ts';
import type { Checked, Work } from '../work/work.ts';
import { optionsOf } from './config.ts';
import { pacer } from './pace.ts';

export interface TargetOptions {
  target: Target;
  name: string;
  client: KubeClient;
  work: Work;
  config: InspectionConfig;
  exemptions: Exemption[];
  /** Milliseconds since the epoch: what ages are judged by. */
  now: number;
  signal: AbortSignal;
  onProgress(progress: { state: 'reading' | 'checking'; done: number; total: number; objects: number }): void;
}

export interface TargetOutcome extends Checked {
  version: string | null;
  notChecked: NotChecked[];
}

export async function inspectTarget(options: TargetOptions): Promise<TargetOutcome> {
  const { target, name, client, work, config, exemptions, now, signal } = options;
  const { rules } = optionsOf(config);
  const task = randomUUID();
  const forget = (): void => void work.forget(task).catch(() => {});
  signal.addEventListener('abort', forget, { once: true });
  let progress = { done: 0, total: 0, objects: 0 };
  try {
    const reader = {
      page: (source: string, body: Parameters<Work['page']>[2]) => work.page(task, source, body),
      end: (source: string, whole: boolean) => work.end(task, source, whole),
      podNamespaces: () => work.podNamespaces(task),
    };
    const found = await collect(client, reader, {
      signal,
      needs: rules.flatMap((rule) => rule.needs ?? []),
      pace: pacer(config.requestsPerSecond),
      onProgress: (next) => {
        progress = next;
        options.onProgress({ state: 'reading', ...next });
      },
    });
    options.onProgress({ state: 'checking', ...progress });
    signal.throwIfAborted();
    const checked = await work.check(task, { target, name, now, config, exemptions, ...found });
    return { ...checked, version: found.version, notChecked: notChecked(found.missing, rules) };
  } catch (error) {
    forget();
    throw error;
  } finally {
    signal.removeEventListener('abort', forget);
  }
}
