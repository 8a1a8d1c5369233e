/** Who is asking: client certificate, bearer token, impersonation. Source: Kubernetes documentation, "Authenticating". */
import { timingSafeEqual } from 'node:crypto';
import type { UserInfo } from '../types.ts';

export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
const AUTHENTICATED = 'system:authenticated';

/** Subject of a verified client certificate, as Node gives it. */
export interface CertificateSubject {
  CN?: string | string[] | undefined;
  O?: string | string[] | undefined;
}

/** CN is the user, every O a group. Null without a name. `fingerprint`: SHA-256 as Node writes it, in pairs with colons. */
export function userOfCertificate(subject: CertificateSubject | undefined, fingerprint = ''): UserInfo | null {
  const name = [subject?.CN ?? []].flat()[0];
  if (name === undefined || name === '') return null;
  const groups = withAuthenticated([subject?.O ?? []].flat());
  if (fingerprint === '') return { username: name, groups };
  const id = `X509SHA256=${fingerprint.replaceAll(':', '').toLowerCase()}`;
  return { username: name, groups, extra: { 'authentication.kubernetes.io/credential-id': [id] } };
}

/** Turns a bearer token into a user; undefined when it does not know the token. */
export type TokenAuthenticator = (token: string) => UserInfo | undefined;

/** A token that is given out once and names one user. */
export function staticToken(expected: string, user: UserInfo): TokenAuthenticator {
  const known = Buffer.from(expected);
  const found = { ...user, groups: withAuthenticated(user.groups) };
  return (token) => {
    const given = Buffer.from(token);
    return given.length === known.length && timingSafeEqual(given, known) ? found : undefined;
  };
}

/** Null when there is no Authorization header with a bearer token. */
export function bearerToken(header: string | undefined): string | null {
  const match = /^bearer\s+(\S+)\s*$/i.exec(header ?? '');
  return match === null ? null : match[1]!;
}

export function withAuthenticated(groups: readonly string[]): string[] {
  return groups.includes(AUTHENTICATED) ? [...groups] : [...groups, AUTHENTICATED];
}
