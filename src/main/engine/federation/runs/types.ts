/** What the runs of a federation are kept as: the contract's run, with what only the engine needs to take it back. */
import type { Drill, Run, Shift } from '#shared/contract/federation-runs.ts';
import type { Json } from '#shared/kubernetes/types.ts';
import type { FailoverSettings } from '../failover/settings.ts';

export interface ShiftRecord extends Shift {
  /** Of the policy before the first step. */
  original: { placement: Json; preserve: boolean };
  /** Members that have had a weight at any time. */
  members: string[];
}

export interface DrillRecord extends Drill {
  /** Of the federation before the drill; null while nothing was changed. */
  settings: Pick<FailoverSettings, 'evictionTimeoutSeconds'> | null;
  /** The other members that the drill's own workload runs in. */
  partners: string[];
  /** When a person last let it go on. */
  resumedAt: string | null;
  /** When everything was last asked to be placed anew. */
  rebalancedAt: string | null;
}

export type RunRecord = ShiftRecord | DrillRecord;

/** Where runs lie. A change that was saved survives `kill -9`. */
export interface RunRepository {
  /** Newest first. */
  list(federationId: string): RunRecord[];
  /** Not ended, of all federations. */
  active(): RunRecord[];
  get(id: string): RunRecord | undefined;
  /** Nothing happens when the federation is gone. */
  save(run: RunRecord): void;
  remove(id: string): void;
}

export const ENDED: ReadonlySet<Run['state']> = new Set(['done', 'reverted', 'failed']);

export function isActive({ state }: Pick<Run, 'state'>): boolean {
  return !ENDED.has(state);
}

/** As the contract shows it. */
export function visible(record: RunRecord): Run {
  if (record.kind === 'shift') {
    const { original: _, members: __, ...run } = record;
    return run;
  }
  const { settings: _, partners: __, rebalancedAt: ___, resumedAt: ____, ...run } = record;
  return run;
}

export function iso(time: number): string {
  return new Date(time).toISOString();
}
