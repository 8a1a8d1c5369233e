/** Which proxy, if any, stands before an API server: the kubeconfig's `proxy-url`, else the environment as Go reads it. */
import { BlockList, isIP } from 'node:net';
import { AppError } from '#shared/errors.ts';

const SCHEMES = new Set(['http:', 'https:', 'socks5:']);

/** Null: direct. Explicit proxy-url wins and is never overruled by NO_PROXY (client-go does the same). */
export function proxyFor(server: string, proxyUrl: string | undefined, env: NodeJS.ProcessEnv): URL | null {
  if (proxyUrl !== undefined && proxyUrl !== '') return parseProxy(proxyUrl);
  const target = new URL(server);
  // An empty one is none, and hides none.
  if (isLoopback(target.hostname) || matchesNoProxy(target, env.NO_PROXY || env.no_proxy || '')) return null;
  const fromEnv = target.protocol === 'https:' ? env.HTTPS_PROXY || env.https_proxy : env.HTTP_PROXY || env.http_proxy;
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
      const [, bracketed = '', ofPort = port] =
        isIP(entry) === 6 ? [entry, entry] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
      const name = bracketed.replace(/^\[|\]$/g, '');
      if (ofPort !== port) return false;
      if (isIP(name) !== 0) return inCidr(host, `${name}/${isIP(name) === 6 ? 128 : 32}`);
      if (name.startsWith('*.')) return host.endsWith(name.slice(1));
      return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
    });
}

function inCidr(host: string, cidr: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(network) === 0 || isIP(host) !== isIP(network) || !/^\d+$/.test(bits)) return false;
  if (Number(bits) > (family === 'ipv6' ? 128 : 32)) return false;
  const subnet = new BlockList();
  subnet.addSubnet(network, Number(bits), family);
  return subnet.check(host, family);
}
