/** Issued kubeconfigs: who has what, until when. Never a token. */
import type { AccessRecord, AccessRepository } from '../../access/types.ts';
import type { Database } from '../database.ts';

export function createAccessRepository(db: Database): AccessRepository {
  const all = db.statement<{ document: string }>('SELECT document FROM cluster_access ORDER BY issued_at DESC, id');
  const of = db.statement<{ document: string }>(
    'SELECT document FROM cluster_access WHERE cluster_id = ? ORDER BY issued_at DESC, id',
  );
  const find = db.statement<{ document: string }>('SELECT document FROM cluster_access WHERE id = ?');
  const put = db.statement(
    `INSERT INTO cluster_access (id, cluster_id, issued_at, document) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET document = excluded.document`,
  );
  const removeOf = db.statement('DELETE FROM cluster_access WHERE cluster_id = ?');
  const parse = ({ document }: { document: string }) => JSON.parse(document) as AccessRecord;
  return {
    list: (clusterId) => (clusterId === undefined ? all.all() : of.all(clusterId)).map(parse),
    get(id) {
      const row = find.get(id);
      return row === undefined ? undefined : parse(row);
    },
    put(record) {
      put.run(record.id, record.clusterId, record.issuedAt, JSON.stringify(record));
    },
    removeOf(clusterId) {
      removeOf.run(clusterId);
    },
  };
}
