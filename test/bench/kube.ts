/** The least a client of an API server needs: calls and watches with the credentials of a kubeconfig, over HTTP/1.1. */
import { readFileSync } from 'node:fs';
import { Agent } from 'undici';
import { parse } from 'yaml';

export interface Kube {
  /** The answer's body; throws for anything but success. */
  call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<string>;
  /** Follows a collection from now on, over a connection of its own, until the returned function is called. */
  watch(path: string, onLine: (line: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** `kubeconfig`: path of one with a client certificate. */
export function connect(kubeconfig: string, connections: number): Kube {
  const config = parse(readFileSync(kubeconfig, 'utf8'));
  const pem = (base64: string) => Buffer.from(base64, 'base64').toString('utf8');
  const { server: origin, 'certificate-authority-data': ca } = config.clusters[0].cluster;
  const { 'client-certificate-data': cert, 'client-key-data': key } = config.users[0].user;
  const tls = { ca: pem(ca), cert: pem(cert), key: pem(key) };
  // One request at a time on each connection, so that their number says how many are under way.
  const newAgent = (count: number) =>
    new Agent({ connections: count, pipelining: 1, allowH2: false, connect: tls, bodyTimeout: 0 });
  const agent = newAgent(connections);

  return {
    async call(method, path, body) {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      const headers = { 'user-agent': 'bench/1', ...(body === undefined ? {} : { 'content-type': type }) };
      const text = body === undefined ? undefined : JSON.stringify(body);
      const { statusCode, body: answer } = await agent.request({ origin, method, path, headers, body: text });
      const read = await answer.text();
      if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${read.slice(0, 500)}`);
      return read;
    },
    async watch(path, onLine) {
      const own = newAgent(1);
      const list = await own.request({ origin, method: 'GET', path: `${path}?limit=1` });
      const { metadata } = (await list.body.json()) as { metadata: { resourceVersion: string } };
      const query = `?watch=true&resourceVersion=${metadata.resourceVersion}`;
      const { body } = await own.request({ origin, method: 'GET', path: `${path}${query}` });
      let rest = '';
      body.setEncoding('utf8');
      body.on('error', () => {});
      body.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onLine(line);
      });
      return async () => {
        body.destroy();
        await own.destroy();
      };
    },
    close: () => agent.destroy(),
  };
}
