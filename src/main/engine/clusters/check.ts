/**
 * The connection check: everything that has to hold before a cluster is registered, in order, each step with its
 * evidence. The first failed step ends it. Nothing is kept.
 */
import type { CheckEvidence, ConnectionCheck } from '#shared/contract/clusters.ts';
import { AppError, type ErrorCode, toErrorShape } from '#shared/errors.ts';
import {
  apiErrorOf,
  clientCertificateProblem,
  createHttpsTransport,
  createKubeClient,
  type HttpsTransport,
  type KubeClient,
  type KubeTransport,
  type TransportResponse,
} from '../kube/index.ts';
import type { KubeconfigEntry } from '../kubeconfig/index.ts';
import { clusterUid, firstNodes } from './connection.ts';
import { detect, minorVersion } from './detect.ts';
import { skewOf } from './health.ts';
import { featureRights } from './rights.ts';

type Step = ConnectionCheck['steps'][number];
type StepName = Step['step'];
type EvidenceKey = CheckEvidence['key'];

/** Manual 5.1: 1.19 to be registered, 1.21 to join a federation. */
const MINIMUM = 19;
const MINIMUM_FOR_FEDERATION = 21;
const MAX_SKEW_MS = 60_000;

/** Below this the store may run full at any moment. */
const MIN_FREE_BYTES = 200_000_000;
/** More than these nobody has tried. */
const MOST_CLUSTERS = 500;

export interface CheckInput {
  /** Reads the source and finds the context; throws the kubeconfig's own problem. */
  entry: () => Promise<KubeconfigEntry>;
  approvedExec: string | null;
  env: NodeJS.ProcessEnv;
  execTimeoutMs: (() => number) | undefined;
  requestTimeoutMs?: number;
  /** The quota of this machine's store; left out: not looked at. */
  store?: { registered: number; freeBytes: number } | undefined;
}

export async function checkConnection(input: CheckInput): Promise<ConnectionCheck> {
  const run = new Run();
  try {
    await examine(input, run);
  } catch (error) {
    run.fail(error);
  } finally {
    await run.transport?.close();
  }
  return {
    ok: run.steps.every((step) => step.result !== 'failed'),
    steps: run.steps,
    features: run.features,
    detected: run.detected,
  };
}

/** The steps so far and the one under way, to which an exception is put down. */
class Run {
  readonly steps: Step[] = [];
  current: StepName = 'kubeconfig';
  transport: HttpsTransport | null = null;
  detected: ConnectionCheck['detected'] = null;
  features: ConnectionCheck['features'] = null;

  pass(step: StepName, evidence: string, key?: EvidenceKey, params: CheckEvidence['params'] = {}): void {
    this.#add(step, 'passed', evidence, key, params);
  }
  warn(step: StepName, evidence: string, key?: EvidenceKey, params: CheckEvidence['params'] = {}): void {
    this.#add(step, 'warning', evidence, key, params);
  }
  /** Not as it should be, and what to do about it. */
  advise(step: StepName, error: AppError): void {
    this.steps.push({ step, result: 'warning', evidence: error.message, said: null, error: error.toShape() });
  }
  fail(error: unknown): void {
    const shape = toErrorShape(error);
    this.steps.push({ step: this.current, result: 'failed', evidence: shape.message, said: null, error: shape });
  }
  #add(
    step: StepName,
    result: Step['result'],
    evidence: string,
    key: EvidenceKey | undefined,
    params: CheckEvidence['params'],
  ) {
    const said = key === undefined ? null : { key, params };
    this.steps.push({ step, result, evidence, said, error: null });
  }
}

async function examine(input: CheckInput, run: Run): Promise<void> {
  const entry = await input.entry();
  const identity = entry.identity();
  const { context, server } = entry;
  run.pass('kubeconfig', `context ${context}, server ${server}`, 'context', { context, server });

  run.current = 'credentials';
  const transport = createHttpsTransport({
    server: entry.server,
    identity: async () => identity,
    approvedExec: () => input.approvedExec,
    env: input.env,
    execTimeoutMs: input.execTimeoutMs,
    requestTimeoutMs: input.requestTimeoutMs ?? 15_000,
  });
  run.transport = transport;
  const material = await transport.prepare();
  const own = clientCertificateProblem(material.cert);
  if (own !== null) throw own;
  if (entry.exec !== null && entry.auth === 'exec') {
    const { command } = entry.exec;
    run.pass('credentials', `exec plugin ${command} answered`, 'exec', { command });
  } else run.pass('credentials', entry.auth, 'auth', { auth: entry.auth });

  run.current = 'reachable';
  const started = Date.now();
  const version = await dial(transport, run);
  // A page that answers everything with 200 would be taken for a sign-in.
  if (version.status < 300) gitVersionOf(version);
  const elapsed = Date.now() - started;
  run.pass('reachable', `${server} answered in ${elapsed} ms`, 'answered', { server, ms: elapsed });
  tlsStep(entry, identity.caData !== undefined || identity.caFile !== undefined, run);

  run.current = 'authenticated';
  const client = createKubeClient(transport);
  const user = await whoAmI(client, entry);
  run.pass('authenticated', user ?? 'accepted', user === null ? 'accepted' : undefined);

  run.current = 'version';
  const gitVersion = versionStep(version, run);

  const [uid, nodes] = await Promise.all([clusterUid(client), firstNodes(client)]);
  const found = detect({ gitVersion, server: entry.server, context: entry.context, nodes });
  run.detected = { version: gitVersion, ...found, uid: uid ?? '' };

  run.current = 'rights';
  await rightsStep(client, run);

  run.current = 'metrics';
  await metricsStep(client, run);

  run.current = 'clockSkew';
  const skew = skewOf(version.headers.date, started + elapsed / 2);
  const seconds = Math.round(Math.abs(skew ?? 0) / 1000);
  if (skew === null) run.pass('clockSkew', 'the server sends no Date header', 'noDate');
  else if (Math.abs(skew) <= MAX_SKEW_MS) run.pass('clockSkew', `${seconds} s apart`, 'clock', { seconds });
  else {
    const text = `the clock of the cluster is ${seconds} s ${skew > 0 ? 'ahead' : 'behind'}`;
    run.warn('clockSkew', text, skew > 0 ? 'clockAhead' : 'clockBehind', { seconds });
  }

  run.current = 'store';
  if (input.store !== undefined) storeStep(input.store, run);
}

/** GET /version, which any authenticated person (and often anybody) may see. A failure belongs to the step it happened in. */
async function dial(transport: KubeTransport, run: Run): Promise<TransportResponse> {
  const { server } = transport;
  try {
    return await transport.request({ method: 'GET', path: '/version' });
  } catch (error) {
    const shape = toErrorShape(error);
    if (isTlsFailure(shape.code, shape.params?.whose)) {
      run.pass('reachable', `${server} accepts connections`, 'accepts', { server });
      run.current = 'tls';
    } else if (shape.code === 'CREDENTIALS_REJECTED' || shape.params?.whose === 'client') {
      run.pass('reachable', `${server} accepts connections`, 'accepts', { server });
      run.pass('tls', 'the server is trusted', 'tlsTrusted');
      run.current = 'authenticated';
    }
    throw error;
  }
}

function isTlsFailure(code: ErrorCode, whose: string | number | undefined): boolean {
  if (code === 'TLS_UNTRUSTED' || code === 'TLS_NAME_MISMATCH') return true;
  return (code === 'CERT_EXPIRED' || code === 'CERT_NOT_YET_VALID') && whose !== 'client';
}

function tlsStep(entry: KubeconfigEntry, ownAuthority: boolean, run: Run): void {
  if (entry.server.startsWith('http:')) run.warn('tls', 'the connection is not encrypted (http)', 'tlsHttp');
  else if (entry.insecure)
    run.warn('tls', 'the server certificate is not verified (insecure-skip-tls-verify)', 'tlsInsecure');
  else if (ownAuthority) run.pass('tls', "trusted by the kubeconfig's authority", 'tlsOwn');
  else run.pass('tls', 'trusted by the system authorities', 'tlsSystem');
}

/** SelfSubjectReview (authentication.k8s.io/v1, 1.28); before that, any right at all shows that one is known, by a name we cannot know. */
async function whoAmI(client: KubeClient, entry: KubeconfigEntry): Promise<string | null> {
  const { transport } = client;
  const review = await transport.request({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  });
  if (review.status < 300) {
    const user = (review.body as { status?: { userInfo?: { username?: unknown } } } | null)?.status?.userInfo?.username;
    if (user === 'system:anonymous' && entry.auth !== 'none') {
      throw new AppError('CREDENTIALS_REJECTED', 'the cluster takes these credentials for nobody (system:anonymous)');
    }
    return typeof user === 'string' ? user.slice(0, 200) : null;
  }
  if (review.status === 401) throw apiErrorOf(review, 'POST selfsubjectreviews');
  const list = await transport.request({ method: 'GET', path: '/api/v1/namespaces', query: { limit: 1 } });
  if (list.status === 403 || list.status < 300) return null;
  throw apiErrorOf(list, 'GET namespaces');
}

function versionStep(response: TransportResponse, run: Run): string {
  if (response.status >= 400) throw apiErrorOf(response, 'GET /version');
  const { gitVersion, major, minor } = gitVersionOf(response);
  const params = { version: gitVersion, minimum: `1.${MINIMUM}` };
  if (major < 1 || (major === 1 && minor < MINIMUM)) {
    throw new AppError('UNSUPPORTED', `Kubernetes ${gitVersion} is older than 1.${MINIMUM}`, {
      params,
      hint: 'hints.versionTooOld',
    });
  }
  if (major === 1 && minor < MINIMUM_FOR_FEDERATION) {
    const text = `${gitVersion}: too old for a federation (1.${MINIMUM_FOR_FEDERATION})`;
    run.advise('version', new AppError('UNSUPPORTED', text, { params, hint: 'hints.versionForFederation' }));
  } else run.pass('version', gitVersion);
  return gitVersion;
}

/** AppError CLUSTER_ERROR where something else than an API server answers. */
function gitVersionOf({ body }: TransportResponse): { gitVersion: string; major: number; minor: number } {
  const said = (body as { gitVersion?: unknown } | null)?.gitVersion;
  const gitVersion = typeof said === 'string' ? said.slice(0, 100) : '';
  const parsed = minorVersion(gitVersion);
  if (parsed !== null) return { gitVersion, major: parsed[0], minor: parsed[1] };
  const text = 'what answers there is no Kubernetes API server: /version has no gitVersion';
  throw new AppError('CLUSTER_ERROR', text, { hint: 'hints.notApiServer' });
}

async function rightsStep(client: KubeClient, run: Run): Promise<void> {
  const features = await featureRights(client);
  run.features = features;
  if (features === null) {
    run.warn('rights', 'the server does not answer access reviews', 'rightsUnknown');
    return;
  }
  const missing = [...new Set(features.flatMap((each) => each.missing))];
  const good = features.filter((each) => each.missing.length === 0).map(({ feature }) => feature);
  if (missing.length === 0) {
    run.pass('rights', good.join(', '), 'rightsAll');
    return;
  }
  const text = `missing: ${missing.join(', ')}${good.length === 0 ? '' : `; enough for ${good.join(', ')}`}`;
  run.advise(
    'rights',
    new AppError('FORBIDDEN', text, { params: { missing: missing.join(', ') }, hint: 'hints.rightsMissing' }),
  );
}

/** Without it everything works but the usage of pods and nodes, and autoscaling by it. */
async function metricsStep(client: KubeClient, run: Run): Promise<void> {
  const version = '/apis/metrics.k8s.io/v1beta1';
  const statusOf = async (path: string, query?: { limit: number }) =>
    (await client.transport.request({ method: 'GET', path, ...(query && { query }) })).status;
  const nodes = await statusOf(`${version}/nodes`, { limit: 1 });
  // A right is asked for before it turns out that there is nothing to have it for; discovery is open to everybody.
  const served = nodes === 403 ? await statusOf(version) : nodes;
  if (nodes < 300) run.pass('metrics', 'metrics.k8s.io/v1beta1 answers', 'metrics');
  else if (served < 300) {
    const missing = 'list nodes.metrics.k8s.io';
    run.advise(
      'metrics',
      new AppError('FORBIDDEN', `missing: ${missing}`, { params: { missing }, hint: 'hints.metricsForbidden' }),
    );
  } else {
    const text = `metrics.k8s.io/v1beta1 answers ${served}`;
    run.advise(
      'metrics',
      new AppError('UNSUPPORTED', text, { params: { what: 'metrics' }, hint: 'hints.metricsMissing' }),
    );
  }
}

/** Room for one more cluster on this machine. */
function storeStep({ registered, freeBytes }: NonNullable<CheckInput['store']>, run: Run): void {
  const text = `${registered} of at most ${MOST_CLUSTERS} clusters, ${Math.round(freeBytes / 1e6)} MB free`;
  if (registered >= MOST_CLUSTERS) {
    throw new AppError('REFUSED', text, { params: { most: MOST_CLUSTERS }, hint: 'hints.tooManyClusters' });
  }
  if (freeBytes < MIN_FREE_BYTES) run.advise('store', new AppError('DISK_FULL', text));
  else run.pass('store', text, 'room', { registered, most: MOST_CLUSTERS, megabytes: Math.round(freeBytes / 1e6) });
}
