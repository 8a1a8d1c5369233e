/**
 * Service account tokens: JSON Web Tokens signed with the server's own key, bound to the account they were issued for.
 * Source: Kubernetes documentation, "Service account token projection"; RFC 7519, RFC 7518 (ES256).
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { isRecord } from '../json.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { UserInfo } from '../types.ts';
import { withAuthenticated } from './authenticate.ts';

export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

export interface TokenReviewResult {
  user: UserInfo;
  audiences: string[];
}

export class ServiceAccountTokens {
  readonly #store: ObjectStore;
  readonly #private: KeyObject;
  readonly #public: KeyObject;
  readonly #keyId: string;

  constructor(store: ObjectStore, privateKeyPem: string) {
    this.#store = store;
    this.#private = createPrivateKey(privateKeyPem);
    this.#public = createPublicKey(this.#private);
    this.#keyId = createHash('sha256')
      .update(this.#public.export({ type: 'spki', format: 'der' }))
      .digest('base64url');
  }

  issue(namespace: string, name: string, uid: string, audiences: readonly string[], seconds: number): string {
    const now = Math.floor(Date.now() / 1000);
    return this.#sign({
      aud: audiences,
      exp: now + seconds,
      iat: now,
      iss: ISSUER,
      jti: randomUUID(),
      'kubernetes.io': { namespace, serviceaccount: { name, uid } },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${name}`,
    });
  }

  /** For a secret that holds it: valid as long as the secret is there. */
  issueForSecret(namespace: string, name: string, uid: string, secret: { name: string; uid: string }): string {
    const now = Math.floor(Date.now() / 1000);
    return this.#sign({
      aud: [ISSUER],
      iat: now,
      iss: ISSUER,
      jti: randomUUID(),
      'kubernetes.io': { namespace, secret, serviceaccount: { name, uid } },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${name}`,
    });
  }

  #sign(claims: Record<string, unknown>): string {
    const text = `${encode({ alg: 'ES256', kid: this.#keyId })}.${encode(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key: this.#private, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }

  /** For requests: only tokens made for this server. */
  readonly authenticate = (token: string): UserInfo | undefined => this.review(token, [ISSUER])?.user;

  /** Null when the token is not ours, expired, for other audiences, or its account is gone. */
  review(token: string, audiences: readonly string[]): TokenReviewResult | null {
    const [header = '', body = '', signature = '', ...more] = token.split('.');
    if (more.length > 0 || signature === '') return null;
    const key = { key: this.#public, dsaEncoding: 'ieee-p1363' as const };
    if (!verify('sha256', Buffer.from(`${header}.${body}`), key, Buffer.from(signature, 'base64url'))) return null;
    const claims = decode(body);
    if (claims === null || claims.iss !== ISSUER) return null;
    const bound = claims['kubernetes.io'];
    if (!isRecord(bound) || !isRecord(bound.serviceaccount)) return null;
    if (!this.#isAlive(claims, bound)) return null;
    const shared = [claims.aud].flat().filter((audience) => audiences.includes(String(audience))) as string[];
    if (shared.length === 0) return null;
    const namespace = String(bound.namespace);
    const { name, uid } = bound.serviceaccount;
    // A token dies with its account, and a new account of that name does not revive it.
    const account = this.#store.collection('/serviceaccounts').items.get(`${namespace}/${String(name)}`);
    if (account === undefined || account.object.metadata.uid !== uid) return null;
    return {
      user: {
        username: `system:serviceaccount:${namespace}:${String(name)}`,
        uid: String(uid),
        groups: withAuthenticated(['system:serviceaccounts', `system:serviceaccounts:${namespace}`]),
        extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${String(claims.jti)}`] },
      },
      audiences: shared,
    };
  }

  /** Tokens end at their time, or with the secret that holds them. */
  #isAlive(claims: Record<string, unknown>, bound: Record<string, unknown>): boolean {
    if (typeof claims.exp === 'number') return claims.exp > Date.now() / 1000;
    if (!isRecord(bound.secret)) return false;
    const secret = this.#store
      .collection('/secrets')
      .items.get(`${String(bound.namespace)}/${String(bound.secret.name)}`);
    return secret !== undefined && secret.object.metadata.uid === bound.secret.uid;
  }

  /** /openid/v1/jwks */
  keySet(): unknown {
    const key = this.#public.export({ format: 'jwk' });
    return { keys: [{ use: 'sig', kid: this.#keyId, alg: 'ES256', ...key }] };
  }

  /** /.well-known/openid-configuration */
  configuration(server: string): unknown {
    return {
      issuer: ISSUER,
      jwks_uri: `${server}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    };
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}
