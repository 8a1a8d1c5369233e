/**
 * Asks a webhook over HTTPS, for admission and for conversion. A service is reached through its endpoints, since its
 * cluster IP leads nowhere on this machine; its certificate has to name it as it would inside the cluster.
 */
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { isRecord, jsonProblem, namesProblem } from '../json.ts';
import type { ObjectStore } from '../storage/store.ts';
import { parseYaml } from '../yaml.ts';
import { type HttpAnswer, refusalOf } from './refusal.ts';

const HTTPS_PORT = 443;

/** Source: apiserver, limit of webhook answers. */
const MAX_ANSWER_BYTES = 3 * 1024 * 1024;

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
  /** As it stands in messages, without the timeout. */
  url: string;
  host: string;
  port: number;
  path: string;
  /** Name the certificate has to be for. */
  serverName: string;
}

/** Resolves with the parsed answer. Rejects with an Error in the words of the real server's client. */
export async function callWebhook(
  store: ObjectStore,
  client: ClientConfig,
  review: unknown,
  timeoutSeconds: number,
): Promise<unknown> {
  const timed = (place: string) => `${place}${place.includes('?') ? '&' : '?'}timeout=${timeoutSeconds}s`;
  const to = destination(store, client, timed);
  const body = JSON.stringify(review);
  const options: RequestOptions = {
    method: 'POST',
    host: to.host,
    port: to.port,
    path: timed(to.path),
    // An address is no name for SNI; Node checks it against the certificate all the same.
    ...(isIP(to.host) > 0 && to.serverName === to.host ? {} : { servername: to.serverName }),
    headers: {
      Host: to.serverName,
      'Content-Type': 'application/json',
      Accept: 'application/json, */*',
      'Content-Length': Buffer.byteLength(body),
      'User-Agent': 'kube-apiserver-admission',
    },
    agent: false,
    ...(client.ca === '' ? {} : { ca: client.ca }),
  };
  let answer: HttpAnswer;
  try {
    answer = await exchange(options, body, timeoutSeconds * 1000);
  } catch (error) {
    throw new Error(`Post "${timed(to.url)}": ${reasonOf(error, to)}`);
  }
  if (answer.status < 200 || answer.status > 206) throw new Error(refusalOf(answer));
  if (answer.text === '')
    throw new Error(`0-length response with status code: ${answer.status} and content type: ${answer.contentType}`);
  return parsed(answer.text);
}

/** What is no JSON is read as YAML, of which a page of HTML is a text. */
function parsed(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (/^\s*[{[]/.test(text)) throw new Error(UNREAD + jsonProblem(text, error));
    value = yamlOf(text);
  }
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

function destination(store: ObjectStore, client: ClientConfig, timed: (place: string) => string): Destination {
  if (client.service === undefined) {
    const url = new URL(client.url ?? '');
    if (url.protocol !== 'https:') throw new Error('the URL has to begin with https://');
    return {
      url: url.href,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? 443 : Number(url.port),
      path: url.pathname + url.search,
      serverName: url.hostname,
    };
  }
  const { namespace, name, path, port } = client.service;
  const serverName = `${name}.${namespace}.svc`;
  const from = path === '' || path.startsWith('/') ? path : `/${path}`;
  const url = `https://${serverName}:${port}${from === '' ? '/' : from}`;
  const address = serviceAddress(store, namespace, name, port);
  if (typeof address === 'string') throw new Error(`Post "${timed(url)}": ${address}`);
  return { url, ...address, path: from === '' ? '/' : from, serverName };
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

function exchange(options: RequestOptions, body: string, timeoutMs: number): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) sent.destroy(new Error('webhook response is too large'));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    const timer = setTimeout(() => sent.destroy(new Error('context deadline exceeded')), timeoutMs);
    sent.on('close', () => clearTimeout(timer));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Node's words for what goes wrong with a connection, in those of Go, which people search for. */
function reasonOf(error: unknown, { host, port, serverName }: Destination): string {
  const first = error instanceof AggregateError ? (error.errors.at(-1) as unknown) : error;
  const { code = '', message = '', address } = (first ?? {}) as { code?: string; message?: string; address?: string };
  const at = `${address ?? host}:${port}`;
  const verify = 'tls: failed to verify certificate: x509:';
  switch (code) {
    case 'ECONNREFUSED':
      return `dial tcp ${at}: connect: connection refused`;
    case 'ENOTFOUND':
      return `dial tcp: lookup ${host}: no such host`;
    case 'EHOSTUNREACH':
      return `dial tcp ${at}: connect: no route to host`;
    case 'ECONNRESET':
      return 'EOF';
    case 'CERT_HAS_EXPIRED':
      return `${verify} certificate has expired or is not yet valid`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `${verify} certificate is not valid for ${serverName}`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `${verify} certificate signed by unknown authority`;
    default:
      return message;
  }
}
