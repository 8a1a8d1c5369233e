/**
 * The connection check: everything that has to hold before a cluster is registered, in order, each step with its
 * evidence. The first failed step ends it. Nothing is kept.
 */
import type { ConnectionCheck } from '#shared/contract/clusters.ts';
import { AppError, type AppErrorShape, type ErrorCode, toErrorShape } from '#shared/errors.ts';
import {
  apiErrorOf,
  clientCertificateProblem,
  createHttpsTransport,
  createKubeClient,
  type HttpsTransport,
  type KubeClient,
  type KubeconfigEntry,
  type KubeTransport,
  type TransportResponse,
} from '../kube/index.ts';
import { clusterUid, firstNodes } from './connection.ts';
import { detect, minorVersion } from './detect.ts';
import { skewOf } from './health.ts';
import { featureRights } from './rights.ts';

type Step = ConnectionCheck['steps'][number];
type StepName = Step['step'];

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

  pass(step: StepName, evidence: string): void {
    this.steps.push({ step, result: 'passed', evidence, error: null });
  }
  warn(step: StepName, evidence: string, error: AppErrorShape | null = null): void {
    this.steps.push({ step, result: 'warning', evidence, error });
  }
  fail(error: unknown): void {
    const shape = toErrorShape(error);
    this.steps.push({ step: this.current, result: 'failed', evidence: shape.message, error: shape });
  }
}

async function examine(input: CheckInput, run: Run): Promise<void> {
  const entry = await input.entry();
  const identity = entry.identity();
  run.pass('kubeconfig', `context ${entry.context}, server ${entry.server}`);

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
  run.pass('credentials', credentialsEvidence(entry));

  run.current = 'reachable';
  const started = Date.now();
  const version = await dial(transport, run);
  const elapsed = Date.now() - started;
  run.pass('reachable', `${entry.server} answered in ${elapsed} ms`);
  tlsStep(entry, identity.caData !== undefined || identity.caFile !== undefined, run);

  run.current = 'authenticated';
  const client = createKubeClient(transport);
  run.pass('authenticated', await whoAmI(client, entry));

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
  if (skew === null) run.pass('clockSkew', 'the server sends no Date header');
  else if (Math.abs(skew) <= MAX_SKEW_MS) run.pass('clockSkew', `${(skew / 1000).toFixed(0)} s`);
  else {
    const text = `the clock of the cluster is ${Math.round(Math.abs(skew) / 1000)} s ${skew > 0 ? 'ahead' : 'behind'}`;
    run.warn('clockSkew', text);
  }

  run.current = 'store';
  if (input.store !== undefined) storeStep(input.store, run);
}

/** GET /version, which any authenticated person (and often anybody) may see. A failure belongs to the step it happened in. */
async function dial(transport: KubeTransport, run: Run): Promise<TransportResponse> {
  try {
    return await transport.request({ method: 'GET', path: '/version' });
  } catch (error) {
    const shape = toErrorShape(error);
    if (isTlsFailure(shape.code, shape.params?.whose)) {
      run.pass('reachable', `${transport.server} accepts connections`);
      run.current = 'tls';
    } else if (shape.code === 'CREDENTIALS_REJECTED' || shape.params?.whose === 'client') {
      run.pass('reachable', `${transport.server} accepts connections`);
      run.pass('tls', 'the server is trusted');
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
  if (entry.server.startsWith('http:')) run.warn('tls', 'the connection is not encrypted (http)');
  else if (entry.insecure) run.warn('tls', 'the server certificate is not verified (insecure-skip-tls-verify)');
  else run.pass('tls', ownAuthority ? "trusted by the kubeconfig's authority" : 'trusted by the system authorities');
}

function credentialsEvidence(entry: KubeconfigEntry): string {
  if (entry.exec !== null && entry.auth === 'exec') return `exec plugin ${entry.exec.command} answered`;
  return entry.auth === 'none' ? 'none: the cluster would have to let anybody in' : entry.auth;
}

/** SelfSubjectReview (authentication.k8s.io/v1, 1.28); before that, any right at all shows that one is known. */
async function whoAmI(client: KubeClient, entry: KubeconfigEntry): Promise<string> {
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
    return typeof user === 'string' ? user.slice(0, 200) : 'accepted';
  }
  if (review.status === 401) throw apiErrorOf(review, 'POST selfsubjectreviews');
  const list = await transport.request({ method: 'GET', path: '/api/v1/namespaces', query: { limit: 1 } });
  if (list.status === 403 || list.status < 300) return 'accepted';
  throw apiErrorOf(list, 'GET namespaces');
}

function versionStep(response: TransportResponse, run: Run): string {
  if (response.status >= 400) throw apiErrorOf(response, 'GET /version');
  const body = response.body as { gitVersion?: unknown } | null;
  const gitVersion = typeof body?.gitVersion === 'string' ? body.gitVersion.slice(0, 100) : '';
  const parsed = minorVersion(gitVersion);
  if (parsed === null) {
    throw new AppError('CLUSTER_ERROR', 'what answers there is no Kubernetes API server: /version has no gitVersion');
  }
  const [major, minor] = parsed;
  const params = { version: gitVersion, minimum: `1.${MINIMUM}` };
  if (major < 1 || (major === 1 && minor < MINIMUM)) {
    throw new AppError('UNSUPPORTED', `Kubernetes ${gitVersion} is older than 1.${MINIMUM}`, {
      params,
      hint: 'hints.versionTooOld',
    });
  }
  if (major === 1 && minor < MINIMUM_FOR_FEDERATION) {
    const text = `${gitVersion}: too old for a federation (1.${MINIMUM_FOR_FEDERATION})`;
    const error = new AppError('UNSUPPORTED', text, { params, hint: 'hints.versionTooOld' });
    run.warn('version', text, error.toShape());
  } else run.pass('version', gitVersion);
  return gitVersion;
}

async function rightsStep(client: KubeClient, run: Run): Promise<void> {
  const features = await featureRights(client);
  run.features = features;
  if (features === null) {
    run.warn('rights', 'the server does not answer access reviews');
    return;
  }
  const missing = [...new Set(features.flatMap((each) => each.missing))];
  const good = features.filter((each) => each.missing.length === 0).map(({ feature }) => feature);
  if (missing.length === 0) {
    run.pass('rights', good.join(', '));
    return;
  }
  const text = `missing: ${missing.join(', ')}${good.length === 0 ? '' : `; enough for ${good.join(', ')}`}`;
  const error = new AppError('FORBIDDEN', text, { params: { missing: missing.join(', ') } });
  run.warn('rights', text, error.toShape());
}

/** Without it everything works but the usage of pods and nodes, and autoscaling by it. */
async function metricsStep(client: KubeClient, run: Run): Promise<void> {
  const { status } = await client.transport.request({
    method: 'GET',
    path: '/apis/metrics.k8s.io/v1beta1/nodes',
    query: { limit: 1 },
  });
  if (status < 300) run.pass('metrics', 'metrics.k8s.io/v1beta1 answers');
  else {
    const text = `metrics.k8s.io/v1beta1 answers ${status}`;
    const error = new AppError('UNSUPPORTED', text, { params: { what: 'metrics' }, hint: 'hints.metricsMissing' });
    run.warn('metrics', text, error.toShape());
  }
}

/** Room for one more cluster on this machine. */
function storeStep({ registered, freeBytes }: NonNullable<CheckInput['store']>, run: Run): void {
  const text = `${registered} of at most ${MOST_CLUSTERS} clusters, ${Math.round(freeBytes / 1e6)} MB free`;
  if (registered >= MOST_CLUSTERS) {
    throw new AppError('REFUSED', text, { params: { most: MOST_CLUSTERS }, hint: 'hints.tooManyClusters' });
  }
  if (freeBytes < MIN_FREE_BYTES) run.warn('store', text, new AppError('DISK_FULL', text).toShape());
  else run.pass('store', text);
}
