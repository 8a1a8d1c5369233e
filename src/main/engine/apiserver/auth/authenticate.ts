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

/** CN is the user, every O a group. Null without a name. */
export function userOfCertificate(subject: CertificateSubject | undefined): UserInfo | null {
  const name = [subject?.CN ?? []].flat()[0];
  if (name === undefined || name === '') return null;
  return { username: name, groups: withAuthenticated([subject?.O ?? []].flat()) };
}

/** Turns a bearer token into a user; undefined when it does not know the token. */
export type TokenAuthenticator = (token: string) => UserInfo | undefined;

/** A token that is given out once and names one user. */
export function staticToken(expected: string, user: UserInfo): TokenAuthenticator {
  const known = Buffer.from(expected);
  return (token) => {
    const given = Buffer.from(token);
    return given.length === known.length && timingSafeEqual(given, known) ? user : undefined;
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
