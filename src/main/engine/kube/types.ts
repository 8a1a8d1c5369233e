/**
 * The border between "what talks to an API server" and "how the bytes get there". Controllers, views and services take
 * a `KubeClient`; it works the same over HTTPS to a real cluster and in-process to an embedded API server.
 * Objects are raw JSON in both directions, never class instances (facts/desktop D1).
 */
import type { Duplex } from 'node:stream';
import type { KubeList, KubeObject, ResourceInfo, ResourceRef, WatchEvent } from '#shared/kubernetes/types.ts';
import type { RequestPriority } from './budget.ts';

export interface TransportRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path without query, already percent-encoded: `/api/v1/namespaces/default/pods`. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  headers?: Record<string, string>;
  /** A JSON value, which the transport serialises; bytes go as they are, with a content type among the headers. */
  body?: unknown;
  signal?: AbortSignal;
  /** Good answers are wanted as the bytes that came, for somebody else to read; a transport without bytes gives values. */
  raw?: boolean;
  /** Time from sending it to the complete answer, default 30 s; not used for `stream`. */
  timeoutMs?: number;
  /** Before what else it is sent where one cluster is asked for much at once; default `normal`. */
  priority?: RequestPriority;
  /** `stream` only: called once when the server has accepted it. A transport that cannot tell may leave it out. */
  onOpen?: () => void;
  /** `stream` only: told how many bytes have come, as they come. A transport without bytes leaves it out. */
  onBytes?: (count: number) => void;
}

export interface TransportResponse {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** Parsed JSON when the content type is JSON, else text; bytes where `raw` asked for them. */
  body: unknown;
}

/** With headers that may come more than once. */
export type RawRequest = Omit<TransportRequest, 'headers'> & { headers?: Record<string, string | string[]> };

export interface RawResponse {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: AsyncIterable<Uint8Array>;
}

export interface Upgraded {
  /** Lower-case names. */
  headers: Record<string, string | string[]>;
  connection: Duplex;
}

/**
 * One identity on one API server. Network trouble is thrown as AppError (CLUSTER_UNREACHABLE, TLS_UNTRUSTED,
 * CERT_EXPIRED, EXEC_TIMEOUT ...); HTTP errors are answers, not exceptions.
 */
export interface KubeTransport {
  readonly server: string;
  request(request: TransportRequest): Promise<TransportResponse>;
  /** One JSON value per line (watch). Throws ApiError for an answer >= 400, AppError for network trouble. Ends when the server ends it. */
  stream(request: TransportRequest): AsyncIterable<unknown>;
  /** The answer as it comes, byte by byte, for those who pass it on. In-process transports have no need of it. */
  raw?(request: RawRequest): Promise<RawResponse>;
  /** The connection after it has changed to another protocol; null when the server does not change. */
  upgrade?(request: RawRequest & { protocol: string }): Promise<Upgraded | null>;
  /** The way has turned out to be slow: answers to requests are asked for compressed from now on. False where they cannot be. */
  compress?(): boolean;
  /** PEM of the certificate that this identity shows, where it shows one, and of what it trusts. */
  certificates?(): Promise<IdentityCertificates>;
  /** Ends every connection; calls after that fail. */
  close(): Promise<void>;
}

export interface IdentityCertificates {
  client?: string | undefined;
  /** Absent: those of the system. */
  authorities?: string | undefined;
  /** What the server is asked for by, where that is not its address. */
  serverName?: string | undefined;
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  /** Objects come as PartialObjectMetadata (API reference, "Metadata-only fetches"): no spec, no data. */
  metadataOnly?: boolean;
  /** See TransportRequest. */
  priority?: RequestPriority;
  /** Ask for the server's own columns along with the objects; see table.ts. */
  table?: boolean;
  signal?: AbortSignal;
}

export interface WatchOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion?: string;
  allowBookmarks?: boolean;
  sendInitialEvents?: boolean;
  timeoutSeconds?: number;
  /** Ask for the server's own columns along with the objects; see table.ts. */
  table?: boolean;
  signal?: AbortSignal;
  /** Called once when the server has accepted the watch, if the transport can tell. */
  onOpen?: () => void;
  /** See TransportRequest. */
  onBytes?: (count: number) => void;
}

export interface WriteOptions {
  namespace?: string;
  fieldManager?: string;
  dryRun?: boolean;
  subresource?: string;
  signal?: AbortSignal;
  /** Collects the texts of Warning headers. */
  onWarning?: (text: string) => void;
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

/** Convenience over a transport. Every method throws ApiError (see errors.ts) when the server answers >= 400. */
export interface KubeClient {
  readonly transport: KubeTransport;
  get<T extends KubeObject = KubeObject>(
    ref: ResourceRef,
    name: string,
    options?: { namespace?: string; subresource?: string; signal?: AbortSignal },
  ): Promise<T>;
  /** Null instead of 404. */
  find<T extends KubeObject = KubeObject>(
    ref: ResourceRef,
    name: string,
    options?: { namespace?: string; signal?: AbortSignal },
  ): Promise<T | null>;
  list<T extends KubeObject = KubeObject>(ref: ResourceRef, options?: ListOptions): Promise<KubeList<T>>;
  /** The same, unread where it came over a network: `readList` reads it, in a thread where it is large. */
  rawList(ref: ResourceRef, options?: Omit<ListOptions, 'table'>): Promise<Uint8Array | KubeList>;
  watch<T extends KubeObject = KubeObject>(ref: ResourceRef, options?: WatchOptions): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject = KubeObject>(ref: ResourceRef, object: KubeObject, options?: WriteOptions): Promise<T>;
  /** PUT; metadata.resourceVersion in the object is the precondition. */
  update<T extends KubeObject = KubeObject>(ref: ResourceRef, object: KubeObject, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject = KubeObject>(
    ref: ResourceRef,
    name: string,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions & { force?: boolean },
  ): Promise<T>;
  delete(
    ref: ResourceRef,
    name: string,
    options?: WriteOptions & {
      propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
      gracePeriodSeconds?: number;
      preconditions?: { uid?: string; resourceVersion?: string };
    },
  ): Promise<KubeObject>;
  /** Discovery of everything served, cached for a short time; `refresh` asks again. */
  resources(options?: { refresh?: boolean; signal?: AbortSignal }): Promise<ResourceInfo[]>;
  version(signal?: AbortSignal): Promise<{ gitVersion: string; major: string; minor: string; platform: string }>;
}
