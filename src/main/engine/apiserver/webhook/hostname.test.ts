/** Certificates that are for somebody else, in Go's words. */
import { expect, test } from 'vitest';
import { hostnameProblem } from './hostname.ts';

const of = (subjectaltname?: string) => ({
  subject: { CN: 'hook.ns.svc' } as never,
  ...(subjectaltname === undefined ? {} : { subjectaltname }),
});

test.each([
  ['hook.ns.svc', 'DNS:hook.ns.svc, IP Address:10.0.0.1'],
  ['a.ns.svc', 'DNS:*.ns.svc'],
  ['10.0.0.1', 'DNS:x, IP Address:10.0.0.1'],
])('%s is in %s', (host, names) => {
  expect(hostnameProblem(host, of(names))).toBeUndefined();
});

test.each<[string, string | undefined, string]>([
  ['hook.ns.svc', undefined, 'certificate relies on legacy Common Name field, use SANs instead'],
  ['other.ns.svc', undefined, 'certificate is not valid for any names, but wanted to match other.ns.svc'],
  ['other.ns.svc', 'IP Address:10.0.0.1', 'certificate is not valid for any names, but wanted to match other.ns.svc'],
  ['other.ns.svc', 'DNS:a, DNS:b', 'certificate is valid for a, b, not other.ns.svc'],
  ['10.0.0.2', 'DNS:a', "cannot validate certificate for 10.0.0.2 because it doesn't contain any IP SANs"],
  ['10.0.0.2', 'IP Address:10.0.0.1', 'certificate is valid for 10.0.0.1, not 10.0.0.2'],
])('%s is not in %s', (host, names, words) => {
  expect(hostnameProblem(host, of(names))?.message).toBe(`tls: failed to verify certificate: x509: ${words}`);
});
