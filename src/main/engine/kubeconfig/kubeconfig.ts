/**
 * Reads kubeconfigs (Kubernetes docs, "Organizing cluster access using kubeconfig files"; client-go clientcmd/api/v1).
 *
 * Every context of a file becomes one isolated identity: files are never merged and never written. Each fault has its
 * code, so that a person is told before anything is dialled. Scalars are read as text (YAML's failsafe schema), so that
 * a token `0123` or a user named `on` stays what it is.
 */
import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { AppError, type AppErrorShape, toErrorShape } from '#shared/errors.ts';
import { type ClusterIdentity, clientCertificateProblem, type ExecSpec, execHash } from '../kube/index.ts';

export type KubeconfigAuth =
  | 'clientCertificate'
  | 'token'
  | 'tokenFile'
  | 'basic'
  | 'exec'
  | 'oidc'
  | 'authProvider'
  | 'none';

export interface KubeconfigEntry {
  context: string;
  clusterName: string;
  user: string;
  server: string;
  namespace: string | null;
  auth: KubeconfigAuth;
  insecure: boolean;
  exec: (ExecSpec & { hash: string }) | null;
  /** What is wrong before anything was dialled. The first one that is fatal is thrown by `identity()`. */
  problems: AppErrorShape[];
  /** The identity; throws AppError when the context cannot be used as it is written. */
  identity(): ClusterIdentity;
}

export interface Kubeconfig {
  currentContext: string | null;
  entries: KubeconfigEntry[];
}

const MAX_BYTES = 4_000_000;
/** Of one folder; beyond that it is no place for kubeconfigs. */
const MOST_FILES = 200;

const Text = z.preprocess((v) => (v === 'null' || v === '~' || v === '' ? undefined : v), z.string().optional());
const Flag = z.preprocess((v) => /^(true|yes|on)$/i.test(String(v ?? '')), z.boolean());
const listOf = <T extends z.ZodType>(item: T) => z.preprocess((v) => (Array.isArray(v) ? v : []), z.array(item));
const mapOf = <T extends z.ZodType>(shape: T) => z.preprocess((v) => (isMap(v) ? v : {}), shape);

const ClusterBody = z.object({
  server: Text,
  'certificate-authority': Text,
  'certificate-authority-data': Text,
  'insecure-skip-tls-verify': Flag,
  'tls-server-name': Text,
  'proxy-url': Text,
  'disable-compression': Flag,
  extensions: listOf(mapOf(z.object({ name: Text, extension: z.unknown().optional() }))),
});
const UserBody = z.object({
  'client-certificate': Text,
  'client-certificate-data': Text,
  'client-key': Text,
  'client-key-data': Text,
  token: Text,
  tokenFile: Text,
  username: Text,
  password: Text,
  as: Text,
  'as-uid': Text,
  'as-groups': listOf(z.string()),
  'as-user-extra': mapOf(z.record(z.string(), listOf(z.string()))),
  'auth-provider': z.unknown().optional(),
  exec: z.unknown().optional(),
});
const Exec = z.object({
  apiVersion: Text,
  command: Text,
  args: listOf(z.string()),
  env: listOf(mapOf(z.object({ name: Text, value: z.string().default('') }))),
  installHint: Text,
  provideClusterInfo: Flag,
  interactiveMode: z.preprocess((v) => v ?? 'IfAvailable', z.enum(['Never', 'IfAvailable', 'Always'])),
});
const ContextBody = z.object({ cluster: Text, user: Text, namespace: Text });
const File = z.object({
  'current-context': Text,
  clusters: listOf(mapOf(z.object({ name: Text, cluster: mapOf(ClusterBody) }))),
  users: listOf(mapOf(z.object({ name: Text, user: mapOf(UserBody) }))),
  contexts: listOf(mapOf(z.object({ name: Text, context: mapOf(ContextBody) }))),
});
type ClusterBody = z.infer<typeof ClusterBody>;
type UserBody = z.infer<typeof UserBody>;

/** Where what can be done about it is something else than looking for the file and its rights. */
const UNREADABLE: Readonly<Record<string, string>> = {
  EFBIG: 'hints.kubeconfigTooLarge',
  EISDIR: 'hints.kubeconfigFolder',
};

/** Reads and parses; `~` is the home folder. */
export async function readKubeconfigFile(file: string): Promise<Kubeconfig & { path: string; text: string }> {
  const absolute = path.resolve(expandHome(file));
  let text: string;
  try {
    const info = await stat(absolute);
    // A named pipe would block, a device never end.
    if (!info.isFile())
      throw Object.assign(new Error('not a file'), { code: info.isDirectory() ? 'EISDIR' : 'EINVAL' });
    if (info.size > MAX_BYTES) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
    text = decoded(await readFile(absolute));
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AppError('KUBECONFIG_UNREADABLE', `${absolute}: ${errno}`, {
      params: { path: absolute, errno },
      hint: UNREADABLE[errno],
      cause: error,
    });
  }
  return { ...(await parseKubeconfig(text, path.dirname(absolute))), path: absolute, text };
}

/** UTF-8, or UTF-16 with its mark: as PowerShell writes what is redirected into a file, and as kubectl reads it. */
function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff && bytes.length % 2 === 0) return bytes.swap16().toString('utf16le', 2);
  return bytes.toString('utf8');
}

/** `baseDir`: what relative paths in the file mean. */
export async function parseKubeconfig(text: string, baseDir: string): Promise<Kubeconfig> {
  if (text.trim() === '') throw new AppError('KUBECONFIG_EMPTY', 'the kubeconfig is empty');
  const raw = await parseYaml(text);
  const parsed = File.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') ?? '';
    throw new AppError('KUBECONFIG_INCOMPLETE', `${where}: ${issue?.message ?? 'not as expected'}`, {
      params: { what: 'field', name: where },
    });
  }
  const file = parsed.data;
  if (file.contexts.length === 0 && file.clusters.length === 0) {
    throw new AppError('KUBECONFIG_EMPTY', 'the kubeconfig names no cluster and no context');
  }
  const seen = new Set<string>();
  const entries: KubeconfigEntry[] = [];
  for (const { name, context } of file.contexts) {
    // The first of two contexts of one name counts, as in client-go.
    if (name === undefined || seen.has(name)) continue;
    seen.add(name);
    const cluster = file.clusters.find((candidate) => candidate.name === context.cluster)?.cluster;
    const user = file.users.find((candidate) => candidate.name === context.user)?.user;
    entries.push(entryOf(name, context, cluster, user, baseDir));
  }
  return { currentContext: file['current-context'] ?? null, entries };
}

/** The entry of a context, or the reason why there is none. */
export function contextOf(kubeconfig: Kubeconfig, context: string): KubeconfigEntry {
  const found = kubeconfig.entries.find((entry) => entry.context === context);
  if (found !== undefined) return found;
  const available = kubeconfig.entries.map((entry) => entry.context).join(', ');
  throw new AppError('KUBECONFIG_CONTEXT_MISSING', `context ${context} is not in the kubeconfig`, {
    params: { context, available: available.slice(0, 300) },
  });
}

/** Where kubectl would look: every path of `KUBECONFIG`, else `~/.kube/config`. */
export function defaultKubeconfigPaths(env: NodeJS.ProcessEnv = process.env, home: string = os.homedir()): string[] {
  const listed = (env.KUBECONFIG ?? '').split(path.delimiter).filter((entry) => entry.trim() !== '');
  const paths = listed.length > 0 ? listed : [path.join(home, '.kube', 'config')];
  return [...new Set(paths.map((entry) => path.resolve(expandHome(entry, home))))];
}

/** Files beside `~/.kube/config` that may be kubeconfigs: many people keep one for each cluster there. */
export async function filesBesideDefault(home: string = os.homedir()): Promise<string[]> {
  const folder = path.join(home, '.kube');
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => !name.startsWith('.'))
    .sort()
    .slice(0, MOST_FILES)
    .map((name) => path.join(folder, name));
}

export function expandHome(file: string, home: string = os.homedir()): string {
  return file === '~' || file.startsWith('~/') || file.startsWith('~\\') ? path.join(home, file.slice(1)) : file;
}

async function parseYaml(text: string): Promise<unknown> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { schema: 'failsafe', uniqueKeys: false, logLevel: 'silent' });
  const error = document.errors[0];
  if (error !== undefined) {
    const { line = 0, col = 0 } = error.linePos?.[0] ?? {};
    // Only code and place: the library's own message quotes the text, which may be a key.
    throw new AppError('KUBECONFIG_NOT_YAML', `not YAML: ${error.code} at line ${line}, column ${col}`, {
      params: { line, column: col },
    });
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new AppError('KUBECONFIG_NOT_YAML', 'not YAML: too many aliases', { params: { line: 0, column: 0 } });
  }
  if (value === null || value === '' || value === 'null') {
    throw new AppError('KUBECONFIG_EMPTY', 'the kubeconfig holds nothing but comments');
  }
  if (!isMap(value)) {
    throw new AppError('KUBECONFIG_NOT_YAML', 'the text is not a YAML mapping', { params: { line: 1, column: 1 } });
  }
  return value;
}

function entryOf(
  name: string,
  context: z.infer<typeof ContextBody>,
  cluster: ClusterBody | undefined,
  user: UserBody | undefined,
  baseDir: string,
): KubeconfigEntry {
  const problems: AppErrorShape[] = [];
  const check = <T>(make: () => T): T | undefined => {
    try {
      return make();
    } catch (error) {
      problems.push(toErrorShape(error));
      return undefined;
    }
  };
  const missing = (what: string, named: string) =>
    new AppError('KUBECONFIG_INCOMPLETE', `context ${name}: ${what} ${named} is missing`, {
      params: { what, name: named, context: name },
    });

  if (cluster === undefined) problems.push(missing('cluster', context.cluster ?? '').toShape());
  else check(() => serverOf(cluster, missing));
  // No user at all is legal (an API server behind a local proxy); a name that leads nowhere is not.
  if (context.user !== undefined && user === undefined) problems.push(missing('user', context.user).toShape());

  const auth = user === undefined ? 'none' : authOf(user);
  if (auth === 'authProvider') problems.push(authProviderGone(user?.['auth-provider']).toShape());
  const exec = check(() => execOf(user, cluster)) ?? null;
  const identity = check(() => identityOf(cluster ?? {}, user ?? {}, exec, baseDir));
  const fatal = problems[0];
  // An expired certificate is told but still dialled: the clock of this machine may be the one that is wrong.
  const expired = auth === 'oidc' ? oidcTokenProblem(identity?.token) : clientCertificateProblem(identity?.certData);
  if (expired !== null) problems.push(expired.toShape());

  return {
    context: name,
    clusterName: context.cluster ?? '',
    user: context.user ?? '',
    server: cluster?.server ?? '',
    namespace: context.namespace ?? null,
    auth,
    insecure: cluster?.['insecure-skip-tls-verify'] ?? false,
    exec: exec === null ? null : { ...exec, hash: execHash(exec) },
    problems,
    identity() {
      if (fatal !== undefined)
        throw new AppError(fatal.code, fatal.message, { params: fatal.params, hint: fatal.hint });
      return identity as ClusterIdentity;
    },
  };
}

function serverOf(cluster: ClusterBody, missing: (what: string, named: string) => AppError): string {
  const { server } = cluster;
  if (server === undefined) throw missing('server', '');
  const url = URL.canParse(server) ? new URL(server) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw missing('server', server);
  return server;
}

/** Precedence of client-go: what would really be used. */
function authOf(user: Partial<UserBody>): KubeconfigAuth {
  if (user.tokenFile !== undefined) return 'tokenFile';
  if (user.token !== undefined) return 'token';
  if (user.username !== undefined) return 'basic';
  if (isMap(user.exec)) return 'exec';
  if (isMap(user['auth-provider'])) return user['auth-provider'].name === 'oidc' ? 'oidc' : 'authProvider';
  if (user['client-certificate-data'] !== undefined || user['client-certificate'] !== undefined) {
    return 'clientCertificate';
  }
  return 'none';
}

/**
 * The one provider that client-go still has. Its token is taken as kubectl left it in the file: a renewal may end the old
 * token for everybody else, and would have to be written back.
 */
function oidcToken(provider: unknown): string | undefined {
  if (!isMap(provider) || provider.name !== 'oidc') return undefined;
  const token = isMap(provider.config) ? provider.config['id-token'] : undefined;
  if (typeof token === 'string' && token !== '') return token;
  const what = 'auth-provider.config.id-token';
  throw new AppError('KUBECONFIG_INCOMPLETE', `${what} is missing`, {
    params: { what: 'auth-provider', name: what },
    hint: 'hints.oidcToken',
  });
}

/** An OIDC token is a JWT, and says when it ends (RFC 7519, `exp` in seconds). */
function oidcTokenProblem(token: string | undefined): AppError | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const ends = isMap(claims) && typeof claims.exp === 'number' ? claims.exp * 1000 : Number.POSITIVE_INFINITY;
    if (ends > Date.now()) return null;
    const when = new Date(ends).toISOString();
    return new AppError('CREDENTIALS_REJECTED', `the OIDC token ended at ${when}`, { hint: 'hints.oidcToken' });
  } catch {
    // No JWT: the server will say what it thinks of it.
    return null;
  }
}

/** Removed from client-go in 1.26 in favour of exec plugins. */
function authProviderGone(provider: unknown): AppError {
  const name = isMap(provider) && typeof provider.name === 'string' ? provider.name.slice(0, 60) : '';
  return new AppError('UNSUPPORTED', `auth-provider ${name} was removed from Kubernetes in 1.26; use an exec plugin`, {
    params: { what: 'auth-provider', provider: name },
    hint: 'hints.authProviderGone',
  });
}

function execOf(user: UserBody | undefined, cluster: ClusterBody | undefined): ExecSpec | null {
  if (user === undefined || !isMap(user.exec)) return null;
  const parsed = Exec.safeParse(user.exec);
  if (!parsed.success || parsed.data.command === undefined) {
    const what = parsed.success ? 'exec.command' : `exec.${parsed.error.issues[0]?.path.join('.') ?? ''}`;
    throw new AppError('KUBECONFIG_INCOMPLETE', `${what} is missing or wrong`, {
      params: { what: 'exec', name: what },
    });
  }
  const { apiVersion, command, args, env, installHint, provideClusterInfo, interactiveMode } = parsed.data;
  const clusterConfig = cluster?.extensions.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension;
  return {
    apiVersion: apiVersion ?? '',
    command,
    args,
    env: env.flatMap(({ name, value }) => (name === undefined ? [] : [{ name, value }])),
    ...(installHint === undefined ? {} : { installHint: installHint.slice(0, 1000) }),
    provideClusterInfo,
    interactiveMode,
    ...(clusterConfig === undefined ? {} : { clusterConfig }),
  };
}

function identityOf(
  cluster: Partial<ClusterBody>,
  user: Partial<UserBody>,
  exec: ExecSpec | null,
  baseDir: string,
): ClusterIdentity {
  const file = (value: string | undefined) =>
    value === undefined ? undefined : path.resolve(baseDir, expandHome(value));
  const caData = pem(cluster['certificate-authority-data'], 'certificate-authority-data', true);
  const certData = pem(user['client-certificate-data'], 'client-certificate-data', true);
  const keyData = pem(user['client-key-data'], 'client-key-data', false);
  const hasCert = certData !== undefined || user['client-certificate'] !== undefined;
  const hasKey = keyData !== undefined || user['client-key'] !== undefined;
  if (hasCert !== hasKey) {
    const what = hasCert ? 'client-key' : 'client-certificate';
    throw new AppError('KUBECONFIG_INCOMPLETE', `${what} is missing`, { params: { what, name: '' } });
  }
  const groups = user['as-groups'] ?? [];
  const extra = user['as-user-extra'] ?? {};
  const impersonates = user.as !== undefined || user['as-uid'] !== undefined || groups.length > 0;
  return {
    server: cluster.server ?? '',
    tlsServerName: cluster['tls-server-name'],
    insecureSkipTlsVerify: cluster['insecure-skip-tls-verify'] ?? false,
    caData,
    caFile: caData === undefined ? file(cluster['certificate-authority']) : undefined,
    proxyUrl: cluster['proxy-url'],
    disableCompression: cluster['disable-compression'] ?? false,
    certData,
    certFile: certData === undefined ? file(user['client-certificate']) : undefined,
    keyData,
    keyFile: keyData === undefined ? file(user['client-key']) : undefined,
    token: user.token ?? (authOf(user) === 'oidc' ? oidcToken(user['auth-provider']) : undefined),
    ...(authOf(user) === 'oidc' ? { oidc: true } : {}),
    tokenFile: file(user.tokenFile),
    username: user.username,
    password: user.password,
    impersonate: impersonates ? { user: user.as, uid: user['as-uid'], groups, extra } : undefined,
    exec: exec ?? undefined,
    baseDir,
  };
}

/** Base64 of PEM, as kubectl writes it. Never quotes the content. */
function pem(base64: string | undefined, what: string, certificate: boolean): string | undefined {
  if (base64 === undefined) return undefined;
  const text = Buffer.from(base64, 'base64').toString('utf8');
  const bad = (why: string) => new AppError('KUBECONFIG_INCOMPLETE', `${what} ${why}`, { params: { what, name: '' } });
  if (!text.includes('-----BEGIN ')) throw bad('is not base64 of a PEM text');
  if (certificate) {
    try {
      new X509Certificate(text);
    } catch {
      throw bad('is not a certificate');
    }
  }
  return text;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
