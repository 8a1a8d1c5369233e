import { describe, expect, test } from 'vitest';
import { REDACTED, redact, redactText, redactToJson } from './redact.ts';

describe('redaction keeps the shape of a request and leaves out', () => {
  test('the text of a kubeconfig', () => {
    const request = { source: { kind: 'text', text: 'users: [...]' }, context: 'kind-a', name: 'east' };
    expect(redact(request)).toEqual({ source: { kind: 'text', text: REDACTED }, context: 'kind-a', name: 'east' });
    expect(request.source.text).toBe('users: [...]');
  });

  test('the path of a kubeconfig stays', () => {
    const source = { kind: 'file', path: '/home/op/.kube/config' };
    expect(redact({ source })).toEqual({ source });
  });

  test('data and stringData of a Secret, alone and in a list', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db' },
      data: { user: 'YWRtaW4=' },
      stringData: { pass: 'hunter2' },
    };
    const clean = { ...secret, data: { user: REDACTED }, stringData: { pass: REDACTED } };
    expect(redact({ object: secret, dryRun: false })).toEqual({ object: clean, dryRun: false });
    expect(redact({ kind: 'List', items: [secret] })).toEqual({ kind: 'List', items: [clean] });
  });

  test('what kubectl remembers of the last apply', () => {
    const name = 'kubectl.kubernetes.io/last-applied-configuration';
    expect(redact({ annotations: { [name]: '{"kind":"Secret"}', other: 'kept' } })).toEqual({
      annotations: { [name]: REDACTED, other: 'kept' },
    });
  });

  test('values of environment variables of exec plugins and containers', () => {
    expect(redact({ exec: { command: 'aws', env: [{ name: 'AWS_PROFILE', value: 'prod' }] } })).toEqual({
      exec: { command: 'aws', env: [{ name: 'AWS_PROFILE', value: REDACTED }] },
    });
    const reference = { name: 'P', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } };
    expect(redact({ containers: [{ image: 'x', env: [reference] }] })).toEqual({
      containers: [{ image: 'x', env: [reference] }],
    });
  });

  test.each([
    'token',
    'id-token',
    'refresh_token',
    'PASSWORD',
    'clientSecret',
    'client-key-data',
    'apiKey',
    'Authorization',
  ])('a value named %s', (name) => expect(redact({ [name]: 'abc' })).toEqual({ [name]: REDACTED }));

  test.each([
    ['automountServiceAccountToken', false],
    ['secretName', 'tls'],
    ['tokenExpirationSeconds', 600],
    ['name', 'token-reviewer'],
  ])('but not %s', (name, value) => expect(redact({ [name]: value })).toEqual({ [name]: value }));

  test('secrets by their looks, in any text', () => {
    const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln';
    const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----';
    for (const text of [
      `got ${jwt}`,
      `key ${key} end`,
      'Bearer abcdefghijkl',
      'https://u:hunter2@host/',
      'password=hunter2',
      'aws_secret_access_key = hunter2',
      'API_KEY: hunter2',
      'accessKeyId="hunter2",region=x',
    ])
      expect(redactText(text)).not.toMatch(/eyJ|MIIE|abcdefghijkl|hunter2/);
    // Put together here, so that nobody's scanner takes them for real ones.
    for (const [head, tail] of [
      ['AKIA', 'ABCDEFGHIJKLMNOP'],
      ['LTAI', '5tAbCdEfGhIjKlMnOpQrStUv'],
      ['AIza', 'a'.repeat(35)],
      ['ghp_', 'a1'.repeat(18)],
      ['github_pat_', 'a1'.repeat(20)],
      ['glpat-', 'a1'.repeat(10)],
      ['xoxb-', '1234567890-abcdef'],
      ['sk_live_', 'a1'.repeat(12)],
      ['npm_', 'a1'.repeat(18)],
    ])
      expect(redactText(`using ${head}${tail} of the account`)).toBe(`using ${REDACTED} of the account`);
    for (const plain of ['Secret key-store: not found', 'configmaps "akia" not found', 'token review of api: ok'])
      expect(redactText(plain)).toBe(plain);
    expect(redactText('kind: Secret\ndata: {a: aHVudGVy}')).toBe(REDACTED);
    expect(redactText('{"apiVersion":"v1","kind":"Secret","data":{"a":"aHVudGVy"}}')).toBe(REDACTED);
    expect(redactText('pods "a" not found')).toBe('pods "a" not found');
  });
});

test('odd values never make it fail', () => {
  const circle: Record<string, unknown> = { name: 'a' };
  circle.self = circle;
  expect(redactToJson(circle)).toBe(`{"name":"a","self":"${REDACTED}"}`);
  expect(redactToJson(undefined)).toBe('null');
  expect(redactToJson(10n)).toBe('"10"');
  let deep: unknown = 'x';
  for (let i = 0; i < 10_000; i++) deep = [deep];
  expect(redactToJson(deep)).toContain(REDACTED);
});

test('a huge request is kept as its beginning', () => {
  const kept = JSON.parse(redactToJson({ note: 'x'.repeat(1_000_000) }));
  expect(kept).toMatchObject({ truncated: true, length: 1_000_011 });
  expect(kept.beginning.length).toBeLessThan(64_000);
});
