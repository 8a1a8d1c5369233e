/** A small API server over real TLS whose faults the test chooses, and a wire that can be frozen. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import type { Authority, Pair } from './pki.ts';

export interface FakeClusterOptions {
  authority: Authority;
  certificate?: Pair;
  uid?: string;
  version?: string;
  /** Bearer tokens that are let in; undefined lets anybody in. */
  tokens?: Set<string>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => boolean;

export class FakeCluster {
  readonly #server: https.Server;
  readonly #watches = new Set<ServerResponse>();
  readonly #options: FakeClusterOptions;
  /** `GET /path?query` of everything asked. */
  readonly requests: string[] = [];
  /** Looked at first; true means it has been answered (or never will be). */
  handler: Handler = () => false;
  /** Nodes that the list returns. */
  nodes: unknown[] = [];
  /** Of the list, and the oldest one that a watch may go on from. */
  resourceVersion = 10;
  oldest = 0;
  port = 0;

  private constructor(options: FakeClusterOptions, certificate: Pair) {
    this.#options = options;
    this.#server = https.createServer(
      { ...certificate, ca: options.authority.pem, requestCert: true, rejectUnauthorized: false },
      (request, response) => this.#answer(request, response),
    );
  }

  static async start(options: FakeClusterOptions): Promise<FakeCluster> {
    const cluster = new FakeCluster(options, options.certificate ?? (await options.authority.server()));
    cluster.#server.listen(0, '127.0.0.1');
    await once(cluster.#server, 'listening');
    cluster.port = (cluster.#server.address() as AddressInfo).port;
    return cluster;
  }

  get server(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** Number of TLS connections that are open. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  }

  get watching(): number {
    return this.#watches.size;
  }

  /** Writes to every open watch. */
  send(line: string | object): void {
    for (const watch of this.#watches) watch.write(typeof line === 'string' ? line : `${JSON.stringify(line)}\n`);
  }

  endWatches(): void {
    for (const watch of this.#watches) watch.end();
  }

  /** As a crash would: every connection breaks, nothing listens any more. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) {
      this.#server.close();
      await once(this.#server, 'close');
    }
  }

  /** Shows this certificate from the next handshake on, and ends what is open, as a restart with new files does. */
  async rotate(certificate: Pair, authority: Authority = this.#options.authority): Promise<void> {
    await this.stop();
    this.#server.setSecureContext({ ...certificate, ca: authority.pem });
    await this.restart();
  }

  async restart(): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'https://fake');
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    request.resume();
    if (this.handler(request, response, url)) return;
    const { tokens, uid = 'uid-1', version = 'v1.30.2' } = this.#options;
    const token = request.headers.authorization?.replace('Bearer ', '');
    if (tokens !== undefined && !tokens.has(token ?? '')) {
      status(response, 401, 'Unauthorized');
      return;
    }
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /readyz':
        response.end('ok');
        return;
      case 'GET /version':
        json(response, 200, { major: '1', minor: '30', gitVersion: version, platform: 'linux/amd64' });
        return;
      case 'GET /api/v1/namespaces/kube-system':
        json(response, 200, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid } });
        return;
      case 'GET /api/v1/namespaces':
        json(response, 200, { apiVersion: 'v1', kind: 'NamespaceList', metadata: {}, items: [] });
        return;
      case 'GET /api/v1/nodes':
        this.#nodes(response, url);
        return;
      case 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews':
        json(response, 201, { kind: 'SelfSubjectAccessReview', status: { allowed: true } });
        return;
      default:
        status(response, 404, 'NotFound');
    }
  }

  #nodes(response: ServerResponse, url: URL): void {
    if (url.searchParams.get('watch') !== 'true') {
      json(response, 200, {
        apiVersion: 'v1',
        kind: 'NodeList',
        metadata: { resourceVersion: String(this.resourceVersion) },
        items: this.nodes,
      });
      return;
    }
    if (Number(url.searchParams.get('resourceVersion') ?? this.oldest) < this.oldest) {
      status(response, 410, 'Expired');
      return;
    }
    if (url.searchParams.get('sendInitialEvents') === 'true') {
      status(response, 422, 'Invalid');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    this.#watches.add(response);
    response.on('close', () => this.#watches.delete(response));
  }
}

export function json(
  response: ServerResponse,
  code: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function status(
  response: ServerResponse,
  code: number,
  reason: string,
  headers: Record<string, string> = {},
): void {
  json(
    response,
    code,
    { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message: reason, code },
    headers,
  );
}

export function node(name: string, resourceVersion: string, labels: Record<string, string> = {}): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}`, resourceVersion, labels },
    status: {
      capacity: { cpu: '4', memory: '8Gi', pods: '110' },
      allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

/** A wire to a port that can be frozen: connections stay open, bytes vanish, as when a machine or a NAT entry is gone. */
export class Wire {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  #frozen = false;
  port = 0;

  private constructor(target: number) {
    this.#server = net.createServer((client) => {
      const upstream = net.connect(target, '127.0.0.1');
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', (bytes) => {
          if (!this.#frozen) to.write(bytes);
        });
        from.on('error', () => {});
        from.on('close', () => {
          this.#sockets.delete(from);
          if (!this.#frozen) to.destroy();
        });
      }
    });
  }

  static async start(target: number): Promise<Wire> {
    const wire = new Wire(target);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    wire.port = (wire.#server.address() as AddressInfo).port;
    return wire;
  }

  get server(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  freeze(): void {
    this.#frozen = true;
  }

  /** New connections work again; the frozen ones stay dead, as after a reboot. */
  thaw(): void {
    this.#frozen = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A kubeconfig with one context, `test`. */
export function kubeconfig(server: string, authority: Authority | null, user: unknown, cluster: object = {}): string {
  const ca = authority === null ? {} : { 'certificate-authority-data': base64(authority.pem) };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'c', cluster: { server, ...ca, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'u' } }],
  });
}

export function certificateUser(pair: Pair): object {
  return { 'client-certificate-data': base64(pair.cert), 'client-key-data': base64(pair.key) };
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
