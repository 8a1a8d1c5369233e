/** Live lists of one federation that its pages share: policies, members in detail, operations, the journal. */
import type { JournalEntry } from '#shared/contract/federation-decisions.ts';
import type { MemberDetail, PolicyRow } from '#shared/contract/federation-policies.ts';
import type { Run } from '#shared/contract/federation-runs.ts';
import { engine } from '../../app/engine/client.ts';
import { createLive, type Live, type LiveSource, type Open, useLive } from '../../app/engine/live.ts';

/** Newest entries of the journal that are read. */
export const JOURNAL = 300;

/** One source per federation; they are few and small, so they are kept. */
function perFederation<T>(open: (id: string) => Open<T>): (id: string) => Live<T> {
  const sources = new Map<string, LiveSource<T>>();
  return (id) => {
    let source = sources.get(id);
    if (source === undefined) {
      source = createLive(open(id));
      sources.set(id, source);
    }
    return useLive(source);
  };
}

export const usePolicies = perFederation<PolicyRow[]>(
  (id) => (handlers) => engine.federationPolicies.watch.subscribe({ id }, handlers),
);
export const useMembers = perFederation<MemberDetail[]>(
  (id) => (handlers) => engine.federationPolicies.members.subscribe({ id }, handlers),
);
export const useRuns = perFederation<Run[]>(
  (id) => (handlers) => engine.federationRuns.watch.subscribe({ id }, handlers),
);
export const useJournal = perFederation<JournalEntry[]>(
  (id) => (handlers) => engine.federations.journal.subscribe({ id, limit: JOURNAL }, handlers),
);
