/**
 * One registered cluster while the engine runs: its client, its health, its nodes. Probes with jitter; a running cluster
 * is called disconnected after three failed probes, at once when the failure is definite. Knows nothing of storage:
 * what it learns goes out through `onChange`.
 */
import type { ClusterCertificate, ClusterHealth } from '#shared/contract/cluster-health.ts';
import type { Cluster, ClusterState } from '#shared/contract/clusters.ts';
import { AppError, type AppErrorShape, toErrorShape } from '#shared/errors.ts';
import {
  ApiError,
  backoffDelay,
  createDiscovery,
  createHttpsTransport,
  createInformer,
  createKubeClient,
  type HttpsTransport,
  type Informer,
  type KubeClient,
  type RequestPriority,
  withPriority,
} from '../kube/index.ts';
import { type Detected, detect } from './detect.ts';
import { isDefinite, probe, stateOfFailure } from './health.ts';
import { type NodeFacts, nodeFacts, summarise } from './nodes.ts';
import { NAMESPACES, NODES } from './refs.ts';
import type { IdentitySource } from './source.ts';
import { createVitals } from './vitals.ts';

export interface Timing {
  /** Between probes of a running cluster. */
  probeMs: number;
  probeTimeoutMs: number;
  /** Between the probes that confirm a first failure. */
  confirmMs: number;
  /** Failed probes until a running cluster is called disconnected. */
  failuresUntilAway: number;
  retryBaseMs: number;
  retryMaxMs: number;
  /** A cluster that was registered without an answer and never gave one is called timed out after so long. */
  accessTimeoutMs: number;
  /** Version, identity and provider are asked again after so long, and after every reconnect. */
  identifyMs: number;
}

export const DEFAULT_TIMING: Timing = {
  probeMs: 10_000,
  probeTimeoutMs: 10_000,
  confirmMs: 2_000,
  failuresUntilAway: 3,
  retryBaseMs: 2_000,
  retryMaxMs: 60_000,
  accessTimeoutMs: 86_400_000,
  identifyMs: 300_000,
};

/** A timer this late was not delayed by work. */
const SLEPT_MS = 30_000;

export interface Identified {
  uid: string | null;
  version: string;
  server: string;
  detected: Detected;
}

export type Live = Pick<
  Cluster,
  'state' | 'reason' | 'since' | 'lastSeen' | 'latencyMs' | 'certificate' | 'nodes' | 'capacity' | 'size'
>;

export interface ConnectionOptions {
  context: string;
  server: string;
  source: IdentitySource;
  approvedExec: () => string | null;
  initial: { state: ClusterState; reason: AppErrorShape | null; lastSeen: string | null; size: number | null };
  /** ISO time of the registration. */
  createdAt: string;
  timing: Timing;
  env: NodeJS.ProcessEnv;
  execTimeoutMs: (() => number) | undefined;
  /** Something a person can see is different. `from` is set when the state is. */
  onChange: (live: Live, from: ClusterState | null) => void;
  /** Throws AppError when the cluster that answers is not the one that was registered. */
  onIdentified: (identified: Identified) => void;
}

export interface Connection {
  /** The client for work of this urgency; one each, all over the same connections. */
  client(priority: RequestPriority): KubeClient;
  readonly live: Live;
  start(): void;
  /** Probes now; resolves when the outcome is known. While the state is held, nothing is done. */
  reconnect(): Promise<void>;
  /** A state that probes do not touch until it is given back with null: what is being done to the cluster. */
  hold(state: ClusterState | null): void;
  /** Gives it back with the outcome that is known already. */
  settle(state: ClusterState, reason: AppErrorShape | null): void;
  /** Ends every connection; the next request makes new ones with the identity as it is then. */
  reset(): void;
  /** What is known without asking. */
  health(): Promise<ClusterHealth>;
  close(): Promise<void>;
}

export function createConnection(options: ConnectionOptions): Connection {
  const { timing } = options;
  const transport: HttpsTransport = createHttpsTransport({
    server: options.server,
    identity: () => options.source.identity(),
    approvedExec: options.approvedExec,
    env: options.env,
    execTimeoutMs: options.execTimeoutMs,
  });
  const discovery = createDiscovery(withPriority(transport, 'foreground'));
  const clients = new Map<RequestPriority, KubeClient>();
  const client = clientFor('normal');
  const live: Live = {
    ...options.initial,
    since: new Date().toISOString(),
    latencyMs: null,
    certificate: null,
    nodes: null,
    capacity: null,
  };
  const vitals = createVitals(transport, options.source);
  let failures = 0;
  let identifiedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let probing: Promise<void> | null = null;
  let nodes: Informer<NodeFacts> | null = null;
  let closed = false;
  let held = false;

  function clientFor(priority: RequestPriority): KubeClient {
    let made = clients.get(priority);
    if (made === undefined) {
      made = createKubeClient(withPriority(transport, priority), discovery);
      clients.set(priority, made);
    }
    return made;
  }

  function setState(state: ClusterState, reason: AppErrorShape | null): void {
    if (live.state === state && live.reason?.code === reason?.code && live.reason?.message === reason?.message) return;
    const from = live.state;
    live.state = state;
    live.reason = reason;
    if (from !== state) live.since = new Date().toISOString();
    options.onChange({ ...live }, from === state ? null : from);
  }

  function watchNodes(): void {
    if (nodes !== null || closed) return;
    const informer = createInformer<NodeFacts>({
      client: clientFor('background'),
      resource: NODES,
      project: nodeFacts,
    });
    nodes = informer;
    // A thousand adds of one list are one change.
    let pending = false;
    const changed = () => {
      if (pending) return;
      pending = true;
      setImmediate(() => {
        pending = false;
        if (closed || informer.state === 'connecting') return;
        Object.assign(live, summarise(informer.items.values()));
        options.onChange({ ...live }, null);
      });
    };
    informer.subscribe({ onAdd: changed, onUpdate: changed, onDelete: changed, onState: changed });
  }

  async function identify(): Promise<void> {
    const [version, uid, page, identity] = await Promise.all([
      client.version(),
      clusterUid(client),
      firstNodes(client),
      options.source.identity(),
    ]);
    const { gitVersion } = version;
    const { server } = identity;
    const detected = detect({ gitVersion, server, context: options.context, nodes: page });
    options.onIdentified({ uid, version: gitVersion, server, detected });
    identifiedAt = Date.now();
  }

  async function look(): Promise<void> {
    try {
      const answer = await probe(transport, timing.probeTimeoutMs);
      if (closed) return;
      vitals.remember(answer);
      if (Date.now() - identifiedAt > timing.identifyMs) await identify();
      if (closed) return;
      failures = 0;
      live.lastSeen = new Date().toISOString();
      live.latencyMs = answer.latencyMs;
      live.certificate = endsFirst(await vitals.certificates());
      if (closed) return;
      watchNodes();
      if (held || live.state === 'running') options.onChange({ ...live }, null);
      else setState('running', null);
    } catch (error) {
      if (!closed) failed(error);
    }
  }

  function failed(error: unknown): void {
    failures += 1;
    vitals.remember(null);
    const reason = toErrorShape(error);
    // Whoever comes back may be somebody else.
    identifiedAt = 0;
    const away = live.state !== 'running' || isDefinite(reason.code) || failures >= timing.failuresUntilAway;
    if (!away) return;
    live.latencyMs = null;
    if (held) return;
    const kind = stateOfFailure(reason.code);
    const state = kind === 'disconnected' && neverCame() ? 'accessTimeout' : kind;
    const wasRunning = live.state === 'running';
    setState(state, reason);
    // Watches on half-dead connections would go on looking live.
    if (wasRunning && state === 'disconnected') transport.reset(new AppError(reason.code, reason.message, reason));
  }

  function neverCame(): boolean {
    return live.lastSeen === null && Date.now() - Date.parse(options.createdAt) > timing.accessTimeoutMs;
  }

  function nextDelay(): number {
    if (failures === 0) return timing.probeMs * (0.8 + 0.4 * Math.random());
    if (live.state === 'running') return timing.confirmMs;
    return backoffDelay(failures, { baseMs: timing.retryBaseMs, maxMs: timing.retryMaxMs });
  }

  function schedule(delay: number): void {
    const due = Date.now() + delay;
    timer = setTimeout(() => {
      // The machine slept: every connection is dead, though none has noticed.
      if (Date.now() - due > SLEPT_MS) transport.reset(new AppError('CLUSTER_UNREACHABLE', 'this machine was asleep'));
      void run();
    }, delay);
  }

  function run(): Promise<void> {
    if (probing !== null) return probing;
    clearTimeout(timer);
    probing = look().finally(() => {
      probing = null;
      if (!closed) schedule(nextDelay());
    });
    return probing;
  }

  return {
    client: clientFor,
    get live() {
      return { ...live };
    },
    start() {
      // Many clusters do not all dial in the same instant.
      if (!closed && timer === undefined && probing === null) schedule(Math.random() * 50);
    },
    async reconnect() {
      // One that is under way may have begun before the person repaired what was wrong.
      await probing;
      if (held) return;
      if (live.state !== 'running') transport.reset(new AppError('CANCELLED', 'reconnecting'));
      await run();
    },
    hold(state) {
      held = state !== null;
      if (state !== null) setState(state, null);
      else void run();
    },
    settle(state, reason) {
      held = false;
      if (state === 'running') live.lastSeen = new Date().toISOString();
      setState(state, reason);
    },
    health: vitals.health,
    reset: () => transport.reset(new AppError('CANCELLED', 'the kubeconfig was replaced')),
    async close() {
      closed = true;
      clearTimeout(timer);
      nodes?.stop();
      await transport.close();
    },
  };
}

/** uid of namespace kube-system, which lives as long as the cluster. Null when it may not be read. */
export async function clusterUid(client: KubeClient, signal?: AbortSignal): Promise<string | null> {
  try {
    return (await client.get(NAMESPACES, 'kube-system', { signal })).metadata.uid ?? null;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return null;
    throw error;
  }
}

/** Enough nodes to tell the provider by; none when they may not be listed. */
export async function firstNodes(client: KubeClient, signal?: AbortSignal): Promise<NodeFacts[]> {
  try {
    return (await client.list(NODES, { limit: 100, signal })).items.map(nodeFacts);
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return [];
    throw error;
  }
}

function endsFirst([first]: readonly ClusterCertificate[]): Cluster['certificate'] {
  return first === undefined ? null : { whose: first.whose, notAfter: first.notAfter };
}
