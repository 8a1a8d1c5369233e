/** Reports of diagnoses, newest first. So many are kept of each object and in all; the oldest go first. */
import type { DiagnosisReport, DiagnosisSummary, DiagnosisTarget } from '#shared/contract/diagnosis.ts';
import type { Database } from '../database.ts';

export interface DiagnosisRepository {
  insert(report: DiagnosisReport): void;
  get(id: string): DiagnosisReport | undefined;
  list(target: DiagnosisTarget | undefined, limit: number): DiagnosisSummary[];
  /** The run before this one of the same object. */
  before(report: DiagnosisReport): DiagnosisReport | undefined;
  remove(id: string): void;
}

const KEPT_OF_ONE = 20;
const KEPT = 1000;
const OBJECT = 'cluster_id = ? AND kind = ? AND namespace = ? AND name = ?';

export function createDiagnosisRepository(db: Database): DiagnosisRepository {
  const insert = db.statement(
    'INSERT INTO diagnoses (id, cluster_id, kind, namespace, name, started_at, document) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const get = db.statement<{ document: string }>('SELECT document FROM diagnoses WHERE id = ?');
  const all = db.statement<{ document: string }>('SELECT document FROM diagnoses ORDER BY seq DESC LIMIT ?');
  const ofOne = db.statement<{ document: string }>(
    `SELECT document FROM diagnoses WHERE ${OBJECT} ORDER BY seq DESC LIMIT ?`,
  );
  const before = db.statement<{ document: string }>(
    `SELECT document FROM diagnoses WHERE ${OBJECT} AND seq < (SELECT seq FROM diagnoses WHERE id = ?)
     ORDER BY seq DESC LIMIT 1`,
  );
  const remove = db.statement('DELETE FROM diagnoses WHERE id = ?');
  const forgetOfOne = db.statement(
    `DELETE FROM diagnoses WHERE ${OBJECT} AND seq NOT IN
     (SELECT seq FROM diagnoses WHERE ${OBJECT} ORDER BY seq DESC LIMIT ${KEPT_OF_ONE})`,
  );
  const forget = db.statement(
    `DELETE FROM diagnoses WHERE seq NOT IN (SELECT seq FROM diagnoses ORDER BY seq DESC LIMIT ${KEPT})`,
  );
  const parse = ({ document }: { document: string }): DiagnosisReport => JSON.parse(document) as DiagnosisReport;
  const place = ({ clusterId, object }: DiagnosisReport): [string, string, string, string] => [
    clusterId,
    object.kind,
    object.namespace,
    object.name,
  ];

  return {
    insert(report) {
      db.transaction(() => {
        insert.run(report.id, ...place(report), report.startedAt, JSON.stringify(report));
        forgetOfOne.run(...place(report), ...place(report));
        forget.run();
      });
    },
    get(id) {
      const row = get.get(id);
      return row === undefined ? undefined : parse(row);
    },
    list(target, limit) {
      const rows =
        target === undefined
          ? all.all(limit)
          : ofOne.all(target.clusterId, target.kind, target.namespace, target.name, limit);
      return rows.map(parse).map(({ findings, steps: _steps, unread: _unread, durationMs: _duration, ...rest }) => ({
        ...rest,
        causes: [...new Set(findings.map(({ cause }) => cause))],
      }));
    },
    before(report) {
      const row = before.get(...place(report), report.id);
      return row === undefined ? undefined : parse(row);
    },
    remove(id) {
      remove.run(id);
    },
  };
}
