import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { subjectOf } from './certificate.ts';
import { issueServerCertificate, loadPki } from './pki.ts';
import { loadX509 } from './x509.ts';

const pki = loadPki(null, 'blue sea/é');
const [ca, server, admin] = [pki.caCertificate, pki.serverCertificate, pki.adminCertificate].map(
  (text) => new X509Certificate(text),
) as [X509Certificate, X509Certificate, X509Certificate];
let x509: Awaited<ReturnType<typeof loadX509>>;
beforeAll(async () => {
  x509 = await loadX509();
});

test('the authority signs itself and the others, each for a key of its own', () => {
  expect([ca, server, admin].map((each) => each.verify(ca.publicKey))).toEqual([true, true, true]);
  expect(new Set([ca, server, admin].map((each) => each.serialNumber)).size).toBe(3);
  expect([server, admin].map((each) => each.checkIssued(ca))).toEqual([true, true]);
  expect([ca.ca, server.ca, admin.ca]).toEqual([true, false, false]);
  expect(server.publicKey.equals(admin.publicKey)).toBe(false);
});

test('names and purposes are those that clients look for', () => {
  expect(ca.subject).toBe('CN=blue-sea---ca');
  expect(admin.subject).toBe('O=system:masters\nCN=kubernetes-admin');
  expect(server.subjectAltName).toBe(
    'DNS:localhost, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, IP Address:127.0.0.1',
  );
  expect(admin.subjectAltName).toBeUndefined();
  expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(admin.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
});

test('a reader of every field finds the extensions, their weight and the identifiers of keys', async () => {
  const [read, issued] = [new x509.X509Certificate(pki.caCertificate), new x509.X509Certificate(pki.serverCertificate)];
  const critical = (certificate: typeof read) => certificate.extensions.filter((each) => each.critical).length;
  expect([critical(read), critical(issued)]).toEqual([2, 2]);
  const own = read.getExtension(x509.SubjectKeyIdentifierExtension);
  const issuer = issued.getExtension(x509.AuthorityKeyIdentifierExtension);
  expect(own?.keyId).toMatch(/^[0-9a-f]{40}$/);
  expect(issuer?.keyId).toBe(own?.keyId);
  const expected = await x509.SubjectKeyIdentifierExtension.create(await read.publicKey.export());
  expect(own?.keyId).toBe(expected.keyId);
  const usage = (certificate: typeof read) => certificate.getExtension(x509.KeyUsagesExtension)?.usages;
  expect(usage(read)).toBe(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature);
  expect(usage(issued)).toBe(x509.KeyUsageFlags.digitalSignature);
});

test('years are written with two digits until 2049, with four from then on', () => {
  const years = Number(ca.validTo.slice(-8, -4)) - Number(ca.validFrom.slice(-8, -4));
  expect(years).toBe(100);
  const soon = new Date('2049-12-31T23:59:59Z');
  const late = new Date('2050-01-01T00:00:00Z');
  const inside = new Date('2051-03-04T05:06:07.890Z');
  const { raw } = new X509Certificate(issueServerCertificate(pki, inside));
  expect(raw.includes('20510304050607Z'), 'whole seconds').toBe(true);
  for (const notAfter of [soon, late])
    expect(new Date(new X509Certificate(issueServerCertificate(pki, notAfter)).validTo)).toEqual(notAfter);
});

test('the name of the issuer has the very bytes of its subject, whoever writes it', () => {
  const another = new X509Certificate(issueServerCertificate(pki, new Date(Date.now() + 1000)));
  expect(another.checkIssued(ca)).toBe(true);
  const name = new x509.Name(new x509.X509Certificate(pki.caCertificate).subject);
  expect(Buffer.from(name.toArrayBuffer())).toEqual(subjectOf(pki.caCertificate));
  expect(Buffer.from(new x509.X509Certificate(pki.serverCertificate).issuerName.toArrayBuffer())).toEqual(
    subjectOf(pki.caCertificate),
  );
});
