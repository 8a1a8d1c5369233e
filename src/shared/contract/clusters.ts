/** Area `clusters`: registration from kubeconfigs, life cycle, health (features R1-R10, first cut). */
import { z } from 'zod';
import { KUBECONFIG_TEXT_LIMIT } from '../limits.ts';
import { clusterNamePattern } from '../names.ts';
import { read, router, write } from './base.ts';
import { ClusterCertificate, ClusterHealth, ClusterHealthChecks } from './cluster-health.ts';
import { AppErrorShape } from './error-shape.ts';

/** Manual 4.2: states of a registered cluster. Only a running one can be entered. */
export const ClusterState = z.enum([
  'creating',
  'pending',
  'running',
  'disconnected',
  'accessTimeout',
  'abnormal',
  'changing',
  'deregistering',
]);
export type ClusterState = z.infer<typeof ClusterState>;
export const ClusterType = z.enum(['cloud', 'local', 'thirdParty']);
export type ClusterType = z.infer<typeof ClusterType>;

/** Where a kubeconfig comes from. Text is kept encrypted in the store; files stay where they are and are re-read. */
export const KubeconfigSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), path: z.string().min(1) }),
  z.object({ kind: z.literal('text'), text: z.string().max(KUBECONFIG_TEXT_LIMIT) }),
]);
export type KubeconfigSource = z.infer<typeof KubeconfigSource>;

/** Letters first, letters, digits and `-`, letter or digit last, 2-40 characters; unique (facts/registration §1). */
export const ClusterName = z
  .string()
  .regex(clusterNamePattern, 'lower-case letters, digits and "-", a letter first, 1 to 40 characters');

export const Cluster = z.object({
  id: z.string(),
  name: z.string(),
  type: ClusterType,
  /** As detected, correctable: `aliyun`, `huawei`, `kind`, `on-premises` ... */
  provider: z.string(),
  region: z.string(),
  zones: z.array(z.string()),
  version: z.string().nullable(),
  server: z.string(),
  context: z.string(),
  /** Path for file sources, null for a kubeconfig kept in the store. */
  sourcePath: z.string().nullable(),
  insecure: z.boolean(),
  state: ClusterState,
  /** Why it is not running, as plain data; null while it runs. */
  reason: AppErrorShape.nullable(),
  /** ISO time of the last change of state. */
  since: z.string(),
  /** ISO time of the last good answer, null before the first. */
  lastSeen: z.string().nullable(),
  latencyMs: z.number().nullable(),
  /** The certificate on the way to it that ends first; null: none is known. */
  certificate: ClusterCertificate.pick({ whose: true, notAfter: true }).nullable(),
  nodes: z.object({ total: z.number(), ready: z.number() }).nullable(),
  /** Sum of allocatable over Ready nodes: cores and bytes. */
  capacity: z.object({ cpuCores: z.number(), memoryBytes: z.number(), pods: z.number() }).nullable(),
  /**
   * Cluster size by the manual's rule (2.2): vCPU of Ready nodes that are no virtual-kubelet nodes. While the cluster is
   * disconnected the last known one, null before the first.
   */
  size: z.number().nullable(),
  fleetId: z.string().nullable(),
  deletionProtection: z.boolean(),
  createdAt: z.string(),
});
export type Cluster = z.infer<typeof Cluster>;

/** An exec credential plugin found in a kubeconfig: code that will run on this machine, shown in full and approved once. */
export const ExecPlugin = z.object({
  command: z.string(),
  args: z.array(z.string()),
  env: z.array(z.object({ name: z.string(), value: z.string() })),
  /** Hash over command, args and env; passing it back approves exactly this command. */
  hash: z.string(),
  installHint: z.string().optional(),
});
export type ExecPlugin = z.infer<typeof ExecPlugin>;

export const KubeconfigContext = z.object({
  context: z.string(),
  server: z.string(),
  user: z.string(),
  namespace: z.string().nullable(),
  auth: z.enum(['clientCertificate', 'token', 'tokenFile', 'basic', 'exec', 'oidc', 'authProvider', 'none']),
  insecure: z.boolean(),
  exec: ExecPlugin.nullable(),
  /** What is wrong before anything was dialled: missing cluster or user, expired certificate ... */
  problems: z.array(AppErrorShape),
  suggestedName: z.string(),
  /** Name of the cluster already registered for this server and user, if any. */
  registeredAs: z.string().nullable(),
});
export type KubeconfigContext = z.infer<typeof KubeconfigContext>;

export const KubeconfigContents = z.object({
  source: z.object({ kind: z.enum(['file', 'text']), path: z.string().optional() }),
  contexts: z.array(KubeconfigContext),
  currentContext: z.string().nullable(),
  /** Set when the source as a whole could not be used; contexts is empty then. */
  problem: AppErrorShape.nullable(),
});
export type KubeconfigContents = z.infer<typeof KubeconfigContents>;

/** A feature and the rights it would need that these credentials do not have; none: it works. */
export const FeatureRight = z.object({
  feature: z.enum(['view', 'logs', 'operate', 'nodes', 'access', 'inspection', 'federation']),
  missing: z.array(z.string()),
});
export type FeatureRight = z.infer<typeof FeatureRight>;

/** What a step of the check found, for the person's language: a text by its key. */
export const CheckEvidence = z.object({
  key: z.enum([
    ...['context', 'exec', 'auth', 'answered', 'accepts'],
    ...['tlsTrusted', 'tlsOwn', 'tlsSystem', 'tlsHttp', 'tlsInsecure'],
    ...['accepted', 'rightsAll', 'rightsUnknown', 'metrics', 'noDate', 'clock', 'clockAhead', 'clockBehind', 'room'],
  ] as const),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type CheckEvidence = z.infer<typeof CheckEvidence>;

export const ConnectionCheck = z.object({
  ok: z.boolean(),
  /** In the order they were tried; the first failed one ends the list. */
  steps: z.array(
    z.object({
      step: z.enum([
        'kubeconfig',
        'credentials',
        'reachable',
        'tls',
        'authenticated',
        'version',
        'rights',
        'metrics',
        'clockSkew',
        'store',
      ]),
      result: z.enum(['passed', 'warning', 'failed']),
      /** In English, for logs and scripts. */
      evidence: z.string(),
      /** The same in words of ours; null: the evidence is data, or the error says it. */
      said: CheckEvidence.nullable(),
      error: AppErrorShape.nullable(),
    }),
  ),
  /** Null: not known. */
  features: z.array(FeatureRight).nullable(),
  detected: z
    .object({
      version: z.string(),
      provider: z.string(),
      type: ClusterType,
      region: z.string(),
      zones: z.array(z.string()),
      uid: z.string(),
    })
    .nullable(),
});
export type ConnectionCheck = z.infer<typeof ConnectionCheck>;

export const RegisterInput = z.object({
  source: KubeconfigSource,
  context: z.string().min(1),
  name: ClusterName,
  type: ClusterType.optional(),
  provider: z.string().max(63).optional(),
  region: z.string().max(63).optional(),
  zones: z.array(z.string().max(63)).max(16).optional(),
  fleetId: z.string().optional(),
  deletionProtection: z.boolean().default(false),
  /** Hash of the exec plugin the person has seen and approved. */
  approvedExec: z.string().optional(),
  /** Register although the cluster does not answer now; it appears as disconnected with the reason. */
  evenIfUnreachable: z.boolean().default(false),
});
export type RegisterInput = z.input<typeof RegisterInput>;

/** One change of a cluster's state with its cause (feature R5). */
export const ClusterTransition = z.object({
  clusterId: z.string(),
  at: z.string(),
  from: ClusterState.nullable(),
  to: ClusterState,
  reason: AppErrorShape.nullable(),
});
export type ClusterTransition = z.infer<typeof ClusterTransition>;

/** What was done with a registered cluster, step by step (feature R8). It outlives the cluster's registration. */
export const ClusterOperation = z.object({
  id: z.string(),
  clusterId: z.string(),
  clusterName: z.string(),
  kind: z.enum(['register', 'deregister', 'upgrade', 'kubeconfig', 'issueAccess', 'revokeAccess']),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  result: z.enum(['running', 'succeeded', 'failed']),
  steps: z.array(
    z.object({
      at: z.string(),
      step: z.string(),
      result: z.enum(['passed', 'warning', 'failed']),
      /** Technical detail in English; may quote the cluster. */
      message: z.string(),
    }),
  ),
  error: AppErrorShape.nullable(),
});
export type ClusterOperation = z.infer<typeof ClusterOperation>;

export interface ClustersService {
  list(): Cluster[];
  /** The whole list at once and after every change, coalesced to at most 10 a second. */
  watch(signal: AbortSignal | undefined): AsyncIterable<Cluster[]>;
  /** `KUBECONFIG` (several paths), else `~/.kube/config`: what exists there; and what else in `~/.kube` is a kubeconfig. */
  defaultKubeconfigs(): Promise<KubeconfigContents[]>;
  readKubeconfig(source: KubeconfigSource): Promise<KubeconfigContents>;
  check(input: {
    source: KubeconfigSource;
    context: string;
    approvedExec?: string | undefined;
  }): Promise<ConnectionCheck>;
  register(input: z.output<typeof RegisterInput>): Promise<Cluster>;
  update(input: {
    id: string;
    deletionProtection?: boolean | undefined;
    provider?: string | undefined;
    region?: string | undefined;
    zones?: string[] | undefined;
    type?: ClusterType | undefined;
    /** Hash of the exec plugin now found in the kubeconfig, seen and approved by the person. */
    approvedExec?: string | undefined;
  }): Promise<Cluster>;
  /** Another kubeconfig for the same cluster: rotated credentials, another address. Refused when another cluster answers. */
  replaceKubeconfig(input: {
    id: string;
    source: KubeconfigSource;
    context: string;
    approvedExec?: string | undefined;
  }): Promise<Cluster>;
  /**
   * Removes what Fleetdeck put into the cluster, then forgets the cluster. Refused under deletion protection or fleet
   * membership, and when something cannot be removed unless `leaveBehind`.
   */
  unregister(input: { id: string; leaveBehind: boolean }): Promise<void>;
  /** Newest first. */
  transitions(id: string): ClusterTransition[];
  /** Newest first; of one cluster, or of all, deregistered ones too. */
  operations(id?: string): ClusterOperation[];
  /** What is known of its health without asking it. */
  health(id: string): Promise<ClusterHealth>;
  /** Asks the cluster itself; a failure of each part is told, not thrown. */
  healthChecks(id: string): Promise<ClusterHealthChecks>;
  /** Try now instead of at the next back-off. */
  reconnect(id: string): Promise<Cluster>;
}

const ById = z.object({ id: z.string() });

export const clustersRouter = router({
  list: read.output(z.array(Cluster)).query(({ ctx }) => ctx.services.clusters.list()),
  watch: read.subscription(async function* ({ ctx, signal }) {
    for await (const clusters of ctx.services.clusters.watch(signal)) yield z.array(Cluster).parse(clusters);
  }),
  defaultKubeconfigs: read
    .output(z.array(KubeconfigContents))
    .query(({ ctx }) => ctx.services.clusters.defaultKubeconfigs()),
  /** A mutation of the wire only because of its size; it changes nothing and is not audited. */
  readKubeconfig: read
    .input(z.object({ source: KubeconfigSource }))
    .output(KubeconfigContents)
    .mutation(({ ctx, input }) => ctx.services.clusters.readKubeconfig(input.source)),
  check: read
    .input(z.object({ source: KubeconfigSource, context: z.string(), approvedExec: z.string().optional() }))
    .output(ConnectionCheck)
    .mutation(({ ctx, input }) => ctx.services.clusters.check(input)),
  register: write
    .input(RegisterInput)
    .output(Cluster)
    .mutation(({ ctx, input }) => ctx.services.clusters.register(input)),
  update: write
    .input(
      z.object({
        id: z.string(),
        deletionProtection: z.boolean().optional(),
        provider: z.string().max(63).optional(),
        region: z.string().max(63).optional(),
        zones: z.array(z.string().max(63)).max(16).optional(),
        type: ClusterType.optional(),
        approvedExec: z.string().optional(),
      }),
    )
    .output(Cluster)
    .mutation(({ ctx, input }) => ctx.services.clusters.update(input)),
  replaceKubeconfig: write
    .input(
      z.object({
        id: z.string(),
        source: KubeconfigSource,
        context: z.string().min(1),
        approvedExec: z.string().optional(),
      }),
    )
    .output(Cluster)
    .mutation(({ ctx, input }) => ctx.services.clusters.replaceKubeconfig(input)),
  unregister: write
    .input(z.object({ id: z.string(), leaveBehind: z.boolean().default(false) }))
    .mutation(({ ctx, input }) => ctx.services.clusters.unregister(input)),
  transitions: read
    .input(ById)
    .output(z.array(ClusterTransition))
    .query(({ ctx, input }) => ctx.services.clusters.transitions(input.id)),
  operations: read
    .input(z.object({ id: z.string().optional() }))
    .output(z.array(ClusterOperation))
    .query(({ ctx, input }) => ctx.services.clusters.operations(input.id)),
  health: read
    .input(ById)
    .output(ClusterHealth)
    .query(({ ctx, input }) => ctx.services.clusters.health(input.id)),
  healthChecks: read
    .input(ById)
    .output(ClusterHealthChecks)
    .query(({ ctx, input }) => ctx.services.clusters.healthChecks(input.id)),
  reconnect: read
    .input(ById)
    .output(Cluster)
    .mutation(({ ctx, input }) => ctx.services.clusters.reconnect(input.id)),
});
