/** The floor under durable writes: what the disk and SQLite alone do, with the settings the API server uses. */
import Database from 'better-sqlite3';
import { type Metric, metric, progress } from './frame.ts';

const RUN_MS = 2000;
const VALUE = 'x'.repeat(1500);

/** Transactions per second with one row each, and rows per second with 16 in each transaction. */
export function measureDisk(file: string): Metric[] {
  const database = new Database(file);
  database.pragma('locking_mode = EXCLUSIVE');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE objects (collection TEXT, key TEXT, value TEXT, PRIMARY KEY (collection, key)) STRICT');
  const insert = database.prepare('INSERT INTO objects VALUES (?, ?, ?)');
  let row = 0;
  const rate = (rows: number): number => {
    const began = performance.now();
    const first = row;
    while (performance.now() - began < RUN_MS) {
      database.exec('BEGIN IMMEDIATE');
      for (let i = 0; i < rows; i++) insert.run('configmaps', `default/floor-${row++}`, VALUE);
      database.exec('COMMIT');
    }
    return ((row - first) * 1000) / (performance.now() - began);
  };
  progress('SQLite alone');
  const metrics = [metric('sqlite-commits', rate(1), '/s'), metric('sqlite-rows-by-16', rate(16), '/s')];
  database.close();
  return metrics;
}
