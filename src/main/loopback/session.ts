/**
 * The token in the printed address and the cookie it is exchanged for.
 *
 * The token is random, new at every start, and admits any browser of this machine that is given the address. The
 * cookie is an expiry signed with a key that lies in the data directory (mode 0600), so that an open page finds back
 * after a restart on the same port. Both are compared in constant time; neither is ever logged.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const LIFETIME_MS = 7 * 24 * 3600 * 1000;

export class Sessions {
  readonly token = randomBytes(24).toString('base64url');
  private readonly key: Uint8Array;
  private readonly port: number;
  private readonly now: () => number;

  constructor(key: Uint8Array, port: number, now: () => number = Date.now) {
    this.key = key;
    this.port = port;
    this.now = now;
  }

  /** Cookies do not know ports, so the name has to: two instances on one machine must not sign each other out. */
  get cookieName(): string {
    return `fleetdeck_${this.port}`;
  }

  admits(token: string | null): boolean {
    return token !== null && equal(token, this.token);
  }

  /** A Set-Cookie header. Not `Secure`: browsers treat loopback as trustworthy but Safari does not for cookies. */
  issue(): string {
    const expires = this.now() + LIFETIME_MS;
    const value = `${expires}.${this.sign(expires)}`;
    return `${this.cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${LIFETIME_MS / 1000}`;
  }

  /** Whether a Cookie header carries a session of ours. */
  knows(cookies: string | undefined): boolean {
    for (const part of (cookies ?? '').split(';')) {
      const [name, value = ''] = part.trim().split('=', 2);
      if (name === this.cookieName && this.valid(value)) return true;
    }
    return false;
  }

  private valid(value: string): boolean {
    const [expires = '', signature = ''] = value.split('.', 2);
    if (!/^\d{1,16}$/.test(expires) || Number(expires) < this.now()) return false;
    return equal(signature, this.sign(Number(expires)));
  }

  private sign(expires: number): string {
    return createHmac('sha256', this.key).update(`session ${this.port} ${expires}`).digest('base64url');
  }
}

function equal(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
