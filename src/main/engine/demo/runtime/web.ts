/** What the simulated programs answer over HTTP. Pages are our own words where the real ones would be somebody's text. */
import { answerPrometheus } from '../prometheus/http.ts';
import type { SeriesSource } from '../prometheus/types.ts';
import { nameOf, namespaceOf } from '../sim/objects.ts';
import type { World } from '../sim/world.ts';
import type { Endpoint } from './network.ts';
import { programOf } from './programs.ts';

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

/** Null: the port does not speak HTTP. */
export function serveHttp(
  world: World,
  source: SeriesSource,
  { pod, container, port }: Endpoint,
  request: WebRequest,
): WebResponse | null {
  const program = programOf(container);
  if (!program.http) return null;
  const url = new URL(request.path, 'http://pod');
  const path = url.pathname;
  const answer = ((): WebResponse => {
    switch (program.kind) {
      case 'nginx':
        return nginx(path, container.image ?? '');
      case 'httpd':
        return path === '/' ? page(200, 'It works!', { server: 'Apache' }) : notFound();
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
      case 'coredns':
      case 'kube-proxy':
        return agent(path, port);
      default:
        return service(path, request);
    }
  })();
  return request.method === 'HEAD' ? { ...answer, body: '' } : answer;

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

function nginx(path: string, image: string): WebResponse {
  const version = /:(\d+(?:\.\d+)*)/.exec(image)?.[1] ?? '1.29';
  const server = { server: `nginx/${version}` };
  if (path === '/' || path === '/index.html') return page(200, 'Welcome to nginx!', server);
  if (path === '/stub_status') return plain(200, 'Active connections: 1 \n');
  return page(404, '404 Not Found', server);
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

function notFound(): WebResponse {
  return page(404, '404 Not Found');
}

function plain(status: number, body: string): WebResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
