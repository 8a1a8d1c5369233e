/** What the simulated programs answer over HTTP. Pages are our own words where the real ones would be somebody's text. */
import type { IFileSystem } from 'just-bash/browser';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { answerPrometheus } from '../prometheus/http.ts';
import type { SeriesSource } from '../prometheus/types.ts';
import { nameOf, namespaceOf, parseTime } from '../sim/objects.ts';
import type { World } from '../sim/world.ts';
import { type AgnhostMemory, answerAgnhost } from './agnhost.ts';
import { documentOf } from './documents.ts';
import { hostnameOf } from './names.ts';
import { DialError, dial, type Endpoint } from './network.ts';
import { statusOf } from './places.ts';
import { datagramAnswer } from './plain-talk.ts';
import { programOf } from './programs.ts';
import { kubeProxyPage } from './proxy-health.ts';
import { sampleAnswer } from './sample-apps.ts';
import { AGNHOST, type Contents, HTTPD, NGINX } from './shell/image-files.ts';

export interface WebRequest {
  method: string;
  /** With the query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  /** Address of the client, for the access log. */
  client: string;
}

export interface WebResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const HTML = { 'content-type': 'text/html' };

/** The files of an endpoint's container that web servers hand out from the directory; null: only its image's. */
export type FilesOf = (endpoint: Endpoint, directory: string) => Promise<IFileSystem | null>;

export interface WebHost {
  world: World;
  source: SeriesSource;
  filesOf: FilesOf;
  /** What an endpoint answers to somebody in the cluster. */
  serve(endpoint: Endpoint, request: WebRequest): Promise<WebResponse | null>;
  /** What a program keeps in mind for as long as its container runs. */
  memoryOf(pod: KubeObject, container: Json): AgnhostMemory;
}

/** Null: the port does not speak HTTP. */
export async function serveHttp(
  { world, source, filesOf, serve, memoryOf }: WebHost,
  endpoint: Endpoint,
  request: WebRequest,
): Promise<WebResponse | null> {
  const { pod, container, port } = endpoint;
  const program = programOf(container);
  if (!program.http) return null;
  const url = new URL(request.path, 'http://pod');
  const path = url.pathname;
  const answer = await (async (): Promise<WebResponse> => {
    if (program.sample !== undefined) {
      const { method, headers } = request;
      const [hostname, podIp] = [hostnameOf(pod), pod.status?.podIP ?? ''];
      const asked = { method, path: request.path, headers, client: request.client, container, hostname, podIp, port };
      return plain(200, sampleAnswer(program.sample, asked));
    }
    switch (program.kind) {
      case 'nginx':
      case 'httpd':
        return await fromFiles(program.kind);
      case 'agnhost': {
        const answer = await answerAgnhost({
          method: request.method,
          body: Buffer.from(request.body).toString('utf8'),
          memory: memoryOf(pod, container),
          podIp: pod.status?.podIP ?? '',
          leaving: pod.metadata.deletionTimestamp !== undefined,
          url,
          port,
          container,
          client: `${request.client}:${40_000 + (Math.floor(world.now()) % 20_000)}`,
          headers: request.headers,
          hostname: hostnameOf(pod),
          now: world.now(),
          startedAt: parseTime(statusOf(pod, container.name)?.state?.running?.startedAt),
          ask,
        });
        return answer ?? (await fromFiles('agnhost'));
      }
      case 'prometheus': {
        const parameters = url.searchParams;
        if (request.method === 'POST')
          for (const [name, value] of new URLSearchParams(Buffer.from(request.body).toString('utf8')))
            parameters.append(name, value);
        const result = answerPrometheus(source, { method: request.method, path, parameters }, world.now());
        if (result !== null)
          return { status: result.status, headers: { 'content-type': result.contentType }, body: result.body };
        return path === '/' || path === '/query'
          ? page(200, 'Prometheus: use /api/v1/query, /api/v1/query_range, /api/v1/series, /api/v1/labels.')
          : plain(404, '404 page not found\n');
      }
      case 'kube-proxy':
        return kubeProxyPage(path, port, world.now()) ?? agent(path, port);
      case 'coredns':
        return agent(path, port);
      default:
        return service(path, request);
    }
  })();
  return request.method === 'HEAD' ? { ...answer, body: '' } : answer;

  async function ask(host: string, at: number, asked: string, protocol: 'TCP' | 'UDP'): Promise<string> {
    const other = dial(world, host, at, { namespace: namespaceOf(pod), pod }, protocol);
    const client = pod.status?.podIP ?? '';
    if (protocol === 'UDP') return datagramAnswer(other, asked, client);
    const headers = { host: `${host}:${at}` };
    const question = { method: 'GET', path: asked, headers, body: new Uint8Array(), client };
    const said = await serve(other, question);
    if (said === null) throw new DialError(`${host}:${at}`, 'EOF');
    return said.body;
  }

  async function fromFiles(kind: keyof typeof SERVERS): Promise<WebResponse> {
    const { root, image, index, name } = SERVERS[kind];
    const server = { server: kind === 'nginx' ? `nginx/${versionOf(container.image ?? '')}` : name };
    if (kind === 'nginx' && path === '/stub_status') return plain(200, 'Active connections: 1 \n');
    const files = await filesOf(endpoint, root);
    const found = await documentOf(files, image, root, path, index);
    if (found === null) return page(404, '404 Not Found', server);
    if (found !== 'directory')
      return { status: 200, headers: { 'content-type': found.type, ...server }, body: found.content };
    if (!path.endsWith('/'))
      return { ...page(301, '301 Moved Permanently', server), headers: { ...HTML, ...server, location: `${path}/` } };
    // Of the three only nginx keeps to itself what there is.
    if (kind === 'nginx') return page(403, '403 Forbidden', server);
    return listing(path, files === null ? [] : await files.readdir(`${root}${path}`), server);
  }

  /** A program nobody knows: health, metrics, and a mirror that says who answered. */
  function service(at: string, { method, headers }: WebRequest): WebResponse {
    if (/^\/(healthz?|readyz|livez|ready|live|ping|actuator\/health)$/.test(at)) return plain(200, 'ok');
    if (at === '/metrics')
      return plain(200, `process_start_time_seconds ${Math.floor(Date.parse(pod.status?.startTime ?? '') / 1000)}\n`);
    const seen = {
      service: container.name,
      image: container.image,
      pod: nameOf(pod),
      namespace: namespaceOf(pod),
      node: pod.spec?.nodeName,
      request: { method, path: request.path, headers },
    };
    return { status: 200, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(seen, null, 2)}\n` };
  }
}

/** What of a container's files its server hands out. */
const SERVERS = {
  nginx: { root: '/usr/share/nginx/html', image: NGINX, index: ['index.html', 'index.htm'], name: 'nginx' },
  httpd: { root: '/usr/local/apache2/htdocs', image: HTTPD, index: ['index.html'], name: 'Apache' },
  agnhost: { root: '', image: AGNHOST, index: ['index.html'], name: 'agnhost' },
} as const satisfies Record<string, { root: string; image: Contents; index: readonly string[]; name: string }>;

function listing(path: string, names: readonly string[], headers: Record<string, string>): WebResponse {
  const items = names.map(
    (name) => `<li><a href="${encodeURIComponent(name)}"> ${name.replace(/[&<>]/g, '_')}</a></li>\n`,
  );
  const title = `Index of ${path.replace(/[&<>]/g, '_')}`;
  const body = `<html><head><title>${title}</title></head>\n<body>\n<h1>${title}</h1>\n<ul>${items.join('')}</ul>\n</body></html>\n`;
  return { status: 200, headers: { ...HTML, ...headers }, body };
}

function versionOf(image: string): string {
  return /:(\d+(?:\.\d+)*)/.exec(image)?.[1] ?? '1.29';
}

function agent(path: string, port: number): WebResponse {
  if (path === '/health' || path === '/healthz' || path === '/ready' || path === '/livez') return plain(200, 'OK');
  if (path === '/metrics')
    return plain(200, `# HELP up Whether this endpoint answers.\n# TYPE up gauge\nup{port="${port}"} 1\n`);
  return plain(404, '404 page not found\n');
}

function page(status: number, title: string, headers: Record<string, string> = {}): WebResponse {
  return {
    status,
    headers: { ...HTML, ...headers },
    body: `<!DOCTYPE html>\n<html>\n<head>\n<title>${title}</title>\n</head>\n<body>\n<h1>${title}</h1>\n</body>\n</html>\n`,
  };
}

function plain(status: number, body: string): WebResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
