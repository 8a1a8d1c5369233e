/** The diagnosis service of the contract: runs, what was found before, tickets, patches, health of the fleet. */
import type {
  DiagnosisProgress,
  DiagnosisReport,
  DiagnosisService,
  DiagnosisSummary,
  DiagnosisTarget,
  FleetHealth,
  FurtherDiagnosis,
  Link,
  ObjectName,
} from '#shared/contract/diagnosis.ts';
import { type FurtherCheck, furtherFor, inLanguage } from '#shared/diagnosis.ts';
import { AppError, toErrorShape } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { ClusterDirectory } from '../clusters/index.ts';
import type { DiagnosisRepository } from '../store/index.ts';
import { CAUSES, titleOf } from './causes/index.ts';
import { type ClusterConsumers, consumersOf, topConsumers } from './consumers.ts';
import { exportReport } from './export.ts';
import { furtherOptions } from './further/index.ts';
import { gatherCluster } from './gather.ts';
import { grouped, type Place, unhealthy } from './health.ts';
import { diagnose } from './run.ts';

export interface DiagnosisDeps {
  clusters: Pick<ClusterDirectory, 'list' | 'get' | 'client'>;
  repository: DiagnosisRepository;
}

const FIELD_MANAGER = 'fleetdeck';
/** Clusters read at a time: the machine is a workstation, and each cluster answers many lists. */
const CLUSTERS_AT_ONCE = 3;

export function createDiagnosis({ clusters, repository }: DiagnosisDeps): DiagnosisService {
  function report(id: string): DiagnosisReport {
    const found = repository.get(id);
    if (found === undefined) throw new AppError('NOT_FOUND', `no diagnosis ${id}`);
    return found;
  }

  function clusterName(id: string): string {
    const cluster = clusters.get(id);
    if (cluster === undefined) throw new AppError('NOT_FOUND', `no cluster ${id}`);
    return cluster.name;
  }

  async function* run(
    target: DiagnosisTarget & Partial<Pick<FurtherDiagnosis, 'further' | 'image'>>,
    signal: AbortSignal | undefined,
  ): AsyncIterable<DiagnosisProgress> {
    const { further = [], image, ...about } = target;
    const cluster = clusterName(about.clusterId);
    const waiting: DiagnosisProgress[] = [];
    let wake: () => void = () => {};
    const work = diagnose(about, {
      client: clusters.client(about.clusterId, 'foreground'),
      cluster,
      signal,
      further,
      image,
      onProgress(progress) {
        waiting.push(progress);
        wake();
      },
    });
    let finished = false;
    const end = work.then(
      () => undefined,
      (error: unknown) => error,
    );
    void end.then(() => {
      finished = true;
      wake();
    });
    for (;;) {
      // Only the newest progress matters to somebody who was slow.
      const next = waiting.splice(0).at(-1);
      if (next !== undefined) yield next;
      if (finished) break;
      if (waiting.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (finished || waiting.length > 0) resolve();
        });
    }
    const error = await end;
    if (error !== undefined) throw error;
    const done = await work;
    repository.insert(done);
    yield { type: 'report', report: done };
  }

  return {
    causes: () => CAUSES.map(({ id }) => ({ id, title: titleOf(id) })),
    run: (target, signal) => run(target, signal),
    further: async (target, signal) => {
      clusterName(target.clusterId);
      const client = clusters.client(target.clusterId, 'foreground');
      return await furtherOptions(client, target, furtherFor(target.kind), signal);
    },
    runFurther: (target, signal) => run(target, signal),
    history: ({ target, limit }) => repository.list(target, limit),
    get: ({ id }) => report(id),
    compare({ id }) {
      const now = report(id);
      const before = repository.before(now);
      const links = (of: DiagnosisReport | undefined): Map<string, Link> =>
        new Map(
          (of?.findings ?? []).map(({ cause, object, sentence }) => [
            keyOf(cause, object),
            { cause, object, sentence },
          ]),
        );
      const [old, fresh] = [links(before), links(now)];
      // What a further check found is not gone when nobody has made it again.
      const made = new Set(now.steps.flatMap(({ further }) => further ?? []));
      const unasked = new Set(
        (before?.findings ?? []).flatMap(({ cause, object, chain }) => {
          const by = before?.steps.filter(({ causes }) => causes.includes(chain[0]?.cause ?? cause)) ?? [];
          const again = by.some(({ further }) => (further ?? null) === null || made.has(further as FurtherCheck));
          return again || by.length === 0 ? [] : [keyOf(cause, object)];
        }),
      );
      return {
        before: before === undefined ? null : summaryOf(before),
        appeared: [...fresh].filter(([key]) => !old.has(key)).map(([, link]) => link),
        gone: [...old].filter(([key]) => !fresh.has(key) && !unasked.has(key)).map(([, link]) => link),
        still: [...fresh].filter(([key]) => old.has(key)).map(([, link]) => link),
      };
    },
    remove: ({ id }) => repository.remove(id),
    export: ({ id, format, language }) => exportReport(report(id), format, language),
    async applyPatch({ id, finding, dryRun }) {
      const { clusterId, findings } = report(id);
      const patch = findings[finding]?.patch ?? null;
      if (patch === null) throw new AppError('NOT_FOUND', `finding ${finding} has no patch`);
      const client = clusters.client(clusterId, 'foreground');
      const { namespace, name } = patch.object;
      const where = namespace === '' ? {} : { namespace };
      const before = await client.get(patch.resource, name, where);
      const after = await client.patch(patch.resource, name, patch.type, JSON.parse(patch.body), {
        ...where,
        dryRun,
        fieldManager: FIELD_MANAGER,
      });
      return { before: shown(before), after: shown(after) };
    },
    health: ({ clusterIds }, signal) => health(clusters, clusterIds, signal),
  };
}

function keyOf(cause: string, { kind, namespace, name }: ObjectName): string {
  return `${cause}/${kind}/${namespace}/${name}`;
}

export function summaryOf({
  id,
  clusterId,
  cluster,
  object,
  startedAt,
  verdict,
  conclusion,
  partial,
  findings,
}: DiagnosisReport): DiagnosisSummary {
  return {
    id,
    clusterId,
    cluster,
    object,
    startedAt,
    verdict,
    conclusion,
    partial,
    causes: [...new Set(findings.map(({ cause }) => cause))],
  };
}

/** Of a comparison: without what changes by itself. */
function shown(object: KubeObject): KubeObject {
  const { managedFields: _fields, ...metadata } = object.metadata;
  const { status: _status, ...rest } = object;
  return { ...rest, metadata };
}

async function* health(
  clusters: DiagnosisDeps['clusters'],
  only: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): AsyncIterable<FleetHealth> {
  const chosen = clusters.list().filter(({ id }) => only === undefined || only.includes(id));
  const found = new Map<string, Place[]>();
  const consumers = new Map<string, ClusterConsumers>();
  const states: FleetHealth['clusters'] = chosen.map(({ id, name }) => ({
    id,
    name,
    state: 'waiting',
    unhealthy: 0,
    checked: 0,
    unread: [],
    error: null,
  }));
  const waiting = [...states];
  const running = new Set<Promise<void>>();
  const read = async (state: FleetHealth['clusters'][number]): Promise<void> => {
    state.state = 'reading';
    try {
      const world = await gatherCluster({
        cluster: state.name,
        client: clusters.client(state.id),
        now: Date.now(),
        signal,
      });
      // A cluster that answers nothing at all is not one without problems.
      const nothing = world.unread.get('Node') ?? world.unread.get('Pod');
      if (world.all('Node').length === 0 && world.all('Pod').length === 0 && nothing !== undefined)
        throw new AppError(nothing.forbidden ? 'FORBIDDEN' : 'CLUSTER_UNREACHABLE', inLanguage(nothing.reason, 'en'), {
          cluster: state.name,
        });
      const { places, checked } = await unhealthy(world);
      found.set(state.id, places);
      consumers.set(state.id, consumersOf(world));
      Object.assign(state, { state: 'done', unhealthy: places.length, checked, unread: [...world.unread.values()] });
    } catch (error) {
      Object.assign(state, { state: 'failed', error: toErrorShape(error, state.name) });
    }
  };
  const now = (): FleetHealth => ({
    at: new Date().toISOString(),
    consumers: topConsumers(states.map(({ id, name }) => ({ id, name, consumers: consumers.get(id) }))),
    groups: grouped(states.map(({ id, name }) => ({ id, name, places: found.get(id) ?? [] }))),
    clusters: states.map((state) => ({ ...state })),
  });
  while ((waiting.length > 0 || running.size > 0) && signal?.aborted !== true) {
    while (running.size < CLUSTERS_AT_ONCE) {
      const state = waiting.shift();
      if (state === undefined) break;
      const work: Promise<void> = read(state).finally(() => running.delete(work));
      running.add(work);
    }
    yield now();
    await Promise.race(running);
  }
  yield now();
}
