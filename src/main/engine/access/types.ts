/** What access needs of others. */
import type { IssuedAccess } from '#shared/contract/access.ts';

/** An issue as it is kept: never the token, only its hash, by which a token found somewhere can be recognised. */
export interface AccessRecord extends IssuedAccess {
  secret: string;
  tokenHash: string;
}

export interface AccessRepository {
  /** Newest first; of one cluster, or all. */
  list(clusterId?: string): AccessRecord[];
  get(id: string): AccessRecord | undefined;
  put(record: AccessRecord): void;
  removeOf(clusterId: string): void;
}
