/**
 * The demo: simulated clusters, registered through the same services a person uses, in one fleet and one federation.
 * Everything is idempotent, so that a start that was interrupted is completed by the next one. What was handed over once
 * is the person's: a later start with the same data directory connects it again, adds clusters that are new, and brings
 * nothing back that was deleted, deregistered or taken out.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Cluster } from '#shared/contract/clusters.ts';
import type { Federation } from '#shared/contract/federations.ts';
import { AppError, type AppErrorShape } from '#shared/errors.ts';
import type { DemoCluster, DemoFleet, StartProgress } from '../engine/demo/types.ts';
import type { Engine, Log } from '../engine/types.ts';
import { type Api, apiOf, firstOf } from './api.ts';

export const FLEET_NAME = 'demo-fleet';
export const FEDERATION_NAME = 'demo-federation';
/** From started clusters to ready members takes a second or two; so long without anything new means something is wrong. */
const NO_PROGRESS_MS = 60_000;

export interface DemoOptions {
  dataDir: string;
  clusters: number;
  nodes?: number | undefined;
  pods?: number | undefined;
  churn?: number | undefined;
  seed?: number | undefined;
}

export type { StartProgress };

export interface DemoPaths {
  clusters: Record<string, string>;
  federations: Record<string, string>;
}

export interface Demo {
  /** Kubeconfig files by name. */
  readonly kubeconfigs: DemoPaths;
  /** Why members are not managed: somebody else has them, and nothing is written to them. */
  readonly refused: readonly AppErrorShape[];
  /** Resolves when the simulated clusters ended by themselves and did not come back. */
  readonly lost: Promise<void>;
}

/** Ended again so soon after a restart, the simulation will not get better by another one. */
const RESTART_MS = 60_000;

/**
 * Starts the simulated clusters beside an engine that is opened by `open`, and resolves when every cluster runs and
 * every member is ready. Both hold their directory, so two demos never share one. What has been started is handed to
 * `onStarted` at once, so that the caller can close it also when this is given up halfway.
 */
export async function startDemo(
  options: DemoOptions,
  open: () => Promise<Engine>,
  log: Log,
  onStarted: (close: () => Promise<void>) => void,
  onProgress: (progress: StartProgress) => void = () => {},
): Promise<{ engine: Engine; demo: Demo }> {
  const fleet = new SimulatedFleet(options, log, onProgress);
  // The clusters outlive the engine's goodbye to them, else it would report them as lost.
  onStarted(() => fleet.close());
  const opening = open().then((engine) => {
    onStarted(() => engine.close());
    return engine;
  });
  const [engine, clusters] = await Promise.all([opening, fleet.start()]);
  const federation = await settle(engine, clusters, options.dataDir);
  await fleet.settled();
  return {
    engine,
    demo: {
      kubeconfigs: {
        clusters: Object.fromEntries(clusters.map((cluster) => [cluster.name, cluster.kubeconfig])),
        federations: federation?.kubeconfigPath == null ? {} : { [federation.name]: federation.kubeconfigPath },
      },
      refused: (federation?.members ?? []).flatMap(({ manager, reason }) =>
        manager === null || reason === null ? [] : [reason],
      ),
      lost: fleet.lost,
    },
  };
}

/** The process with the simulated clusters, restarted when it ends by itself; their kubeconfigs stay valid. */
class SimulatedFleet {
  /** Resolves when it ended and could not be brought back. */
  readonly lost: Promise<void>;
  private readonly options: DemoOptions;
  private readonly log: Log;
  private readonly onProgress: (progress: StartProgress) => void;
  private current: Promise<DemoFleet> | null = null;
  private restartedAt = Number.NEGATIVE_INFINITY;
  private closed = false;
  private giveUp: () => void = () => {};

  constructor(options: DemoOptions, log: Log, onProgress: (progress: StartProgress) => void) {
    this.options = options;
    this.onProgress = onProgress;
    this.log = log;
    this.lost = new Promise((resolve) => {
      this.giveUp = resolve;
    });
  }

  async start(): Promise<DemoFleet['clusters']> {
    this.current = this.launch();
    const fleet = await this.current;
    fleet.onExit((code, signal) => void this.restart(code, signal));
    return fleet.clusters;
  }

  /** Everything has been listed once: the clusters begin to change by themselves. */
  async settled(): Promise<void> {
    (await this.current)?.settled();
  }

  async close(): Promise<void> {
    this.closed = true;
    const fleet = await this.current?.catch(() => null);
    await fleet?.close();
  }

  private async launch(): Promise<DemoFleet> {
    const { dataDir, clusters, nodes, pods, churn, seed } = this.options;
    const { startDemoFleet } = await import('../engine/demo/index.ts');
    return await startDemoFleet({
      dir: path.join(dataDir, 'demo'),
      clusters,
      log: this.log,
      onProgress: this.onProgress,
      ...(nodes === undefined ? {} : { nodes }),
      ...(pods === undefined ? {} : { pods }),
      ...(churn === undefined ? {} : { churn }),
      ...(seed === undefined ? {} : { seed }),
    });
  }

  private async restart(code: number | null, signal: string | null): Promise<void> {
    if (this.closed) return;
    this.log.error('the simulated clusters ended', { code, signal });
    if (Date.now() - this.restartedAt < RESTART_MS) return this.giveUp();
    this.restartedAt = Date.now();
    try {
      await this.start();
      await this.settled();
    } catch (error) {
      this.log.error('the simulated clusters could not be restarted', { error: String(error) });
      this.giveUp();
    }
  }
}

/** Resolves with the demo's federation, as long as there is one. */
async function settle(engine: Engine, wanted: DemoFleet['clusters'], dataDir: string): Promise<Federation | null> {
  await engine.ready;
  const api = apiOf(engine);
  const record = new HandedOver(dataDir);
  const registered = await registerAll(api, wanted, record);
  const fleetId = await ensureFleet(api, registered, record);
  const federation = await ensureFederation(api, fleetId, record);
  record.keep(wanted.map(({ name }) => name));
  const names = await undisturbed(
    dataDir,
    registered.map((cluster) => cluster.name),
  );
  await clustersRun(engine, names);
  // A person has moved it to a control plane of their own, which need not run now.
  if (federation === null || federation.engine === 'external') return federation;
  const members = await clustersOf(api, federation.fleetId);
  return await membersReady(engine, federation.id, new Set([...names].filter((name) => members.has(name))));
}

/** Names of the clusters that were set up once, kept beside the simulated clusters; nothing else is added again. */
class HandedOver {
  readonly #file: string;
  readonly #names: ReadonlySet<string> | null;

  constructor(dataDir: string) {
    this.#file = path.join(dataDir, 'demo', 'handed-over.json');
    this.#names = existsSync(this.#file) ? new Set(JSON.parse(readFileSync(this.#file, 'utf8')).clusters) : null;
  }

  /** Whether everything was set up before: fleet and federation are the person's now. */
  get done(): boolean {
    return this.#names !== null;
  }

  has(cluster: string): boolean {
    return this.#names?.has(cluster) ?? false;
  }

  keep(clusters: readonly string[]): void {
    const all = this.#names === null ? clusters : [...new Set([...this.#names, ...clusters])];
    writeFileSync(`${this.#file}.new`, JSON.stringify({ clusters: all }));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

/** Clusters that have to come up: one with a fault from the last time may be as unreachable as it was. */
async function undisturbed(dataDir: string, clusters: readonly string[]): Promise<Set<string>> {
  const { demoControl } = await import('../engine/demo/index.ts');
  const { active } = await demoControl(path.join(dataDir, 'demo')).state();
  const disturbed = new Set(active.map((fault) => fault.cluster));
  return new Set(clusters.filter((name) => !disturbed.has(name)));
}

/** Resolves with those that are registered then. */
async function registerAll(api: Api, wanted: readonly DemoCluster[], record: HandedOver): Promise<Cluster[]> {
  const existing = new Map((await api.clusters.list()).map((cluster) => [cluster.name, cluster]));
  const here = wanted.filter(({ name }) => existing.has(name) || !record.has(name));
  return await Promise.all(
    here.map(async (cluster) => {
      const known = existing.get(cluster.name);
      if (known !== undefined) return await api.clusters.reconnect({ id: known.id });
      const source = { kind: 'file', path: cluster.kubeconfig } as const;
      const { currentContext } = await api.clusters.readKubeconfig({ source });
      return await api.clusters.register({
        source,
        context: currentContext ?? cluster.name,
        name: cluster.name,
        provider: cluster.provider,
        region: cluster.region,
        zones: cluster.zones,
      });
    }),
  );
}

async function ensureFleet(api: Api, registered: readonly Cluster[], record: HandedOver): Promise<string | null> {
  const fleets = await api.fleets.list();
  const fleet = fleets.find((candidate) => candidate.name === FLEET_NAME);
  const taken = new Set(fleets.flatMap((candidate) => candidate.clusterIds));
  const missing = registered.filter(({ id, name }) => !taken.has(id) && !record.has(name)).map(({ id }) => id);
  if (fleet !== undefined) {
    if (missing.length > 0) await api.fleets.addClusters({ id: fleet.id, clusterIds: missing });
    return fleet.id;
  }
  return record.done ? null : (await api.fleets.create({ name: FLEET_NAME, clusterIds: missing })).id;
}

async function ensureFederation(api: Api, fleetId: string | null, record: HandedOver): Promise<Federation | null> {
  const present = (await api.federations.list()).find((candidate) => candidate.name === FEDERATION_NAME);
  if (record.done || fleetId === null) return present ?? null;
  const federation = present ?? (await api.federations.create({ name: FEDERATION_NAME }));
  // One that somebody else manages does not keep the others away; it is told at the end.
  if (federation.fleetId === null && federation.engine === 'embedded')
    return await api.federations.join({ id: federation.id, fleetId, managed: 'standBack' });
  return federation;
}

/** Names of the fleet's clusters. */
async function clustersOf(api: Api, fleetId: string | null): Promise<Set<string>> {
  const fleet = (await api.fleets.list()).find(({ id }) => id === fleetId);
  const clusters = await api.clusters.list();
  return new Set(clusters.filter(({ id }) => fleet?.clusterIds.includes(id)).map(({ name }) => name));
}

async function clustersRun(engine: Engine, names: ReadonlySet<string>): Promise<void> {
  const isRunning = (list: Cluster[]): boolean =>
    list.filter((cluster) => names.has(cluster.name) && cluster.state === 'running').length === names.size;
  const list = await firstOf(
    engine,
    (api) => api.clusters.watch(),
    isRunning,
    NO_PROGRESS_MS,
    (api) => api.clusters.list(),
    (clusters) => JSON.stringify(clusters.map(({ name, state, reason }) => [name, state, reason?.message])),
  );
  if (isRunning(list)) return;
  const late = list.find((cluster) => names.has(cluster.name) && cluster.state !== 'running');
  throw notReady(`cluster ${late?.name ?? '?'} is ${late?.state ?? 'missing'}`, late?.reason ?? null);
}

async function membersReady(engine: Engine, id: string, names: ReadonlySet<string>): Promise<Federation> {
  const of = (list: Federation[]): Federation | undefined => list.find((federation) => federation.id === id);
  const isReady = (federation: Federation | undefined): boolean =>
    federation?.state === 'running' &&
    federation.kubeconfigPath !== null &&
    federation.members.filter((member) => names.has(member.name) && (member.ready || member.manager !== null))
      .length === names.size;
  const list = await firstOf(
    engine,
    (api) => api.federations.watch(),
    (value) => isReady(of(value)),
    NO_PROGRESS_MS,
    (api) => api.federations.list(),
    (value) =>
      JSON.stringify(of(value)?.members.map(({ name, join, ready, reason }) => [name, join, ready, reason?.message])),
  );
  const federation = of(list);
  if (federation !== undefined && isReady(federation)) return federation;
  const late = federation?.members.find((member) => !member.ready && member.manager === null);
  throw notReady(
    `federation is ${federation?.state ?? 'missing'}, member ${late?.name ?? '?'} is ${late?.join ?? 'missing'}`,
    late?.reason ?? federation?.reason ?? null,
  );
}

function notReady(what: string, reason: Cluster['reason']): AppError {
  return reason === null
    ? new AppError('CLUSTER_TIMEOUT', `nothing new for ${NO_PROGRESS_MS / 1000} s: ${what}`)
    : new AppError(reason.code, `${what}: ${reason.message}`, {
        ...(reason.cluster === undefined ? {} : { cluster: reason.cluster }),
        ...(reason.params === undefined ? {} : { params: reason.params }),
      });
}
