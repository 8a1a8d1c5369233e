/**
 * What the small applications answer that tutorials are written around: a trainee compares it with the tutorial's page.
 * Source: Kubernetes documentation (Learn Kubernetes Basics, HorizontalPodAutoscaler Walkthrough, Set up Ingress) and the
 * images' own. Pure.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { parseImage } from '../kubelet/images.ts';

export type SampleName =
  | 'echoserver'
  | 'hello-app'
  | 'hpa-example'
  | 'http-echo'
  | 'kubernetes-bootcamp'
  | 'podinfo'
  | 'update-demo'
  | 'whoami';

export interface SampleRequest {
  method: string;
  /** With the query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  /** Address of who asks. */
  client: string;
  container: Json;
  hostname: string;
  podIp: string;
  port: number;
}

/** The body of an answer with status 200. */
export function sampleAnswer(name: SampleName, request: SampleRequest): string {
  const { container, hostname } = request;
  const tag = parseImage(container.image ?? '')?.tag ?? 'latest';
  switch (name) {
    case 'hello-app':
      return `Hello, world!\nVersion: ${/^\d+\.\d+$/.test(tag) ? `${tag}.0` : '1.0.0'}\nHostname: ${hostname}\n`;
    case 'kubernetes-bootcamp':
      return `Hello Kubernetes bootcamp! | Running on: ${hostname} | v=${/^v?(\d+)/.exec(tag)?.[1] ?? '1'}\n`;
    case 'hpa-example':
      return 'OK!';
    case 'http-echo':
      return `${flag(container, 'text') ?? 'hello-world'}\n`;
    case 'podinfo':
      return `${JSON.stringify({ hostname, version: tag, message: `greetings from podinfo v${tag}` }, null, 2)}\n`;
    case 'update-demo':
      return `{\n  "image": "${parseImage(container.image ?? '')
        ?.repository.split('/')
        .at(-1)}.jpg"\n}\n`;
    case 'whoami':
      return `Hostname: ${hostname}\nIP: 127.0.0.1\nIP: ${request.podIp}\nRemoteAddr: ${request.client}\n${requestLines(request)}`;
    case 'echoserver':
      return echo(request);
  }
}

/** The port that a sample is told to listen on; null: it is told none. */
export function samplePort(name: SampleName, container: Json): number | null {
  const told = name === 'http-echo' ? flag(container, 'listen') : name === 'whoami' ? flag(container, 'port') : null;
  const port = Number(told?.split(':').at(-1));
  return told === null || !Number.isInteger(port) ? null : port;
}

/** `-name=value` or `--name value`. */
function flag({ command, args }: Json, name: string): string | null {
  const words: string[] = [...(command ?? []), ...(args ?? [])];
  for (const [index, word] of words.entries()) {
    const [, found, value] = /^--?([\w-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (found === name) return value ?? words[index + 1] ?? null;
  }
  return null;
}

const titled = (name: string): string => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

function requestLines({ method, path, headers }: SampleRequest): string {
  const { host = '', ...others } = headers;
  const lines = Object.entries(others).map(([name, value]) => `${titled(name)}: ${value}\n`);
  return `${method} ${path} HTTP/1.1\nHost: ${host}\n${lines.join('')}\n`;
}

function echo({ method, path, headers, client, hostname, port }: SampleRequest): string {
  const [real, query = ''] = path.split('?');
  const lines = Object.entries(headers).map(([name, value]) => `\t${name}=${value}`);
  return [
    '',
    '',
    `Hostname: ${hostname}`,
    '',
    'Pod Information:',
    '\t-no pod information available-',
    '',
    'Request Information:',
    `\tclient_address=${client}`,
    `\tmethod=${method}`,
    `\treal path=${real}`,
    `\tquery=${query}`,
    '\trequest_version=1.1',
    '\trequest_scheme=http',
    `\trequest_uri=http://${headers.host ?? hostname}:${port}${path}`,
    '',
    'Request Headers:',
    ...lines,
    '',
    'Request Body:',
    '\t-no body in request-',
    '',
  ].join('\n');
}
