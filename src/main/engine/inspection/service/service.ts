/**
 * The inspection service: runs, schedules, configuration, exemptions and reports, put together. Reports are made from
 * stored findings with the exemptions of now.
 */
import { randomUUID } from 'node:crypto';
import type { AuditTrail } from '#shared/contract/base.ts';
import type {
  InspectionRun,
  InspectionScope,
  InspectionService,
  InspectionState,
} from '#shared/contract/inspection.ts';
import type { ResourcesService } from '#shared/contract/resources.ts';
import type { Target } from '#shared/contract/views.ts';
import { AppError, toErrorShape } from '#shared/errors.ts';
import { splitApiVersion } from '#shared/kubernetes/types.ts';
import { createChangeSignal } from '../../changes.ts';
import type { KubeClient } from '../../kube/index.ts';
import type { SettingsRepository } from '../../store/index.ts';
import type { Log } from '../../types.ts';
import { DEFAULT_EXEMPTIONS } from '../exempt.ts';
import { fixed, managedBy } from '../fix.ts';
import type { InspectionRepository } from '../types.ts';
import { createWorkThread } from '../work/thread.ts';
import type { Lacking, Stored, Subject, Work } from '../work/work.ts';
import { checkConfig, configFrom, ruleInfos } from './config.ts';
import { createRecount } from './recount.ts';
import { createRuns, sameScope } from './runs.ts';
import { createSchedules } from './schedules.ts';
import { type ScopeDeps, scopeOf } from './scopes.ts';

export interface InspectionDeps extends ScopeDeps {
  repository: InspectionRepository;
  settings: SettingsRepository;
  resources: Pick<ResourcesService, 'get' | 'replace' | 'kinds'>;
  /** @throws AppError when the target cannot be used. */
  client(target: Target): KubeClient;
  audit: AuditTrail;
  log: Log;
  /** Who does the work; a thread unless given. */
  work?: Work;
  now?: () => number;
}

export interface Inspection {
  service: InspectionService;
  /** Resolves when the run is over. */
  finished(id: string): Promise<void>;
  /** Resolves when lists show what the exemptions of now mean. */
  counted(): Promise<void>;
  /** Begins to look at the schedules. */
  start(): void;
  close(): Promise<void>;
}

const CONFIG = 'inspection.config';
/** Watchers hear of progress this often at most. */
const QUIET_MS = 250;
const RUNS_SHOWN = 300;
/** Name in the audit log of who begins scheduled runs. */
const SCHEDULER = 'schedule';

export function createInspection(deps: InspectionDeps): Inspection {
  const { repository, log } = deps;
  const now = deps.now ?? Date.now;
  const changes = createChangeSignal();
  const thread = deps.work === undefined ? createWorkThread() : null;
  const work = deps.work ?? (thread as Work);

  let quiet: NodeJS.Timeout | null = null;
  function changed(): void {
    quiet ??= setTimeout(() => {
      quiet = null;
      changes.changed();
    }, QUIET_MS);
  }
  const config = () => configFrom(deps.settings.get(CONFIG));
  const exemptions = () => [...DEFAULT_EXEMPTIONS, ...repository.exemptions()];
  const runs = createRuns({
    repository,
    client: deps.client,
    config,
    exemptions,
    work,
    onChange: changed,
    log,
  });
  const schedules = createSchedules({
    repository,
    now,
    nameOf: (scope) => scopeOf(scope, deps)?.name ?? null,
    answers: (scope) =>
      scopeOf(scope, deps)?.targets.every(
        ({ target }) => target.kind === 'federation' || deps.clusters.get(target.id)?.state === 'running',
      ) ?? true,
    onChange: changed,
    run(scope) {
      const record = deps.audit.begin({ operator: SCHEDULER, action: 'inspection.start', request: { scope } });
      try {
        begin(scope, 'schedule');
        record.end({ ok: true });
      } catch (error) {
        log.warn('a scheduled inspection could not be begun', { error: String(error) });
        record.end({ ok: false, error: toErrorShape(error) });
      }
    },
  });

  const recount = createRecount({
    runs: () => runs.list(),
    exemptions,
    counts: (run) => ask(run.id, (subject, stored) => work.counts(subject, stored)),
    save: (run) => repository.saveRun(run),
    onChange: changed,
    now,
    log,
  });

  function begin(scope: InspectionScope, trigger: InspectionRun['trigger']): InspectionRun {
    const what = scopeOf(scope, deps);
    if (what === undefined)
      throw new AppError('NOT_FOUND', `no ${scope.kind} ${scope.id}`, { params: { id: scope.id } });
    return runs.start(scope, what, trigger);
  }

  function need(id: string): InspectionRun {
    const run = runs.list().find((one) => one.id === id);
    if (run === undefined) throw new AppError('NOT_FOUND', `no inspection ${id}`, { params: { id } });
    return run;
  }

  /** The one before of the same scope that has something to compare with. */
  function before(run: InspectionRun): InspectionRun | null {
    const earlier = runs.list().filter((one) => sameScope(one.scope, run.scope) && one.startedAt < run.startedAt);
    return earlier.find(({ state }) => state === 'done' || state === 'partial') ?? null;
  }

  /** Asks about the report of a run; what was found is handed over when it is not there any more. */
  async function ask<T>(id: string, look: (subject: Subject, stored: Stored[]) => Promise<T | Lacking>): Promise<T> {
    const run = need(id);
    const parts = new Map<string, Uint8Array[]>();
    let key = run.id;
    if (run.state === 'running') {
      // Of one under way there is more in a moment.
      const soFar = repository.results(run.id);
      key = `${run.id}/${soFar.length}`;
      parts.set(key, soFar);
    }
    const subject: Subject = { run, key, previous: before(run), exemptions: exemptions(), now: now() };
    const answer = await look(subject, []);
    if (!isLacking(answer)) return answer;
    const stored = answer.lacking.map((one) => ({ key: one, parts: parts.get(one) ?? repository.results(one) }));
    const again = await look(subject, stored);
    if (isLacking(again)) throw new AppError('INTERNAL', `no results of ${again.lacking.join(', ')}`);
    return again;
  }

  function state(): InspectionState {
    const seen = new Set<string>();
    const list = runs
      .list()
      .slice(0, RUNS_SHOWN)
      .map((run) => {
        const scope = `${run.scope.kind}:${run.scope.id}`;
        const newest = !seen.has(scope);
        if (run.state !== 'running') seen.add(scope);
        // Of older runs a list shows only the sum.
        return newest ? structuredClone(run) : { ...run, targets: [] };
      });
    return { runs: list, schedules: schedules.list(), exemptions: exemptions() };
  }

  const service: InspectionService = {
    rules: ruleInfos,
    config,
    updateConfig(next) {
      deps.settings.set(CONFIG, checkConfig(next));
      return config();
    },
    addExemption(input, author) {
      const { until } = input;
      if (until !== null && Number.isNaN(Date.parse(until)))
        throw new AppError('INVALID', `until: ${until} is no time`, { params: { field: 'until' } });
      if (until !== null && Date.parse(until) <= now())
        throw new AppError('INVALID', `until: ${until} has passed`, { params: { field: 'until' } });
      const { rules, clusters, namespaces, kinds, names, labels } = input;
      if ([rules, clusters, namespaces, kinds, names, labels].every(({ length }) => length === 0))
        throw new AppError('INVALID', 'an exemption without a limit would cover every finding', {
          params: { field: 'rules' },
        });
      const exemption = {
        ...input,
        id: randomUUID(),
        author,
        createdAt: new Date(now()).toISOString(),
        builtIn: false,
      };
      repository.saveExemption(exemption);
      changed();
      recount.begin();
      return exemption;
    },
    removeExemption(id) {
      repository.removeExemption(id);
      changed();
      recount.begin();
    },
    watch: (signal) => changes.watch(state, signal),
    start: (scope) => structuredClone(begin(scope, 'person')),
    cancel: (id) => runs.cancel(id),
    remove(id) {
      need(id);
      runs.remove(id);
    },
    saveSchedule: (input) => schedules.save(input),
    removeSchedule: (id) => schedules.remove(id),
    report: (query) => ask(query.id, (subject, stored) => work.report(subject, stored, query)),
    findings: ({ group, ...query }) => ask(query.id, (subject, stored) => work.findings(subject, stored, query, group)),
    async fix({ id, keys }) {
      const chosen = await ask(id, (subject, stored) => work.fixable(subject, stored, keys));
      const [first] = chosen;
      if (first === undefined) throw new AppError('NOT_FOUND', 'no such finding has a patch', { params: { id } });
      const { target, apiVersion, namespace, kind, name } = first;
      const others = chosen.some((one) => one.cluster !== first.cluster || one.kind !== kind || one.name !== name);
      if (others)
        throw new AppError('INVALID', 'the findings are about several objects', { params: { field: 'keys' } });
      const { group, version } = splitApiVersion(apiVersion);
      const served = await deps.resources.kinds(target);
      const info = served.find((one) => one.group === group && one.version === version && one.kind === kind);
      if (info === undefined)
        throw new AppError('UNSUPPORTED', `no kind ${kind} in ${apiVersion} is served`, {
          params: { kind, apiVersion },
        });
      const ref = { target, resource: { group, version, resource: info.resource }, namespace, name };
      const object = await deps.resources.get(ref);
      const changesOf = chosen.flatMap(({ field, container, fix }) =>
        fix === undefined ? [] : { field, container, fix },
      );
      const patched = fixed(object, changesOf);
      if (patched === null)
        throw new AppError('CONFLICT', `${kind} ${name} has changed since the inspection`, { cluster: first.cluster });
      const { object: after, warnings } = await deps.resources.replace({ ref, object: patched, dryRun: true });
      return { ref, before: object, after, warnings, managedBy: managedBy(object) };
    },
    export: ({ id, format, language }) => ask(id, (subject, stored) => work.export(subject, stored, format, language)),
  };

  return {
    service,
    finished: (id) => runs.finished(id),
    counted: () => recount.idle(),
    start: () => schedules.start(),
    async close() {
      schedules.close();
      await runs.close();
      const over = recount.close();
      await thread?.close();
      await over;
      if (quiet !== null) clearTimeout(quiet);
    },
  };
}

function isLacking(answer: unknown): answer is Lacking {
  return typeof answer === 'object' && answer !== null && 'lacking' in answer;
}
