/** This run of a federation on this machine, as members are told who manages them. */
import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { ManagerIdentity } from '../management/lease.ts';
import type { FederationRecord } from '../types.ts';

export function identityOf({ id, name }: Pick<FederationRecord, 'id' | 'name'>): ManagerIdentity {
  const host = hostname();
  return { federationId: id, federation: name, run: randomUUID(), holder: `${user()}@${host}`, host, pid: process.pid };
}

function user(): string {
  try {
    return userInfo().username;
  } catch {
    // No entry in the user database (some containers).
    return String(process.getuid?.() ?? 'unknown');
  }
}
