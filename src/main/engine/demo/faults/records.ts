/** Faults of one cluster that were started by command, in `faults.json` of its folder: a restart goes on with them. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ActiveFault, type FaultId } from '#shared/contract/demo.ts';

const FILE = 'faults.json';

/** `<cluster>/<fault>` or `<cluster>/<fault>/<target>`. */
export function idOf(cluster: string, fault: FaultId, target: string | null): string {
  return target === null ? `${cluster}/${fault}` : `${cluster}/${fault}/${target}`;
}

export class FaultRecords {
  readonly #file: string;
  readonly #records: Map<string, ActiveFault>;

  /** An absent file is none; a damaged one as well, for a fault is not worth a cluster that does not start. */
  constructor(home: string) {
    this.#file = path.join(home, FILE);
    this.#records = new Map(read(this.#file).map((record) => [record.id, record]));
  }

  get(id: string): ActiveFault | undefined {
    return this.#records.get(id);
  }

  all(): ActiveFault[] {
    return [...this.#records.values()];
  }

  put(record: ActiveFault): void {
    this.#records.set(record.id, record);
    this.#write();
  }

  /** False when there was none. */
  remove(id: string): boolean {
    if (!this.#records.delete(id)) return false;
    this.#write();
    return true;
  }

  #write(): void {
    const temporary = `${this.#file}.new`;
    writeFileSync(temporary, `${JSON.stringify(this.all(), null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, this.#file);
  }
}

function read(file: string): ActiveFault[] {
  try {
    return z.array(ActiveFault).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}
