/**
 * How a cluster comes to be registered, and how it gets another kubeconfig. From the first moment on it is there as one
 * that is being created, so that its name is taken and everybody sees it; what does not come about leaves nothing behind.
 */
import { randomUUID } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import type { Cluster, ClustersService, ConnectionCheck } from '#shared/contract/clusters.ts';
import { AppError, type AppErrorShape, type ErrorCode } from '#shared/errors.ts';
import { contextOf, type KubeconfigEntry } from '../kubeconfig/index.ts';
import { checkConnection } from './check.ts';
import { loadSource } from './contents.ts';
import { stateOfFailure } from './health.ts';
import { beginOperation } from './operations.ts';
import { type Entry, type Registry, sameServer } from './registry.ts';
import type { ClusterRecord, ClustersDeps, Operation } from './types.ts';

export type Registration = Pick<ClustersService, 'check' | 'register' | 'replaceKubeconfig'>;

type RegisterInput = Parameters<ClustersService['register']>[0];
type Detected = NonNullable<ConnectionCheck['detected']>;
type Facts = Pick<ClusterRecord, 'type' | 'provider' | 'region' | 'zones'>;

/** What does not pass by itself once the cluster answers: nobody may register in spite of it. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['UNSUPPORTED', 'REFUSED']);

const FACTS = ['type', 'provider', 'region', 'zones'] as const;

export function createRegistration(deps: ClustersDeps, registry: Registry): Registration {
  const { repository } = deps;
  const env = deps.env ?? process.env;
  const { execTimeoutMs } = deps;
  let last: Promise<unknown> = Promise.resolve();

  /** Room for one more, `own` of the registered ones being this very one. */
  async function quota(own = 0): Promise<{ registered: number; freeBytes: number } | undefined> {
    if (deps.dataDir === undefined) return undefined;
    const { bavail, bsize } = await statfs(deps.dataDir);
    return { registered: registry.entries.size - own, freeBytes: bavail * bsize };
  }

  /** The check, step by step in the operation log: its first failure, or what was detected. */
  async function checked(
    found: KubeconfigEntry,
    approvedExec: string | null,
    operation: Operation,
    store?: Awaited<ReturnType<typeof quota>>,
  ) {
    const check = await checkConnection({ entry: async () => found, approvedExec, env, execTimeoutMs, store });
    for (const { step, result, evidence } of check.steps) operation.step(step, result, evidence);
    const failure = check.steps.find((step) => step.result === 'failed')?.error ?? null;
    return { failure, detected: failure === null ? check.detected : null };
  }

  async function logged<T>(
    cluster: { id: string; name: string },
    kind: 'register' | 'kubeconfig',
    work: (operation: Operation) => Promise<T>,
  ): Promise<T> {
    const operation = beginOperation(repository, cluster, kind);
    try {
      const result = await work(operation);
      operation.end();
      return result;
    } catch (error) {
      operation.end(error);
      throw error;
    }
  }

  async function registerAs(id: string, input: RegisterInput, operation: Operation): Promise<Cluster> {
    registry.refuseName(input.name);
    if (input.fleetId !== undefined && deps.fleets().get(input.fleetId) === undefined) {
      throw new AppError('NOT_FOUND', `no fleet ${input.fleetId}`, { params: { id: input.fleetId } });
    }
    const kubeconfig = await loadSource(input.source);
    const found = contextOf(kubeconfig, input.context);
    found.identity();
    const approvedExec = approvedOf(found, input.approvedExec);
    const record: ClusterRecord = {
      id,
      name: input.name,
      ...factsOf(input, null),
      server: found.server,
      context: input.context,
      sourcePath: kubeconfig.path,
      insecure: found.insecure,
      approvedExec,
      uid: null,
      version: null,
      deletionProtection: input.deletionProtection,
      createdAt: new Date().toISOString(),
      lastSeen: null,
    };
    await repository.insert(record, input.source.kind === 'text' ? input.source.text : null);
    const entry = registry.open(record, { state: 'creating', reason: null });
    entry.connection.hold('creating');
    registry.transition(entry, null);
    registry.tell('added', registry.toCluster(entry));
    try {
      await bringUp(entry, found, input, operation);
    } catch (error) {
      await registry.forget(entry);
      throw error;
    }
    return registry.toCluster(entry);
  }

  async function bringUp(
    entry: Entry,
    found: KubeconfigEntry,
    input: RegisterInput,
    operation: Operation,
  ): Promise<void> {
    const { id, approvedExec, sourcePath } = entry.record;
    const { failure, detected } = await checked(found, approvedExec, operation, await quota(1));
    if (failure !== null && (!input.evenIfUnreachable || FINAL.has(failure.code))) throw fromShape(failure);
    if (detected === null) refuseTwin(id, found);
    else if (detected.uid !== '') registry.refuseKnown(detected.uid, id);
    const uid = detected === null || detected.uid === '' ? null : detected.uid;
    registry.save(entry, { ...factsOf(input, detected), uid, version: detected?.version ?? null });
    operation.step('kept', 'passed', sourcePath ?? 'kubeconfig kept encrypted');
    entry.connection.settle(failure === null ? 'running' : stateOfFailure(failure.code), failure);
    if (input.fleetId !== undefined) {
      // Registered into a fleet means both or nothing.
      await deps.addToFleet(input.fleetId, [id]);
      operation.step('fleet', 'passed', input.fleetId);
      registry.tell('changed', registry.toCluster(entry));
    }
    registry.attend(entry);
  }

  /** Two contexts of a server that does not answer may be two people's; the same context twice is one cluster. */
  function refuseTwin(id: string, found: KubeconfigEntry): void {
    for (const { record } of registry.entries.values()) {
      if (record.id === id || record.context !== found.context || !sameServer(record.server, found.server)) continue;
      throw new AppError('CONFLICT', `this context is already registered as ${record.name}`, {
        params: { name: record.name },
        hint: 'hints.clusterRegistered',
      });
    }
  }

  async function exchange(
    entry: Entry,
    { source, context, approvedExec }: Parameters<ClustersService['replaceKubeconfig']>[0],
    operation: Operation,
  ): Promise<void> {
    const { record } = entry;
    const kubeconfig = await loadSource(source);
    const found = contextOf(kubeconfig, context);
    const exec = found.auth === 'exec' ? found.exec : null;
    const { failure, detected } = await checked(found, approvedExec ?? null, operation);
    if (failure !== null) throw fromShape(failure);
    const uid = detected?.uid ?? '';
    if (uid !== '' && record.uid !== null && uid !== record.uid) {
      throw new AppError('CONFLICT', `this kubeconfig leads to another cluster than ${record.name}`, {
        cluster: record.name,
        params: { name: record.name, server: found.server },
        hint: 'hints.clusterReplaced',
      });
    }
    if (source.kind === 'text') await repository.putKubeconfig(record.id, source.text);
    registry.save(entry, {
      context,
      server: found.server,
      insecure: found.insecure,
      sourcePath: kubeconfig.path,
      approvedExec: exec?.hash ?? null,
    });
    registry.reread(entry);
    operation.step('kept', 'passed', kubeconfig.path ?? 'kubeconfig kept encrypted');
  }

  return {
    check: async (input) =>
      checkConnection({
        entry: async () => contextOf(await loadSource(input.source), input.context),
        approvedExec: input.approvedExec ?? null,
        env,
        execTimeoutMs,
        store: await quota(),
      }),

    register(input) {
      const id = randomUUID();
      // One at a time: two registrations of one cluster must see each other.
      const result = last.then(() =>
        logged({ id, name: input.name }, 'register', (operation) => registerAs(id, input, operation)),
      );
      last = result.catch(() => undefined);
      return result;
    },

    async replaceKubeconfig(input) {
      const entry = registry.needSettled(input.id);
      entry.connection.hold('changing');
      try {
        await logged(entry.record, 'kubeconfig', (operation) => exchange(entry, input, operation));
      } finally {
        entry.connection.hold(null);
      }
      await entry.connection.reconnect();
      return registry.toCluster(entry);
    },
  };
}

/** Hash of the exec plugin that the person approved; null where there is none. AppError EXEC_NOT_APPROVED. */
function approvedOf({ auth, exec }: KubeconfigEntry, approved: string | undefined): string | null {
  if (auth !== 'exec' || exec === null) return null;
  if (exec.hash === approved) return exec.hash;
  throw new AppError('EXEC_NOT_APPROVED', `exec plugin ${exec.command} has not been approved`, {
    params: { command: exec.command, hash: exec.hash },
  });
}

/** What the person gave other than detection found stays; what merely repeats it may follow the cluster later. */
function factsOf(given: RegisterInput, detected: Detected | null): Facts & Pick<ClusterRecord, 'corrected'> {
  return {
    type: given.type ?? detected?.type ?? 'local',
    provider: given.provider ?? detected?.provider ?? '',
    region: given.region ?? detected?.region ?? '',
    zones: given.zones ?? detected?.zones ?? [],
    corrected: FACTS.filter(
      (field) => given[field] !== undefined && JSON.stringify(given[field]) !== JSON.stringify(detected?.[field]),
    ),
  };
}

function fromShape(shape: AppErrorShape): AppError {
  const { code, message, ...options } = shape;
  return new AppError(code, message, options);
}
