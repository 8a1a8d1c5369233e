/** Fleets and which clusters are in them. That a cluster is in one fleet at most is the primary key's doing. */
import type { Fleet } from '#shared/contract/fleets.ts';
import { AppError } from '#shared/errors.ts';
import type { Database } from '../database.ts';

export interface FleetRepository {
  /** Oldest first. */
  list(): Fleet[];
  get(id: string): Fleet | undefined;
  fleetOfCluster(clusterId: string): Fleet | undefined;
  /** @throws AppError NAME_TAKEN */
  insert(fleet: Fleet): void;
  /** Everything but the clusters. @throws AppError NAME_TAKEN */
  update(fleet: Fleet): void;
  /** Puts the clusters at the end; one that is in a fleet already is an error of the caller. */
  addClusters(id: string, clusterIds: readonly string[]): void;
  removeCluster(id: string, clusterId: string): void;
  remove(id: string): void;
  transaction<T>(work: () => T): T;
}

interface Row {
  id: string;
  name: string;
  description: string;
  federation_id: string | null;
  deletion_protection: number;
  created_at: string;
}

export function createFleetRepository(db: Database): FleetRepository {
  const list = db.statement<Row>('SELECT * FROM fleets ORDER BY created_at, name');
  const find = db.statement<Row>('SELECT * FROM fleets WHERE id = ?');
  const members = db.statement<{ cluster_id: string }>(
    'SELECT cluster_id FROM fleet_clusters WHERE fleet_id = ? ORDER BY position',
  );
  const fleetOf = db.statement<{ fleet_id: string }>('SELECT fleet_id FROM fleet_clusters WHERE cluster_id = ?');
  const taken = db.statement('SELECT 1 FROM fleets WHERE name = ? AND id <> ?');
  const insert = db.statement(
    `INSERT INTO fleets (id, name, description, federation_id, deletion_protection, created_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const update = db.statement(
    'UPDATE fleets SET name = ?, description = ?, federation_id = ?, deletion_protection = ? WHERE id = ?',
  );
  const add = db.statement(
    `INSERT INTO fleet_clusters (cluster_id, fleet_id, position)
     VALUES (?, ?, (SELECT coalesce(max(position), 0) + 1 FROM fleet_clusters WHERE fleet_id = ?))`,
  );
  const removeMember = db.statement('DELETE FROM fleet_clusters WHERE fleet_id = ? AND cluster_id = ?');
  const remove = db.statement('DELETE FROM fleets WHERE id = ?');

  function fleetOfRow(row: Row): Fleet {
    return {
      id: row.id,
      name: row.name,
      description: row.description,
      clusterIds: members.all(row.id).map((member) => member.cluster_id),
      federationId: row.federation_id,
      deletionProtection: row.deletion_protection !== 0,
      createdAt: row.created_at,
    };
  }

  function get(id: string): Fleet | undefined {
    const row = find.get(id);
    return row === undefined ? undefined : fleetOfRow(row);
  }

  function refuseTaken(fleet: Fleet): void {
    if (taken.get(fleet.name, fleet.id) !== undefined)
      throw new AppError('NAME_TAKEN', `a fleet named ${fleet.name} exists`, { params: { name: fleet.name } });
  }

  return {
    list: () => list.all().map(fleetOfRow),
    get,
    fleetOfCluster(clusterId) {
      const row = fleetOf.get(clusterId);
      return row === undefined ? undefined : get(row.fleet_id);
    },
    insert(fleet) {
      db.transaction(() => {
        refuseTaken(fleet);
        insert.run(
          fleet.id,
          fleet.name,
          fleet.description,
          fleet.federationId,
          fleet.deletionProtection ? 1 : 0,
          fleet.createdAt,
        );
        for (const clusterId of fleet.clusterIds) add.run(clusterId, fleet.id, fleet.id);
      });
    },
    update(fleet) {
      db.transaction(() => {
        refuseTaken(fleet);
        update.run(fleet.name, fleet.description, fleet.federationId, fleet.deletionProtection ? 1 : 0, fleet.id);
      });
    },
    addClusters(id, clusterIds) {
      db.transaction(() => {
        for (const clusterId of clusterIds) add.run(clusterId, id, id);
      });
    },
    removeCluster(id, clusterId) {
      removeMember.run(id, clusterId);
    },
    remove(id) {
      remove.run(id);
    },
    transaction: (work) => db.transaction(work),
  };
}
