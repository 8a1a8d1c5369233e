/**
 * The journal of one federation. Entries are gathered for a moment and written together: deciding must not wait for the
 * disk. What is lost when the process is killed is history of that moment, never a decision.
 */
import type { FederatedObjectName, JournalEntry, JournalEvent } from '#shared/contract/federation-decisions.ts';
import type { Log } from '../../types.ts';
import type { Journal } from '../controllers/context.ts';
import type { JournalRecord, JournalRepository } from '../types.ts';

const GATHER_MS = 200;

export interface KeptJournal extends Journal {
  /** Newest first. */
  list(options: {
    object?: FederatedObjectName | undefined;
    before?: number | undefined;
    limit: number;
  }): JournalEntry[];
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
      gathered.push({ time: new Date().toISOString(), object: { apiVersion, kind, namespace, name }, event });
      timer ??= setTimeout(flush, GATHER_MS).unref();
    },
    list(options) {
      flush();
      return repository.list(federationId, options);
    },
    flush,
  };
}
