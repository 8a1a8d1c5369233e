/**
 * The journal of one federation. Entries are gathered for a moment and written together: deciding must not wait for the
 * disk. What is lost when the process is killed is history of that moment, never a decision.
 */
import type { FederatedObjectName, JournalEntry, JournalEvent } from '#shared/contract/federation-decisions.ts';
import type { Log } from '../../types.ts';
import type { Journal } from '../controllers/context.ts';
import type { JournalRecord, JournalRepository } from '../types.ts';

const GATHER_MS = 1000;
/** Repairs read back at the first question. */
const REPAIRS = 2000;

export interface Repair {
  time: string;
  fields: string[];
}

export interface KeptJournal extends Journal {
  /** Newest first. */
  list(options: {
    object?: FederatedObjectName | undefined;
    before?: number | undefined;
    limit: number;
  }): JournalEntry[];
  /** Last repair of an object in each cluster. */
  repairsOf(object: FederatedObjectName): ReadonlyMap<string, Repair>;
  /** Writes what has been gathered. */
  flush(): void;
}

export function createJournal(
  federationId: string,
  repository: JournalRepository,
  log: Log,
  onChange: () => void,
): KeptJournal {
  let gathered: JournalRecord[] = [];
  let timer: NodeJS.Timeout | undefined;
  let repairs: Map<string, Map<string, Repair>> | null = null;
  const none: ReadonlyMap<string, Repair> = new Map();
  const idOf = ({ apiVersion, kind, namespace, name }: FederatedObjectName): string =>
    `${apiVersion} ${kind} ${namespace}/${name}`;

  function note({ time, object, event }: JournalRecord): void {
    if (event.kind !== 'repaired' || repairs === null) return;
    const id = idOf(object);
    const clusters = repairs.get(id) ?? new Map<string, Repair>();
    clusters.set(event.cluster, { time, fields: event.fields });
    repairs.set(id, clusters);
  }

  function repairsOf(object: FederatedObjectName): ReadonlyMap<string, Repair> {
    if (repairs === null) {
      repairs = new Map();
      for (const entry of repository.ofKind(federationId, 'repaired', REPAIRS).reverse()) note(entry);
      for (const record of gathered) note(record);
    }
    return repairs.get(idOf(object)) ?? none;
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (gathered.length === 0) return;
    const records = gathered;
    gathered = [];
    try {
      repository.append(federationId, records);
    } catch (error) {
      log.warn('journal not written', { federation: federationId, entries: records.length, error: String(error) });
    }
    onChange();
  }

  return {
    record({ apiVersion, kind, namespace = '', name }, event: JournalEvent) {
      const record = { time: new Date().toISOString(), object: { apiVersion, kind, namespace, name }, event };
      gathered.push(record);
      note(record);
      timer ??= setTimeout(flush, GATHER_MS).unref();
    },
    list(options) {
      flush();
      return repository.list(federationId, options);
    },
    repairsOf,
    flush,
  };
}
