/**
 * What a connection needs of secrets, resolved from an identity: CA, client certificate, headers. Files are read again
 * when they change, exec plugins run when their credential expires. One resolver per connection; nothing is shared.
 */
import { readFile, stat } from 'node:fs/promises';
import { AppError } from '#shared/errors.ts';
import { createExecRunner, type ExecRunner } from './exec-plugin.ts';
import { type ClusterIdentity, execHash } from './identity.ts';

export interface Material {
  identity: ClusterIdentity;
  ca?: string;
  cert?: string;
  key?: string;
  /** Authorization and impersonation. */
  headers: Record<string, string | string[]>;
}

export interface CredentialsOptions {
  /** Called for every resolution; cheap when nothing changed. Throws the kubeconfig's own problem. */
  identity: () => Promise<ClusterIdentity>;
  /** Hash of the exec plugin the person approved; any other one is refused. */
  approvedExec?: () => string | null;
  /** How long the exec plugin may take; asked before every run. */
  execTimeoutMs?: () => number;
  /** What the exec plugin inherits. */
  env?: NodeJS.ProcessEnv;
}

export interface Credentials {
  /** `force`: the server refused what we had; look again everywhere. */
  resolve(force: boolean): Promise<Material>;
  close(): void;
}

export function createCredentials(options: CredentialsOptions): Credentials {
  const files = new FileCache();
  let runner: { key: string; exec: ExecRunner } | null = null;

  function runnerFor(identity: ClusterIdentity): ExecRunner | null {
    const exec = identity.exec;
    if (exec === undefined) return null;
    const hash = execHash(exec);
    if (options.approvedExec?.() !== hash) {
      const params = { command: exec.command, hash };
      throw new AppError('EXEC_NOT_APPROVED', `exec plugin ${exec.command} has not been approved`, { params });
    }
    const key = JSON.stringify([hash, exec, identity.server, identity.baseDir]);
    if (runner?.key !== key) {
      runner?.exec.close();
      runner = { key, exec: createExecRunner(identity, exec, { timeoutMs: options.execTimeoutMs, env: options.env }) };
    }
    return runner.exec;
  }

  return {
    async resolve(force) {
      const identity = await options.identity();
      const [ca, cert, key, fileToken] = await Promise.all([
        identity.caData ?? files.read(identity.caFile, force),
        identity.certData ?? files.read(identity.certFile, force),
        identity.keyData ?? files.read(identity.keyFile, force),
        files.read(identity.tokenFile, force),
      ]);
      const material: Material = { identity, ca, cert, key, headers: impersonation(identity) };
      // Precedence of client-go: a token (file before text), then basic, then the plugin when nothing else is there.
      const token = (fileToken ?? identity.token)?.trim();
      if (token !== undefined && token !== '') material.headers.authorization = `Bearer ${token}`;
      else if (identity.username !== undefined) {
        const pair = Buffer.from(`${identity.username}:${identity.password ?? ''}`).toString('base64');
        material.headers.authorization = `Basic ${pair}`;
      } else {
        const plugin = runnerFor(ca === undefined ? identity : { ...identity, caData: ca });
        if (plugin !== null) {
          const given = await plugin.credential(force);
          if (given.token !== undefined) material.headers.authorization = `Bearer ${given.token}`;
          if (given.certificate !== undefined) {
            material.cert = given.certificate;
            material.key = given.key;
          }
        }
      }
      return material;
    },
    close() {
      runner?.exec.close();
    },
  };
}

function impersonation(identity: ClusterIdentity): Record<string, string | string[]> {
  const { user, uid, groups = [], extra = {} } = identity.impersonate ?? {};
  const headers: Record<string, string | string[]> = {};
  if (user !== undefined) headers['Impersonate-User'] = user;
  if (uid !== undefined) headers['Impersonate-Uid'] = uid;
  if (groups.length > 0) headers['Impersonate-Group'] = groups;
  for (const [name, values] of Object.entries(extra)) {
    headers[`Impersonate-Extra-${encodeURIComponent(name)}`] = values;
  }
  return headers;
}

/** Credential files, read again when time or size changed; looked at no more than every ten seconds unless forced. */
class FileCache {
  static readonly #lookAgainMs = 10_000;
  readonly #known = new Map<string, { text: string; stamp: string; lookedAt: number }>();

  async read(path: string | undefined, force: boolean): Promise<string | undefined> {
    if (path === undefined) return undefined;
    const known = this.#known.get(path);
    const now = Date.now();
    if (known !== undefined && !force && now - known.lookedAt < FileCache.#lookAgainMs) return known.text;
    try {
      const info = await stat(path);
      const stamp = `${info.mtimeMs}:${info.size}:${info.ino}`;
      if (known?.stamp === stamp) {
        known.lookedAt = now;
        return known.text;
      }
      const text = await readFile(path, 'utf8');
      this.#known.set(path, { text, stamp, lookedAt: now });
      return text;
    } catch (error) {
      const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
      const params = { path, errno };
      throw new AppError('KUBECONFIG_INCOMPLETE', `${path}: ${errno}`, {
        params: { ...params, what: 'file' },
        hint: 'hints.credentialFile',
        cause: error,
      });
    }
  }
}
