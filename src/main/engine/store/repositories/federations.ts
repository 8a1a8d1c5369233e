/** Federations as records, and the sealed kubeconfigs of external ones; control planes keep their own state elsewhere. */
import { AppError } from '#shared/errors.ts';
import type { FederationRecord, FederationRepository } from '../../federation/types.ts';
import type { Database } from '../database.ts';
import type { Vault } from '../vault.ts';

export function createFederationRepository(db: Database, vault: Vault): FederationRepository {
  const list = db.statement<{ document: string }>('SELECT document FROM federations ORDER BY created_at, name');
  const find = db.statement<{ document: string }>('SELECT document FROM federations WHERE id = ?');
  // The column compares without regard to case.
  const taken = db.statement('SELECT 1 FROM federations WHERE name = ?');
  const insert = db.statement('INSERT INTO federations (id, name, created_at, document) VALUES (?, ?, ?, ?)');
  const update = db.statement('UPDATE federations SET document = ? WHERE id = ?');
  const remove = db.statement('DELETE FROM federations WHERE id = ?');

  function get(id: string): FederationRecord | undefined {
    const row = find.get(id);
    return row === undefined ? undefined : (JSON.parse(row.document) as FederationRecord);
  }

  return {
    list: () => list.all().map((row) => JSON.parse(row.document) as FederationRecord),
    get,
    insert(record) {
      db.transaction(() => {
        if (taken.get(record.name) !== undefined)
          throw new AppError('NAME_TAKEN', `a federation named ${record.name} exists`, {
            params: { name: record.name },
          });
        insert.run(record.id, record.name, record.createdAt, JSON.stringify(record));
      });
    },
    update(id, change) {
      return db.transaction(() => {
        const before = get(id);
        if (before === undefined) throw new AppError('NOT_FOUND', `no federation ${id}`, { params: { id } });
        const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
        const after: FederationRecord = { ...before, ...given };
        update.run(JSON.stringify(after), id);
        return after;
      });
    },
    remove(id) {
      db.transaction(() => {
        remove.run(id);
        vault.remove(ownerOf(id));
      });
    },
    getKubeconfig: (id) => vault.get(ownerOf(id)),
    async putKubeconfig(id, text) {
      const keep = await vault.prepare(ownerOf(id), text);
      db.transaction(() => {
        if (get(id) === undefined) throw new AppError('NOT_FOUND', `no federation ${id}`, { params: { id } });
        keep();
      });
    },
  };
}

function ownerOf(id: string): string {
  return `federation/${id}/kubeconfig`;
}
