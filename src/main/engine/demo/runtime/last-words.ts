/**
 * The termination message of a container: what it wrote to the file for it or, where its policy says so and it failed, the end
 * of its log. Source: kubelet's kuberuntime and status manager (limits), API reference Container.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { LiveScript } from '../sim/world.ts';
import type { Logs } from './logs.ts';

const MOST_BYTES = 4096;
const MOST_LOG_LINES = 80;
const MOST_LOG_BYTES = 2048;
/** Of all containers of a pod together. */
const MOST_POD_BYTES = 12 * 1024;

export interface LastWordsHost {
  /** Content of the file; empty where nobody wrote to it. */
  files(pod: KubeObject, ended: LiveScript): Promise<string>;
  logs: Pick<Logs, 'read'>;
}

/** `pod`: its status knows of the end. */
export async function lastWords(
  { files, logs }: LastWordsHost,
  pod: KubeObject,
  ended: LiveScript,
  exitCode: number,
): Promise<string> {
  const { containers, initContainers, ephemeralContainers } = pod.spec ?? {};
  const count = [containers, initContainers, ephemeralContainers].reduce((sum, list) => sum + (list?.length ?? 0), 0);
  const share = Math.floor(MOST_POD_BYTES / Math.max(1, count));
  const written = Buffer.from(await files(pod, ended)).subarray(-MOST_BYTES);
  const logged =
    written.length === 0 && exitCode !== 0 && ended.spec.terminationMessagePolicy === 'FallbackToLogsOnError';
  const words = logged ? (await endOfLog(logs, pod, ended.spec.name)).subarray(-MOST_LOG_BYTES) : written;
  return words.subarray(0, share).toString('utf8');
}

async function endOfLog(logs: LastWordsHost['logs'], pod: KubeObject, container: string): Promise<Buffer> {
  const status = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find(
    (one: Json) => one.name === container,
  );
  const request = {
    pod,
    container,
    follow: false,
    // It may be running again already.
    previous: status?.state?.running !== undefined,
    sinceSeconds: null,
    sinceTime: null,
    tailLines: MOST_LOG_LINES,
    limitBytes: null,
    timestamps: false,
    stream: 'All' as const,
  };
  const pieces: Uint8Array[] = [];
  for await (const piece of logs.read(request, new AbortController().signal)) pieces.push(piece);
  return Buffer.concat(pieces);
}
