/** The kubeconfig of an issued access, and its file. */
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '#shared/errors.ts';
import type { ClusterEndpoint } from '../clusters/index.ts';

export interface KubeconfigParts {
  name: string;
  user: string;
  endpoint: ClusterEndpoint;
  token: string;
  /** The namespace it opens in, when the access is for one. */
  namespace: string | undefined;
}

/** JSON is YAML: kubectl and every client library read it. */
export function kubeconfigText({ name, user, endpoint, token, namespace }: KubeconfigParts): string {
  const { server, caData, tlsServerName, proxyUrl, insecure } = endpoint;
  const cluster = {
    server,
    ...(caData === undefined ? {} : { 'certificate-authority-data': Buffer.from(caData).toString('base64') }),
    ...(tlsServerName === undefined ? {} : { 'tls-server-name': tlsServerName }),
    ...(proxyUrl === undefined ? {} : { 'proxy-url': proxyUrl }),
    ...(insecure ? { 'insecure-skip-tls-verify': true } : {}),
  };
  const context = { cluster: name, user, ...(namespace === undefined ? {} : { namespace }) };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name, context }],
    'current-context': name,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** A file only its owner reads. One that is there already is never overwritten. */
export async function writeKubeconfig(file: string, text: string): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
    await chmod(file, 0o600);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AppError('FILE_UNWRITABLE', `${file}: ${errno}`, { params: { path: file, errno }, cause: error });
  }
}

/** Null when the file is gone or is not the one that was written. */
export async function tokenIn(file: string): Promise<string | null> {
  try {
    const { users } = JSON.parse(await readFile(file, 'utf8')) as { users?: { user?: { token?: unknown } }[] };
    const token = users?.[0]?.user?.token;
    return typeof token === 'string' ? token : null;
  } catch {
    return null;
  }
}

export async function removeKubeconfig(file: string): Promise<void> {
  await rm(file, { force: true });
}
