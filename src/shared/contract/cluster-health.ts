/** Area `clusters`: how well a cluster and the way to it are (feature R5). Known here without asking, and asked when a person looks. */
import { z } from 'zod';
import { AppErrorShape } from './error-shape.ts';

/** A certificate on the way to the cluster. */
export const ClusterCertificate = z.object({
  /** `authority`: of the server, as it shows it or as the kubeconfig trusts it. */
  whose: z.enum(['server', 'authority', 'client']),
  subject: z.string(),
  issuer: z.string(),
  notBefore: z.string(),
  notAfter: z.string(),
});
export type ClusterCertificate = z.infer<typeof ClusterCertificate>;

const PerPriority = z.object({ foreground: z.number(), normal: z.number(), background: z.number() });

/** What is known of a cluster without asking it. */
export const ClusterHealth = z.object({
  /** Every probe of the last minutes, oldest first; null: it failed. */
  probes: z.array(z.object({ at: z.string(), latencyMs: z.number().nullable() })),
  /** Its clock minus ours; null: it sends no time. */
  clockSkewMs: z.number().nullable(),
  /** Earliest end first. */
  certificates: z.array(ClusterCertificate),
  /** Requests to it, of all work of this application. */
  requests: z.object({
    running: PerPriority,
    waiting: PerPriority,
    /** Most under way at once. */
    atOnce: z.number(),
    sent: z.number(),
    /** Refused with 429. */
    refused: z.number(),
    /** ISO time until which the cluster asked to be spared; null: it does not. */
    pausedUntil: z.string().nullable(),
    /** Of the last minute. */
    longestWaitMs: z.number(),
  }),
});
export type ClusterHealth = z.infer<typeof ClusterHealth>;

export const DeprecatedApi = z.object({
  apiVersion: z.string(),
  resource: z.string(),
  /** `1.25`; empty: not said. */
  removedIn: z.string(),
  /** What takes its place; empty: not known. */
  use: z.string(),
  /** The cluster counted a request for it since its API server started; null: it does not tell. */
  requested: z.boolean().nullable(),
});
export type DeprecatedApi = z.infer<typeof DeprecatedApi>;

/** What the cluster says when it is asked. */
export const ClusterHealthChecks = z.object({
  at: z.string(),
  /** The checks behind /readyz, as the API server names them; null: it does not show them to us. */
  ready: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })).nullable(),
  readyError: AppErrorShape.nullable(),
  /**
   * Of its own count (metric apiserver_requested_deprecated_apis), or, where that may not be read, what it serves that a
   * later version will not; null: neither could be had.
   */
  deprecated: z.object({ source: z.enum(['metrics', 'discovery']), apis: z.array(DeprecatedApi) }).nullable(),
  deprecatedError: AppErrorShape.nullable(),
});
export type ClusterHealthChecks = z.infer<typeof ClusterHealthChecks>;
