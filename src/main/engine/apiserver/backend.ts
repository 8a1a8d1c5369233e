/**
 * What a host may put behind an API server that has no nodes of its own: running pods (logs, exec, attach, port-forward),
 * HTTP behind pods, services and nodes, and API groups served by the host (metrics.k8s.io). The server does everything the
 * wire and the API ask for (protocols, authorisation, which container is meant, kubelet's refusals for containers that do
 * not run); the host only does the work. Objects handed over are shared with the store: read, never change.
 */
import type { Duplex, Readable, Writable } from 'node:stream';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { TableColumn, UserInfo } from './types.ts';

/**
 * Stands in for the kubelets. Every function may refuse by throwing an ApiError (`refuse()`, `badRequest()`); anything
 * else thrown is an internal error of the node and is told as kubelet tells it. `signal` ends when the client is gone or
 * the server closes; work for it should end then.
 */
export interface PodBackend {
  /** Whole lines, oldest first, already limited as the request says; ends unless `follow`. A throw before the first piece is a refusal, later it cuts the answer: who follows a silent container yields an empty piece, so that the answer can begin. */
  logs(request: LogRequest, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Runs a command in a running container. Resolves when the process has ended and everything it wrote is in the streams. */
  exec(request: ExecRequest, streams: ProcessStreams, signal: AbortSignal): Promise<ProcessExit>;
  /** Connects to the first process of a running container; resolves when that ends or the client goes. */
  attach(request: AttachRequest, streams: ProcessStreams, signal: AbortSignal): Promise<ProcessExit>;
  /** One connection to a port of the pod; resolves when it is over. The server closes `connection` then. A throw is told to the client, its other connections go on. */
  portForward(request: PortForwardRequest, connection: Duplex, signal: AbortSignal): Promise<void>;
  /** `pods/NAME/proxy`, `services/NAME/proxy`, `nodes/NAME/proxy`. */
  proxy(request: ProxyRequest, signal: AbortSignal): Promise<ProxyResponse>;
}

interface ContainerRequest {
  pod: KubeObject;
  /** A container, init container or ephemeral container of the pod. */
  container: string;
  user: UserInfo;
}

/** core/v1 PodLogOptions. */
export interface LogRequest extends ContainerRequest {
  follow: boolean;
  /** The run before the last restart; asked for only when the container's status knows one. */
  previous: boolean;
  sinceSeconds: number | null;
  /** Milliseconds since the epoch. */
  sinceTime: number | null;
  /** Lines from the end; null: all. */
  tailLines: number | null;
  /** Bytes of the whole answer; the server cuts here by itself. */
  limitBytes: number | null;
  /** Each line begins with RFC 3339 time in nanoseconds and a blank. */
  timestamps: boolean;
  stream: 'All' | 'Stdout' | 'Stderr';
}

/** core/v1 PodExecOptions. */
export interface ExecRequest extends ContainerRequest {
  /** Program and arguments; never empty. */
  command: readonly string[];
  tty: boolean;
}

/** core/v1 PodAttachOptions. */
export interface AttachRequest extends ContainerRequest {
  tty: boolean;
}

/** What a process is connected to; null what was not asked for. With a terminal, stderr comes through stdout. */
export interface ProcessStreams {
  /** Ends when the client closes its side. */
  stdin: Readable | null;
  /** `write` answers false when the client does not keep up: wait for `drain`. The server ends them. */
  stdout: Writable | null;
  stderr: Writable | null;
  /** Called at once with the size when it is known, then whenever the client's terminal changes. Terminals only. */
  onResize(listener: (size: TerminalSize) => void): void;
}

export interface TerminalSize {
  width: number;
  height: number;
}

export interface ProcessExit {
  /** 0 to 255. */
  code: number;
}

export interface PortForwardRequest {
  pod: KubeObject;
  port: number;
  user: UserInfo;
}

/** An HTTP request for something behind the API server. */
export interface ProxyRequest {
  resource: 'pods' | 'services' | 'nodes';
  /** The pod, service or node. */
  object: KubeObject;
  scheme: 'http' | 'https';
  /** Number or name as in `services/NAME:PORT/proxy`; empty: the first port there is. */
  port: string;
  method: string;
  /** With the query: `/metrics?a=b`. */
  path: string;
  /** Lower-case names, without credentials and connection headers. */
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  user: UserInfo;
}

/** The host passes on what is asked behind `/proxy` of the objects of one resource that is not built in. */
export interface ObjectProxy {
  group: string;
  /** Plural: `clusters`. */
  resource: string;
  /** May refuse by throwing an ApiError. `signal` ends when the client is gone or the server closes. */
  proxy(request: ObjectProxyRequest, signal: AbortSignal): Promise<ProxyResponse>;
  /**
   * A request for another protocol (exec, attach, port-forward). The headers include those of the handshake. Answers with
   * the connection behind and the headers of its 101, or with a plain answer when there is none.
   */
  upgrade?(request: ObjectProxyRequest, signal: AbortSignal): Promise<ProxiedConnection | ProxyResponse>;
}

export interface ProxiedConnection {
  headers: Readonly<Record<string, string | string[]>>;
  connection: Duplex;
}

export interface ObjectProxyRequest extends Pick<ProxyRequest, 'method' | 'path' | 'headers' | 'body' | 'user'> {
  object: KubeObject;
}

export interface ProxyResponse {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array | AsyncIterable<Uint8Array>;
}

/**
 * A group version the host serves, as an extension API server would: in discovery, with an APIService, under RBAC,
 * with tables and selectors made by the server. Read-only.
 */
export interface AggregatedApi {
  group: string;
  version: string;
  /** The service its APIService names: where such a server usually runs. */
  service: { namespace: string; name: string };
  resources: readonly AggregatedResource[];
}

export interface AggregatedResource {
  /** Plural: `pods`. */
  resource: string;
  singular: string;
  /** `PodMetrics`; its list is `PodMetricsList`. */
  kind: string;
  namespaced: boolean;
  shortNames?: string[];
  /** Beyond Name and Age. */
  columns?: TableColumn[];
  /** Undefined: 404. May refuse by throwing an ApiError. The namespace is empty for cluster-scoped resources. */
  get(namespace: string, name: string): KubeObject | undefined | Promise<KubeObject | undefined>;
  /** All of one namespace, or of all when it is empty. The server filters by selectors and sorts. */
  list(namespace: string): readonly KubeObject[] | Promise<readonly KubeObject[]>;
}
