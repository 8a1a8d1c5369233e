/** Stands in for the kubelets of one simulated cluster: what an API server asks of running pods. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import {
  badRequest,
  type PodBackend,
  type PortForwardRequest,
  type ProxyRequest,
  type ProxyResponse,
  refuse,
} from '#engine/apiserver/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isDown } from '../kubelet/kubelet.ts';
import { wishOf } from '../kubelet/wishes.ts';
import { ClusterSeries } from '../prometheus/source.ts';
import { nameOf, namespaceOf, uidOf } from '../sim/objects.ts';
import { createRandom, HEX } from '../sim/random.ts';
import type { Controller, World } from '../sim/world.ts';
import { askApiServer, isApiServer } from './api-access.ts';
import { Disks } from './disks.ts';
import { kubeletPage } from './kubelet-pages.ts';
import { lastWords } from './last-words.ts';
import { type HookHost, runHook } from './lifecycle-hooks.ts';
import { LiveScripts, pacedSleep } from './live-scripts.ts';
import { accessLine } from './log-lines.ts';
import { Logs } from './logs.ts';
import { atPod, atService, DialError, dial, type Endpoint } from './network.ts';
import { containerSpec, Places, type ProcessHost } from './places.ts';
import { askProbe } from './prober.ts';
import { exited, Processes } from './processes.ts';
import { listensOn, programOf } from './programs.ts';
import { nodeHealth } from './proxy-health.ts';
import type { RedisStore } from './redis.ts';
import { decoded, encoded } from './resp.ts';
import { portOf } from './shell/web-clients.ts';
import { serveHttp, type WebRequest, type WebResponse } from './web.ts';

const MOST_BODY = 1 << 20;
/** CPU that an answer takes where nothing else is known; who takes more also takes its time. */
const USUAL_CPU_S = 0.001;

export class Runtime implements PodBackend, Controller {
  readonly name = 'runtime';
  readonly #world: World;
  readonly #logs: Logs;
  readonly #places: Places;
  readonly #processes: Processes;
  readonly #live: LiveScripts;
  readonly #series: ClusterSeries;
  /** Speaks HTTP on forwarded connections; listens nowhere. */
  readonly #http: Server;
  readonly #forwarded = new WeakMap<object, Endpoint>();

  constructor(world: World) {
    this.#world = world;
    this.#logs = new Logs(world, async (pod, container) => {
      return (await this.#processes.once(pod, container))?.text ?? null;
    });
    this.#series = new ClusterSeries(world);
    const disks = new Disks(world);
    world.signals.mountTrouble = (pod) => disks.mountTrouble(pod);
    const host: ProcessHost = {
      world,
      disks,
      logs: this.#logs,
      fetch: (pod) => async (url, method, headers, body) => {
        if (isApiServer(world, pod, url)) return await askApiServer(world, url, method, headers, body);
        const client = { namespace: namespaceOf(pod), pod };
        const health = nodeHealth(world, url.hostname, portOf(url), client);
        if (health !== null) return health;
        const endpoint = dial(world, url.hostname, portOf(url), client);
        const request = {
          method,
          path: `${url.pathname}${url.search}`,
          headers: { host: url.host, ...headers },
          body: Buffer.from(body),
          client: pod.status?.podIP ?? '',
        };
        return (await this.#serve(endpoint, request)) ?? refused(endpoint);
      },
    };
    this.#places = new Places(host);
    world.signals.storage = (pod) => this.#places.storage(pod);
    this.#processes = new Processes(host, this.#places);
    world.signals.outcome = async (pod, container, attempt) => {
      return (await this.#processes.once(pod, container, attempt))?.code ?? null;
    };
    this.#live = new LiveScripts({
      world,
      run: (...asked) => this.#processes.live(...asked),
      log: (...said) => this.#logs.append(...said),
    });
    world.signals.lives = (pod, container) => this.#live.runs(pod, container);
    const hooks: HookHost = {
      pace: world.pace,
      exec: (pod, live, command, signal) =>
        this.#processes.probe(pod, live, command, signal, { sleep: pacedSleep(world.pace, signal) }),
      get: async (pod, { spec }, url, headers) => {
        const port = portOf(url);
        // Its status does not say yet that it runs.
        const own = url.hostname === pod.status?.podIP && listensOn(spec, port);
        const endpoint = own
          ? { pod, container: spec, port }
          : dial(world, url.hostname, port, { namespace: namespaceOf(pod), pod });
        const client = this.#world.machines.get(pod.spec?.nodeName ?? '')?.ip ?? '';
        const path = `${url.pathname}${url.search}`;
        const request = {
          method: 'GET',
          path,
          headers: { host: url.host, ...headers },
          body: new Uint8Array(),
          client,
        };
        await this.#serve(endpoint, request);
      },
    };
    world.signals.hook = (pod, live, hook, signal) => runHook(hooks, pod, live, hook, signal);
    world.signals.begin = (pod, live) => this.#live.begin(pod, live);
    world.signals.told = (pod, live) => this.#live.tell(pod, live);
    world.signals.lastWords = (pod, ended, exitCode) => {
      this.#live.end(pod, ended);
      return lastWords(
        { files: (...asked) => this.#places.lastWords(...asked), logs: this.#logs },
        pod,
        ended,
        exitCode,
      );
    };
    world.signals.probe = (pod, request) =>
      askProbe(
        {
          serve: (endpoint, path, headers, id) => this.#probed(endpoint, path, headers, id),
          run: (one, asked, command, timeoutMs) =>
            this.#processes.probe(one, asked, command, AbortSignal.timeout(timeoutMs)),
        },
        pod,
        request,
      );
    this.#http = createServer((request, response) => void this.#answer(request, response));
  }

  logs: PodBackend['logs'] = (request, signal) => {
    this.#reach(request.pod);
    return this.#logs.read(request, signal);
  };

  exec: PodBackend['exec'] = async (request, streams, signal) => {
    this.#reach(request.pod);
    return await this.#processes.exec(request, streams, signal);
  };

  attach: PodBackend['attach'] = async (request, streams, signal) => {
    this.#reach(request.pod);
    if (this.#live.ended(request.pod, containerSpec(request.pod, request.container))) throw exited();
    return await this.#processes.attach(request, streams, signal);
  };

  async portForward({ pod, port }: PortForwardRequest, connection: Duplex, signal: AbortSignal): Promise<void> {
    this.#reach(pod);
    let endpoint: Endpoint;
    try {
      endpoint = atPod(pod, port);
    } catch (error) {
      if (!(error instanceof DialError)) throw error;
      throw new Error(
        `failed to execute portforward in network namespace "/var/run/netns/cni-${uidOf(pod)}": failed to connect to localhost:${port} inside namespace "${sandboxId(pod)}", IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found`,
      );
    }
    if (!programOf(endpoint.container).http) {
      const { pod: other, container } = endpoint;
      const redis = programOf(container).kind === 'redis' ? () => this.#places.redis(other, container.name) : null;
      await plainText(redis, connection);
      return;
    }
    this.#forwarded.set(connection, endpoint);
    this.#http.emit('connection', connection);
    // The program hangs up, whether the client would say more or not; one that breaks off ends its own connection alone.
    await finished(connection, { readable: false, signal }).catch(() => undefined);
  }

  async proxy(request: ProxyRequest): Promise<ProxyResponse> {
    const { resource, object, port, method, path, headers, body } = request;
    if (resource === 'nodes') return this.#kubelet(object, path);
    let endpoint: Endpoint;
    try {
      endpoint = resource === 'services' ? this.#ofService(object, port) : this.#ofPod(object, port);
    } catch (error) {
      if (!(error instanceof DialError)) throw error;
      if (error.message === 'no endpoints available')
        throw refuse(
          503,
          'ServiceUnavailable',
          `no endpoints available for service "${nameOf(object)}${port === '' ? '' : `:${port}`}"`,
        );
      throw unreachable(error.address);
    }
    this.#reach(endpoint.pod);
    const address = `${endpoint.pod.status?.podIP ?? ''}:${endpoint.port}`;
    const wish = wishOf(this.#world.caches, endpoint.pod).split(',');
    if (wish.includes('silent')) throw unreachable(address, 'i/o timeout');
    if (wish.includes('fails-requests'))
      return { status: 503, headers: { 'content-type': 'text/plain' }, body: 'upstream is not available\n' };
    const answer = await this.#serve(endpoint, {
      method,
      path,
      headers,
      body,
      client: this.#world.profile.nodes[0]?.ip ?? '',
    });
    if (answer === null)
      throw refuse(
        503,
        'ServiceUnavailable',
        'error trying to reach service: net/http: HTTP/1.x transport connection broken: malformed HTTP response',
      );
    return answer;
  }

  async stop(): Promise<void> {
    this.#live.stop();
    await this.#series.stop();
    this.#http.closeAllConnections();
  }

  #ofService(service: KubeObject, port: string): Endpoint {
    const ports: { port: number; name?: string }[] = service.spec?.ports ?? [];
    if (port !== '' && !ports.some((one) => String(one.port) === port || one.name === port))
      throw refuse(503, 'ServiceUnavailable', `no service port "${port}" found for service "${nameOf(service)}"`);
    return atService(this.#world, service, port);
  }

  #ofPod(pod: KubeObject, port: string): Endpoint {
    const ports: { containerPort: number; name?: string }[] = (pod.spec?.containers ?? []).flatMap(
      (container: { ports?: [] }) => container.ports ?? [],
    );
    const number =
      port === ''
        ? (ports[0]?.containerPort ?? 80)
        : /^\d+$/.test(port)
          ? Number(port)
          : ports.find((one) => one.name === port)?.containerPort;
    if (number === undefined) throw badRequest(`no port named "${port}" in pod "${nameOf(pod)}"`);
    return atPod(pod, number);
  }

  #kubelet(node: KubeObject, path: string): ProxyResponse {
    if (isDown(this.#world.caches.nodes.get(nameOf(node)))) throw unreachable(`${addressOf(node)}:10250`);
    return kubeletPage(this.#world, node, path);
  }

  /** A silent node answers nobody. */
  #reach(pod: KubeObject): void {
    const node = this.#world.caches.nodes.get(pod.spec?.nodeName ?? '');
    if (isDown(node))
      throw refuse(
        500,
        'InternalError',
        `Get "https://${addressOf(node)}:10250/": dial tcp ${addressOf(node)}:10250: i/o timeout`,
      );
  }

  async #serve(endpoint: Endpoint, request: WebRequest): Promise<WebResponse | null> {
    const answer = await serveHttp(
      {
        world: this.#world,
        source: this.#series,
        filesOf: ({ pod, container }, directory) => this.#places.files(pod, container.name, directory),
        serve: (other, asked) => this.#serve(other, asked),
        memoryOf: (pod, container) => this.#places.memoryOf(pod, container),
      },
      endpoint,
      request,
    );
    const { kind, cpuPerRequest = USUAL_CPU_S } = programOf(endpoint.container);
    this.#world.meter.answered(endpoint.pod, endpoint.container, cpuPerRequest);
    if (cpuPerRequest > USUAL_CPU_S) await wait(cpuPerRequest * 1000 * this.#world.pace);
    if (answer !== null && kind === 'agnhost')
      this.#logs.append(endpoint.pod, endpoint.container.name, `${request.method} ${request.path}`);
    if (answer !== null && (kind === 'nginx' || kind === 'httpd')) {
      const line = accessLine(
        this.#world.now(),
        request.client,
        request.method,
        request.path,
        answer.status,
        answer.body.length,
        request.headers['user-agent'] ?? '-',
      );
      this.#logs.append(endpoint.pod, endpoint.container.name, line);
    }
    return answer;
  }

  /** Not in the access log: so much of it there would be nothing else to read. */
  async #probed(endpoint: Endpoint, path: string, headers: Record<string, string>, id: string) {
    let fromFiles = false;
    const client = this.#world.machines.get(endpoint.pod.spec?.nodeName ?? '')?.ip ?? '';
    const request = { method: 'GET', path, headers, body: new Uint8Array(), client };
    const answer = await serveHttp(
      {
        world: this.#world,
        source: this.#series,
        filesOf: async ({ pod, container }, directory) => {
          const files = await this.#places.files(pod, container.name, directory, id);
          fromFiles = files !== null;
          return files;
        },
        serve: (other, asked) => this.#serve(other, asked),
        memoryOf: (pod, container) => this.#places.memoryOf(pod, container),
      },
      endpoint,
      request,
    );
    return answer === null ? null : { ...answer, fromFiles };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const endpoint = this.#forwarded.get(request.socket);
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of request) {
        size += chunk.length;
        if (size > MOST_BODY) break;
        chunks.push(chunk);
      }
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value ?? '')]),
      );
      const web: WebRequest = {
        method: request.method ?? 'GET',
        path: request.url ?? '/',
        headers,
        body: Buffer.concat(chunks),
        client: '127.0.0.1',
      };
      const answer =
        size > MOST_BODY || endpoint === undefined
          ? { status: 413, headers: {}, body: '' }
          : await this.#serve(endpoint, web);
      response.writeHead(answer?.status ?? 502, {
        'content-length': Buffer.byteLength(answer?.body ?? ''),
        ...answer?.headers,
      });
      response.end(request.method === 'HEAD' ? '' : (answer?.body ?? ''));
    } catch (error) {
      this.#world.report(error, 'forwarded connection');
      response.destroy();
    }
  }
}

/** One as a runtime gives it, the same for the life of the pod. */
function sandboxId(pod: KubeObject): string {
  return createRandom('sandbox', uidOf(pod)).text(64, HEX);
}

function unreachable(address: string, why = 'connect: connection refused'): Error {
  return refuse(503, 'ServiceUnavailable', `error trying to reach service: dial tcp ${address}: ${why}`);
}

function refused({ pod, port }: Endpoint): never {
  throw new DialError(`${pod.status?.podIP}:${port}`, 'connection refused');
}

function addressOf(node: KubeObject | undefined): string {
  return node?.status?.addresses?.find((one: { type: string }) => one.type === 'InternalIP')?.address ?? '';
}

/** Programs that do not speak HTTP: Redis answers, the others take the connection and hang up. */
async function plainText(redis: (() => Promise<RedisStore>) | null, connection: Duplex): Promise<void> {
  if (redis === null) return;
  const store = await redis();
  let pending = Buffer.alloc(0);
  for await (const chunk of connection) {
    let taken: ReturnType<typeof decoded>;
    try {
      taken = decoded(Buffer.concat([pending, Buffer.from(chunk)]));
    } catch (error) {
      connection.write(encoded({ error: `ERR ${(error as Error).message}` }));
      return;
    }
    const { commands, rest } = taken;
    pending = Buffer.from(rest);
    for (const words of commands) {
      connection.write(encoded(store.run(words)));
      if (/^quit$/i.test(words[0] ?? '')) return;
    }
    if (pending.length > MOST_BODY) return;
  }
}
