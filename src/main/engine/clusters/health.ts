/** One look at a cluster's health, and what a failure means for its state. */
import type { ClusterState } from '#shared/contract/clusters.ts';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import { apiErrorOf, type KubeTransport } from '../kube/index.ts';

export interface ProbeAnswer {
  latencyMs: number;
  /** Server time minus ours, from the Date header (whole seconds); null when it sent none. */
  clockSkewMs: number | null;
}

/**
 * GET /readyz, on servers that do not have it /healthz, then /version (API reference, "Kubernetes API health
 * endpoints"; /readyz since 1.16). A person without the right to see health endpoints may still use the cluster.
 */
export async function probe(transport: KubeTransport, timeoutMs: number, signal?: AbortSignal): Promise<ProbeAnswer> {
  for (const path of ['/readyz', '/healthz', '/version']) {
    const started = Date.now();
    const response = await transport.request({ method: 'GET', path, timeoutMs, signal, priority: 'health' });
    const latencyMs = Date.now() - started;
    if (response.status < 300) {
      return { latencyMs, clockSkewMs: skewOf(response.headers.date, started + latencyMs / 2) };
    }
    const tryNext = path !== '/version' && (response.status === 404 || response.status === 403);
    if (!tryNext) throw apiErrorOf(response, `GET ${path}`);
  }
  throw new AppError('INTERNAL', 'no health endpoint');
}

export function skewOf(date: string | undefined, now: number): number | null {
  const time = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(time)) return null;
  // The header has whole seconds: within one it means nothing.
  const skew = time + 500 - now;
  return Math.abs(skew) <= 1000 ? 0 : Math.round(skew);
}

/** The network is in the way: the cluster itself may be well. Everything else is the cluster's (or the access's) fault. */
const AWAY: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['CLUSTER_UNREACHABLE', 'CLUSTER_DNS', 'CLUSTER_TIMEOUT']);

export function stateOfFailure(code: ErrorCode): Extract<ClusterState, 'disconnected' | 'abnormal'> {
  return AWAY.has(code) ? 'disconnected' : 'abnormal';
}

/** Failures that a second look cannot change at once; the others must repeat before a running cluster is called away. */
export function isDefinite(code: ErrorCode): boolean {
  return !AWAY.has(code) && code !== 'CLUSTER_ERROR' && code !== 'TOO_MANY_REQUESTS' && code !== 'EXEC_TIMEOUT';
}
