/** The report of one inspection that nothing was stored of, for the command line: compared with nothing. */
import { randomUUID } from 'node:crypto';
import type { Exemption, InspectionRun, NotChecked } from '#shared/contract/inspection.ts';
import type { Missing } from '../collect.ts';
import type { ExportInput } from '../export/index.ts';
import { notChecked } from '../not-checked.ts';
import { resultInSteps } from '../result.ts';
import { typeOfRule } from '../rules/index.ts';
import { ruleInfos } from '../service/config.ts';
import type { Rule, TargetResult } from '../types.ts';
import type { World } from '../world.ts';
import { drain } from '../world.ts';
import { assess } from './assess.ts';

export interface SingleReport {
  world: World;
  /** Wanted; those that need what is missing are not checked. */
  rules: readonly Rule[];
  missing: readonly Missing[];
  exemptions: readonly Exemption[];
  began: Date;
  /** File that the objects are from, instead of a cluster. */
  manifests: string | undefined;
}

export function singleReport(options: SingleReport): Omit<ExportInput, 'language'> {
  const { world, rules, missing, exemptions, began, manifests } = options;
  const lacking = new Set(missing.map(({ resource }) => resource));
  const checked = rules.filter(({ needs }) => !needs?.some((need) => lacking.has(need)));
  const target = { kind: 'cluster', id: world.cluster } as const;
  const result: TargetResult = { target, name: world.cluster, ...drain(resultInSteps(world, { rules: checked })) };
  const assessment = assess({ results: [result], previous: null, exemptions, now: world.now, typeOf: typeOfRule });
  const { tally, score, exempt } = assessment;
  const left: NotChecked[] = notChecked(missing, rules);
  const state = left.some(({ why }) => why !== 'notServed') ? 'partial' : 'done';
  const run: InspectionRun = {
    id: randomUUID(),
    scope: target,
    name: manifests ?? world.cluster,
    trigger: 'person',
    state,
    startedAt: began.toISOString(),
    finishedAt: new Date().toISOString(),
    ...{ tally, exempt, score },
    targets: [
      {
        target,
        name: manifests ?? world.cluster,
        state,
        version: world.version,
        objects: world.size,
        read: { done: 0, total: 0 },
        ...{ tally, exempt, score },
        notChecked: left,
        error: null,
      },
    ],
  };
  return { run, previous: null, assessment, rules: ruleInfos(), file: manifests };
}
