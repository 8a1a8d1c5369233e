/**
 * Public face of the store: one SQLite file `fleetdeck.db` in the data directory, behind repositories. The directory is
 * held by one engine at a time (`lockDirectory`); the store itself may also be read by others (`openAuditReadOnly`).
 */
import path from 'node:path';
import type { AccessRepository } from '../access/types.ts';
import type { ClusterRepository } from '../clusters/types.ts';
import type { FederationRepository, JournalRepository, RunRepository } from '../federation/types.ts';
import type { InspectionRepository } from '../inspection/types.ts';
import type { SecretBox } from '../types.ts';
import { openDatabase, openDatabaseReadOnly } from './database.ts';
import { ensureDirectory } from './directory.ts';
import { migrations } from './migrations/index.ts';
import { createAccessRepository } from './repositories/access.ts';
import { type AuditRepository, createAuditRepository } from './repositories/audit.ts';
import { createClusterRepository } from './repositories/clusters.ts';
import { createDiagnosisRepository, type DiagnosisRepository } from './repositories/diagnosis.ts';
import { createFederationJournal } from './repositories/federation-journal.ts';
import { createFederationRuns } from './repositories/federation-runs.ts';
import { createFederationRepository } from './repositories/federations.ts';
import { createFleetRepository, type FleetRepository } from './repositories/fleets.ts';
import { createInspectionRepository } from './repositories/inspection.ts';
import { createSettingsRepository, type SettingsRepository } from './repositories/settings.ts';
import { openVault } from './vault.ts';

export { type DirectoryLock, ensureDirectory, ensureFile, lockDirectory } from './directory.ts';
export { storeError } from './errors.ts';
export type { AuditAction, AuditEntry, AuditHead, AuditRepository } from './repositories/audit.ts';
export type { DiagnosisRepository } from './repositories/diagnosis.ts';
export type { FleetRepository } from './repositories/fleets.ts';
export type { SettingsRepository } from './repositories/settings.ts';

export interface Store {
  readonly path: string;
  readonly clusters: ClusterRepository;
  readonly access: AccessRepository;
  readonly fleets: FleetRepository;
  readonly federations: FederationRepository;
  readonly federationJournal: JournalRepository;
  readonly federationRuns: RunRepository;
  readonly inspection: InspectionRepository;
  readonly diagnoses: DiagnosisRepository;
  readonly settings: SettingsRepository;
  readonly audit: AuditRepository;
  /** What seals the secrets, for the interface to say. */
  readonly secretBox: SecretBox;
  close(): void;
}

export interface StoreOptions {
  dir: string;
  /** The keychain's box, where the shell has one. */
  secretBox?: SecretBox | undefined;
  /** Derives the key instead of a key file; asked for when the shell gives no box. */
  passphrase?: string | undefined;
}

/** Where the store of a data directory lies. */
export function storePath(dir: string): string {
  return path.join(dir, 'fleetdeck.db');
}

/**
 * Opens the store of a data directory, making or migrating it.
 * @throws AppError STORE_DAMAGED, STORE_NEWER (the file is left as it is), DISK_FULL, DATA_DIR_UNWRITABLE, SECRETS_LOCKED.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  ensureDirectory(options.dir);
  const db = openDatabase(storePath(options.dir), migrations);
  try {
    const settings = createSettingsRepository(db);
    const vault = await openVault(db, settings, options);
    return {
      path: db.path,
      clusters: createClusterRepository(db, vault),
      access: createAccessRepository(db),
      fleets: createFleetRepository(db),
      federations: createFederationRepository(db, vault),
      federationJournal: createFederationJournal(db),
      federationRuns: createFederationRuns(db),
      inspection: createInspectionRepository(db),
      diagnoses: createDiagnosisRepository(db),
      settings,
      audit: createAuditRepository(db),
      secretBox: vault.box,
      close: () => db.close(),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The audit log of a store file, beside a running engine or without one. Changes nothing. */
export function openAuditReadOnly(file: string): { audit: AuditRepository; close(): void } {
  const db = openDatabaseReadOnly(file, migrations.at(-1)?.version ?? 0);
  return { audit: createAuditRepository(db), close: () => db.close() };
}
