/**
 * Moves a federation between this workstation and a Karmada control plane that others run. A move goes on in steps that
 * can each be repeated, so that it survives a crash; until it has switched it can be taken back. Nothing is ever deleted in
 * a member: the old manager is frozen before the new one begins, and lets go only when the new one has taken over.
 */
import type { Move, MovePlan } from '#shared/contract/federation-control.ts';
import { AppError, type AppErrorShape, toErrorShape } from '#shared/errors.ts';
import type { MoveStep } from '#shared/move-steps.ts';
import type { KubeClient } from '../../kube/index.ts';
import { ApiError } from '../../kube/index.ts';
import { CLUSTERS, type ClusterObject, FINALIZERS } from '../api.ts';
import { CLUSTER_ID } from '../controllers/clusters.ts';
import { releaseLease, takeLease } from '../controllers/management.ts';
import { ensure } from '../controllers/write.ts';
import { connectExternal, type ExternalConnection } from '../external/connect.ts';
import { inspectControlPlane } from '../external/inspect.ts';
import { asBefore, idOf, resume, resumeNamespaces, stillDispatched, suspend } from '../move/suspend.ts';
import { alignPolicies, collect, type Moved, membersIn, tryOut, write, writeClusters } from '../move/transfer.ts';
import { unmark } from '../move/unmark.ts';
import { problemsIn } from '../move/verify.ts';
import type { FederationRecord, FederationsDeps, MoveRecord } from '../types.ts';
import type { FederationEngine } from './engine.ts';
import { identityOf } from './identity.ts';

const LOOK_MS = 300;
/** Without any progress for so long, a step has failed. */
const PATIENCE_MS = 120_000;

export interface MovesDeps extends Pick<FederationsDeps, 'repository' | 'clusters' | 'fleets' | 'log'> {
  /** What runs for the federation now. */
  engineOf(id: string): FederationEngine;
  /** Stops what runs and starts what the record says. */
  replace(record: FederationRecord): Promise<void>;
  /** Takes back kubeconfigs that were issued for the API which it leaves. */
  endAccess(record: FederationRecord): Promise<void>;
  /** An embedded control plane for the record that nobody uses yet: its API without controllers, and empty. */
  blank(record: FederationRecord): FederationEngine;
  changed(): void;
}

export interface Moves {
  plan(record: FederationRecord, input: MoveTo): Promise<MovePlan>;
  /** Resolves when it has begun; it goes on by itself. */
  begin(record: FederationRecord, input: MoveTo): Promise<void>;
  takeBack(record: FederationRecord): Promise<void>;
  view(record: FederationRecord): Move | null;
  close(): Promise<void>;
}

export interface MoveTo {
  to: 'embedded' | 'external';
  target?: { kubeconfig: string; context?: string | undefined } | undefined;
}

interface Task {
  done: number;
  total: number;
  cancelled: boolean;
  ended: Promise<void>;
}

export function createMoves(deps: MovesDeps): Moves {
  const { repository, clusters, log } = deps;
  const tasks = new Map<string, Task>();

  async function plan(record: FederationRecord, input: MoveTo): Promise<MovePlan> {
    const source = deps.engineOf(record.id).client();
    const target = await open(record, input);
    try {
      const [moved, members] = [await collect(source), await membersIn(source, target.client)];
      const objects = await tryOut(moved, target.client);
      const found =
        input.to === 'external' ? members : members.map((member) => ({ ...member, state: stateHere(member.name) }));
      return {
        to: input.to,
        server: target.client.transport.server,
        members: found,
        objects,
        blocked: [
          ...found.filter(({ state }) => state === 'missing').map(({ name }) => missingMember(name, input.to)),
          ...objects.flatMap(({ error }) => (error === null ? [] : [error])),
        ],
        warnings: objects
          .filter(({ action, kind }) => action === 'replace' && kind !== 'Namespace')
          .map(({ kind, namespace, name }) => ({
            code: 'CONFLICT' as const,
            message: `${idOf(kind, namespace, name)} is in the target already and would be replaced`,
            retryable: false,
          })),
      };
    } finally {
      await target.close();
    }
  }

  function stateHere(name: string): MovePlan['members'][number]['state'] {
    const cluster = clusters.list().find((one) => one.name === name);
    return cluster === undefined ? 'missing' : cluster.state === 'running' ? 'ready' : 'notReady';
  }

  interface Opened {
    client: KubeClient;
    close(): Promise<void>;
  }

  /** Where it moves to. */
  async function open(record: FederationRecord, { to, target }: MoveTo): Promise<Opened> {
    if (to === 'embedded') {
      const engine = deps.blank(record);
      await engine.start();
      return { client: engine.client(), close: () => (record.move == null ? engine.destroy() : engine.stop()) };
    }
    const kubeconfig = target?.kubeconfig ?? (await repository.getKubeconfig(record.id));
    if (kubeconfig == null) throw new AppError('INVALID', 'a move to another control plane needs its kubeconfig');
    const connection: ExternalConnection = await connectExternal(kubeconfig, target?.context ?? record.move?.context);
    await inspectControlPlane(connection.client, connection.context).catch(async (error: unknown) => {
      await connection.close();
      throw error;
    });
    return connection;
  }

  async function begin(record: FederationRecord, input: MoveTo): Promise<void> {
    if (tasks.has(record.id)) throw new AppError('FEDERATION_MOVING', `federation ${record.name} is being moved`);
    if (record.move == null) {
      if (record.engine === input.to) throw new AppError('REFUSED', `federation ${record.name} is ${input.to} already`);
      const { blocked } = await plan(record, input);
      const [first] = blocked;
      if (first !== undefined)
        throw new AppError(first.code, first.message, {
          ...(first.params && { params: first.params }),
          ...(first.hint && { hint: first.hint }),
        });
      if (input.target !== undefined) await repository.putKubeconfig(record.id, input.target.kubeconfig);
      const move: MoveRecord = {
        to: input.to,
        step: 'freeze',
        startedAt: new Date().toISOString(),
        error: null,
        ...(input.target?.context === undefined ? {} : { context: input.target.context }),
      };
      repository.update(record.id, { move });
    } else {
      const seen = record.move.step === 'verify' && record.move.error !== null;
      repository.update(record.id, { move: { ...record.move, error: null, ...(seen && { accepted: true }) } });
    }
    const task: Task = { done: 0, total: 0, cancelled: false, ended: Promise.resolve() };
    tasks.set(record.id, task);
    task.ended = run(record.id, task);
    deps.changed();
  }

  async function run(id: string, task: Task): Promise<void> {
    try {
      for (let record = need(id); record.move != null; record = need(id)) {
        Object.assign(task, { done: 0, total: 0 });
        await STEPS[record.move.step](record, record.move, task);
        deps.changed();
      }
    } catch (error) {
      const { move, name } = need(id);
      if (move != null && !task.cancelled) {
        log.warn('move interrupted', { federation: name, step: move.step, error: String(error) });
        repository.update(id, { move: { ...move, error: toErrorShape(error, name) } });
      }
    } finally {
      tasks.delete(id);
      deps.changed();
    }
  }

  const STEPS: Record<MoveStep, (record: FederationRecord, move: MoveRecord, task: Task) => Promise<void>> = {
    async freeze(record, move, task) {
      if (move.to === 'external') await deps.replace(record);
      else {
        const source = deps.engineOf(record.id).client();
        await suspend(source);
        await until(task, async () => await stillDispatched(source));
      }
      next(record, move, 'apply');
    },

    async apply(record, move, task) {
      const source = deps.engineOf(record.id).client();
      const target = await open(record, move);
      try {
        const moved = await collect(source);
        task.total = moved.length;
        await alignPolicies(moved, target.client);
        for (const one of moved) {
          if (task.cancelled) throw new AppError('CANCELLED', 'the move was stopped');
          if (move.to === 'embedded') asBefore(one.source);
          await writePatiently(one, target.client, task);
          task.done += 1;
          if (task.done % 20 === 0) deps.changed();
        }
        if (move.to === 'external') {
          await writeClusters(source, target.client);
          await resumeNamespaces(target.client);
        } else await bringClusters(source, target.client);
      } finally {
        await target.close();
      }
      next(record, move, 'handOver');
    },

    async handOver(record, move) {
      const me = identityOf(record);
      const source = deps.engineOf(record.id).client();
      const names = (await source.list(CLUSTERS)).items.map(({ metadata }) => metadata.name ?? '');
      const here = clusters.list().filter(({ name }) => names.includes(name));
      if (move.to === 'external') {
        for (const { id, name } of here)
          await releaseLease(clusters.client(id), me)
            .then(() => unmark(source, name, clusters.client(id), me.federationId))
            .catch((error: unknown) => {
              log.warn('member keeps the record of its old manager', { cluster: name, error: String(error) });
            });
        next(record, move, 'verify');
        return;
      }
      for (const { id } of here) await takeLease(clusters.client(id), me);
      const clusterIds = here.map(({ id }) => id);
      const fleetId = commonFleet(clusterIds, record.id);
      await deps.endAccess(record);
      await deps.replace(
        repository.update(record.id, { engine: 'embedded', clusterIds, fleetId, move: { ...move, step: 'verify' } }),
      );
    },

    async verify(record, move, task) {
      const moved = await movedOf(record, move);
      const target = move.to === 'external' ? await open(record, move) : null;
      try {
        await until(task, () => problemsIn(moved, target?.client ?? deps.engineOf(record.id).client(), move.accepted));
      } finally {
        await target?.close();
      }
      next(record, move, 'switch');
    },

    async switch(record, move) {
      if (move.to === 'embedded') {
        repository.update(record.id, { move: null });
        return;
      }
      const target = await open(record, move);
      const { context, server } = await inspectControlPlane(target.client, (target as ExternalConnection).context);
      await target.close();
      if (record.fleetId !== null && deps.fleets().get(record.fleetId) !== undefined)
        deps.fleets().setFederation(record.fleetId, null);
      const change = {
        engine: 'external',
        external: { context, server },
        fleetId: null,
        clusterIds: [],
        move: null,
      } as const;
      await deps.endAccess(record);
      await deps.replace(repository.update(record.id, { ...change, clusterIds: [] }));
    },
  };

  /** What has to be found in the target: read from where it came from, while that can be read. */
  async function movedOf(record: FederationRecord, move: MoveRecord): Promise<Moved[]> {
    if (move.to === 'external') return await collect(deps.engineOf(record.id).client());
    const kubeconfig = await repository.getKubeconfig(record.id);
    if (kubeconfig === null) throw new AppError('NOT_FOUND', `federation ${record.name} has no kubeconfig`);
    const connection = await connectExternal(kubeconfig, record.external?.context);
    try {
      const moved = await collect(connection.client);
      for (const one of moved) asBefore(one.source);
      return moved;
    } finally {
      await connection.close();
    }
  }

  function next(record: FederationRecord, move: MoveRecord, step: MoveStep): void {
    repository.update(record.id, { move: { ...move, step } });
  }

  /** Until nothing is left of what `look` finds; fails when that does not become less for a while. */
  async function until(task: Task, look: () => Promise<string[]>): Promise<void> {
    let fewest = Number.POSITIVE_INFINITY;
    let since = Date.now();
    for (;;) {
      if (task.cancelled) throw new AppError('CANCELLED', 'the move was stopped');
      const left = await look();
      task.total = Math.max(task.total, left.length);
      task.done = task.total - left.length;
      if (left.length === 0) return;
      if (left.length < fewest) {
        fewest = left.length;
        since = Date.now();
        deps.changed();
      } else if (Date.now() - since > PATIENCE_MS)
        throw new AppError('FEDERATION_MOVE_WAITS', `still waiting for ${left.slice(0, 5).join('; ')}`, {
          retryable: true,
          params: { what: left.slice(0, 5).join('; ') },
        });
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** A kind that its definition has just brought, and a namespace, may take a moment to be served. */
  async function writePatiently(one: Moved, target: KubeClient, task: Task): Promise<void> {
    const end = Date.now() + PATIENCE_MS / 4;
    for (;;) {
      try {
        return await write(one, target);
      } catch (error) {
        const early = error instanceof ApiError && (error.status === 404 || error.status === 409);
        if (!early || task.cancelled || Date.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        await target.resources({ refresh: true });
      }
    }
  }

  /** Cluster objects as they were there, tied to the clusters that are registered here. */
  async function bringClusters(source: KubeClient, target: KubeClient): Promise<void> {
    for (const { metadata, spec } of (await source.list<ClusterObject>(CLUSTERS)).items) {
      const name = metadata.name ?? '';
      const cluster = clusters.list().find((one) => one.name === name);
      if (cluster === undefined) throw fromShape(missingMember(name, 'embedded'));
      const { provider, region, zones, taints = [] } = spec;
      const object = {
        apiVersion: 'cluster.karmada.io/v1alpha1',
        kind: 'Cluster',
        metadata: {
          name,
          ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
          annotations: { [CLUSTER_ID]: cluster.id },
          finalizers: [FINALIZERS.cluster],
        },
        spec: {
          syncMode: 'Push',
          ...(provider === undefined ? {} : { provider }),
          ...(region === undefined ? {} : { region }),
          ...(zones === undefined ? {} : { zones }),
          taints: taints.filter(
            ({ key }) => key === 'cluster.karmada.io/unschedulable' || !/karmada\.io\/|fleetdeck\.io\//.test(key),
          ),
        },
      };
      await ensure(target, CLUSTERS, object);
    }
  }

  /** The fleet that has all of them, when there is one and it is free. */
  function commonFleet(clusterIds: readonly string[], federationId: string): string | null {
    const fleets = clusterIds.map((id) => deps.fleets().fleetOfCluster(id));
    const [first] = fleets;
    if (first === undefined || fleets.some((fleet) => fleet?.id !== first.id)) return null;
    if (
      first.clusterIds.length !== clusterIds.length ||
      (first.federationId !== null && first.federationId !== federationId)
    )
      return null;
    deps.fleets().setFederation(first.id, federationId);
    return first.id;
  }

  async function takeBack(record: FederationRecord): Promise<void> {
    const { move } = record;
    if (move == null) throw new AppError('REFUSED', `federation ${record.name} is not being moved`);
    if (move.step === 'switch' || (move.to === 'embedded' && record.engine === 'embedded'))
      throw new AppError('REFUSED', `federation ${record.name} has been moved already`);
    await stop(record.id);
    const source = deps.engineOf(record.id).client();
    if (move.to === 'embedded') {
      await resume(source);
      await deps.blank(record).destroy();
      await deps.replace(repository.update(record.id, { move: null }));
      return;
    }
    if (move.step !== 'freeze') {
      // What it has begun there must let go of the members before this one goes on.
      const target = await open(record, move);
      try {
        const moved = await collect(source);
        const ids = moved.map(({ source: { kind, metadata } }) => idOf(kind, metadata.namespace, metadata.name ?? ''));
        await suspend(target.client, new Set(ids));
      } finally {
        await target.close();
      }
    }
    const me = identityOf(record);
    for (const clusterId of record.clusterIds)
      await takeLease(clusters.client(clusterId), me).catch((error: unknown) => {
        log.warn('member could not be taken back yet', { cluster: clusterId, error: String(error) });
      });
    await deps.replace(repository.update(record.id, { move: null }));
  }

  async function stop(id: string): Promise<void> {
    const task = tasks.get(id);
    if (task === undefined) return;
    task.cancelled = true;
    await task.ended;
  }

  function need(id: string): FederationRecord {
    const record = repository.get(id);
    if (record === undefined) throw new AppError('NOT_FOUND', `no federation ${id}`, { params: { id } });
    return record;
  }

  return {
    plan,
    begin,
    takeBack,
    view({ id, move }) {
      if (move == null) return null;
      const task = tasks.get(id);
      const { to, step, startedAt, error } = move;
      return {
        to,
        step,
        startedAt,
        error,
        done: task?.done ?? 0,
        total: task?.total ?? 0,
        running: task !== undefined,
      };
    },
    async close() {
      await Promise.all([...tasks.keys()].map(stop));
    },
  };
}

function missingMember(name: string, to: MoveTo['to']): AppErrorShape {
  return {
    code: 'REFUSED',
    message: `cluster ${name} is no member of the target`,
    retryable: false,
    params: { name },
    hint: to === 'external' ? 'hints.moveMemberMissing' : 'hints.moveMemberUnregistered',
  };
}

function fromShape({ code, message, params, hint }: AppErrorShape): AppError {
  return new AppError(code, message, { ...(params && { params }), ...(hint && { hint }) });
}
