/** For tests: an API server and a webhook program that it calls over TLS. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '#shared/kubernetes/types.ts';
import { signCsr } from '../../auth/csr.ts';
import { startApiServer } from '../../start.ts';
import { makeRequest } from '../../test-certificates.ts';
import { adminOf, type Credentials, call, type RawAnswer } from '../../test-support.ts';
import type { ApiServer } from '../../types.ts';

export const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
export const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

const POLICY =
  'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- {level: Request, resources: [{resources: [configmaps]}]}';

/** What a path answers: an AdmissionResponse, `http` for a status of HTTP with `headers`, or `raw` for any text. */
export type Answering = (request: Json, path: string) => Json;

export class WebhookRig {
  server!: ApiServer;
  admin!: Credentials;
  port = 0;
  /** What the webhook under test answers, by path; no answer at all is the webhook that never comes back. */
  readonly answers = new Map<string, Answering>();
  /** What it was asked, and with which heads. */
  readonly received: Json[] = [];
  readonly heads: IncomingMessage[] = [];
  /** What is written down. */
  readonly events: Json[] = [];
  #dir = '';
  #hooks!: Server;
  #counter = 0;

  async start(name: string): Promise<void> {
    this.#dir = mkdtempSync(join(tmpdir(), 'fleetdeck-webhooks-'));
    this.server = await startApiServer({
      dir: this.#dir,
      name,
      audit: { policy: POLICY, sink: (event) => this.events.push(event as Json) },
    });
    this.admin = adminOf(this.server);
    const caKey = readFileSync(join(this.#dir, 'pki', 'ca.key'), 'utf8');
    const ca = { caCertificate: this.server.caCertificate, caKey };
    const { request, key } = await makeRequest('CN=hook', ['localhost', 'hook.default.svc']);
    const cert = await signCsr(request, { ...ca, usages: ['server auth', 'digital signature'], seconds: 3600 });
    this.#hooks = createServer({ cert, key }, (incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const path = new URL(incoming.url ?? '/', 'https://localhost').pathname;
        const text = Buffer.concat(chunks).toString('utf8');
        const review = text === '' ? {} : JSON.parse(text);
        this.received.push(review);
        this.heads.push(incoming);
        const said = this.answers.get(path)?.(review.request, path);
        if (said === undefined) return;
        if (said.http !== undefined || said.raw !== undefined) {
          response.writeHead(said.http ?? 200, said.headers).end(said.raw ?? 'broken');
          return;
        }
        const { apiVersion = review.apiVersion, ...rest } = said;
        const answered = { uid: review.request?.uid, ...rest };
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ apiVersion, kind: 'AdmissionReview', response: answered }));
      });
    });
    await new Promise<void>((resolve) => this.#hooks.listen(0, '127.0.0.1', resolve));
    this.port = (this.#hooks.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#hooks.closeAllConnections();
    this.#hooks.close();
    await this.server.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** Between tests: no webhooks, and nothing remembered. */
  async reset(): Promise<void> {
    for (const resource of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'])
      await this.ask('DELETE', `${ADMISSION}/${resource}`);
    this.answers.clear();
    for (const list of [this.received, this.heads, this.events]) list.length = 0;
  }

  /** A name that nothing bears yet. */
  readonly fresh = (prefix: string): string => `${prefix}-${++this.#counter}`;

  readonly ask = (
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<RawAnswer> => call(this.server, this.admin, method, path, options);

  readonly post = (path: string, body: Json): Promise<RawAnswer> => this.ask('POST', path, { body });

  readonly configMap = (extra: Json = {}): Json => ({
    metadata: { name: this.fresh('cm'), ...extra },
    data: { a: '1' },
  });

  readonly hook = (path: string, extra: Json = {}): Json => ({
    name: `${path.slice(1)}.example.com`,
    rules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
    clientConfig: {
      url: `https://localhost:${this.port}${path}`,
      caBundle: Buffer.from(this.server.caCertificate).toString('base64'),
    },
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    ...extra,
  });

  /** Resolves with the name of the configuration. */
  readonly install = async (kind: 'Mutating' | 'Validating', webhooks: Json[]): Promise<string> => {
    const path = `${ADMISSION}/${kind.toLowerCase()}webhookconfigurations`;
    const name = this.fresh('h');
    const { status, text } = await this.post(path, { metadata: { name }, webhooks });
    if (status !== 201) throw new Error(text);
    return name;
  };
}

/** The answer that allows a request changed like this. */
export function patchOf(operations: Json[]): Json {
  return {
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
  };
}
