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

/** Groups of extra that tell where a token comes from. Source: KEP-4193. */
const EXTRA = 'authentication.kubernetes.io/';
/** What is marked for deletion keeps its tokens this long, so that it can end in good order. */
const LEEWAY_SECONDS = 60;

export type TokenReviewResult =
  | { user: UserInfo; audiences: string[] }
  /** Null: not a token of this server at all. */
  | { user: null; problem: string | null };

interface Identity {
  name: string;
  uid: string;
}

/** What a token ends with. A pod brings the node it runs on. */
export type BoundObject =
  | { kind: 'Pod'; object: Identity; node?: Identity }
  | { kind: 'Secret'; object: Identity }
  | { kind: 'Node'; object: Identity };

export interface TokenSpec {
  namespace: string;
  account: Identity;
  audiences: readonly string[];
  /** Null: for as long as what it is bound to is there. */
  seconds: number | null;
  bound?: BoundObject | undefined;
}

export class ServiceAccountTokens {
  readonly #store: ObjectStore;
  readonly #private: KeyObject;
  readonly #public: KeyObject;
  readonly #keyId: string;
  readonly #now: () => number;

  /** `now`: the server's clock, ms since the epoch. */
  constructor(store: ObjectStore, privateKeyPem: string, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
    this.#private = createPrivateKey(privateKeyPem);
    this.#public = createPublicKey(this.#private);
    this.#keyId = createHash('sha256')
      .update(this.#public.export({ type: 'spki', format: 'der' }))
      .digest('base64url');
  }

  issue({ namespace, account, audiences, seconds, bound }: TokenSpec): string {
    const now = Math.floor(this.#now() / 1000);
    return this.#sign({
      aud: audiences,
      ...(seconds === null ? {} : { exp: now + seconds }),
      iat: now,
      iss: ISSUER,
      jti: randomUUID(),
      'kubernetes.io': { namespace, ...boundClaims(bound), serviceaccount: account },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${account.name}`,
    });
  }

  #sign(claims: Record<string, unknown>): string {
    const text = `${encode({ alg: 'ES256', kid: this.#keyId })}.${encode(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key: this.#private, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }

  /** For requests: only tokens made for this server. */
  readonly authenticate = (token: string): UserInfo | undefined => this.review(token, [ISSUER]).user ?? undefined;

  /** Whose token it is for one of the audiences, or what is wrong with it. */
  review(token: string, audiences: readonly string[]): TokenReviewResult {
    const claims = this.#verified(token);
    if (claims === null) return { user: null, problem: null };
    const bound = claims['kubernetes.io'];
    if (!isRecord(bound) || !isRecord(bound.serviceaccount)) return { user: null, problem: null };
    const problem = this.#problem(claims, bound, audiences);
    if (problem !== null) return { user: null, problem };
    const namespace = String(bound.namespace);
    const { name, uid } = bound.serviceaccount;
    return {
      user: {
        username: `system:serviceaccount:${namespace}:${String(name)}`,
        uid: String(uid),
        groups: withAuthenticated(['system:serviceaccounts', `system:serviceaccounts:${namespace}`]),
        // Those that a secret holds for good have no name of their own.
        ...(typeof claims.exp === 'number' ? { extra: extraOf(claims, bound) } : {}),
      },
      audiences: audiences.filter((audience) => audiencesOf(claims).includes(audience)),
    };
  }

  /** Claims of a token that this server has signed; null for all others. */
  #verified(token: string): Record<string, unknown> | null {
    const [header = '', body = '', signature = '', ...more] = token.split('.');
    if (more.length > 0 || signature === '') return null;
    const key = { key: this.#public, dsaEncoding: 'ieee-p1363' as const };
    if (!verify('sha256', Buffer.from(`${header}.${body}`), key, Buffer.from(signature, 'base64url'))) return null;
    const claims = decode(body);
    return claims?.iss === ISSUER ? claims : null;
  }

  #problem(
    claims: Record<string, unknown>,
    bound: Record<string, unknown>,
    audiences: readonly string[],
  ): string | null {
    const now = this.#now() / 1000;
    const own = audiencesOf(claims);
    if (!own.some((audience) => audiences.includes(audience)))
      return `token audiences ${goList(own)} is invalid for the target audiences ${goList(audiences)}`;
    if (typeof claims.exp === 'number' && claims.exp <= now) return 'service account token has expired';
    if (typeof claims.nbf === 'number' && claims.nbf > now + LEEWAY_SECONDS)
      return 'service account token is not valid yet';
    // Without an end of its own it has to be bound to the secret that holds it.
    if (typeof claims.exp !== 'number' && !isRecord(bound.secret)) return 'service account token has been invalidated';
    const namespace = String(bound.namespace);
    const account = isRecord(bound.serviceaccount) ? String(bound.serviceaccount.name) : '';
    if (!this.#store.collection('/serviceaccounts').items.has(`${namespace}/${account}`))
      return `serviceaccounts ${JSON.stringify(account)} not found`;
    const alive =
      // A token dies with its account, and a new account of that name does not revive it.
      this.#isThere('/serviceaccounts', namespace, bound.serviceaccount, now) &&
      (bound.secret === undefined || this.#isThere('/secrets', namespace, bound.secret, now)) &&
      (bound.pod === undefined
        ? bound.node === undefined || this.#isThere('/nodes', '', bound.node, now)
        : this.#isThere('/pods', namespace, bound.pod, now));
    return alive ? null : 'service account token has been invalidated';
  }

  #isThere(collection: string, namespace: string, identity: unknown, now: number): boolean {
    if (!isRecord(identity)) return false;
    const key = namespace === '' ? String(identity.name) : `${namespace}/${String(identity.name)}`;
    const metadata = this.#store.collection(collection).items.get(key)?.object.metadata;
    if (metadata === undefined || metadata.uid !== identity.uid) return false;
    if (metadata.deletionTimestamp === undefined) return true;
    return Date.parse(metadata.deletionTimestamp) / 1000 + LEEWAY_SECONDS > now;
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

/** As Go prints texts in quotes. */
function goList(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`;
}

function boundClaims(bound: BoundObject | undefined): Record<string, Identity> {
  if (bound === undefined) return {};
  if (bound.kind === 'Secret') return { secret: bound.object };
  if (bound.kind === 'Node') return { node: bound.object };
  return { ...(bound.node === undefined ? {} : { node: bound.node }), pod: bound.object };
}

function extraOf(claims: Record<string, unknown>, bound: Record<string, unknown>): Record<string, string[]> {
  const extra: Record<string, string[]> = { [`${EXTRA}credential-id`]: [`JTI=${String(claims.jti)}`] };
  for (const kind of ['pod', 'node'] as const) {
    const identity = bound[kind];
    if (!isRecord(identity)) continue;
    extra[`${EXTRA}${kind}-name`] = [String(identity.name)];
    extra[`${EXTRA}${kind}-uid`] = [String(identity.uid)];
  }
  return extra;
}

function audiencesOf(claims: Record<string, unknown>): string[] {
  return [claims.aud].flat().map(String);
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
