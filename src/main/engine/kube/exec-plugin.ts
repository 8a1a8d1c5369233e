/**
 * Exec credential plugins (client.authentication.k8s.io v1 and v1beta1; Kubernetes docs, "client-go credential
 * plugins"). A plugin is code from a kubeconfig that runs on this machine: whoever calls this has checked the approval.
 * One run at a time per identity; the answer is kept until shortly before it expires.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '#shared/errors.ts';
import { EXEC_TIMEOUT_SECONDS } from '#shared/limits.ts';
import type { ClusterIdentity, ExecSpec } from './identity.ts';

export interface ExecCredential {
  token?: string;
  certificate?: string;
  key?: string;
  /** Milliseconds; undefined means: until the server refuses it. */
  expiresAt?: number;
}

const API_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const DEFAULT_TIMEOUT_MS = EXEC_TIMEOUT_SECONDS.default * 1000;
const MAX_OUTPUT_BYTES = 1_048_576;
/** A plugin that just failed is not started again by the next of many waiting requests. */
const FAILURE_MEMORY_MS = 3_000;

export interface ExecRunner {
  /** The credential in force; `force` runs the plugin anew although the kept one has not expired (after a 401). */
  credential(force: boolean): Promise<ExecCredential>;
  close(): void;
}

export interface ExecOptions {
  /** Asked before every run: a person may have changed it. */
  timeoutMs?: () => number;
  /** What the plugin inherits. */
  env?: NodeJS.ProcessEnv;
}

interface ExecRun {
  timeoutMs: number;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

export function createExecRunner(
  identity: ClusterIdentity,
  exec: ExecSpec,
  { timeoutMs = () => DEFAULT_TIMEOUT_MS, env = process.env }: ExecOptions = {},
): ExecRunner {
  let kept: { credential: ExecCredential; refreshAt: number } | null = null;
  let running: Promise<ExecCredential> | null = null;
  let failed: { error: unknown; at: number } | null = null;
  const closer = new AbortController();

  async function run(): Promise<ExecCredential> {
    try {
      const credential = await runExecPlugin(identity, exec, { timeoutMs: timeoutMs(), env, signal: closer.signal });
      const now = Date.now();
      const lifetime = (credential.expiresAt ?? Number.POSITIVE_INFINITY) - now;
      // Renewed a little early, so that no request is sent with a credential that expires on the way.
      kept = { credential, refreshAt: now + lifetime - Math.min(30_000, lifetime * 0.1) };
      failed = null;
      return credential;
    } catch (error) {
      failed = { error, at: Date.now() };
      throw error;
    }
  }

  return {
    async credential(force) {
      if (running !== null) return await running;
      if (!force && kept !== null && Date.now() < kept.refreshAt) return kept.credential;
      if (!force && failed !== null && Date.now() - failed.at < FAILURE_MEMORY_MS) throw failed.error;
      running = run().finally(() => {
        running = null;
      });
      return await running;
    },
    close: () => closer.abort(),
  };
}

/** One run of the plugin. Exported for the connection check, which wants the failure itself. */
export async function runExecPlugin(identity: ClusterIdentity, exec: ExecSpec, run: ExecRun): Promise<ExecCredential> {
  const params = {
    command: exec.command,
    ...(exec.installHint === undefined ? {} : { installHint: exec.installHint }),
  };
  if (!API_VERSIONS.includes(exec.apiVersion)) {
    const text = `exec plugin ${exec.command} speaks ${exec.apiVersion}; supported: ${API_VERSIONS.join(', ')}`;
    throw new AppError('EXEC_FAILED', text, {
      params: { ...params, why: 'apiVersion' },
      hint: 'hints.execApiVersion',
    });
  }
  if (exec.interactiveMode === 'Always') {
    const text = `exec plugin ${exec.command} needs a terminal (interactiveMode: Always)`;
    throw new AppError('EXEC_FAILED', text, {
      params: { ...params, why: 'interactive' },
      hint: 'hints.execInteractive',
    });
  }
  const { stdout, stderr, code } = await spawnPlugin(identity, exec, run, params);
  if (code !== 0) {
    const text = `exec plugin ${exec.command} ended with ${code}: ${redact(stderr).slice(-400)}`;
    throw new AppError('EXEC_FAILED', text, {
      retryable: true,
      params: { ...params, why: 'exit', exit: String(code) },
    });
  }
  return parseExecCredential(stdout, exec, params);
}

interface PluginOutput {
  stdout: string;
  stderr: string;
  code: number | string;
}

function spawnPlugin(
  identity: ClusterIdentity,
  exec: ExecSpec,
  { timeoutMs, env: inherited, signal }: ExecRun,
  params: Record<string, string>,
): Promise<PluginOutput> {
  // A bare name is looked up in PATH; `./plugin` means beside the kubeconfig (client-go does the same).
  const bare = !/[\\/]/.test(exec.command);
  const command = bare ? exec.command : path.resolve(identity.baseDir, exec.command);
  const env: NodeJS.ProcessEnv = { ...inherited, KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(identity, exec)) };
  for (const { name, value } of exec.env) env[name] = value;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new AppError('CANCELLED', 'connection closed'));
      return;
    }
    // A group of its own: plugins start helpers (aws, gcloud), and a time-out has to end all of them.
    const detached = process.platform !== 'win32';
    const child = spawn(command, exec.args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached, windowsHide: true });
    const chunks: Buffer[] = [];
    let size = 0;
    let stderr = '';
    let verdict: AppError | null = null;
    let settled = false;
    const end = (error: AppError) => {
      verdict ??= error;
      killGroup(child.pid, detached, () => child.kill('SIGKILL'));
      finish('killed');
    };
    const timer = setTimeout(() => {
      const text = `exec plugin ${exec.command} did not answer within ${timeoutMs / 1000} s`;
      end(new AppError('EXEC_TIMEOUT', text, { retryable: true, params: { ...params, seconds: timeoutMs / 1000 } }));
    }, timeoutMs);
    const onAbort = () => end(new AppError('CANCELLED', 'connection closed'));
    signal.addEventListener('abort', onAbort, { once: true });
    const finish = (code: number | string) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      child.stdout.destroy();
      child.stderr.destroy();
      if (verdict !== null) reject(verdict);
      else resolve({ stdout: Buffer.concat(chunks).toString('utf8'), stderr, code });
    };
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_OUTPUT_BYTES) {
        const text = `exec plugin ${exec.command} wrote more than ${MAX_OUTPUT_BYTES} bytes`;
        end(new AppError('EXEC_FAILED', text, { params: { ...params, why: 'output' } }));
      } else chunks.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-8192);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      verdict ??= startError(error, exec, env, params);
      finish('error');
    });
    // `close` waits for the pipes; a helper left behind with an inherited pipe must not hold the answer back.
    child.on('exit', (code, killed) => {
      setTimeout(() => finish(code ?? String(killed)), 250).unref();
    });
    child.on('close', (code, killed) => finish(code ?? String(killed)));
  });
}

function startError(
  error: NodeJS.ErrnoException,
  exec: ExecSpec,
  env: NodeJS.ProcessEnv,
  params: Record<string, string>,
): AppError {
  if (error.code === 'ENOENT' || (error.code === 'EACCES' && !isAnywhere(exec, env))) {
    return new AppError('EXEC_MISSING', `exec plugin ${exec.command} was not found`, {
      params,
      ...(exec.installHint === undefined ? {} : { hint: 'hints.execInstall' }),
    });
  }
  const text = `exec plugin ${exec.command} could not be started: ${error.code ?? error.message}`;
  return new AppError('EXEC_FAILED', text, { params: { ...params, why: 'start', exit: error.code ?? '' } });
}

/** A folder of the PATH that may not be looked into makes the system say EACCES of a program that is nowhere. */
function isAnywhere({ command }: ExecSpec, env: NodeJS.ProcessEnv): boolean {
  if (command.includes('/')) return true;
  return (env.PATH ?? '').split(path.delimiter).some((folder) => existsSync(path.join(folder, command)));
}

function killGroup(pid: number | undefined, group: boolean, fallback: () => void): void {
  try {
    if (group && pid !== undefined) process.kill(-pid, 'SIGKILL');
    else fallback();
  } catch {
    // Already gone.
  }
}

function execInfo(identity: ClusterIdentity, exec: ExecSpec): unknown {
  const cluster = {
    server: identity.server,
    'tls-server-name': identity.tlsServerName,
    'insecure-skip-tls-verify': identity.insecureSkipTlsVerify || undefined,
    'certificate-authority-data':
      identity.caData === undefined ? undefined : Buffer.from(identity.caData).toString('base64'),
    'proxy-url': identity.proxyUrl,
    'disable-compression': identity.disableCompression || undefined,
    config: exec.clusterConfig,
  };
  return {
    kind: 'ExecCredential',
    apiVersion: exec.apiVersion,
    spec: { interactive: false, ...(exec.provideClusterInfo ? { cluster } : {}) },
  };
}

/** Never quotes the output: it holds the secret. */
function parseExecCredential(stdout: string, exec: ExecSpec, params: Record<string, string>): ExecCredential {
  const bad = (why: string) =>
    new AppError('EXEC_FAILED', `exec plugin ${exec.command}: ${why}`, { params: { ...params, why: 'answer' } });
  let answer: { kind?: unknown; apiVersion?: unknown; status?: Record<string, unknown> | null };
  try {
    answer = JSON.parse(stdout) as typeof answer;
  } catch {
    throw bad('its answer is not JSON');
  }
  if (typeof answer !== 'object' || answer === null || answer.kind !== 'ExecCredential') {
    throw bad('its answer is not an ExecCredential');
  }
  if (answer.apiVersion !== exec.apiVersion) throw bad(`it answered another version than ${exec.apiVersion}`);
  const status = answer.status ?? {};
  const text = (field: string) => {
    const value = status[field];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const token = text('token')?.trim();
  const certificate = text('clientCertificateData');
  const key = text('clientKeyData');
  if (token === undefined && certificate === undefined) throw bad('its answer holds neither token nor certificate');
  if ((certificate === undefined) !== (key === undefined)) throw bad('certificate and key must come together');
  const expiry = text('expirationTimestamp');
  const expiresAt = expiry === undefined ? undefined : Date.parse(expiry);
  if (expiresAt !== undefined && Number.isNaN(expiresAt)) throw bad('expirationTimestamp is not a time');
  return { token, certificate, key, expiresAt };
}

/** Tokens and keys that a chatty plugin prints on stderr do not reach logs. */
export function redact(text: string): string {
  return text.replace(/[A-Za-z0-9+/_=.-]{32,}/g, '[redacted]').trim();
}
