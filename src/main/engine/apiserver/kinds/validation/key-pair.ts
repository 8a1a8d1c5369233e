/** Whether a certificate and a private key belong together. Source: texts of Go's crypto/tls, as the server shows them. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

const ANY = /-----BEGIN ([^-]+)-----[\s\S]*?-----END \1-----/g;

function blocks(base64: string | undefined): { type: string; pem: string }[] {
  const text = Buffer.from(base64 ?? '', 'base64').toString('latin1');
  return [...text.matchAll(ANY)].map(([pem, type]) => ({ type: type ?? '', pem }));
}

/** What is wrong with `tls.crt` and `tls.key`, in base64: nothing, or one problem. */
export function keyPairProblems(data: Record<string, string>): string[] {
  const certificates = blocks(data['tls.crt']);
  const certificate = certificates.find(({ type }) => type === 'CERTIFICATE');
  if (certificate === undefined) return [missing('certificate', certificates)];
  const keys = blocks(data['tls.key']);
  const key = keys.find(({ type }) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY'));
  if (key === undefined) return [missing('key', keys)];
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate.pem);
  } catch {
    return ['x509: malformed certificate'];
  }
  let own: KeyObject;
  try {
    own = createPrivateKey(key.pem);
  } catch {
    return ['tls: failed to parse private key'];
  }
  return parsed.checkPrivateKey(own) ? [] : ['tls: private key does not match public key'];
}

function missing(input: 'certificate' | 'key', found: { type: string }[]): string {
  if (found.length === 0) return `tls: failed to find any PEM data in ${input} input`;
  if (input === 'certificate' && found.length === 1 && found[0]!.type.endsWith('PRIVATE KEY'))
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  const wanted = input === 'certificate' ? '"CERTIFICATE" PEM block' : 'PEM block with type ending in "PRIVATE KEY"';
  const skipped = found.map(({ type }) => type).join(' ');
  return `tls: failed to find ${wanted} in ${input} input after skipping PEM blocks of the following types: [${skipped}]`;
}
