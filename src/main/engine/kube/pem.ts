/** Certificates in text: PEM of kubeconfigs, `caBundle` of webhooks. Pure. */
import { X509Certificate } from 'node:crypto';

/** What is no certificate is left out. */
export function readPem(pem: string | undefined): X509Certificate[] {
  return (pem?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

/** The certificate of a `caBundle` (PEM in base64) that ends last: while it holds, so does the bundle. */
export function latestOfBundle(caBundle: string): { subject: string; issuer: string; notAfter: number } | undefined {
  const [latest] = readPem(Buffer.from(caBundle, 'base64').toString('utf8'))
    .map(({ subject, issuer, validTo }) => ({
      subject: subject.replaceAll('\n', ', '),
      issuer: issuer.replaceAll('\n', ', '),
      notAfter: Date.parse(validTo),
    }))
    .sort((a, b) => b.notAfter - a.notAfter);
  return latest;
}
