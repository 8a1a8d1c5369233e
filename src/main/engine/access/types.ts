/** What access needs of others. */
import type { IssuedAccess } from '#shared/contract/access.ts';
import type { ClusterEndpoint, Operation } from '../clusters/index.ts';
import type { KubeClient, KubeTransport } from '../kube/index.ts';

/** The API servers that kubeconfigs are issued for: registered clusters and the control planes of federations, by id. */
export interface AccessTargets {
  get(id: string): { id: string; name: string } | undefined;
  /** What a person waits for. Throws why it cannot be reached. */
  client(id: string): KubeClient;
  endpoint(id: string): Promise<ClusterEndpoint>;
  /** A connection with this token and nothing else; the caller closes it. */
  withToken(id: string, token: string): Promise<KubeTransport>;
  /** Begins an entry of the operation log. */
  log(id: string, kind: 'issueAccess' | 'revokeAccess'): Operation;
}

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
