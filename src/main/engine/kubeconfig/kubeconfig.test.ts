import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { execHash } from '../kube/index.ts';
import {
  contextOf,
  defaultKubeconfigPaths,
  type KubeconfigEntry,
  parseKubeconfig,
  readKubeconfigFile,
} from './kubeconfig.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

function config(user: unknown, cluster: unknown = { server: 'https://api:6443' }): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'ctx', context: { cluster: 'c', user: 'u' } }],
  });
}

async function entryOf(user: unknown, cluster?: unknown): Promise<KubeconfigEntry> {
  return contextOf(await parseKubeconfig(config(user, cluster), '/base'), 'ctx');
}

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});
async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(os.tmpdir(), 'kubeconfig-'));
  folders.push(made);
  return made;
}

describe('faults of a whole source', () => {
  test.each([
    ['', 'KUBECONFIG_EMPTY'],
    ['  \n\n', 'KUBECONFIG_EMPTY'],
    ['# only a comment\n', 'KUBECONFIG_EMPTY'],
    ['null', 'KUBECONFIG_EMPTY'],
    ['apiVersion: v1\nkind: Config\n', 'KUBECONFIG_EMPTY'],
    ['apiVersion: v1\nkind: Config\nclusters: null\ncontexts: null\nusers: null\n', 'KUBECONFIG_EMPTY'],
    ['contexts: []\nclusters: []', 'KUBECONFIG_EMPTY'],
    ['just some words', 'KUBECONFIG_NOT_YAML'],
    ['- a\n- b', 'KUBECONFIG_NOT_YAML'],
    ['clusters: [\n', 'KUBECONFIG_NOT_YAML'],
    ['a: b: c', 'KUBECONFIG_NOT_YAML'],
    ['\u0000\u0001\u0002: [', 'KUBECONFIG_NOT_YAML'],
    [
      `a: &a [x,x]\n${'bcdefghij'
        .split('')
        .map((n, i) => `${n}: &${n} [*${'abcdefghi'[i]},*${'abcdefghi'[i]}]`)
        .join('\n')}`,
      'KUBECONFIG_NOT_YAML',
    ],
  ])('%j is %s', async (text, code) => {
    await expect(parseKubeconfig(text, '/')).rejects.toMatchObject({ code });
  });

  test('text that is not YAML is placed but not quoted', async () => {
    const error = await parseKubeconfig('token: abc\nsecret-token: "x', '/').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'KUBECONFIG_NOT_YAML', params: { line: 2 } });
    expect((error as Error).message).not.toContain('secret-token');
  });

  test('a file that is missing, a folder or too large is unreadable, with path and cause', async () => {
    const dir = await folder();
    const file = path.join(dir, 'none');
    await expect(readKubeconfigFile(file)).rejects.toMatchObject({
      code: 'KUBECONFIG_UNREADABLE',
      params: { path: file, errno: 'ENOENT' },
    });
    await expect(readKubeconfigFile(dir)).rejects.toMatchObject({
      params: { errno: 'EISDIR' },
      hint: 'hints.kubeconfigFolder',
    });
    const large = path.join(dir, 'large');
    await writeFile(large, Buffer.alloc(4_000_001, 32));
    await expect(readKubeconfigFile(large)).rejects.toMatchObject({
      params: { errno: 'EFBIG' },
      hint: 'hints.kubeconfigTooLarge',
    });
  });

  test.each([
    [
      'UTF-8 with its mark and lines of Windows',
      (text: string) => Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}`),
    ],
    ['UTF-16 as PowerShell writes it', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 the other way round', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['several documents, of which the first counts', (text: string) => Buffer.from(`---\n${text}\n---\n{}\n`)],
  ])('a file in %s is read', async (_name, bytes) => {
    const file = path.join(await folder(), 'config');
    await writeFile(file, bytes(JSON.stringify(JSON.parse(config({ token: 't' })), null, 2)));
    expect((await readKubeconfigFile(file)).entries).toMatchObject([{ context: 'ctx', auth: 'token' }]);
  });

  test('a context that is not there is said, with those that are', async () => {
    const kubeconfig = await parseKubeconfig(config({ token: 't' }), '/');
    expect(() => contextOf(kubeconfig, 'other')).toThrowError(
      expect.objectContaining({ code: 'KUBECONFIG_CONTEXT_MISSING', params: { context: 'other', available: 'ctx' } }),
    );
  });
});

describe('faults of a context', () => {
  test.each([
    ['cluster', 'contexts: [{name: ctx, context: {cluster: x, user: u}}]\nusers: [{name: u, user: {token: t}}]'],
    [
      'user',
      'contexts: [{name: ctx, context: {cluster: c, user: x}}]\nclusters: [{name: c, cluster: {server: "https://a"}}]',
    ],
    ['server', 'contexts: [{name: ctx, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]'],
    ['server', 'contexts: [{name: ctx, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: "tcp://a"}}]'],
  ])('a missing %s is a problem before anything is dialled, and using it throws the same', async (what, text) => {
    const entry = contextOf(await parseKubeconfig(text, '/'), 'ctx');
    expect(entry.problems[0]).toMatchObject({ code: 'KUBECONFIG_INCOMPLETE', params: { what } });
    expect(() => entry.identity()).toThrowError(expect.objectContaining({ code: 'KUBECONFIG_INCOMPLETE' }));
  });

  test('a key without its certificate and data that is no certificate are said without quoting them', async () => {
    const onlyKey = await entryOf({ 'client-key-data': base64('-----BEGIN PRIVATE KEY-----\nsecret') });
    expect(onlyKey.problems[0]).toMatchObject({ params: { what: 'client-certificate' } });
    const garbage = await entryOf({ 'client-certificate-data': base64('secret'), 'client-key-data': base64('secret') });
    expect(garbage.problems[0]).toMatchObject({
      code: 'KUBECONFIG_INCOMPLETE',
      params: { what: 'client-certificate-data' },
    });
    expect(JSON.stringify([onlyKey.problems, garbage.problems])).not.toContain('secret');
  });

  test('an auth-provider is refused with the way out', async () => {
    const entry = await entryOf({ 'auth-provider': { name: 'gcp', config: {} } });
    expect(entry).toMatchObject({
      auth: 'authProvider',
      problems: [{ code: 'UNSUPPORTED', params: { provider: 'gcp' }, hint: 'hints.authProviderGone' }],
    });
    expect(() => entry.identity()).toThrowError(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });

  test('the token of the OIDC provider is used as kubectl left it; that it has ended, or is missing, is said', async () => {
    const oidc = (config: object) => entryOf({ 'auth-provider': { name: 'oidc', config } });
    const jwt = (exp: number) => `e30.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.c2ln`;
    const valid = jwt(Date.now() / 1000 + 600);
    const entry = await oidc({ 'id-token': valid, 'refresh-token': 'r' });
    expect(entry).toMatchObject({ auth: 'oidc', problems: [] });
    expect(entry.identity().token).toBe(valid);
    const ended = await oidc({ 'id-token': jwt(1_700_000_000) });
    expect(ended.problems).toMatchObject([{ code: 'CREDENTIALS_REJECTED', hint: 'hints.oidcToken' }]);
    expect(ended.identity().token).toBe(jwt(1_700_000_000));
    const none = await oidc({ 'idp-issuer-url': 'https://id.example' });
    expect(none.problems).toMatchObject([{ code: 'KUBECONFIG_INCOMPLETE', hint: 'hints.oidcToken' }]);
    expect(() => none.identity()).toThrowError(expect.objectContaining({ code: 'KUBECONFIG_INCOMPLETE' }));
  });

  test('an exec entry without command is incomplete', async () => {
    const entry = await entryOf({ exec: { apiVersion: 'client.authentication.k8s.io/v1' } });
    expect(entry.problems[0]).toMatchObject({ code: 'KUBECONFIG_INCOMPLETE', params: { what: 'exec' } });
    expect(entry.exec).toBeNull();
  });
});

describe('what is read', () => {
  test('every context of a file, each an identity of its own', async () => {
    const text = `
clusters:
- {name: one, cluster: {server: "https://one:6443"}}
- {name: two, cluster: {server: "https://two:6443", insecure-skip-tls-verify: true, tls-server-name: api.two}}
users:
- {name: same, user: {token: t}}
contexts:
- {name: a, context: {cluster: one, user: same, namespace: dev}}
- {name: b, context: {cluster: two, user: same}}
current-context: b
`;
    const { entries, currentContext } = await parseKubeconfig(text, '/');
    expect(currentContext).toBe('b');
    expect(entries.map((entry) => [entry.context, entry.server, entry.namespace, entry.insecure])).toEqual([
      ['a', 'https://one:6443', 'dev', false],
      ['b', 'https://two:6443', null, true],
    ]);
    expect(entries[1]?.identity()).toMatchObject({ tlsServerName: 'api.two', insecureSkipTlsVerify: true });
  });

  test('scalars stay the text they are: numbers, yes and no, null', async () => {
    const text = `
clusters: [{name: 1e3, cluster: {server: "https://a", insecure-skip-tls-verify: false}}]
users: [{name: yes, user: {token: 0123, client-certificate: null, username: ~}}]
contexts: [{name: 0x10, context: {cluster: 1e3, user: yes}}]
`;
    const entry = contextOf(await parseKubeconfig(text, '/'), '0x10');
    expect(entry.problems).toEqual([]);
    expect(entry.identity()).toMatchObject({ token: '0123', certFile: undefined, username: undefined });
  });

  test('relative paths belong to the folder of the file', async () => {
    const entry = await entryOf(
      { 'client-certificate': 'pki/me.crt', 'client-key': '/abs/me.key', tokenFile: '../token' },
      { server: 'https://a', 'certificate-authority': 'ca.crt' },
    );
    expect(entry.identity()).toMatchObject({
      caFile: '/base/ca.crt',
      certFile: '/base/pki/me.crt',
      keyFile: '/abs/me.key',
      tokenFile: '/token',
      baseDir: '/base',
    });
  });

  test.each([
    [{ tokenFile: 'x', token: 't', username: 'u' }, 'tokenFile'],
    [{ token: 't', username: 'u' }, 'token'],
    [{ username: 'u', password: 'p' }, 'basic'],
    [{ 'client-certificate': 'c', 'client-key': 'k' }, 'clientCertificate'],
    [{ exec: { command: 'x', apiVersion: 'v' } }, 'exec'],
    [{}, 'none'],
  ])('%j signs in by %s', async (user, auth) => {
    expect((await entryOf(user)).auth).toBe(auth);
  });

  test('an exec plugin with everything that belongs to it', async () => {
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'aws',
      args: ['eks', 'get-token'],
      env: [{ name: 'AWS_PROFILE', value: 'prod' }],
      installHint: 'install aws',
      provideClusterInfo: true,
      interactiveMode: 'Never',
    };
    const extensions = [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'x' } }];
    const entry = await entryOf({ exec }, { server: 'https://a', extensions });
    expect(entry.identity().exec).toEqual({ ...exec, clusterConfig: { audience: 'x' } });
    expect(entry.exec?.hash).toBe(execHash(exec));
  });

  test('args and env that kubectl writes as null are none', async () => {
    const entry = await entryOf({ exec: { apiVersion: 'v', command: 'x', args: null, env: null } });
    expect(entry.exec).toMatchObject({ args: [], env: [], interactiveMode: 'IfAvailable' });
  });

  test('impersonation is kept with groups and extra', async () => {
    const entry = await entryOf({
      token: 't',
      as: 'jane',
      'as-groups': ['dev'],
      'as-user-extra': { scope: ['a', 'b'] },
    });
    expect(entry.identity().impersonate).toMatchObject({ user: 'jane', groups: ['dev'], extra: { scope: ['a', 'b'] } });
  });
});

test('the approval hash depends on command, arguments and environment, and on where one ends and the next begins', () => {
  const base = { command: 'x', args: ['a', 'b'], env: [{ name: 'N', value: 'v' }] };
  const hashes = [
    base,
    { ...base, command: 'y' },
    { ...base, args: ['a b'] },
    { ...base, args: ['ab'] },
    { ...base, args: ['b', 'a'] },
    { ...base, env: [] },
    { ...base, env: [{ name: 'N', value: 'w' }] },
  ].map(execHash);
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(execHash({ ...base })).toBe(hashes[0]);
});

test('kubectl looks at every path of KUBECONFIG, else at the home folder', () => {
  const env = { KUBECONFIG: ['/a', '', '~/b', '/a'].join(path.delimiter) };
  expect(defaultKubeconfigPaths(env, '/home/me')).toEqual(['/a', '/home/me/b']);
  expect(defaultKubeconfigPaths({}, '/home/me')).toEqual(['/home/me/.kube/config']);
});
