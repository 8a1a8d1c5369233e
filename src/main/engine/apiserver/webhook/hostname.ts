/**
 * Whether a certificate is for a host, judged and told as Go's crypto/x509 does it: by the names and addresses in its
 * extension alone, never by the common name of its subject.
 */
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

const VERIFY = 'tls: failed to verify certificate: x509:';

/** For `checkServerIdentity` of node:tls; undefined: it is. */
export function hostnameProblem(
  host: string,
  cert: Pick<PeerCertificate, 'subject' | 'subjectaltname'>,
): Error | undefined {
  const { subjectaltname } = cert;
  const wrong = checkServerIdentity(host, cert as PeerCertificate);
  if (wrong === undefined && subjectaltname !== undefined) return undefined;
  if (wrong === undefined)
    return new Error(`${VERIFY} certificate relies on legacy Common Name field, use SANs instead`);
  const of = (kind: string) =>
    (subjectaltname ?? '')
      .split(', ')
      .filter((name) => name.startsWith(`${kind}:`))
      .map((name) => name.slice(kind.length + 1));
  const isAddress = isIP(host) > 0;
  const names = of(isAddress ? 'IP Address' : 'DNS');
  if (names.length > 0) return new Error(`${VERIFY} certificate is valid for ${names.join(', ')}, not ${host}`);
  return new Error(
    isAddress
      ? `${VERIFY} cannot validate certificate for ${host} because it doesn't contain any IP SANs`
      : `${VERIFY} certificate is not valid for any names, but wanted to match ${host}`,
  );
}
