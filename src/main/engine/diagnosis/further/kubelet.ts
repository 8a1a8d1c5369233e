/**
 * Asks the kubelet of a node, through the proxy of the API server, how it is and how full its disks are.
 * Source: kubelet's `/healthz` and `/stats/summary` (stats/v1alpha1).
 */
import { type Json, type KubeObject, resourcePath } from '#shared/kubernetes/types.ts';
import { redactText } from '../../audit/index.ts';
import { ApiError, type KubeClient } from '../../kube/index.ts';
import { clip } from '../world.ts';

const NODES = { group: '', version: 'v1', resource: 'nodes' };
const ANSWER_MS = 10_000;

export interface DiskFacts {
  /** `nodefs`, `imagefs`. */
  what: string;
  /** Shares in use, between 0 and 1; null where they are not told. */
  bytes: number | null;
  inodes: number | null;
}

/** @throws ApiError when there is no right to ask. */
export async function askKubelet(
  node: string,
  { client, signal }: { client: KubeClient; signal?: AbortSignal | undefined },
): Promise<KubeObject> {
  const ask = async (path: string): Promise<{ status: number; body: unknown }> => {
    const full = `${resourcePath(NODES, { name: node, subresource: 'proxy' })}${path}`;
    try {
      const response = await client.transport.request({ method: 'GET', path: full, timeoutMs: ANSWER_MS, signal });
      const message = String((response.body as Json)?.message ?? '');
      if (response.status === 403 && /nodes\/proxy|forbidden/i.test(message)) throw new ApiError(403, message, full);
      return response;
    } catch (error) {
      if (signal?.aborted || (error as { code?: string }).code !== 'CLUSTER_TIMEOUT') throw error;
      return { status: 504, body: `no answer within ${ANSWER_MS / 1000} s` };
    }
  };
  const health = await ask('/healthz');
  const healthy = health.status === 200;
  const summary = healthy ? await ask('/stats/summary') : null;
  const stats: Json = summary?.status === 200 && typeof summary.body === 'object' ? summary.body : {};
  return {
    apiVersion: 'v1',
    kind: 'KubeletState',
    metadata: { name: node },
    healthy,
    said: clip(redactText(wordsOf(health.body)), 400),
    disks: [
      diskFacts('nodefs', stats.node?.fs),
      diskFacts('imagefs', stats.node?.runtime?.imageFs),
      diskFacts('containerfs', stats.node?.runtime?.containerFs),
    ].filter(({ bytes, inodes }) => bytes !== null || inodes !== null),
    processes: share(stats.node?.rlimit?.curproc, stats.node?.rlimit?.maxpid),
  };
}

function wordsOf(body: unknown): string {
  if (typeof body === 'string') return body.trim();
  return String((body as Json)?.message ?? JSON.stringify(body) ?? '');
}

function diskFacts(what: string, fs: Json): DiskFacts {
  const free = share(fs?.availableBytes, fs?.capacityBytes);
  const left = share(fs?.inodesFree, fs?.inodes);
  return { what, bytes: free === null ? null : 1 - free, inodes: left === null ? null : 1 - left };
}

function share(part: unknown, whole: unknown): number | null {
  return typeof part === 'number' && typeof whole === 'number' && whole > 0 ? part / whole : null;
}
