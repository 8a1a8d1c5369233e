/**
 * A federation over a Karmada control plane that others run: the console looks at it and writes what a person saves;
 * deciding and dispatching is done there. None of our controllers runs on it.
 */
import type { ExternalControlPlane } from '#shared/contract/federation-control.ts';
import { AppError, type AppErrorShape, toErrorShape } from '#shared/errors.ts';
import { createKubeClient, type KubeClient } from '../../kube/index.ts';
import type { ControlPlane } from '../controllers/control-plane.ts';
import { connectExternal, type ExternalConnection } from '../external/connect.ts';
import { inspectControlPlane, reachesMembers } from '../external/inspect.ts';
import { observeControlPlane } from '../external/observer.ts';
import { createCustomizations } from '../interpreter/index.ts';
import type { FederationRecord, FederationsDeps } from '../types.ts';
import { type FederationEngine, RETRY_MS, visibleFailover } from './engine.ts';
import { createJournal } from './journal.ts';
import { membersOf } from './members.ts';

/** How often it is asked whether it is still there. */
const PROBE_MS = 30_000;

export function createExternal(
  identity: Pick<FederationRecord, 'id' | 'name' | 'external'>,
  deps: Pick<FederationsDeps, 'clusters' | 'log' | 'journal' | 'repository'>,
  onChange: () => void,
): FederationEngine {
  const { id, name } = identity;
  const journal = createJournal(id, deps.journal, deps.log, () => {});
  const customizations = createCustomizations();
  let connection: ExternalConnection | null = null;
  let plane: ControlPlane | null = null;
  let found: ExternalControlPlane | null = null;
  let reason: AppErrorShape | null = null;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function notRunning(): AppError {
    if (reason === null)
      return new AppError('ENGINE_UNAVAILABLE', `federation ${name} is being connected`, { retryable: true });
    return new AppError(reason.code, reason.message, { cluster: name, retryable: reason.retryable });
  }

  async function bringUp(): Promise<void> {
    const kubeconfig = await deps.repository.getKubeconfig(id);
    if (kubeconfig === null) throw new AppError('NOT_FOUND', `federation ${name} has no kubeconfig`);
    connection = await connectExternal(kubeconfig, identity.external?.context);
    found = await inspectControlPlane(connection.client, connection.context);
    plane = await observeControlPlane({ client: connection.client, customizations, log: deps.log });
    for (const informer of [plane.cache.clusters, plane.cache.namespaces])
      informer.subscribe({ onAdd: onChange, onUpdate: onChange, onDelete: onChange });
  }

  /** What it offers now: looked at anew where it was away or is another version, else only the way to its members. */
  async function lookAgain({ client, context }: ExternalConnection): Promise<ExternalControlPlane> {
    const { gitVersion } = await client.version();
    if (found === null || reason !== null || gitVersion !== found.kubernetes)
      return await inspectControlPlane(client, context);
    return { ...found, memberProxy: await reachesMembers(client) };
  }

  async function start(): Promise<void> {
    if (stopped) return;
    clearTimeout(timer);
    try {
      const before = JSON.stringify(found);
      const news = plane === null || reason !== null;
      if (plane === null || connection === null) await bringUp();
      else found = await lookAgain(connection);
      reason = null;
      if (news || JSON.stringify(found) !== before) onChange();
    } catch (error) {
      // Closing takes the connection away under what is being read.
      if (stopped) return await takeDown();
      reason = toErrorShape(error, name);
      deps.log.warn('external control plane cannot be used', { federation: name, code: reason.code });
      // What is known stays to be looked at: the caches resume by themselves.
      if (plane === null) await takeDown();
      onChange();
    }
    if (!stopped) timer = setTimeout(() => void start(), plane === null ? RETRY_MS : PROBE_MS).unref();
  }

  async function takeDown(): Promise<void> {
    const [oldPlane, oldConnection] = [plane, connection];
    plane = null;
    connection = null;
    await oldPlane?.stop().catch((error: unknown) => deps.log.warn('caches did not stop', { error: String(error) }));
    await oldConnection?.close();
  }

  async function stop(): Promise<void> {
    stopped = true;
    clearTimeout(timer);
    await takeDown();
    customizations.close();
  }

  return {
    get reason() {
      return reason;
    },
    view: (record) => ({
      id,
      name,
      engine: 'external',
      state:
        record.phase === 'deleting'
          ? 'deleting'
          : reason !== null
            ? 'abnormal'
            : plane === null
              ? 'creating'
              : 'running',
      reason,
      fleetId: null,
      server: found?.server ?? record.external?.server ?? null,
      version: found?.kubernetes ?? '',
      kubeconfigPath: null,
      members: membersOf({ ...record, clusterIds: [] }, plane, deps.clusters),
      deletionProtection: record.deletionProtection,
      failover: { ...visibleFailover(record), enabled: false },
      external: found,
      move: null,
      createdAt: record.createdAt,
    }),
    client() {
      if (connection === null || plane === null) throw notRunning();
      return connection.client;
    },
    async identity() {
      if (connection === null) throw notRunning();
      return connection.identity;
    },
    controlPlane() {
      if (plane === null) throw notRunning();
      return plane;
    },
    member(cluster) {
      if (connection === null) throw notRunning();
      return throughProxy(connection.client, cluster);
    },
    journal,
    onJournal: () => () => {},
    start,
    setMembers() {},
    setFailover() {},
    clusterChanged() {},
    stop,
    destroy: stop,
  };
}

/** A member as the control plane's own proxy shows it: with the rights that the kubeconfig has there. */
function throughProxy({ transport }: KubeClient, cluster: string): KubeClient {
  const prefix = `/apis/cluster.karmada.io/v1alpha1/clusters/${encodeURIComponent(cluster)}/proxy`;
  const within = <R extends { path: string }>(request: R): R => ({ ...request, path: `${prefix}${request.path}` });
  return createKubeClient({
    server: transport.server,
    request: (request) => transport.request(within(request)),
    stream: (request) => transport.stream(within(request)),
    compress: () => transport.compress?.() ?? false,
    // The connection is the control plane's.
    close: async () => {},
  });
}
