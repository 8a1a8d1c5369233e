/** One diagnosis from the first request to the report: progress while the cluster is read, then the judgement. */
import { randomUUID } from 'node:crypto';
import type { DiagnosisProgress, DiagnosisReport, DiagnosisTarget } from '#shared/contract/diagnosis.ts';
import type { FurtherCheck } from '#shared/diagnosis.ts';
import { redactText } from '../audit/index.ts';
import type { KubeClient } from '../kube/index.ts';
import { judge } from './diagnose.ts';
import { gather } from './gather.ts';
import { nameOf } from './hits.ts';

export interface RunOptions {
  client: KubeClient;
  cluster: string;
  signal?: AbortSignal | undefined;
  onProgress?: (progress: Extract<DiagnosisProgress, { type: 'progress' }>) => void;
  /** When it is looked at: ages are judged against it. */
  now?: number;
  /** Checks beyond reading that a person has chosen. */
  further?: readonly FurtherCheck[];
  /** Of the pod that looks at a machine. */
  image?: string | undefined;
}

/** @throws AppError when the object itself cannot be read. */
export async function diagnose(target: DiagnosisTarget, options: RunOptions): Promise<DiagnosisReport> {
  const now = options.now ?? Date.now();
  const begun = performance.now();
  const { object, world } = await gather(target, {
    cluster: options.cluster,
    client: options.client,
    now,
    signal: options.signal,
    further: options.further,
    image: options.image,
    onProgress: (done, total, what) => options.onProgress?.({ type: 'progress', done, total, what }),
  });
  const judgement = judge(object, world, options.further);
  return masked({
    id: randomUUID(),
    clusterId: target.clusterId,
    cluster: options.cluster,
    object: nameOf(object),
    startedAt: new Date(now).toISOString(),
    durationMs: Math.round(performance.now() - begun),
    ...judgement,
  });
}

/** Whatever quotes a cluster goes without what looks like a secret, before it is shown or kept. */
export function masked(report: DiagnosisReport): DiagnosisReport {
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return key === 'commands' || key === 'body' ? value : redactText(value);
    if (Array.isArray(value)) return value.map((item) => walk(item, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, name)]));
  };
  return walk(report, '') as DiagnosisReport;
}
