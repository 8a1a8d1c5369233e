/**
 * Who may talk to the loopback server: programs of this machine that know the address, and pages that came from it.
 * A page from elsewhere can make a browser send requests to 127.0.0.1, also under a name of its own (DNS rebinding);
 * the Host header shows the name, the Origin header the page.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** Both names of this machine; the port has to be ours. */
export function allowedHosts(port: number): readonly string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}

/**
 * Why a request is refused, or null. Origin may be missing (a typed address, curl) but never foreign; a WebSocket
 * upgrade must have one, because browsers always send it and nothing else has a reason to connect there.
 */
export function refusal(
  headers: IncomingHttpHeaders,
  port: number,
  kind: 'request' | 'upgrade',
): 'host' | 'origin' | 'site' | null {
  const host = headers.host?.toLowerCase();
  if (host === undefined || !allowedHosts(port).includes(host)) return 'host';
  const origin = headers.origin?.toLowerCase();
  if (origin === undefined ? kind === 'upgrade' : origin !== `http://${host}`) return 'origin';
  // A foreign page that embeds or fetches something of ours; following a link to us is a navigation and allowed.
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') {
    if (kind === 'upgrade' || headers['sec-fetch-mode'] !== 'navigate') return 'site';
  }
  return null;
}
