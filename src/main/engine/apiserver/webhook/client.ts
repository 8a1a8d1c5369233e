/**
 * Asks a webhook over HTTPS, for admission and for conversion. A service is reached through its endpoints, since its
 * cluster IP leads nowhere on this machine; its certificate has to name it as it would inside the cluster.
 */
import { getServers } from 'node:dns';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { isRecord, jsonProblem, namesProblem } from '../json.ts';
import type { ObjectStore } from '../storage/store.ts';
import { loadYaml, parseYaml } from '../yaml.ts';
import { hostnameProblem } from './hostname.ts';
import { type HttpAnswer, refusalOf } from './refusal.ts';

const HTTPS_PORT = 443;

/** The real server reads whatever comes. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Source: net/http, Client. */
const MAX_REDIRECTS = 10;
/** Source: client-go, with_retry.go. */
const MAX_RETRIES = 10;

const UNREAD = "couldn't get version/kind; json parse error: ";

/** Where a webhook is. */
export interface ClientConfig {
  url?: string;
  service?: { namespace: string; name: string; path: string; port: number };
  /** PEM; empty: the roots this machine trusts. */
  ca: string;
}

/** Reads a `clientConfig` of the API. */
export function clientOf(config: Json): ClientConfig {
  const ca = Buffer.from(String(config.caBundle ?? ''), 'base64').toString('utf8');
  if (config.service === undefined) return { url: String(config.url ?? ''), ca };
  const { namespace = '', name = '', path = '', port = HTTPS_PORT } = config.service;
  return { service: { namespace, name, path, port }, ca };
}

interface Destination {
  /** As it stands in messages. */
  url: string;
  protocol: string;
  host: string;
  port: number;
  path: string;
  /** Name the certificate has to be for. */
  serverName: string;
  /** Value of the header. */
  hostHeader: string;
}

/** One request of the course that a call takes. */
interface Hop {
  method: 'POST' | 'GET';
  to: Destination;
  referer: string | null;
}

/** Resolves with the parsed answer. Rejects with an Error in the words of the real server's client. */
export async function callWebhook(
  store: ObjectStore,
  client: ClientConfig,
  review: unknown,
  timeoutSeconds: number,
): Promise<unknown> {
  const to = destination(store, client, timeoutSeconds);
  const deadline = AbortSignal.timeout(timeoutSeconds * 1000);
  const body = JSON.stringify(review);
  for (let attempt = 1; ; attempt++) {
    const answer = await follow(to, client.ca, body, deadline);
    const wait = retryAfter(answer);
    if (wait === null || attempt > MAX_RETRIES) return read(answer);
    await pause(wait * 1000, deadline);
  }
}

/** How many seconds a webhook that cannot answer now asks to be left alone for; null: it has answered. */
function retryAfter({ status, headers }: HttpAnswer): number | null {
  const seconds = headers?.['retry-after'] ?? '';
  return (status === 429 || status >= 500) && /^\d+$/.test(seconds) ? Number(seconds) : null;
}

function pause(ms: number, until: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      until.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    until.addEventListener('abort', done);
    if (until.aborted) done();
  });
}

/** The answer at the end of all redirects. A POST that is sent elsewhere without being told to stay one becomes a GET. */
async function follow(to: Destination, ca: string, body: string, deadline: AbortSignal): Promise<HttpAnswer> {
  let hop: Hop = { method: 'POST', to, referer: null };
  for (let redirects = 0; ; redirects++) {
    const answer = await hopOnce(hop, ca, body, deadline);
    const location = REDIRECTS.has(answer.status) ? (answer.headers?.location ?? '') : '';
    if (location === '') return answer;
    if (redirects + 1 >= MAX_REDIRECTS) throw new Error(`Post "${location}": stopped after ${MAX_REDIRECTS} redirects`);
    hop = redirected(hop, answer.status, location);
  }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const KEEPING = new Set([307, 308]);

function redirected({ method, to }: Hop, status: number, location: string): Hop {
  const next = new URL(location, to.url);
  if (next.protocol !== 'https:' && next.protocol !== 'http:')
    throw new Error(`Post "${location}": unsupported protocol scheme "${next.protocol.slice(0, -1)}"`);
  const there = next.host === new URL(to.url).host ? { ...to, ...placeIn(next) } : addressOf(next);
  return { method: KEEPING.has(status) ? method : 'GET', to: there, referer: to.url };
}

/** The answer had begun. */
class BrokenOff extends Error {
  constructor({ code, message }: NodeJS.ErrnoException) {
    const reason = code === 'ECONNRESET' ? 'unexpected EOF' : message;
    super(`unexpected error when reading response body. Please retry. Original error: ${reason}`);
  }
}

async function hopOnce(
  { method, to, referer }: Hop,
  ca: string,
  body: string,
  deadline: AbortSignal,
): Promise<HttpAnswer> {
  const sends = method === 'POST';
  const options: RequestOptions = {
    method,
    host: to.host,
    port: to.port,
    path: to.path,
    // An address is no name for SNI; Node checks it against the certificate all the same.
    ...(isIP(to.host) > 0 && to.serverName === to.host ? {} : { servername: to.serverName }),
    headers: {
      Host: to.hostHeader,
      Accept: 'application/json, */*',
      'User-Agent': 'kube-apiserver-admission',
      ...(sends ? { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) } : {}),
      ...(referer === null ? {} : { Referer: referer }),
    },
    agent: false,
    ...(ca === '' ? {} : { ca }),
    checkServerIdentity: (_host, cert) => hostnameProblem(to.serverName.replace(/^\[|\]$/g, ''), cert),
  };
  try {
    return await exchange(options, to.protocol, sends ? body : '', deadline);
  } catch (error) {
    if (error instanceof BrokenOff) throw error;
    throw new Error(`${sends ? 'Post' : 'Get'} "${to.url}": ${reasonOf(error, to)}`);
  }
}

async function read(answer: HttpAnswer): Promise<unknown> {
  if (answer.status < 200 || answer.status > 206) throw new Error(refusalOf(answer));
  if (answer.text === '')
    throw new Error(`0-length response with status code: ${answer.status} and content type: ${answer.contentType}`);
  return parsed(answer.text);
}

/** What is no JSON is read as YAML, of which a page of HTML is a text. */
async function parsed(text: string): Promise<unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (/^\s*[{[]/.test(text)) throw new Error(UNREAD + jsonProblem(text, error));
    await loadYaml();
    value = yamlOf(text);
  }
  if (value === null) return {};
  const problem = namesProblem(value);
  if (!isRecord(value) || problem !== null) throw new Error(UNREAD + problem);
  return value;
}

function yamlOf(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw new Error(`${UNREAD}${error instanceof Error ? error.message.split('\n', 1)[0] : 'malformed'}`);
  }
}

function destination(store: ObjectStore, client: ClientConfig, timeoutSeconds: number): Destination {
  const timed = (url: URL): URL => {
    url.searchParams.set('timeout', `${timeoutSeconds}s`);
    return url;
  };
  if (client.service === undefined) {
    const url = new URL(client.url ?? '');
    if (url.protocol !== 'https:') throw new Error('the URL has to begin with https://');
    return addressOf(timed(url));
  }
  const { namespace, name, path, port } = client.service;
  const serverName = `${name}.${namespace}.svc`;
  const from = path === '' || path.startsWith('/') ? path : `/${path}`;
  const at = `${serverName}:${port}`;
  // The port stays in messages even where it is the usual one.
  const place = placeIn(timed(new URL(`https://${serverName}${from}`)));
  const url = `https://${at}${place.path}`;
  const address = serviceAddress(store, namespace, name, port);
  if (typeof address === 'string') throw new Error(`Post "${url}": ${address}`);
  return { protocol: 'https:', path: place.path, url, ...address, serverName, hostHeader: at };
}

function placeIn(url: URL): Pick<Destination, 'url' | 'protocol' | 'path'> {
  return { url: url.href, protocol: url.protocol, path: url.pathname + url.search };
}

function addressOf(url: URL): Destination {
  const usual = url.protocol === 'https:' ? HTTPS_PORT : 80;
  return {
    ...placeIn(url),
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? usual : Number(url.port),
    serverName: url.hostname,
    hostHeader: url.host,
  };
}

/** Where a port of a service is answered; a text says why nowhere. */
export function serviceAddress(
  store: ObjectStore,
  namespace: string,
  name: string,
  port: number,
): { host: string; port: number } | string {
  const service = store.collection('/services').latest(`${namespace}/${name}`)?.object;
  if (service === undefined) return `service "${name}" not found`;
  if (service.spec?.type === 'ExternalName') return { host: String(service.spec.externalName), port };
  const wanted = ((service.spec?.ports ?? []) as Json[]).find((each) => each.port === port);
  if (wanted === undefined) return `no service port ${port} found for service "${name}"`;
  for (const slice of slicesOf(store, namespace, name)) {
    const target = ((slice.ports ?? []) as Json[]).find((each) => (each.name ?? '') === (wanted.name ?? ''));
    const ready = ((slice.endpoints ?? []) as Json[]).find((each) => each.conditions?.ready !== false);
    const host = ready?.addresses?.[0];
    if (host !== undefined && target?.port !== undefined) return { host, port: target.port };
  }
  const endpoints = store.collection('/endpoints').latest(`${namespace}/${name}`)?.object;
  for (const subset of (endpoints?.subsets ?? []) as Json[]) {
    const target = ((subset.ports ?? []) as Json[]).find((each) => (each.name ?? '') === (wanted.name ?? ''));
    const host = subset.addresses?.[0]?.ip;
    if (host !== undefined && target?.port !== undefined) return { host, port: target.port };
  }
  return `no endpoints available for service "${name}"`;
}

function slicesOf(store: ObjectStore, namespace: string, service: string): KubeObject[] {
  const slices = store.collection('discovery.k8s.io/endpointslices');
  return slices
    .keys(`${namespace}/`)
    .map((key) => slices.items.get(key)!.object)
    .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === service);
}

async function exchange(
  options: RequestOptions,
  protocol: string,
  body: string,
  deadline: AbortSignal,
): Promise<HttpAnswer> {
  // Only redirects lead there; whoever imports that module gets the runtime's whole `fetch`, 3 MB, with it.
  const send = protocol === 'http:' ? (await import('node:http')).request : httpsRequest;
  return new Promise((resolve, reject) => {
    const sent = send(options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) sent.destroy(new Error('webhook response is too large'));
        else chunks.push(chunk);
      });
      response.on('error', (error) => reject(new BrokenOff(error)));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString('utf8'),
          headers: { location: response.headers.location, 'retry-after': response.headers['retry-after'] },
        }),
      );
    });
    const late = () => sent.destroy(new Error('context deadline exceeded'));
    if (deadline.aborted) late();
    deadline.addEventListener('abort', late);
    sent.on('close', () => deadline.removeEventListener('abort', late));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Node's words for what goes wrong with a connection, in those of Go, which people search for. */
function reasonOf(error: unknown, { host, port }: Destination): string {
  const first = error instanceof AggregateError ? (error.errors.at(-1) as unknown) : error;
  const { code = '', message = '', address } = (first ?? {}) as { code?: string; message?: string; address?: string };
  const at = `${address ?? host}:${port}`;
  const verify = 'tls: failed to verify certificate: x509:';
  switch (code) {
    case 'ECONNREFUSED':
      return `dial tcp ${at}: connect: connection refused`;
    case 'ENOTFOUND':
      return `dial tcp: lookup ${host}${nameServer()}: no such host`;
    case 'EHOSTUNREACH':
      return `dial tcp ${at}: connect: no route to host`;
    case 'ECONNRESET':
      return 'EOF';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'EPROTO':
      return 'http: server gave HTTP response to HTTPS client';
    case 'CERT_HAS_EXPIRED':
      return `${verify} certificate has expired or is not yet valid`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `${verify} certificate signed by unknown authority`;
    default:
      return message;
  }
}

/** Whom this machine asks for names. */
function nameServer(): string {
  const [first] = getServers();
  return first === undefined
    ? ''
    : ` on ${isIP(first) === 0 ? first : isIP(first) === 6 ? `[${first}]:53` : `${first}:53`}`;
}
