/**
 * The faults of one simulated cluster: starts, ends and lists them. Those started by command are recorded and resumed
 * after a restart; behaviours annotated on objects are followed (observed.ts). Changes happen one after the other.
 */
import type { ApiServer } from '#engine/apiserver/index.ts';
import type { KubeClient } from '#engine/kube/index.ts';
import type { ActiveFault, FaultId, FaultTargets, FaultValues, StartFault } from '#shared/contract/demo.ts';
import { AppError } from '#shared/errors.ts';
import { behaviourNamed, CLUSTER_NAMESPACE } from '../kubelet/behaviour.ts';
import { nameOf, sameValue } from '../sim/objects.ts';
import { NAMESPACES, NODES } from '../sim/refs.ts';
import type { Caches } from '../sim/world.ts';
import { changeBehaviours } from './annotate.ts';
import { FAULTS, faultOf } from './catalogue/index.ts';
import { gateOf } from './disturbance.ts';
import { observeFaults } from './observed.ts';
import { clusterFaultsOn } from './on-cluster.ts';
import { FaultRecords, idOf } from './records.ts';
import { resolveTarget, targetsOf } from './targets.ts';
import { changeTemplatesIn, followTemplates } from './templates.ts';
import { type AnnotationEffect, type Disturbance, effectOn, type FaultDefinition, type Stage } from './types.ts';
import { completeValues, hasTemplate, isReleased, parseTarget } from './values.ts';

export interface ClusterFaultsOptions {
  home: string;
  cluster: string;
  server: ApiServer;
  client: KubeClient;
  caches: Caches;
  now(): number;
  report(error: unknown, where: string): void;
}

export interface ClusterFaults {
  readonly cluster: string;
  list(): ActiveFault[];
  targets(fault: FaultDefinition): FaultTargets;
  /** @throws AppError INVALID, NOT_FOUND. */
  start(input: StartFault): Promise<ActiveFault>;
  /** @throws AppError PORT_TAKEN when another program took the port while it was closed: it can be ended again. */
  stop(id: string): Promise<void>;
  subscribe(listener: () => void): void;
  /** Leaves the faults as they are, for the next start. */
  close(): Promise<void>;
}

const MAX_TIMER_MS = 2 ** 31 - 1;
/** Another program may hold the port for a moment: an outgoing connection, most likely. */
const PORT_ATTEMPTS = 20;
const PORT_RETRY_MS = 250;
/** A watch that has to be opened anew shows an end late or never. */
const VANISHED_AT_MOST_MS = 5000;

/** Faults of the last start are in force when this resolves. The caches have to be synced. */
export async function createClusterFaults(options: ClusterFaultsOptions): Promise<ClusterFaults> {
  const { cluster, server, client, caches, now } = options;
  const records = new FaultRecords(options.home);
  const stage: Stage = {
    client,
    as: (username) =>
      server.client('kubelet', { user: { username, groups: ['system:nodes', 'system:authenticated'] } }),
    caches,
    now,
  };
  const timers = new Map<string, NodeJS.Timeout>();
  const listeners = new Set<() => void>();
  /** Who waits until a fault is seen to be gone from its object. */
  const vanishing = new Map<string, () => void>();
  let changes: Promise<unknown> = Promise.resolve();
  let closed = false;

  const tell = () => {
    for (const listener of listeners) listener();
  };
  const observed = observeFaults({
    cluster,
    caches,
    now,
    onChange(_began, ended) {
      // Somebody took the annotation away: the fault is over, whoever started it.
      for (const id of ended) {
        forget(id);
        vanishing.get(id)?.();
      }
      tell();
    },
  });

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = changes.then(work);
    changes = result.catch(() => undefined);
    return result;
  }

  function forget(id: string): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
    records.remove(id);
  }

  function endInTime({ id, until }: ActiveFault): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
    if (until === null || closed) return;
    const wait = Math.max(0, Date.parse(until) - now());
    const timer = setTimeout(
      () => {
        const record = records.get(id);
        if (record !== undefined && wait > MAX_TIMER_MS) endInTime(record);
        else stop(id).catch((error: unknown) => options.report(error, `end of fault ${id}`));
      },
      Math.min(wait, MAX_TIMER_MS),
    );
    timers.set(id, timer);
  }

  async function start(input: StartFault, by: ActiveFault['by'] = 'command'): Promise<ActiveFault> {
    const fault = faultOf(input.fault);
    const values = completeValues(fault.parameters, input.values);
    const target = resolveTarget(caches, fault, input.target);
    const id = idOf(cluster, fault.id, target);
    const before = records.get(id);
    const at = now();
    const record: ActiveFault = {
      id,
      fault: fault.id,
      cluster,
      target,
      values,
      since: before?.since ?? observed.active.get(id)?.since ?? new Date(at).toISOString(),
      until: input.forSeconds === undefined ? null : new Date(at + input.forSeconds * 1000).toISOString(),
      by,
    };
    // Recorded first: what is half begun when the process is killed is taken up again or ended, never forgotten.
    records.put(record);
    try {
      await begin(record);
    } catch (error) {
      if (before === undefined) forget(id);
      else records.put(before);
      throw error;
    }
    endInTime(record);
    tell();
    return record;
  }

  async function begin(record: ActiveFault): Promise<void> {
    const effect = effectOn(faultOf(record.fault), record.target);
    if (effect.kind === 'door') await moveDoor();
    else if (effect.kind === 'staged') await effect.start(stage, record.target);
    else if (!(await annotate(effect, record, [effect.behaviour(record.values)]))) throw gone(record);
  }

  const stop = (id: string): Promise<void> => inTurn(() => end(id));

  async function end(id: string): Promise<void> {
    const active = records.get(id) ?? observed.active.get(id);
    if (active === undefined) return;
    const effect = effectOn(faultOf(active.fault), active.target);
    if (effect.kind === 'door') await moveDoor(id);
    else if (effect.kind === 'staged') await effect.stop(stage, active.target);
    else if (await annotate(effect, active, [])) await vanished(id);
    forget(id);
    if (active.target === null) await fromCluster(active.fault);
    tell();
  }

  /** What somebody annotated the cluster with would begin again at the next start. */
  async function fromCluster(fault: FaultId): Promise<void> {
    await changeBehaviours(client, NAMESPACES, { name: CLUSTER_NAMESPACE }, 'object', (parts) =>
      parts.filter((part) => behaviourNamed(part) !== behaviourNamed(fault)),
    );
  }

  /** The watch has shown the end: what comes after it cannot be taken for the end of the next one. */
  async function vanished(id: string): Promise<void> {
    if (!observed.active.has(id)) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      vanishing.set(id, resolve);
      timer = setTimeout(resolve, VANISHED_AT_MOST_MS);
    });
    vanishing.delete(id);
    clearTimeout(timer);
  }

  /** Replaces this fault's behaviours on the target; false when the target is gone. */
  async function annotate(effect: AnnotationEffect, active: ActiveFault, wanted: string[]): Promise<boolean> {
    const target = active.target ?? '';
    const { ref, ...where } =
      faultOf(active.fault).scope === 'node' ? { ref: NODES, name: target } : parseTarget(target);
    const kind = 'kind' in where ? where.kind : 'node';
    const change = (behaviours: string[]) => [
      ...behaviours.filter((part) => effect.valuesOf(behaviourNamed(part)) === undefined),
      ...wanted,
    ];
    // Only a release can go wrong; everything else has it itself.
    const on = isReleased(kind) ? effect.on : 'object';
    // Somebody may have annotated the other of the two: it ends there as well.
    const other = on === 'object' ? 'template' : 'object';
    if (wanted.length === 0 && hasTemplate(kind)) await changeBehaviours(client, ref, where, other, change);
    // Before it is over for the namespace, so that nothing of it can be taken for a fault of the releases.
    if (wanted.length === 0 && kind === 'namespace' && effect.on === 'template')
      await changeTemplatesIn(caches, client, where.name, [], [effect.behaviour(active.values), active.fault]);
    return await changeBehaviours(client, ref, where, on, change);
  }

  /** Puts all disturbances but that of `without` in force. */
  async function moveDoor(without?: string): Promise<void> {
    const disturbances = records.all().flatMap((record): Disturbance[] => {
      const { effect } = faultOf(record.fault);
      return effect.kind === 'door' && record.id !== without
        ? [effect.of(record.values, Date.parse(record.since))]
        : [];
    });
    const first = <K extends keyof Disturbance>(key: K): Disturbance[K] =>
      disturbances.find((disturbance) => disturbance[key] !== undefined)?.[key];
    server.door.setGate(gateOf(disturbances));
    server.setClockOffset(first('clockOffsetMs') ?? 0);
    const certificateEnd = first('certificateEnd');
    await server.door.setCertificateEnd(certificateEnd === undefined ? null : new Date(certificateEnd));
    await movePort(first('port') ?? 'open');
  }

  async function movePort(state: 'open' | 'closed' | 'silent'): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await server.door.setPort(state);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
        if (attempt >= PORT_ATTEMPTS) {
          const port = Number(new URL(server.server).port);
          throw new AppError('PORT_TAKEN', `port ${port} was taken while it was closed`, { params: { port } });
        }
        await new Promise((resolve) => setTimeout(resolve, PORT_RETRY_MS));
      }
    }
  }

  function gone(record: ActiveFault): AppError {
    return new AppError('NOT_FOUND', `${record.target} is not in ${cluster}`, {
      params: { name: record.target ?? '' },
    });
  }

  for (const record of records.all()) {
    try {
      if (record.until !== null && Date.parse(record.until) <= now()) await stop(record.id);
      else await begin(record);
    } catch (error) {
      // Its target is gone, or the port: one fault less is no reason not to start.
      if ((error as { code?: string }).code !== 'NOT_FOUND') options.report(error, `fault ${record.id}`);
      forget(record.id);
    }
  }
  for (const record of records.all()) endInTime(record);
  const unfollow = [
    followTemplates({ caches, client, report: options.report }),
    caches.namespaces.subscribe((namespace, _previous, deleted) => {
      if (nameOf(namespace) !== CLUSTER_NAMESPACE) return;
      inTurn(() => followCluster(clusterFaultsOn(deleted ? undefined : namespace))).catch((error: unknown) =>
        options.report(error, `faults annotated on ${CLUSTER_NAMESPACE}`),
      );
    }),
  ];

  /** Begins what somebody annotated the cluster with, and ends what was begun so and is annotated no more. */
  async function followCluster(wanted: ReadonlyMap<FaultId, FaultValues>): Promise<void> {
    if (closed) return;
    for (const record of records.all())
      if (record.by === 'annotation' && record.target === null && !wanted.has(record.fault)) await end(record.id);
    for (const [fault, values] of wanted) {
      const known = records.get(idOf(cluster, fault, null));
      if (known === undefined || (known.by === 'annotation' && !sameValue(known.values, values)))
        await start({ fault, cluster, values }, 'annotation');
    }
  }

  return {
    cluster,
    list() {
      const active = new Map(observed.active);
      // Where the whole cluster has it, the classes that carry it are a part of that.
      for (const { fault, target } of records.all())
        if (target === null) for (const [id, one] of active) if (one.fault === fault) active.delete(id);
      for (const record of records.all()) active.set(record.id, record);
      const order = new Map(FAULTS.map(({ id }, index) => [id, index]));
      return [...active.values()].sort(
        (a, b) => (order.get(a.fault) ?? 0) - (order.get(b.fault) ?? 0) || a.id.localeCompare(b.id),
      );
    },
    targets: (fault) => targetsOf(caches, fault),
    start: (input) => inTurn(() => start(input)),
    stop,
    subscribe: (listener) => void listeners.add(listener),
    async close() {
      closed = true;
      observed.stop();
      for (const stopFollowing of unfollow) stopFollowing();
      for (const timer of timers.values()) clearTimeout(timer);
      await changes;
    },
  };
}
