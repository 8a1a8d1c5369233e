/**
 * `agnhost test-service-account-issuer-discovery`: a token is checked as any party would that trusts the cluster: by what its
 * issuer publishes (OpenID Connect Discovery 1.0). Source: what the image of Kubernetes' own tests prints.
 */
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import type { Json } from '#shared/kubernetes/types.ts';
import { flagIn } from '../flags.ts';
import type { CommandIo, CommandShell } from './shell.ts';
import type { Surroundings } from './system.ts';

const OWN_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

interface Token {
  header: Json;
  claims: Json;
  signed: Buffer;
  signature: Buffer;
}

export async function issuerDiscovery(
  args: readonly string[],
  io: CommandIo,
  { files }: CommandShell,
  { fetch, world }: Pick<Surroundings, 'fetch' | 'world'>,
): Promise<number> {
  const log = (text: string) => {
    const stamp = new Date(world.now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
    io.err(`${stamp} ${text}\n`);
  };
  const path = flagIn(args, 'token-path') ?? '';
  const audience = flagIn(args, 'audience') ?? '';
  let token: Token;
  try {
    token = parsed(await files.readFile(path));
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
    return 1;
  }
  const own = await files.readFile(OWN_TOKEN).catch(() => '');
  for (const [how, headers] of [
    ['validating with in-cluster discovery', { authorization: `Bearer ${own}` }],
    ['falling back to validating with external discovery', {}],
  ] as const) {
    log(how);
    log(`OK: got issuer ${token.claims.iss}`);
    const page = async (url: string): Promise<Json> => {
      const { status, body } = await fetch(new URL(url), 'GET', headers, '');
      if (status !== 200) throw new Error(`${status}: ${body}`);
      return JSON.parse(body) as Json;
    };
    try {
      await validate(token, audience, world.now(), page, log);
      return 0;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log(how.startsWith('validating') ? `failed to validate with in-cluster discovery: ${why}` : why);
    }
  }
  return 1;
}

async function validate(
  { header, claims, signed, signature }: Token,
  audience: string,
  now: number,
  page: (url: string) => Promise<Json>,
  log: (text: string) => void,
): Promise<void> {
  const issuer: string = claims.iss;
  const published = await page(`${issuer}/.well-known/openid-configuration`);
  if (published.issuer !== issuer)
    throw new Error(
      `oidc: issuer did not match the issuer returned by provider, expected "${issuer}" got "${published.issuer}"`,
    );
  log(`OK: Constructed OIDC provider for issuer ${issuer}`);
  const audiences: string[] = [claims.aud].flat();
  if (!audiences.includes(audience))
    throw new Error(`oidc: expected audience "${audience}" got [${audiences.map((one) => `"${one}"`).join(' ')}]`);
  if (claims.exp * 1000 < now) throw new Error(`oidc: token is expired (Token Expiry: ${new Date(claims.exp * 1000)})`);
  const { keys } = await page(published.jwks_uri);
  const key: JsonWebKey | undefined = keys?.find(({ kid }: Json) => kid === header.kid);
  const good =
    key !== undefined &&
    verify('sha256', signed, { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, signature);
  if (!good) throw new Error('failed to verify signature: failed to verify id token signature');
  log('OK: Validated signature on JWT');
  log('OK: Got valid claims from token!');
}

/** @throws Error as the program's library words it. */
function parsed(text: string): Token {
  const parts = text.trim().split('.');
  if (parts.length !== 3) throw new Error('go-jose/go-jose: compact JWS format must have three parts');
  const [header = '', claims = '', signature = ''] = parts;
  const decoded = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Json;
  return {
    header: decoded(header),
    claims: decoded(claims),
    signed: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}
