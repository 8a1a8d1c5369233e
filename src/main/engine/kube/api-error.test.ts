import { expect, test } from 'vitest';
import { apiErrorOf, parseRetryAfter } from './api-error.ts';
import { parseWarnings } from './headers.ts';

test('the Status of a refusal becomes code, reason and message', () => {
  const body = { kind: 'Status', status: 'Failure', message: 'pods "a" not found', reason: 'NotFound', code: 404 };
  expect(apiErrorOf({ status: 404, headers: {}, body }, 'GET /x')).toMatchObject({
    code: 'NOT_FOUND',
    status: 404,
    reason: 'NotFound',
    message: 'pods "a" not found',
  });
});

test('an aggregated API that is away is told from an API server in trouble', () => {
  const error = (body: unknown) => apiErrorOf({ status: 503, headers: {}, body }, 'GET /apis/x.example/v1/things');
  expect(error('service unavailable\n').hint).toBe('hints.aggregatedApiAway');
  expect(error('upstream connect error').hint).toBeUndefined();
  expect(error({ kind: 'Status', message: 'service unavailable' }).hint).toBeUndefined();
});

test.each([
  [502, '<html><head><title>502 Bad\n  Gateway</title></head></html>', 'HTTP 502 with a web page: 502 Bad Gateway'],
  [403, '<!DOCTYPE html><body><h1 class="x">Blocked</h1>', 'HTTP 403 with a web page: Blocked'],
  [503, '\n<html></html>', 'HTTP 503 with a web page'],
])('the page of a gateway (HTTP %s) is told as what no API server sends, by its title', (status, body, message) => {
  for (const headers of [{}, { 'retry-after': '5' }] as Record<string, string>[]) {
    const error = apiErrorOf({ status, headers, body }, 'GET /x');
    expect(error).toMatchObject({ message, hint: 'hints.notApiServer', params: { status } });
  }
  const refusal = { kind: 'Status', message: 'admission webhook says <html> is no name' };
  expect(apiErrorOf({ status, headers: {}, body: refusal }, 'GET /x').hint).toBeUndefined();
});

test('Retry-After of a plain 429 is kept, whether the body is a Status or text', () => {
  const headers = { 'retry-after': '7' };
  expect(apiErrorOf({ status: 429, headers, body: 'Too many requests' }, 'GET /x')).toMatchObject({
    code: 'TOO_MANY_REQUESTS',
    retryAfterSeconds: 7,
    message: 'Too many requests',
  });
  const body = { kind: 'Status', details: { retryAfterSeconds: 3 } };
  expect(apiErrorOf({ status: 429, headers, body }, 'GET /x').retryAfterSeconds).toBe(3);
});

test.each([
  ['3', 3],
  ['Thu, 01 Jan 2026 00:00:10 GMT', 10],
  ['Thu, 01 Jan 2025 00:00:10 GMT', 0],
  ['99999999', 3600],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After %s is %s seconds', (value, expected) => {
  expect(parseRetryAfter(value, Date.parse('2026-01-01T00:00:00Z'))).toBe(expected);
});

test('several warnings in one header are told apart, with quotes in them', () => {
  expect(parseWarnings('299 - "policy/v1beta1 is deprecated", 299 kube "unknown field \\"spec.x\\""')).toEqual([
    'policy/v1beta1 is deprecated',
    'unknown field "spec.x"',
  ]);
  expect(parseWarnings('garbage')).toEqual([]);
  const unknown = '299 - "unknown field \\"字段\\""';
  expect(parseWarnings(Buffer.from(unknown).toString('latin1'))).toEqual(['unknown field "字段"']);
  expect(parseWarnings(unknown)).toEqual(['unknown field "字段"']);
  expect(parseWarnings('299 - "caf\u00e9"')).toEqual(['caf\u00e9']);
});
