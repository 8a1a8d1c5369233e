/**
 * Composition root: builds every service of the contract on one data directory, connects those that know each other,
 * and takes everything down again in reverse order. The lock on the directory is taken first and freed last.
 */
import { userInfo } from 'node:os';
import path from 'node:path';
import type { Operator, RequestContext } from '#shared/contract/base.ts';
import type { Services } from '#shared/contract/services.ts';
import { EXEC_TIMEOUT_SECONDS } from '#shared/limits.ts';
import { type Access, accessTargets, createAccess } from './access/index.ts';
import { createAudit } from './audit/index.ts';
import { authorise } from './authorise.ts';
import { type Belongings, type Clusters, createClusters } from './clusters/index.ts';
import { createDemoService } from './demo/index.ts';
import { createDiagnosis } from './diagnosis/index.ts';
import {
  createFederationPolicies,
  createFederations,
  createPromotion,
  createRuns,
  type Federations,
  type Runs,
} from './federation/index.ts';
import { createFleets, type Fleets } from './fleets/index.ts';
import { createInspection } from './inspection/index.ts';
import { adoptEnvironment, loginShellEnvironment, onInformerHandlerError } from './kube/index.ts';
import { createResources } from './resources/index.ts';
import { createSearch } from './search/index.ts';
import { createStatistics } from './statistics/index.ts';
import { lockDirectory, openStore } from './store/index.ts';
import { createSystem } from './system/index.ts';
import { createTargets } from './targets.ts';
import type { Engine, EngineOptions } from './types.ts';
import { createViews } from './views/index.ts';

/** How long a predecessor that is just ending may keep the directory. */
const LOCK_WAIT_MS = 3000;
const PASSPHRASE = 'FLEETDECK_PASSPHRASE';

/**
 * Everything that can be told at once has been told when this returns; clusters are dialled after that.
 * @throws AppError DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE, STORE_DAMAGED, STORE_NEWER, SECRETS_LOCKED, DISK_FULL.
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { dataDir, log } = options;
  await using parts = new AsyncDisposableStack();

  const lock = await lockDirectory(dataDir, { waitMs: LOCK_WAIT_MS });
  parts.defer(() => lock.release());
  const store = await openStore({ dir: dataDir, secretBox: options.secretBox, passphrase: process.env[PASSPHRASE] });
  parts.defer(() => store.close());
  onInformerHandlerError((error) => log.error('an informer handler failed', { error: String(error) }));

  const operator: Operator = { name: operatorName(), policy: 'admin' };
  const audit = createAudit({ repository: store.audit, log });
  const system = createSystem({ options, settings: store.settings, secretBox: store.secretBox, operator });
  options.onSettings?.(system.settings());
  const env = withoutPassphrase(process.env);

  // Clusters, fleets and federations know each other: each is given functions that are called when all exist.
  const belongings: Belongings = {
    isIn: (id) => access.isIn(id),
    cleanUp: (id) => access.cleanUp(id),
    forget: (id) => access.forget(id),
  };
  const clusters: Clusters = createClusters({
    repository: store.clusters,
    fleets: () => fleets.directory,
    addToFleet: (id, clusterIds) => fleets.service.addClusters({ id, clusterIds }),
    dataDir,
    belongings,
    log,
    env,
    execTimeoutMs: () => (system.settings().execTimeoutSeconds ?? EXEC_TIMEOUT_SECONDS.default) * 1000,
  });
  parts.defer(() => clusters.close());
  const access: Access = createAccess({
    repository: store.access,
    targets: accessTargets(clusters, () => federations, env),
    dir: path.join(dataDir, 'access'),
    log,
  });
  const fleets: Fleets = createFleets({
    repository: store.fleets,
    clusters: () => clusters,
    membership: () => federations,
    onChange: () => clusters.membershipChanged(),
  });
  const federations: Federations = createFederations({
    repository: store.federations,
    journal: store.federationJournal,
    clusters,
    fleets: () => fleets.directory,
    access: belongings,
    dataDir,
    log,
  });
  parts.defer(() => federations.close());
  const demo = createDemoService(options.demo === true ? path.join(dataDir, 'demo') : null);
  const federationRuns: Runs = createRuns({
    repository: store.federationRuns,
    running: federations.running,
    demo,
    setEvictionTimeout: federations.setEvictionTimeout,
    log,
  });
  parts.defer(() => federationRuns.close());

  const targets = createTargets(clusters, federations);
  const views = createViews({ targets });
  parts.defer(() => views.close());
  const resources = createResources(targets);
  const search = createSearch({
    targets: () => targets.running(),
    client: (target) => targets.client(target, 'normal'),
  });
  parts.defer(() => search.close());
  const statistics = createStatistics({
    running: () => clusters.list().filter(({ state }) => state === 'running'),
    client: (id) => clusters.client(id, 'background'),
  });
  parts.defer(() => statistics.close());
  const inspection = createInspection({
    repository: store.inspection,
    settings: store.settings,
    clusters,
    fleets: fleets.directory,
    federations,
    resources,
    client: (target) => targets.client(target, 'background'),
    audit: audit.trail,
    log,
  });
  parts.defer(() => inspection.close());

  const services: Services = {
    system,
    clusters,
    access,
    fleets: fleets.service,
    federations,
    federationPolicies: createFederationPolicies(federations),
    promotion: createPromotion(federations),
    federationRuns,
    inspection: inspection.service,
    resources,
    views: views.service,
    search: search.service,
    statistics: statistics.service,
    audit: audit.service,
    diagnosis: createDiagnosis({ clusters, repository: store.diagnoses }),
    demo,
  };
  if (options.host === 'electron') void adoptLoginShell(env);
  await fleets.reconcile(store.federations.list());
  clusters.start();
  const ready = federations.start();
  federationRuns.start();
  // Whoever waits for it hears of a failure; nobody waiting must not end the process.
  ready.catch((error: unknown) => log.error('federations could not be started', { error: String(error) }));
  void ready.finally(() => inspection.start()).catch(() => {});

  const running = parts.move();
  const context: RequestContext = { operator, services, authorise, audit: audit.trail };
  let closing: Promise<void> | null = null;
  return {
    services,
    operator,
    ready,
    context: () => context,
    close() {
      closing ??= running.disposeAsync();
      return closing;
    },
  };
}

/** A window started from the desktop finds the programs, proxies and files a terminal would; what fails until then is tried again. */
async function adoptLoginShell(env: NodeJS.ProcessEnv): Promise<void> {
  const found = await loginShellEnvironment();
  if (found !== null) adoptEnvironment(env, withoutPassphrase(found));
}

/** The person at this machine, as the operating system knows them. */
function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    // No entry in the user database (some containers).
    return process.env.USER ?? process.env.USERNAME ?? `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Exec plugins inherit the environment; the passphrase is not theirs. */
function withoutPassphrase<Env extends NodeJS.ProcessEnv>(env: Env): Omit<Env, typeof PASSPHRASE> {
  const { [PASSPHRASE]: _secret, ...rest } = env;
  return rest;
}
