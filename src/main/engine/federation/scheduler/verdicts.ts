/** A decision as people are shown it: what became of every cluster. Pure. */
import type { ClusterVerdict, Placed, Verdicts } from '#shared/contract/federation-decisions.ts';
import type { BindingSpec, TargetCluster } from '../api.ts';
import type { ClusterExplanation, ScheduleResult } from './schedule.ts';

/** Clusters kept in a record; the chosen ones come first. */
const MOST = 60;

export function verdictsOf(spec: BindingSpec, result: ScheduleResult): Verdicts {
  const counted = (spec.replicas ?? 0) > 0 || Boolean(spec.replicaRequirements);
  const verdicts = result.explanation.map(verdictOf).sort(byOutcome);
  return {
    replicas: counted ? (spec.replicas ?? 0) : null,
    division: counted ? result.division : null,
    affinityName: result.affinityName ?? null,
    failedTerms: result.failedTerms,
    error: result.error,
    clusters: verdicts.slice(0, MOST),
  };
}

/** By name, so that two placements can be compared. */
export function placedOf(targets: readonly TargetCluster[]): Placed[] {
  return targets
    .map(({ name, replicas }) => ({ name, replicas: replicas ?? null }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function verdictOf(entry: ClusterExplanation): ClusterVerdict {
  return {
    name: entry.name,
    outcome: outcomeOf(entry),
    rule: entry.rejected?.plugin ?? null,
    reason: entry.rejected?.reason ?? null,
    subject: entry.rejected?.subject ?? null,
    available: entry.available,
    weight: entry.weight,
    held: entry.held,
    replicas: entry.replicas,
    overflow: entry.overflow,
  };
}

function outcomeOf({ rejected, selected, replicas }: ClusterExplanation): ClusterVerdict['outcome'] {
  if (rejected !== null) return 'rejected';
  if (!selected) return 'spread';
  return replicas === 0 ? 'empty' : 'chosen';
}

const ORDER: readonly ClusterVerdict['outcome'][] = ['chosen', 'empty', 'spread', 'rejected'];

function byOutcome(a: ClusterVerdict, b: ClusterVerdict): number {
  return ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome) || (a.name < b.name ? -1 : 1);
}
