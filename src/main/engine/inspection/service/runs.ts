/**
 * Runs in the background: begun, followed, cancelled, kept. One process runs them; what was under way when it ended is
 * told as interrupted. A cluster that fails does not keep the others of its fleet from being inspected.
 */
import { randomUUID } from 'node:crypto';
import type {
  Exemption,
  InspectionConfig,
  InspectionRun,
  InspectionScope,
  TargetInspection,
} from '#shared/contract/inspection.ts';
import type { Target } from '#shared/contract/views.ts';
import { AppError, toErrorShape } from '#shared/errors.ts';
import type { KubeClient } from '../../kube/index.ts';
import type { Log } from '../../types.ts';
import { addTally, emptyTally } from '../inspect.ts';
import { scoreOf } from '../score.ts';
import type { InspectionRepository } from '../types.ts';
import type { Work } from '../work/work.ts';
import { createGate } from './pace.ts';
import type { Scope } from './scopes.ts';
import { inspectTarget } from './target.ts';

export interface RunsDeps {
  repository: Pick<InspectionRepository, 'runs' | 'saveRun' | 'removeRun' | 'addResult'>;
  client(target: Target): KubeClient;
  config(): InspectionConfig;
  exemptions(): Exemption[];
  work: Work;
  onChange(): void;
  log: Log;
}

export interface Runs {
  /** Newest first. */
  list(): readonly InspectionRun[];
  start(scope: InspectionScope, what: Scope, trigger: InspectionRun['trigger']): InspectionRun;
  cancel(id: string): void;
  remove(id: string): void;
  /** Resolves when the run is over, however it ended. */
  finished(id: string): Promise<void>;
  close(): Promise<void>;
}

interface Active {
  run: InspectionRun;
  abort: AbortController;
  over: Promise<void>;
}

export function createRuns(deps: RunsDeps): Runs {
  const { repository, log } = deps;
  const active = new Map<string, Active>();
  const gate = createGate(() => deps.config().clustersAtOnce);
  let closing = false;
  let runs = repository.runs().map((run) => (run.state === 'running' ? interrupted(run) : run));

  function interrupted(run: InspectionRun): InspectionRun {
    const ended: InspectionRun = { ...run, state: 'interrupted', finishedAt: run.startedAt };
    repository.saveRun(ended);
    return ended;
  }

  async function work({ run, abort }: Active): Promise<void> {
    await Promise.all(run.targets.map((target) => gate(() => one(run, target, abort.signal))));
    summarise(run);
    run.state = closing ? 'interrupted' : abort.signal.aborted ? 'cancelled' : stateOf(run.targets);
    run.finishedAt = new Date().toISOString();
    repository.saveRun(run);
    if (!closing) prune(run.scope);
  }

  /** Failures are data: they are said in the report. */
  async function one(run: InspectionRun, target: TargetInspection, signal: AbortSignal): Promise<void> {
    if (signal.aborted) {
      target.state = 'cancelled';
      return;
    }
    try {
      const outcome = await inspectTarget({
        target: target.target,
        name: target.name,
        client: deps.client(target.target),
        work: deps.work,
        config: deps.config(),
        exemptions: deps.exemptions(),
        now: Date.parse(run.startedAt),
        signal,
        onProgress({ state, done, total, objects }) {
          Object.assign(target, { state, objects, read: { done, total } });
          deps.onChange();
        },
      });
      for (const part of outcome.parts) repository.addResult(run.id, part);
      target.version = outcome.version;
      target.objects = outcome.objects;
      target.tally = outcome.tally;
      target.exempt = outcome.exempt;
      target.score = outcome.score;
      target.notChecked = outcome.notChecked;
      target.state = outcome.notChecked.some(({ why }) => why !== 'notServed') ? 'partial' : 'done';
    } catch (error) {
      target.state = signal.aborted ? 'cancelled' : 'failed';
      if (!signal.aborted) target.error = toErrorShape(error, target.name);
    } finally {
      deps.onChange();
    }
  }

  function summarise(run: InspectionRun): void {
    for (const { tally, exempt } of run.targets) {
      addTally(run.tally, tally);
      run.exempt += exempt;
    }
    run.score = run.targets.some(({ score }) => score !== null) ? scoreOf(run.tally) : null;
  }

  function prune(scope: InspectionScope): void {
    const { keep } = deps.config();
    const old = runs.filter((run) => run.state !== 'running' && sameScope(run.scope, scope)).slice(keep);
    for (const { id } of old) forget(id);
  }

  function forget(id: string): void {
    repository.removeRun(id);
    runs = runs.filter((run) => run.id !== id);
  }

  return {
    list: () => runs,
    start(scope, { name, targets }, trigger) {
      const under = [...active.values()].find(({ run }) => sameScope(run.scope, scope));
      if (under !== undefined) return under.run;
      if (targets.length === 0)
        throw new AppError('REFUSED', `${name} has no clusters`, { params: { name }, hint: 'hints.nothingToInspect' });
      const run: InspectionRun = {
        id: randomUUID(),
        scope,
        name,
        trigger,
        state: 'running',
        startedAt: new Date().toISOString(),
        finishedAt: null,
        tally: emptyTally(),
        exempt: 0,
        score: null,
        targets: targets.map((target) => ({
          ...target,
          state: 'waiting',
          version: null,
          objects: 0,
          read: { done: 0, total: 0 },
          tally: emptyTally(),
          exempt: 0,
          score: null,
          notChecked: [],
          error: null,
        })),
      };
      repository.saveRun(run);
      runs = [run, ...runs];
      const abort = new AbortController();
      const entry: Active = { run, abort, over: Promise.resolve() };
      active.set(run.id, entry);
      entry.over = work(entry)
        .catch((error: unknown) => {
          // Only the store can fail here: the run cannot be kept, but must not stay under way for ever.
          log.error('an inspection could not be kept', { run: run.id, error: String(error) });
          run.state = 'failed';
          run.finishedAt = new Date().toISOString();
        })
        .finally(() => {
          active.delete(run.id);
          deps.onChange();
        });
      deps.onChange();
      return run;
    },
    cancel(id) {
      const entry = active.get(id);
      if (entry === undefined) throw new AppError('NOT_FOUND', `inspection ${id} is not under way`, { params: { id } });
      entry.abort.abort(new AppError('CANCELLED', 'the inspection was cancelled'));
    },
    remove(id) {
      if (active.has(id))
        throw new AppError('REFUSED', 'the inspection is under way', { hint: 'hints.inspectionUnderWay' });
      forget(id);
      deps.onChange();
    },
    async finished(id) {
      await active.get(id)?.over;
    },
    async close() {
      closing = true;
      for (const { abort } of active.values()) abort.abort(new AppError('CANCELLED', 'the engine is ending'));
      await Promise.all([...active.values()].map(({ over }) => over));
    },
  };
}

function stateOf(targets: readonly TargetInspection[]): InspectionRun['state'] {
  if (targets.every(({ state }) => state === 'failed')) return 'failed';
  return targets.every(({ state }) => state === 'done') ? 'done' : 'partial';
}

export function sameScope(a: InspectionScope, b: InspectionScope): boolean {
  return a.kind === b.kind && a.id === b.id;
}
