/**
 * Area `access`: kubeconfigs issued for a registered cluster (feature R7) or a federation (U3). Each is a token of a service account of its
 * own, bound to a Secret of its own, so that revoking one ends exactly that one.
 */
import { z } from 'zod';
import { read, router, write } from './base.ts';
import { AppErrorShape } from './error-shape.ts';

/** `readOnly`: everything a person sees in the console but no Secrets, no shells, no tokens. `role`: a ClusterRole of the cluster. */
export const AccessRight = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('readOnly') }),
  z.object({ kind: z.literal('role'), name: z.string().min(1).max(253) }),
]);
export type AccessRight = z.infer<typeof AccessRight>;

export const IssuedAccess = z.object({
  id: z.string(),
  /** Of the cluster, or of the federation, whose API it opens. */
  clusterId: z.string(),
  /** For whom, as the person who issued it wrote it. */
  subject: z.string(),
  right: AccessRight,
  /** Empty: the whole cluster. */
  namespaces: z.array(z.string()),
  kind: z.enum(['permanent', 'temporary']),
  /** Name of the service account: what the cluster's own audit log shows. */
  serviceAccount: z.string(),
  issuedAt: z.string(),
  /** What the API server granted, which may be less than asked. */
  expiresAt: z.string(),
  /** The server granted less than was asked. */
  shortened: z.boolean(),
  /** Where the kubeconfig lies on this machine, mode 0600. The renderer gets the path, never the content. */
  path: z.string(),
  revokedAt: z.string().nullable(),
  /** After revoking: whether a request with the old token was refused. Null: not revoked, or the token was not at hand to try. */
  refused: z.boolean().nullable(),
});
export type IssuedAccess = z.infer<typeof IssuedAccess>;

export const IssueInput = z.object({
  clusterId: z.string(),
  subject: z.string().trim().min(1).max(63),
  right: AccessRight.default({ kind: 'readOnly' }),
  namespaces: z.array(z.string().min(1).max(63)).max(100).default([]),
  /** Seconds; the API server takes 600 at the least. Left out: permanent. */
  expiresIn: z.number().int().min(600).max(315_360_000).optional(),
  /** Absolute path for the kubeconfig; left out: in the data directory. */
  path: z.string().min(1).optional(),
});
export type IssueInput = z.output<typeof IssueInput>;

/** What is left in a cluster by Fleetdeck and what became of it. */
export const CleanUp = z.object({
  removed: z.array(z.string()),
  /** Could not be removed, each with the reason. */
  left: z.array(z.object({ what: z.string(), error: AppErrorShape })),
});
export type CleanUp = z.infer<typeof CleanUp>;

export interface AccessService {
  /** Of one cluster, newest first; revoked and expired ones too. */
  list(clusterId: string): IssuedAccess[];
  issue(input: IssueInput): Promise<IssuedAccess>;
  /** The next request with it fails. Again for one that is revoked: nothing happens. */
  revoke(id: string): Promise<IssuedAccess>;
  /** ClusterRoles that can be given: the built-in ones and those that are no system roles. */
  roles(clusterId: string): Promise<string[]>;
}

export const accessRouter = router({
  list: read
    .input(z.object({ clusterId: z.string() }))
    .output(z.array(IssuedAccess))
    .query(({ ctx, input }) => ctx.services.access.list(input.clusterId)),
  issue: write
    .input(IssueInput)
    .output(IssuedAccess)
    .mutation(({ ctx, input }) => ctx.services.access.issue(input)),
  revoke: write
    .input(z.object({ id: z.string() }))
    .output(IssuedAccess)
    .mutation(({ ctx, input }) => ctx.services.access.revoke(input.id)),
  roles: read
    .input(z.object({ clusterId: z.string() }))
    .output(z.array(z.string()))
    .query(({ ctx, input }) => ctx.services.access.roles(input.clusterId)),
});
