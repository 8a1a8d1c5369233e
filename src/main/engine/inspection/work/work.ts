/**
 * What of an inspection is work for the processor: reading lists, checking, and making reports out of what was found. All
 * of it is asked for by messages (every argument and answer can be cloned), so that a thread can do it: `thread.ts`.
 */
import type { z } from 'zod';
import type {
  Exemption,
  ExportedFile,
  InspectionConfig,
  InspectionReport,
  InspectionRun,
  ReportFinding,
  ReportQuery,
  Score,
  Tally,
} from '#shared/contract/inspection.ts';
import type { Target } from '#shared/contract/views.ts';
import { AppError } from '#shared/errors.ts';
import type { Language } from '#shared/i18n/index.ts';
import type { EXPORT_FORMATS } from '#shared/inspection.ts';
import type { KubeList, KubeObject } from '#shared/kubernetes/types.ts';
import { wellTyped } from '#shared/kubernetes/well-typed.ts';
import { nextTurn } from '../../kube/index.ts';
import type { Collection } from '../collect.ts';
import { exportReport } from '../export/index.ts';
import { createReader, type Kept } from '../reader.ts';
import { type AssessedFinding, type Assessment, assess } from '../report/assess.ts';
import { findingsOfGroup, reportOf } from '../report/query.ts';
import { resultInSteps } from '../result.ts';
import { typeOfRule } from '../rules/index.ts';
import { scoreOf } from '../score.ts';
import { optionsOf, ruleInfos } from '../service/config.ts';
import type { TargetResult } from '../types.ts';
import { worldInSteps } from '../world.ts';
import { packed, unpacked } from './pack.ts';

/** What a report is made of: a run, the one it is compared with, and what is accepted now. */
export interface Subject {
  run: InspectionRun;
  /** Of what was found in the run, as far as it went. */
  key: string;
  previous: InspectionRun | null;
  exemptions: Exemption[];
  now: number;
}
/** What was found in a run, as it is stored. The key is the run's id once the run is over. */
export interface Stored {
  key: string;
  parts: Uint8Array[];
}
/** Keys of what is not there (any more): to be asked again, with it. */
export interface Lacking {
  lacking: string[];
}

export interface CheckInput extends Collection {
  target: Target;
  name: string;
  /** Milliseconds since the epoch: what ages are judged by. */
  now: number;
  config: InspectionConfig;
  exemptions: Exemption[];
}
export interface Checked {
  /** As they are stored. */
  parts: Uint8Array[];
  objects: number;
  /** Without what is exempt. */
  tally: Tally;
  exempt: number;
  score: Score;
}

/** What a list shows of a run: of all of it, and of each of its clusters by name. */
export interface Counts {
  tally: Tally;
  exempt: number;
  score: Score;
  targets: Record<string, { tally: Tally; exempt: number; score: Score }>;
}

type Query = z.output<typeof ReportQuery>;

export interface Work {
  /** As in `Reader`, for one reading of one cluster: `task` is any name for it. */
  page(task: string, source: string, body: Uint8Array | KubeList): ReturnType<Kept['page']>;
  end(task: string, source: string, whole: boolean): Promise<void>;
  podNamespaces(task: string): Promise<string[] | null>;
  /** Rules over what was read; ends the task. @throws AppError CANCELLED when it is forgotten meanwhile. */
  check(task: string, input: CheckInput): Promise<Checked>;
  forget(task: string): Promise<void>;
  /** Compared with nothing: `previous` is not asked for. */
  counts(subject: Subject, with_: Stored[]): Promise<Counts | Lacking>;
  report(subject: Subject, with_: Stored[], query: Query): Promise<InspectionReport | Lacking>;
  findings(subject: Subject, with_: Stored[], query: Query, group: string): Promise<ReportFinding[] | Lacking>;
  /** Those of these findings that have a patch. */
  fixable(subject: Subject, with_: Stored[], keys: string[]): Promise<AssessedFinding[] | Lacking>;
  export(
    subject: Subject,
    with_: Stored[],
    format: (typeof EXPORT_FORMATS)[number],
    language: Language,
  ): Promise<ExportedFile | Lacking>;
}

/** Results and reports that are kept, because a page asks for the same again and again. */
const RESULTS_KEPT = 4;
const REPORTS_KEPT = 3;

export function createWork(): Work {
  const tasks = new Map<string, Kept>();
  const results = new Map<string, TargetResult[]>();
  const assessments = new Map<string, Assessment>();

  function readerOf(task: string): Kept {
    const reader = tasks.get(task) ?? createReader();
    tasks.set(task, reader);
    return reader;
  }

  async function over<T>(
    { run, key, previous, exemptions, now }: Subject,
    stored: readonly Stored[],
    look: (assessment: Assessment) => T,
  ): Promise<T | Lacking> {
    // An end date that passes between two looks changes the answer too.
    const inForce = exemptions.filter(({ until }) => until === null || Date.parse(until) > now).map(({ id }) => id);
    const name = [key, run.state, previous?.id, ...inForce].join(' ');
    let assessment = assessments.get(name);
    if (assessment === undefined) {
      for (const { key: one, parts } of stored) keep(results, RESULTS_KEPT, one, await unpacked(parts));
      const wanted = previous === null ? [key] : [key, previous.id];
      const lacking = wanted.filter((one) => !results.has(one));
      if (lacking.length > 0) return { lacking };
      assessment = assess({
        results: results.get(key) ?? [],
        previous: previous === null ? null : (results.get(previous.id) ?? []),
        exemptions,
        now,
        typeOf: typeOfRule,
      });
    }
    keep(assessments, REPORTS_KEPT, name, assessment);
    return look(assessment);
  }

  return {
    page: (task, source, body) => readerOf(task).page(source, body),
    end: (task, source, whole) => readerOf(task).end(source, whole),
    podNamespaces: (task) => readerOf(task).podNamespaces(),
    async check(task, { target, name, now, version, certificates, chain, missing, config, exemptions }) {
      const reader = readerOf(task);
      const turn = async (): Promise<void> => {
        await nextTurn();
        if (tasks.get(task) !== reader) throw new AppError('CANCELLED', 'the inspection was cancelled');
      };
      try {
        const { objects } = reader;
        const chosen = optionsOf(config);
        const lacking = new Set(missing.map(({ resource }) => resource));
        const rules = chosen.rules.filter((rule) => !rule.needs?.some((need) => lacking.has(need)));
        const judged = async (all: readonly KubeObject[]) => {
          const facts = { cluster: name, now, version, certificates, chain, objects: all, lacking };
          const world = await inTurns(worldInSteps(facts), turn);
          return await inTurns(resultInSteps(world, { ...chosen, rules }), turn);
        };
        const found = await judged(objects).catch((error: unknown) => {
          if (error instanceof AppError) throw error;
          // An API server only stores what fits; to look at every field of every object first would cost a tenth of all.
          return judged(objects.map(wellTyped));
        });
        const result: TargetResult = { target, name, ...found };
        const parts: Uint8Array[] = [];
        for await (const part of packed(result)) parts.push(part);
        const { tally, exempt, score } = assess({
          results: [result],
          previous: null,
          exemptions,
          now,
          typeOf: typeOfRule,
        });
        return { parts, objects: objects.length, tally, exempt, score };
      } finally {
        if (tasks.get(task) === reader) tasks.delete(task);
      }
    },
    async forget(task) {
      tasks.delete(task);
    },
    counts: (subject, stored) =>
      over({ ...subject, previous: null }, stored, ({ tally, exempt, score, byTarget }) => ({
        tally,
        exempt,
        score,
        targets: Object.fromEntries(
          [...byTarget].map(([name, own]) => [
            name,
            { tally: own.tally, exempt: own.exempt, score: scoreOf(own.tally) },
          ]),
        ),
      })),
    report: (subject, stored, query) =>
      over(subject, stored, (assessment) => reportOf(subject.run, subject.previous, assessment, query)),
    findings: (subject, stored, query, group) =>
      over(subject, stored, (assessment) => findingsOfGroup(assessment, query, group)),
    fixable: (subject, stored, keys) =>
      over(subject, stored, ({ findings }) =>
        findings.filter(({ key, fix }) => fix !== undefined && keys.includes(key)),
      ),
    export: (subject, stored, format, language) =>
      over(subject, stored, (assessment) => {
        const { run, previous } = subject;
        return exportReport(format, { run, previous, assessment, rules: ruleInfos(), language });
      }),
  };
}

/** The newest few stay. */
function keep<T>(kept: Map<string, T>, limit: number, key: string, value: T): void {
  kept.delete(key);
  kept.set(key, value);
  for (const old of [...kept.keys()].slice(0, -limit)) kept.delete(old);
}

async function inTurns<T>(steps: Generator<void, T>, turn: () => Promise<void>): Promise<T> {
  for (;;) {
    await turn();
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
