/**
 * The runs of all federations: every second each one that has not ended is looked at, and does its next thing. What it
 * was told is saved before anybody hears of it, so that a restart goes on where it was.
 */
import type { DemoService } from '#shared/contract/demo.ts';
import type { FederationRunsService, Run } from '#shared/contract/federation-runs.ts';
import { AppError, toErrorShape } from '#shared/errors.ts';
import type { Log } from '../../types.ts';
import type { FederationAccess, Running } from '../service/running.ts';
import { createChangeSignal } from '../service/signal.ts';
import { actOnDrill, nextDrill } from './drill.ts';
import { newDrill, newShift, planShift } from './plan.ts';
import { actOnShift, isAsLeft, nextShift } from './shift.ts';
import { ENDED, isActive, type RunRecord, type RunRepository, type ShiftRecord, visible } from './types.ts';
import { doDrill, doShift, type RunHelpers, seeDrill, seeShift, simulated } from './world.ts';

const LOOK_MS = 1000;

export interface Runs extends FederationRunsService {
  start(): void;
  close(): Promise<void>;
}

export interface RunsDeps extends FederationAccess, Omit<RunHelpers, 'demo'> {
  repository: RunRepository;
  demo: DemoService;
  log: Log;
  /** How often runs are looked at; tests shorten it. */
  lookMs?: number;
}

export function createRuns(deps: RunsDeps): Runs {
  const { repository, running, demo, log } = deps;
  const changes = createChangeSignal();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let closed = false;

  function need(id: string): RunRecord {
    const run = repository.get(id);
    if (run === undefined) throw new AppError('NOT_FOUND', `no run ${id}`, { params: { id } });
    return run;
  }
  function save(run: RunRecord): Run {
    repository.save(run);
    changes.changed();
    return visible(run);
  }

  async function advance(kept: RunRecord): Promise<void> {
    const before = JSON.stringify(kept);
    const run = kept.reason?.code === 'error' ? { ...kept, reason: null } : kept;
    let federation: Running;
    try {
      federation = running(run.federationId);
    } catch {
      // A federation that does not run yet, or any more: the run waits for it.
      return;
    }
    const now = Date.now();
    let next: RunRecord;
    try {
      if (run.kind === 'shift') {
        const step = nextShift(run, seeShift(federation, run), now);
        if (step.act !== null) await doShift(federation, step.run, step.act);
        next = step.run;
      } else {
        const step = nextDrill(run, seeDrill(federation, run), now);
        if (step.act !== null) await doDrill(federation, run, step.act, deps);
        next = step.run;
      }
    } catch (error) {
      log.warn('a run could not go on', { run: run.id, error: String(error) });
      next = { ...run, reason: { code: 'error', params: {}, error: toErrorShape(error) } };
    }
    // What a person said meanwhile goes before what was decided without knowing it.
    const untouched = JSON.stringify(repository.get(run.id)) === before;
    if (untouched && JSON.stringify(next) !== before) save(next);
  }

  async function look(): Promise<void> {
    for (const run of repository.active()) if (!closed) await advance(run);
  }
  function later(): void {
    if (closed) return;
    timer = setTimeout(() => {
      looking = look()
        .catch((error: unknown) => log.error('runs were not looked at', { error: String(error) }))
        .finally(later);
    }, deps.lookMs ?? LOOK_MS).unref();
  }

  function begin(run: RunRecord): Run {
    const clash = repository
      .list(run.federationId)
      .find(
        (other) => isActive(other) && (other.kind === 'drill' || run.kind === 'drill' || other.policy === run.policy),
      );
    if (clash !== undefined)
      throw new AppError('REFUSED', 'another operation is under way', { hint: 'hints.runUnderWay' });
    return save(run);
  }
  /** What is done can be taken back as long as nobody has changed it since. */
  function takeBack(run: ShiftRecord): Run {
    const next = actOnShift(run, 'revert', Date.now());
    if (next === null) throw notNow(run, 'revert');
    if (!isAsLeft(run, seeShift(running(run.federationId), run)))
      throw new AppError('REFUSED', `the division in ${run.policy} has been changed since`, {
        hint: 'hints.runPolicyChanged',
        params: { name: run.policy },
      });
    return begin(next);
  }

  return {
    watch: ({ id }, signal) => changes.watch(() => repository.list(id).map(visible), signal),
    planShift: async (input) => planShift(running(input.id), input),
    startShift: async (input) => begin(newShift(running(input.id), input, Date.now())),
    async cuttable({ id }) {
      const clusters = new Set(await simulated(demo));
      return [...running(id).plane.cache.clusters.items.keys()].filter((name) => clusters.has(name)).sort();
    },
    async startDrill(input) {
      if (input.how === 'fault' && !(await simulated(demo)).includes(input.cluster))
        throw new AppError('UNSUPPORTED', `${input.cluster} is no simulated cluster`, { cluster: input.cluster });
      return begin(newDrill(running(input.id), input, Date.now()));
    },
    async act({ runId, action }) {
      const run = need(runId);
      if (run.kind === 'shift' && run.state === 'done' && action === 'revert') return takeBack(run);
      const next = ENDED.has(run.state)
        ? null
        : run.kind === 'shift'
          ? actOnShift(run, action, Date.now())
          : actOnDrill(run, action, Date.now());
      if (next === null) throw notNow(run, action);
      return save(next);
    },
    async remove({ runId }) {
      const run = need(runId);
      if (isActive(run)) throw new AppError('REFUSED', 'it has not ended', { hint: 'hints.runNotEnded' });
      repository.remove(runId);
      changes.changed();
    },
    start: later,
    async close() {
      closed = true;
      clearTimeout(timer);
      changes.close();
      await looking;
    },
  };
}

function notNow({ state }: RunRecord, action: string): AppError {
  return new AppError('REFUSED', `${action} makes no sense while it is ${state}`, { hint: 'hints.runNotNow' });
}
