/** Every migration, oldest first. A released one never changes: a new need is a new file. */
import type { Migration } from '../database.ts';
import { base } from './0001-base.ts';
import { audit } from './0002-audit.ts';
import { inspection } from './0003-inspection.ts';
import { diagnoses } from './0004-diagnoses.ts';
import { federationJournal } from './0005-federation-journal.ts';
import { access } from './0006-access.ts';
import { federationRuns } from './0007-federation-runs.ts';

export const migrations: readonly Migration[] = [
  base,
  audit,
  inspection,
  diagnoses,
  federationJournal,
  access,
  federationRuns,
];
