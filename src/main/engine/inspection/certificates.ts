/**
 * Certificates between this workstation and an API server: what the server shows, what the kubeconfig trusts, and what it
 * shows of itself. Each with its end, and whether the chain of the server leads to what is trusted. Pure.
 */
import type { X509Certificate } from 'node:crypto';
import { readPem } from '../kube/index.ts';

export interface Certificate {
  /** `API server certificate`, `client certificate of the kubeconfig`. */
  of: string;
  subject: string;
  issuer: string;
  notAfter: number;
  names: readonly string[];
}

/**
 * Where the chain of a server ends before it comes to what is trusted. `otherKey`: an authority of this name is trusted, but
 * with another key; `notSent`: only the kubeconfig has the intermediate; `unknown`: nobody has the issuer.
 */
export interface ChainBreak {
  what: 'otherKey' | 'notSent' | 'unknown';
  subject: string;
  issuer: string;
}

export interface ConnectionCertificates {
  /** As the server sent them, its own first. */
  sent: readonly X509Certificate[];
  /** PEM of the kubeconfig's authorities; absent: those of the system. */
  authorities?: string | undefined;
  /** PEM of the client's certificate, with what follows it. */
  client?: string | undefined;
}

export function certificatesOf({ sent, authorities, client }: ConnectionCertificates): {
  certificates: Certificate[];
  chain: ChainBreak | null;
} {
  const [server, ...above] = sent;
  const trusted = readPem(authorities);
  const [own, ...between] = readPem(client);
  const sentPrints = new Set(sent.map(({ fingerprint256 }) => fingerprint256));
  return {
    certificates: [
      ...(server === undefined ? [] : [described('API server certificate', server)]),
      ...above.map((one) => described('authority of the API server', one)),
      ...trusted
        .filter(({ fingerprint256 }) => !sentPrints.has(fingerprint256))
        .map((one) => described('authority in the kubeconfig', one)),
      ...(own === undefined ? [] : [described('client certificate of the kubeconfig', own)]),
      ...between.map((one) => described('authority of the client certificate', one)),
    ],
    // Without authorities of its own a kubeconfig trusts the system's, which the handshake has asked already.
    chain: server === undefined || trusted.length === 0 ? null : breakOf(server, above, trusted),
  };
}

function breakOf(
  leaf: X509Certificate,
  sent: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
): ChainBreak | null {
  const issued = (by: X509Certificate, one: X509Certificate): boolean =>
    one.checkIssued(by) && one.verify(by.publicKey);
  let at = leaf;
  // As many steps as there are certificates: two that issued each other are no chain.
  for (let steps = 0; steps <= sent.length + trusted.length; steps++) {
    const one = at;
    const authority = trusted.find((by) => issued(by, one) || by.fingerprint256 === one.fingerprint256);
    if (authority !== undefined)
      return isRoot(authority) || authority.fingerprint256 === one.fingerprint256 ? null : broken('notSent', one);
    const next = sent.find((by) => by !== one && issued(by, one));
    if (next === undefined)
      return broken(trusted.some(({ subject }) => subject === one.issuer) ? 'otherKey' : 'unknown', one);
    at = next;
  }
  return broken('unknown', at);
}

function broken(what: ChainBreak['what'], { subject, issuer }: X509Certificate): ChainBreak {
  return { what, subject: oneLine(subject), issuer: oneLine(issuer) };
}

const isRoot = (one: X509Certificate): boolean => one.checkIssued(one);

function described(of: string, { subject, issuer, validTo, subjectAltName }: X509Certificate): Certificate {
  return {
    of,
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    notAfter: Date.parse(validTo),
    names: subjectAltName === undefined ? [] : subjectAltName.split(', ').map((name) => name.replace(/^\w[\w ]*:/, '')),
  };
}

function oneLine(text: string | undefined): string {
  return (text ?? '').split('\n').join(', ');
}
