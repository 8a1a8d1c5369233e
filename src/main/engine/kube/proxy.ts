/** Which proxy, if any, stands before an API server: the kubeconfig's `proxy-url`, else the environment as Go reads it. */
import { AppError } from '#shared/errors.ts';

const SCHEMES = new Set(['http:', 'https:', 'socks5:']);

/** Null: direct. Explicit proxy-url wins and is never overruled by NO_PROXY (client-go does the same). */
export function proxyFor(server: string, proxyUrl: string | undefined, env: NodeJS.ProcessEnv): URL | null {
  if (proxyUrl !== undefined && proxyUrl !== '') return parseProxy(proxyUrl);
  const target = new URL(server);
  if (isLoopback(target.hostname) || matchesNoProxy(target, env.NO_PROXY ?? env.no_proxy ?? '')) return null;
  const fromEnv =
    target.protocol === 'https:' ? (env.HTTPS_PROXY ?? env.https_proxy) : (env.HTTP_PROXY ?? env.http_proxy);
  if (fromEnv === undefined || fromEnv === '') return null;
  return parseProxy(fromEnv.includes('://') ? fromEnv : `http://${fromEnv}`);
}

function parseProxy(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !SCHEMES.has(url.protocol)) {
    const shown = url === null ? 'not a URL' : url.protocol.replace(':', '');
    throw new AppError('INVALID', `proxy-url must be http, https or socks5 (${shown})`, {
      params: { field: 'proxy-url' },
    });
  }
  return url;
}

export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

/** golang.org/x/net/http/httpproxy: `*`, exact host, domain and its sub-domains, `.domain` sub-domains only, CIDR, host:port. */
export function matchesNoProxy(target: URL, noProxy: string): boolean {
  const host = target.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      if (entry.includes('/')) return inCidr(host, entry);
      const withPort = /^(.*):(\d+)$/.exec(entry);
      const name = withPort !== null && !entry.includes('::') ? (withPort[1] ?? '') : entry;
      if (name !== entry && withPort?.[2] !== port) return false;
      if (name.startsWith('*.')) return host.endsWith(name.slice(1));
      return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
    });
}

function inCidr(host: string, cidr: string): boolean {
  const [network, bitsText] = cidr.split('/');
  const bits = Number(bitsText);
  const address = ipv4(host);
  const base = ipv4(network ?? '');
  if (address === null || base === null || !(bits >= 0 && bits <= 32)) return false;
  if (bits === 0) return true;
  const shift = 32 - bits;
  return address >>> shift === base >>> shift;
}

function ipv4(text: string): number | null {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return null;
  return parts.reduce((value, part) => value * 256 + part, 0);
}
