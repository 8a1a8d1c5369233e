/** How clusters are reached with credentials other than our own: for kubeconfigs that others get. */
import { readFile } from 'node:fs/promises';
import { createHttpsTransport } from '../kube/index.ts';
import { beginOperation } from './operations.ts';
import type { Registry } from './registry.ts';
import type { ClusterReach, ClustersDeps } from './types.ts';

export function createReach(deps: ClustersDeps, registry: Registry): ClusterReach {
  const env = deps.env ?? process.env;
  return {
    log: (id, kind) => beginOperation(deps.repository, registry.need(id).record, kind),

    async endpoint(id) {
      const { server, caData, caFile, tlsServerName, proxyUrl, insecureSkipTlsVerify } = await registry
        .need(id)
        .source.identity();
      const authority = caData ?? (caFile === undefined ? undefined : await readFile(caFile, 'utf8'));
      return {
        server,
        insecure: insecureSkipTlsVerify,
        ...(authority === undefined ? {} : { caData: authority }),
        ...(tlsServerName === undefined ? {} : { tlsServerName }),
        ...(proxyUrl === undefined ? {} : { proxyUrl }),
      };
    },

    async withToken(id, token) {
      const { server, tlsServerName, insecureSkipTlsVerify, caData, caFile, proxyUrl, baseDir } = await registry
        .need(id)
        .source.identity();
      const identity = {
        ...{ server, tlsServerName, insecureSkipTlsVerify, caData, caFile, proxyUrl, baseDir, token },
        disableCompression: false,
      };
      return createHttpsTransport({ server, identity: async () => identity, env });
    },
  };
}
