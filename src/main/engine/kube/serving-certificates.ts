/**
 * The certificates that a server shows in the TLS handshake. No credentials are sent and nothing is trusted: this only
 * looks. A server behind a proxy is not reached this way.
 */
import { X509Certificate } from 'node:crypto';
import { connect, type DetailedPeerCertificate } from 'node:tls';

/** Leaf first, each once. Rejects with the network's error, or after `timeoutMs`. */
export function servingCertificates(
  server: string,
  serverName?: string,
  timeoutMs = 10_000,
): Promise<X509Certificate[]> {
  const { hostname, port, protocol } = new URL(server);
  if (protocol !== 'https:') return Promise.resolve([]);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const name = serverName ?? (/^[\d.]+$|:/.test(host) ? undefined : host);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(port || 443),
      rejectUnauthorized: false,
      ...(name === undefined ? {} : { servername: name }),
    });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no TLS handshake within ${timeoutMs} ms`)));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const chain = chainOf(socket.getPeerCertificate(true));
      socket.destroy();
      resolve(chain);
    });
  });
}

/** The certificates of a handshake, leaf first, each once. */
export function chainOf(leaf: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  const seen = new Set<string>();
  for (let next: DetailedPeerCertificate | undefined = leaf; next?.raw !== undefined; next = next.issuerCertificate) {
    if (seen.has(next.fingerprint256)) break;
    seen.add(next.fingerprint256);
    chain.push(new X509Certificate(next.raw));
  }
  return chain;
}
