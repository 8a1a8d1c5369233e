/** Registered clusters, their sealed kubeconfigs and their history of states. */

import type { ClusterOperation, ClusterTransition } from '#shared/contract/clusters.ts';
import { AppError } from '#shared/errors.ts';
import type { ClusterRecord, ClusterRepository } from '../../clusters/types.ts';
import type { Database } from '../database.ts';
import type { Vault } from '../vault.ts';

/** Transitions kept per cluster: enough to see a week of an unsteady network, never a growing file. */
const KEPT_TRANSITIONS = 1000;
const KEPT_OPERATIONS = 5000;

export function createClusterRepository(db: Database, vault: Vault): ClusterRepository {
  const list = db.statement<{ document: string }>(
    `SELECT document FROM clusters ORDER BY document ->> 'createdAt', name`,
  );
  const taken = db.statement<{ id: string }>('SELECT id FROM clusters WHERE name = ? AND id <> ?');
  const exists = db.statement('SELECT 1 FROM clusters WHERE id = ?');
  const insert = db.statement('INSERT INTO clusters (id, name, document) VALUES (?, ?, ?)');
  const update = db.statement('UPDATE clusters SET name = ?, document = ? WHERE id = ?');
  const remove = db.statement('DELETE FROM clusters WHERE id = ?');
  const addTransition = db.statement(
    `INSERT INTO cluster_transitions (cluster_id, document)
     SELECT id, ? FROM clusters WHERE id = ?`,
  );
  const trim = db.statement(
    `DELETE FROM cluster_transitions WHERE cluster_id = ? AND seq <= (
       SELECT seq FROM cluster_transitions WHERE cluster_id = ? ORDER BY seq DESC LIMIT 1 OFFSET ${KEPT_TRANSITIONS})`,
  );
  const transitions = db.statement<{ document: string }>(
    'SELECT document FROM cluster_transitions WHERE cluster_id = ? ORDER BY seq DESC LIMIT ?',
  );

  const putOperation = db.statement(
    `INSERT INTO cluster_operations (id, cluster_id, document) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET document = excluded.document`,
  );
  const trimOperations = db.statement(
    `DELETE FROM cluster_operations WHERE seq <= (SELECT max(seq) FROM cluster_operations) - ${KEPT_OPERATIONS}`,
  );
  const operations = db.statement<{ document: string }>(
    'SELECT document FROM cluster_operations ORDER BY seq DESC LIMIT ?',
  );
  const operationsOf = db.statement<{ document: string }>(
    'SELECT document FROM cluster_operations WHERE cluster_id = ? ORDER BY seq DESC LIMIT ?',
  );

  function refuseTaken(record: ClusterRecord): void {
    if (taken.get(record.name, record.id) !== undefined)
      throw new AppError('NAME_TAKEN', `a cluster named ${record.name} exists`, { params: { name: record.name } });
  }

  return {
    list: () => list.all().map((row) => JSON.parse(row.document) as ClusterRecord),
    async insert(record, kubeconfig) {
      refuseTaken(record);
      const keep = kubeconfig === null ? null : await vault.prepare(ownerOf(record.id), kubeconfig);
      db.transaction(() => {
        refuseTaken(record);
        insert.run(record.id, record.name, JSON.stringify(record));
        keep?.();
      });
    },
    update(record) {
      db.transaction(() => {
        refuseTaken(record);
        if (update.run(record.name, JSON.stringify(record), record.id) === 0) throw unknownCluster(record.id);
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
        if (exists.get(id) === undefined) throw unknownCluster(id);
        keep();
      });
    },
    addTransition(transition) {
      db.transaction(() => {
        addTransition.run(JSON.stringify(transition), transition.clusterId);
        trim.run(transition.clusterId, transition.clusterId);
      });
    },
    transitions: (clusterId, limit) =>
      transitions.all(clusterId, limit).map((row) => JSON.parse(row.document) as ClusterTransition),
    putOperation(operation) {
      db.transaction(() => {
        putOperation.run(operation.id, operation.clusterId, JSON.stringify(operation));
        trimOperations.run();
      });
    },
    operations: (clusterId, limit) =>
      (clusterId === undefined ? operations.all(limit) : operationsOf.all(clusterId, limit)).map(
        (row) => JSON.parse(row.document) as ClusterOperation,
      ),
  };
}

function ownerOf(id: string): string {
  return `cluster/${id}/kubeconfig`;
}

function unknownCluster(id: string): AppError {
  return new AppError('NOT_FOUND', `no cluster ${id}`, { params: { id } });
}
