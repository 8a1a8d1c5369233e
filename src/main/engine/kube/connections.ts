/**
 * The connection pools of one identity on one API server. Pools are shared by nobody else, so a cluster that hangs
 * holds only its own connections; requests and watches have separate pools, so that watches never starve requests.
 * HTTP/1.1 on purpose: over one HTTP/2 connection a single half-dead socket would take every watch of the cluster with it.
 */
import { createHash, type X509Certificate } from 'node:crypto';
import tls from 'node:tls';
import type { Dispatcher } from 'undici';
import { AppError } from '#shared/errors.ts';
import type { Material } from './credentials.ts';
import { sharedLookup } from './lookup.ts';
import { proxyFor } from './proxy.ts';
import { chainOf } from './serving-certificates.ts';

export interface Connections {
  /** Changes with anything that a connection is made of. */
  readonly key: string;
  readonly origin: string;
  /** Path before /api, for servers behind a gateway (`https://host/k8s/clusters/x`). */
  readonly prefix: string;
  /** Origin of the proxy in the way, without credentials. */
  readonly proxy: string | undefined;
  readonly requests: Dispatcher;
  readonly streams: Dispatcher;
  /** What the server showed in the last handshake that was trusted, leaf first; empty before. */
  readonly serverCertificates: readonly X509Certificate[];
  /** Lets what runs end; then closes. */
  retire(): void;
  destroy(error: Error): Promise<void>;
}

/** More than the budget lets through at once (budget.ts): probes find one too. */
const MAX_REQUEST_CONNECTIONS = 10;
const KEEP_ALIVE_MS = 45_000;

export function connectionKey(material: Material, env: NodeJS.ProcessEnv): string {
  const { identity, ca, cert, key } = material;
  const proxy = proxyFor(identity.server, identity.proxyUrl, env)?.href;
  const parts = [identity.server, identity.tlsServerName, identity.insecureSkipTlsVerify, ca, cert, key, proxy];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

export async function openConnections(
  material: Material,
  env: NodeJS.ProcessEnv,
  connectTimeoutMs: number,
): Promise<Connections> {
  // Loaded with the first connection: an engine with nothing to dial starts without it.
  const { Pool, ProxyAgent, Socks5ProxyAgent } = await import('undici');
  const { identity } = material;
  const url = new URL(identity.server);
  const proxy = proxyFor(identity.server, identity.proxyUrl, env);
  let shown: X509Certificate[] = [];
  const connect = {
    ...(url.protocol === 'https:'
      ? tlsOptions(material, (chain) => {
          shown = chain;
        })
      : {}),
    timeout: connectTimeoutMs,
    lookup: sharedLookup,
    keepAlive: true,
    keepAliveInitialDelay: 15_000,
  };
  const common = { pipelining: 1, allowH2: false, keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: 0, bodyTimeout: 0 };

  const open = (connections: number | null): Dispatcher => {
    if (proxy === null) return new Pool(url.origin, { ...common, connections, connect });
    if (proxy.protocol === 'socks5:') {
      return new Socks5ProxyAgent(proxy, {
        ...common,
        connections,
        connectTimeout: connectTimeoutMs,
        requestTls: connect,
      } as never);
    }
    const token =
      proxy.username === ''
        ? undefined
        : `Basic ${Buffer.from(`${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`).toString('base64')}`;
    return new ProxyAgent({
      ...common,
      uri: proxy.origin,
      token,
      connections: connections ?? undefined,
      requestTls: connect,
      proxyTls: { timeout: connectTimeoutMs, lookup: sharedLookup, ...trustOfProxy(material) },
    });
  };

  const requests = open(MAX_REQUEST_CONNECTIONS);
  const streams = open(null);
  return {
    key: connectionKey(material, env),
    origin: url.origin,
    prefix: url.pathname.replace(/\/+$/, ''),
    proxy: proxy === null ? undefined : `${proxy.protocol}//${proxy.host}`,
    requests,
    streams,
    get serverCertificates() {
      return shown;
    },
    retire() {
      for (const pool of [requests, streams]) pool.close().catch(() => {});
    },
    async destroy(error) {
      await Promise.allSettled([requests.destroy(error), streams.destroy(error)]);
    },
  };
}

/** An https proxy may be known to the system, or, as with client-go, to the kubeconfig's authority. */
function trustOfProxy({ ca }: Material): { ca?: string[] } {
  return ca === undefined ? {} : { ca: [...tls.rootCertificates, ca] };
}

function tlsOptions({ identity, ca, cert, key }: Material, onTrusted: (chain: X509Certificate[]) => void) {
  try {
    return {
      secureContext: tls.createSecureContext({ ca, cert, key }),
      rejectUnauthorized: !identity.insecureSkipTlsVerify,
      checkServerIdentity(host: string, certificate: tls.PeerCertificate) {
        const problem = tls.checkServerIdentity(host, certificate);
        if (problem === undefined) onTrusted(chainOf(certificate as tls.DetailedPeerCertificate));
        return problem;
      },
      ...(identity.tlsServerName === undefined ? {} : { servername: identity.tlsServerName }),
    };
  } catch (error) {
    const detail = String((error as NodeJS.ErrnoException).code ?? 'unreadable');
    throw new AppError('KUBECONFIG_INCOMPLETE', `certificate or key cannot be used: ${detail}`, {
      params: { what: 'certificate', detail },
    });
  }
}
