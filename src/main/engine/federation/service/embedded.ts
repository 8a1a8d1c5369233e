/**
 * One embedded federation: its API server, its controllers, its kubeconfig. What fails to start is abnormal with the
 * reason and is tried again; it never stops another federation.
 */
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Cluster } from '#shared/contract/clusters.ts';
import { AppError, type AppErrorShape, toErrorShape } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import {
  type AdmissionPlugin,
  type ApiServer,
  type FieldError,
  forbidden,
  startApiServer,
} from '../../apiserver/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import { contextOf, parseKubeconfig } from '../../kubeconfig/index.ts';
import type { Known } from '../admission/advice.ts';
import { federationAdmission } from '../admission/index.ts';
import type { ResourceInterpreterCustomization } from '../api.ts';
import { CLUSTER_ID } from '../controllers/clusters.ts';
import { type ControlPlane, startControlPlane } from '../controllers/control-plane.ts';
import { FEDERATION_CRDS } from '../crds.ts';
import { observeControlPlane } from '../external/observer.ts';
import { createCustomizations } from '../interpreter/index.ts';
import type { FederationRecord, FederationsDeps } from '../types.ts';
import { type FederationEngine, failoverOf, RETRY_MS, visibleFailover } from './engine.ts';
import { identityOf } from './identity.ts';
import { createJournal } from './journal.ts';
import { memberProxy } from './member-proxy.ts';
import { membersOf } from './members.ts';
import { FEDERATION_TABLES } from './tables.ts';

/**
 * Templates run nowhere here: a claim is never in use, so nobody would take its protection away again, and a pod gets
 * account and token where it runs.
 */
const NOT_FOR_TEMPLATES = ['StorageObjectInUseProtection', 'ServiceAccount'];

/** While it moves no controller runs: its API is read only, or is being filled. */
export type Frozen = 'readOnly' | 'filled' | null;

export function createEmbedded(
  identity: Pick<FederationRecord, 'id' | 'name' | 'failover'>,
  deps: Pick<FederationsDeps, 'clusters' | 'dataDir' | 'log' | 'clusterStatus' | 'journal'>,
  onChange: () => void,
  frozen: Frozen = null,
): FederationEngine {
  const { id, name } = identity;
  const root = path.join(deps.dataDir, 'federations');
  const dir = path.join(root, id);
  const kubeconfigPath = path.join(root, `${name}.kubeconfig`);
  const readers = new Set<() => void>();
  const journal = createJournal(id, deps.journal, deps.log, () => {
    for (const reader of readers) reader();
  });
  const customizations = createCustomizations();
  const problemsOf = (object: KubeObject): FieldError[] =>
    customizations.problemsOf(object as ResourceInterpreterCustomization).map(({ field, message }) => ({
      type: 'FieldValueInvalid',
      field,
      message: `Invalid value: ${message}`,
    }));
  let server: ApiServer | null = null;
  let plane: ControlPlane | null = null;
  let version = '';
  let reason: AppErrorShape | null = null;
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;
  /** Ends when the start that is under way has ended, well or not. */
  let starting: Promise<void> = Promise.resolve();
  let failover = failoverOf(identity);
  let members: readonly Cluster[] | null = null;
  /** Last known state of each member's connection, to tell a change of it from a mere sign of life. */
  const states = new Map<string, string>();

  function notRunning(): AppError {
    if (reason === null)
      return new AppError('ENGINE_UNAVAILABLE', `federation ${name} is starting`, { retryable: true });
    return new AppError(reason.code, reason.message, { cluster: name, retryable: reason.retryable });
  }

  function memberClient(cluster: string): KubeClient {
    const object = plane?.cache.clusters.get(cluster);
    const clusterId =
      object?.metadata.annotations?.[CLUSTER_ID] ?? deps.clusters.list().find((known) => known.name === cluster)?.id;
    if (clusterId === undefined)
      throw new AppError('NOT_FOUND', `cluster ${cluster} is not registered`, { cluster, params: { name: cluster } });
    return deps.clusters.client(clusterId);
  }

  function known(): Known | null {
    if (server === null || plane === null) return null;
    const { templates } = plane;
    return { client: server.client('karmada-webhook'), refOf: templates.refOf, failover: failover.enabled };
  }

  async function bringUp(): Promise<void> {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    server ??= await startApiServer({
      dir,
      name,
      customResources: FEDERATION_CRDS,
      disableAdmission: NOT_FOR_TEMPLATES,
      proxies: [memberProxy(memberClient)],
      tables: FEDERATION_TABLES,
      admission: [
        ...(frozen === 'readOnly' ? [readOnly(() => plane !== null)] : []),
        ...federationAdmission({
          // What comes from elsewhere stays as it is: a toleration more would divide its replicas anew.
          failover: () => (frozen === 'filled' ? { ...failover, enabled: false } : failover),
          members: () => (members === null ? null : new Set(members.map((cluster) => cluster.name))),
          known,
          customization: problemsOf,
          quotas: () => plane?.quotas ?? null,
        }),
      ],
      onError: (error, where) =>
        deps.log.warn('federation API server', { federation: name, where, error: String(error) }),
    });
    writePrivately(kubeconfigPath, server.kubeconfig());
    // Controllers copy what they change.
    const client = server.client('karmada-controller-manager', { shares: true });
    version = (await client.version()).gitVersion;
    plane =
      frozen === null
        ? await startControlPlane({
            client,
            members: { client: memberClient },
            failover,
            journal,
            customizations,
            manager: identityOf(identity),
            log: deps.log,
            ...(deps.clusterStatus === undefined ? {} : { clusterStatus: deps.clusterStatus }),
          })
        : await observeControlPlane({ client, customizations, log: deps.log });
    for (const informer of [plane.cache.clusters, plane.cache.namespaces])
      informer.subscribe({ onAdd: onChange, onUpdate: onChange, onDelete: onChange });
    if (members !== null) plane.setMembers(members);
  }

  function start(): Promise<void> {
    starting = startOnce();
    return starting;
  }

  async function startOnce(): Promise<void> {
    if (stopped || plane !== null) return;
    try {
      await bringUp();
      reason = null;
    } catch (error) {
      reason = toErrorShape(error, name);
      deps.log.error('federation does not run', { federation: name, code: reason.code, error: reason.message });
      await takeDown();
      if (!stopped) retry = setTimeout(() => void start(), RETRY_MS).unref();
    }
    onChange();
  }

  async function takeDown(): Promise<void> {
    const [oldPlane, oldServer] = [plane, server];
    plane = null;
    server = null;
    await oldPlane
      ?.stop()
      .catch((error: unknown) => deps.log.warn('controllers did not stop', { error: String(error) }));
    await oldServer?.close().catch((error: unknown) => deps.log.warn('server did not stop', { error: String(error) }));
  }

  async function stop(): Promise<void> {
    stopped = true;
    clearTimeout(retry);
    // What is half up cannot be taken down: its watches would go on with nobody to end them.
    await starting;
    await takeDown();
    customizations.close();
    journal.flush();
  }

  return {
    get reason() {
      return reason;
    },
    view: (record) => ({
      id,
      name,
      engine: 'embedded',
      state:
        record.phase === 'deleting'
          ? 'deleting'
          : plane !== null
            ? 'running'
            : reason === null
              ? 'creating'
              : 'abnormal',
      reason: plane === null ? reason : null,
      fleetId: record.fleetId,
      server: server?.server ?? null,
      version,
      kubeconfigPath: server === null ? null : kubeconfigPath,
      members: membersOf(record, plane, deps.clusters),
      deletionProtection: record.deletionProtection,
      failover: visibleFailover(record),
      external: null,
      move: null,
      createdAt: record.createdAt,
    }),
    client() {
      if (server === null || plane === null) throw notRunning();
      return server.client('fleetdeck');
    },
    async identity() {
      if (server === null) throw notRunning();
      const kubeconfig = await parseKubeconfig(server.kubeconfig(), '');
      return contextOf(kubeconfig, kubeconfig.currentContext ?? '').identity();
    },
    controlPlane() {
      if (plane === null) throw notRunning();
      return plane;
    },
    member: memberClient,
    journal,
    onJournal(listener) {
      readers.add(listener);
      return () => readers.delete(listener);
    },
    start,
    setMembers(clusters) {
      members = clusters;
      plane?.setMembers(clusters);
    },
    setFailover(settings) {
      failover = settings;
      plane?.setFailover(settings);
    },
    clusterChanged(cluster) {
      if (states.get(cluster.id) !== cluster.state) plane?.refresh(cluster.name);
      states.set(cluster.id, cluster.state);
    },
    stop,
    async destroy() {
      await stop();
      rmSync(dir, { recursive: true, force: true });
      rmSync(kubeconfigPath, { force: true });
    },
  };
}

/** What was written now would not go along. */
const readOnly = (isUp: () => boolean): AdmissionPlugin => ({
  name: 'FederationMoving',
  matches: (_, operation) => operation !== 'CONNECT',
  validate({ kind, name }) {
    // What the server makes for itself when it starts is made.
    if (!isUp()) return;
    throw forbidden(kind, name, 'the federation is being moved to another control plane; nothing can be changed here');
  },
});

/** Replaced as a whole, so that a reader never sees half a file. */
function writePrivately(file: string, text: string): void {
  const temporary = `${file}.new`;
  writeFileSync(temporary, text, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, file);
}
