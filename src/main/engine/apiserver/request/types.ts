/**
 * Contract of the request pipeline, which knows nothing of HTTP: what comes in, what goes out. The HTTP server and the
 * in-process client are two thin adapters around it.
 */
import type { Duplex } from 'node:stream';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { ProcessExit, ProcessStreams } from '../backend.ts';
import type { Document } from '../documents.ts';
import type { Stored } from '../storage/stored.ts';
import type { UserInfo } from '../types.ts';

/**
 * Body as it came: bytes off the wire, or a value handed over in-process. That is copied before it is kept, unless it is
 * `lasting`: the caller never changes it again.
 */
export type RequestBody = { bytes: Uint8Array } | { value: unknown; lasting?: boolean };

export interface ApiRequest {
  /** Upper case. */
  method: string;
  /** Without query, percent-encoded as it came. */
  path: string;
  query: URLSearchParams;
  /** Path and query as they came; absent in-process. */
  uri?: string;
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  /** Null: no credentials, which makes the caller anonymous. */
  user: UserInfo | null;
  body: RequestBody | null;
  /** Where the caller connects from and to, as it goes into answers that name the server. */
  host?: string;
  /** The connection can change its protocol, and the client asks for that. */
  upgrade?: boolean;
  /** Ends when the caller no longer waits; made when asked for. */
  signal?: () => AbortSignal;
}

/** Takes the events of a watch. */
export interface WatchSink {
  /** False when the reader is gone: the watch ends. */
  event(frame: WatchFrame): boolean;
  /** The reader has enough for now; what `onDrain` was given is called when it can take more. */
  readonly full: boolean;
  onDrain(ready: () => void): void;
  /** The reader has fallen behind what can be told: it is dropped, and lists again. */
  cut(): void;
  /** The server ends the watch in good order. */
  end(): void;
}

/** One event, serialised at most once however many watchers share it. */
export interface WatchFrame {
  /** One line of JSON with its newline. */
  readonly bytes: Uint8Array;
  /** A copy the caller may keep and change. */
  value(): { type: string; object: KubeObject };
  /** The same without a copy where the server has the object: never to be changed. */
  shared(): { type: string; object: KubeObject };
}

export interface WatchStream {
  /** Starts delivering, synchronously and in order. The returned function stops. Called once. */
  start(sink: WatchSink): () => void;
}

export type AnswerBody =
  /** The value may be shared: copy before handing out. `indented`: whoever asks, as the real server writes it. */
  | { kind: 'json'; value: unknown; contentType?: string | undefined; indented?: boolean }
  /** JSON that is known as text; `stored`: the stored object that it is of. */
  | { kind: 'text'; text: string; stored?: Stored; contentType?: string | undefined }
  /** `document`: where the data comes from and, packed, need not come from at all. */
  | { kind: 'raw'; readonly data: string | Uint8Array; contentType: string; document?: Document }
  | { kind: 'watch'; stream: WatchStream }
  /**
   * Sent piece by piece as it comes; `data` ends early when the reader goes. `messages`: whoever asks for a WebSocket
   * gets the pieces over it.
   */
  | { kind: 'stream'; data: AsyncIterable<Uint8Array>; contentType: string; messages?: boolean }
  /** The connection changes to a protocol that carries several streams. */
  | { kind: 'upgrade'; target: UpgradeTarget };

export type UpgradeTarget = ProcessTarget | PortsTarget | TunnelTarget;

/** The protocol is spoken by somebody behind: bytes are passed on as they are. */
export interface TunnelTarget {
  kind: 'tunnel';
  /** Headers of the 101 that the one behind has sent. */
  headers: Readonly<Record<string, string | string[]>>;
  connection: Duplex;
}

/** exec and attach. */
export interface ProcessTarget {
  kind: 'process';
  stdin: boolean;
  stdout: boolean;
  /** Never together with `tty`. */
  stderr: boolean;
  tty: boolean;
  /** Why the node refuses before anything is connected, in kubelet's words; null when it does not. */
  refusal: { status: number; text: string } | null;
  /** Begins the text of a failure that is not the exit of the process. */
  failure: string;
  run(streams: ProcessStreams, signal: AbortSignal): Promise<ProcessExit>;
}

export interface PortsTarget {
  kind: 'ports';
  /** Asked for in the query; only the oldest of the WebSocket protocols needs them there. */
  ports: readonly number[];
  /** Rejects with what the client is to be told. */
  connect(port: number, connection: Duplex, signal: AbortSignal): Promise<void>;
}

export interface ApiAnswer {
  status: number;
  headers?: Record<string, string | string[]> | undefined;
  /** Texts for Warning headers. */
  warnings?: string[] | undefined;
  body: AnswerBody;
}

export function jsonAnswer(value: unknown, status = 200): ApiAnswer {
  return { status, body: { kind: 'json', value } };
}
