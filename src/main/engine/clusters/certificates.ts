/** The certificates on the way to a cluster, and which of them ends first. Pure. */
import { X509Certificate } from 'node:crypto';
import type { ClusterCertificate } from '#shared/contract/cluster-health.ts';

export interface Shown {
  /** As in the handshake, leaf first. */
  server: readonly X509Certificate[];
  /** PEM, possibly of several. */
  authority: string | undefined;
  /** PEM. */
  client: string | undefined;
}

const MOST_AUTHORITIES = 20;

/** Earliest end first. What cannot be read is left out: TLS itself says what is wrong with it. */
export function certificatesOf({ server, authority, client }: Shown): ClusterCertificate[] {
  const found: ClusterCertificate[] = [];
  const seen = new Set<string>();
  const add = (whose: ClusterCertificate['whose'], certificate: X509Certificate) => {
    if (seen.has(certificate.fingerprint256)) return;
    seen.add(certificate.fingerprint256);
    found.push(described(whose, certificate));
  };
  for (const [index, certificate] of server.entries()) add(index === 0 ? 'server' : 'authority', certificate);
  for (const pem of pems(authority)) add('authority', pem);
  const own = pems(client)[0];
  if (own !== undefined) add('client', own);
  return found.sort((a, b) => a.notAfter.localeCompare(b.notAfter));
}

function pems(text: string | undefined): X509Certificate[] {
  const blocks = text?.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.slice(0, MOST_AUTHORITIES).flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

function described(whose: ClusterCertificate['whose'], certificate: X509Certificate): ClusterCertificate {
  const oneLine = (text: string | undefined): string => (text ?? '').split('\n').join(', ').slice(0, 300);
  return {
    whose,
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    notBefore: isoOf(certificate.validFrom),
    notAfter: isoOf(certificate.validTo),
  };
}

function isoOf(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}
