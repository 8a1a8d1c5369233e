/**
 * What stands between the port and the server, so that a simulation can stage outages on it: requests refused or held
 * up, the port closed or dead, another serving certificate. In-process clients do not come this way.
 */
import type { Http2SecureServer } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import { issueServerCertificate, type Pki } from '../auth/pki.ts';
import type { ApiAnswer } from '../request/types.ts';

/** Sees every request before it is authenticated; what it answers is sent instead, null lets the request in. */
export type Gate = (request: { method: string; path: string }) => Promise<ApiAnswer | null>;

/** `closed`: connections are refused. `silent`: they are accepted and never answered, as behind a firewall that drops. */
export type PortState = 'open' | 'closed' | 'silent';

export interface FrontDoor {
  setGate(gate: Gate | null): void;
  /**
   * Ends every present connection when the state changes, once what is being answered has been: whoever asked for the
   * change over one of them is told. Rejects with EADDRINUSE when another program took the port
   * while it was closed; asking again is safe.
   */
  setPort(state: PortState): Promise<void>;
  /** Serves a certificate that ends then, of the same CA and key; null: the ordinary one. Connections are ended as above. */
  setCertificateEnd(notAfter: Date | null): Promise<void>;
}

export interface DoorParts {
  server: Http2SecureServer;
  pki: Pki;
  endConnections(): void;
  /** Resolves when nothing but watches is being answered. */
  answered(): Promise<void>;
}

/** A request that takes longer is not waited for. */
const ANSWERED_WITHIN_MS = 500;

export class DoorState implements FrontDoor {
  gate: Gate | null = null;
  readonly #parts: DoorParts;
  readonly #port: () => number;
  readonly #held = new Set<Socket>();
  #known = 0;
  #state: PortState = 'open';
  #silent: Server | null = null;
  #certificateEnd = 0;
  /** Changes of the port happen one after the other. */
  #changes: Promise<void> = Promise.resolve();

  constructor(parts: DoorParts) {
    this.#parts = parts;
    this.#port = () => {
      this.#known = (parts.server.address() as AddressInfo | null)?.port ?? this.#known;
      return this.#known;
    };
  }

  setGate(gate: Gate | null): void {
    this.gate = gate;
  }

  setPort(state: PortState): Promise<void> {
    const change = this.#changes.then(() => this.#move(state));
    this.#changes = change.catch(() => undefined);
    return change;
  }

  async setCertificateEnd(notAfter: Date | null): Promise<void> {
    const end = notAfter?.getTime() ?? 0;
    if (end === this.#certificateEnd) return;
    const { server, pki } = this.#parts;
    const certificate = notAfter === null ? pki.serverCertificate : issueServerCertificate(pki, notAfter);
    (server as unknown as TlsServer).setSecureContext({
      key: pki.serverKey,
      cert: certificate + pki.caCertificate,
      ca: pki.caCertificate,
    });
    this.#certificateEnd = end;
    await this.#endConnections();
  }

  /** Ends every connection and frees the port. */
  close(): Promise<void> {
    return this.setPort('closed');
  }

  async #move(state: PortState): Promise<void> {
    if (state === this.#state) return;
    const port = this.#port();
    if (this.#state === 'open') await this.#closeServer();
    else if (this.#silent !== null) await this.#closeSilent(this.#silent);
    this.#state = 'closed';
    if (state === 'open') await listenOn(this.#parts.server, port);
    else if (state === 'silent') {
      const silent = createServer((socket) => {
        this.#held.add(socket);
        socket.on('error', () => socket.destroy());
        socket.once('close', () => this.#held.delete(socket));
        // Read and thrown away: a client that gives up must be noticed.
        socket.resume();
      });
      await listenOn(silent, port);
      this.#silent = silent;
    }
    this.#state = state;
  }

  #closeServer(): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.server.close(() => resolve());
      void this.#endConnections();
    });
  }

  async #endConnections(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ANSWERED_WITHIN_MS);
    });
    await Promise.race([this.#parts.answered(), late]);
    clearTimeout(timer);
    this.#parts.endConnections();
  }

  #closeSilent(silent: Server): Promise<void> {
    this.#silent = null;
    return new Promise((resolve) => {
      silent.close(() => resolve());
      for (const socket of this.#held) socket.destroy();
    });
  }
}

/** Rejects with the error of the operating system, EADDRINUSE among them. */
export function listenOn(server: Server | Http2SecureServer, port: number): Promise<void> {
  const listener = server as Server;
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(error);
    listener.once('error', failed);
    listener.listen({ port, host: '127.0.0.1', backlog: 1024 }, () => {
      listener.off('error', failed);
      resolve();
    });
  });
}
