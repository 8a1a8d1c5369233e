/**
 * KubeClient over any KubeTransport: paths, queries, patch content types, warnings, errors. Holds no state but the
 * discovery cache.
 */
import { AppError } from '#shared/errors.ts';
import type { KubeList, KubeObject, KubeStatus, ResourceRef, WatchEvent } from '#shared/kubernetes/types.ts';
import { resourcePath } from '#shared/kubernetes/types.ts';
import { apiErrorOf, parseRetryAfter } from './api-error.ts';
import { sleep } from './backoff.ts';
import { createDiscovery, type Discovery } from './discovery.ts';
import { isNotFound } from './errors.ts';
import { parseWarnings } from './headers.ts';
import { MalformedStreamError } from './ndjson.ts';
import { columnsOf, isTable, listOfTable, objectOfTable, type ServedColumn, TABLE_ACCEPT } from './table.ts';
import type {
  KubeClient,
  KubeTransport,
  ListOptions,
  PatchType,
  TransportRequest,
  TransportResponse,
  WatchOptions,
  WriteOptions,
} from './types.ts';

/** API reference, "Patch" content types. */
const PATCH_CONTENT_TYPE: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/**
 * API Priority and Fairness: 429 with Retry-After means "not even looked at", so any verb may come again (client-go does
 * the same). A longer wait is for the caller to decide.
 */
const MAX_RETRIES = 3;
const MAX_RETRY_AFTER_SECONDS = 5;

/** `discovery`: shared with other clients of the same server; its own when left out. */
export function createKubeClient(
  transport: KubeTransport,
  discovery: Discovery = createDiscovery(transport),
): KubeClient {
  async function call(request: TransportRequest, onWarning?: (text: string) => void): Promise<TransportResponse> {
    let response = await transport.request(request);
    for (let retry = 1; retry <= MAX_RETRIES && response.status === 429; retry++) {
      const seconds = parseRetryAfter(response.headers['retry-after']);
      if (seconds === undefined || seconds > MAX_RETRY_AFTER_SECONDS) break;
      await sleep(seconds * 1000, request.signal);
      response = await transport.request(request);
    }
    if (onWarning !== undefined) for (const text of parseWarnings(response.headers.warning)) onWarning(text);
    if (response.status >= 400) throw apiErrorOf(response, `${request.method} ${request.path}`);
    return response;
  }

  async function write<T>(
    method: TransportRequest['method'],
    path: string,
    body: unknown,
    options: WriteOptions,
    extra: { query?: TransportRequest['query']; headers?: Record<string, string> } = {},
  ): Promise<T> {
    const response = await call(
      {
        method,
        path,
        query: { fieldManager: options.fieldManager, dryRun: options.dryRun ? 'All' : undefined, ...extra.query },
        body,
        headers: extra.headers,
        signal: options.signal,
      },
      options.onWarning,
    );
    return response.body as T;
  }

  const client: KubeClient = {
    transport,

    async get<T extends KubeObject>(
      ref: ResourceRef,
      name: string,
      options: { namespace?: string; subresource?: string; signal?: AbortSignal } = {},
    ): Promise<T> {
      const path = resourcePath(ref, { namespace: options.namespace, name, subresource: options.subresource });
      const { body } = await call({ method: 'GET', path, signal: options.signal });
      if (!isObject(body)) throw notKubernetes(transport.server, `GET ${path}`, body);
      return body as T;
    },

    async find<T extends KubeObject>(
      ref: ResourceRef,
      name: string,
      options: { namespace?: string; signal?: AbortSignal } = {},
    ): Promise<T | null> {
      try {
        return await client.get<T>(ref, name, options);
      } catch (error) {
        if (isNotFound(error)) return null;
        throw error;
      }
    },

    async list<T extends KubeObject>(ref: ResourceRef, options: ListOptions = {}): Promise<KubeList<T>> {
      const request = listRequest(ref, options);
      const { body } = await call(request);
      return isTable(body) ? listOfTable<T>(body) : listOf<T>(body, transport.server, request.path);
    },

    async rawList(ref, options = {}) {
      return (await call({ ...listRequest(ref, options), raw: true })).body as Uint8Array | KubeList;
    },

    watch<T extends KubeObject>(ref: ResourceRef, options: WatchOptions = {}): AsyncIterable<WatchEvent<T>> {
      const { namespace, signal, onOpen, onBytes, allowBookmarks, sendInitialEvents, table, ...query } = options;
      const wanted = {
        ...query,
        watch: true,
        // WatchList (KEP-3157) is refused without bookmarks and without this match.
        allowWatchBookmarks: allowBookmarks || sendInitialEvents ? true : undefined,
        ...(sendInitialEvents ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } : {}),
      };
      const path = resourcePath(ref, { namespace });
      const lines = transport.stream({ method: 'GET', path, signal, onOpen, onBytes, ...asked(wanted, table) });
      return watchEvents<T>(lines);
    },

    async create<T extends KubeObject>(ref: ResourceRef, object: KubeObject, options: WriteOptions = {}): Promise<T> {
      const namespace = options.namespace ?? object.metadata?.namespace;
      // A subresource is created on an object (binding, eviction, token); a plain create goes to the collection.
      const name = options.subresource === undefined ? undefined : object.metadata?.name;
      const path = resourcePath(ref, { namespace, name, subresource: options.subresource });
      return await write<T>('POST', path, object, options);
    },

    async update<T extends KubeObject>(ref: ResourceRef, object: KubeObject, options: WriteOptions = {}): Promise<T> {
      const path = resourcePath(ref, {
        namespace: options.namespace ?? object.metadata.namespace,
        name: object.metadata.name ?? '',
        subresource: options.subresource,
      });
      return await write<T>('PUT', path, object, options);
    },

    async patch<T extends KubeObject>(
      ref: ResourceRef,
      name: string,
      type: PatchType,
      patch: unknown,
      options: WriteOptions & { force?: boolean } = {},
    ): Promise<T> {
      const path = resourcePath(ref, { namespace: options.namespace, name, subresource: options.subresource });
      return await write<T>('PATCH', path, patch, options, {
        query: type === 'apply' && options.force !== undefined ? { force: options.force } : {},
        headers: { 'content-type': PATCH_CONTENT_TYPE[type] },
      });
    },

    async delete(ref, name, options = {}): Promise<KubeObject> {
      const { propagationPolicy, gracePeriodSeconds, preconditions } = options;
      const asked = propagationPolicy !== undefined || gracePeriodSeconds !== undefined || preconditions !== undefined;
      const body = asked
        ? { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy, gracePeriodSeconds, preconditions }
        : undefined;
      const path = resourcePath(ref, { namespace: options.namespace, name, subresource: options.subresource });
      // DELETE knows no fieldManager; strict servers warn about it.
      return await write<KubeObject>('DELETE', path, body, { ...options, fieldManager: undefined });
    },

    resources: (options = {}) => discovery.resources(options),

    async version(signal) {
      const { body } = await call({ method: 'GET', path: '/version', signal });
      const info = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
      const text = (field: string) => (typeof info[field] === 'string' ? (info[field] as string) : '');
      return {
        gitVersion: text('gitVersion'),
        major: text('major'),
        minor: text('minor'),
        platform: text('platform'),
      };
    },
  };
  return client;
}

/**
 * A list, and every item an object that has a name. Somebody else's answer (the page of a gateway, or of a network that
 * wants a login) taken for an empty list would look as if everything had been deleted.
 */
function isList<T extends KubeObject>(body: unknown): body is KubeList<T> {
  if (!isObject(body)) return false;
  const { kind, items } = body;
  // Some aggregated servers write an empty list as null.
  if (items === null || items === undefined) return typeof kind === 'string' && kind.endsWith('List');
  return Array.isArray(items) && items.every((item) => isObject(item) && isObject(item.metadata));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notKubernetes(server: string, request: string, body: unknown): AppError {
  const what = typeof body === 'string' ? 'text' : 'JSON of another shape';
  return new AppError(
    'CLUSTER_ERROR',
    `${request}: ${server} answered ${what}, not what a Kubernetes API server would`,
    {
      retryable: true,
      params: { server, request },
      hint: 'hints.notApiServer',
    },
  );
}

/** What `rawList` gave, read. Throws AppError CLUSTER_ERROR when it is no list of objects; `server` is named by it. */
export function readList<T extends KubeObject = KubeObject>(
  body: Uint8Array | KubeList,
  server: string,
  path: string,
): KubeList<T> {
  if (!(body instanceof Uint8Array)) return listOf<T>(body, server, path);
  let value: unknown = '';
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    // Text is what `listOf` refuses.
  }
  return listOf<T>(value, server, path);
}

function listOf<T extends KubeObject>(body: unknown, server: string, path: string): KubeList<T> {
  if (!isList<T>(body)) throw notKubernetes(server, `GET ${path}`, body);
  return withItemKinds(body);
}

function listRequest(ref: ResourceRef, options: ListOptions): TransportRequest {
  const { namespace, signal, priority, metadataOnly = false, table = false, ...query } = options;
  const form = metadataOnly ? { query, headers: { accept: METADATA_ONLY } } : asked(query, table);
  return { method: 'GET', path: resourcePath(ref, { namespace }), signal, ...(priority && { priority }), ...form };
}

/** Real API servers leave apiVersion and kind out of the items of a list; everything above expects them. */
function withItemKinds<T extends KubeObject>(list: KubeList<T>): KubeList<T> {
  const items = list.items ?? [];
  const first = items[0];
  if (first === undefined || (first.kind !== undefined && first.apiVersion !== undefined)) return { ...list, items };
  const kind = list.kind?.endsWith('List') ? list.kind.slice(0, -4) : list.kind;
  return { ...list, items: items.map((item) => ({ ...item, apiVersion: list.apiVersion, kind })) };
}

/** Query and headers of a read, with the server's columns where they are wanted. */
function asked(
  query: NonNullable<TransportRequest['query']>,
  table: boolean | undefined,
): Pick<TransportRequest, 'query' | 'headers'> {
  return table === true
    ? { query: { ...query, includeObject: 'Object' }, headers: { accept: TABLE_ACCEPT } }
    : { query };
}

async function* watchEvents<T extends KubeObject>(lines: AsyncIterable<unknown>): AsyncIterable<WatchEvent<T>> {
  let columns: readonly ServedColumn[] = [];
  for await (let line of lines) {
    const event = line as { type?: unknown; object?: unknown } | null;
    if (isTable(event?.object)) {
      columns = columnsOf(event?.object) ?? columns;
      line = { type: event?.type, object: objectOfTable(event?.object, columns) };
    }
    if (!isWatchEvent(line)) throw new MalformedStreamError('watch event without type or object');
    yield line as WatchEvent<T>;
  }
}

function isWatchEvent(line: unknown): boolean {
  if (typeof line !== 'object' || line === null) return false;
  const { type, object } = line as { type?: unknown; object?: unknown };
  if (typeof object !== 'object' || object === null) return false;
  if (type === 'ERROR') return true;
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED' && type !== 'BOOKMARK') return false;
  const metadata = (object as { metadata?: unknown }).metadata;
  if (typeof metadata !== 'object' || metadata === null) return false;
  return type === 'BOOKMARK' || typeof (metadata as { name?: unknown }).name === 'string';
}

/** The Status of an ERROR event as a response, so that it becomes the same ApiError as a refusal. */
export function errorEventOf(object: unknown, request: string): ReturnType<typeof apiErrorOf> {
  const status = object as KubeStatus;
  const code = typeof status.code === 'number' && status.code >= 400 && status.code < 600 ? status.code : 500;
  return apiErrorOf({ status: code, headers: {}, body: object }, request);
}
