/** How an API server is reached with credentials other than our own: for kubeconfigs that others get. */
import { readFile } from 'node:fs/promises';
import { type ClusterIdentity, createHttpsTransport, type KubeTransport } from '../kube/index.ts';
import { beginOperation } from './operations.ts';
import type { Registry } from './registry.ts';
import type { ClusterEndpoint, ClusterReach, ClustersDeps } from './types.ts';

export function createReach(deps: ClustersDeps, registry: Registry): ClusterReach {
  const env = deps.env ?? process.env;
  return {
    log: (id, kind) => beginOperation(deps.repository, registry.need(id).record, kind),
    endpoint: async (id) => endpointOf(await registry.need(id).source.identity()),
    withToken: async (id, token) => withToken(await registry.need(id).source.identity(), token, env),
  };
}

/** Where and how, without any credential. */
export async function endpointOf(identity: ClusterIdentity): Promise<ClusterEndpoint> {
  const { server, caData, caFile, tlsServerName, proxyUrl, insecureSkipTlsVerify } = identity;
  const authority = caData ?? (caFile === undefined ? undefined : await readFile(caFile, 'utf8'));
  return {
    server,
    insecure: insecureSkipTlsVerify,
    ...(authority === undefined ? {} : { caData: authority }),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
  };
}

/** A connection to the same place with this token and nothing else; the caller closes it. */
export function withToken(identity: ClusterIdentity, token: string, env: NodeJS.ProcessEnv): KubeTransport {
  const { server, tlsServerName, insecureSkipTlsVerify, caData, caFile, proxyUrl, baseDir } = identity;
  const other = {
    ...{ server, tlsServerName, insecureSkipTlsVerify, caData, caFile, proxyUrl, baseDir, token },
    disableCompression: false,
  };
  return createHttpsTransport({ server, identity: async () => other, env });
}
