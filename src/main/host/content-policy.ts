/**
 * Under which policy the interface is served, by the loopback server and the app:// protocol alike. Style elements that
 * the component library and the editor make at run time carry a nonce, new for every response, which the page finds in
 * its own text; everything else comes from our own origin. Style attributes cannot load or run anything.
 */
import { randomBytes } from 'node:crypto';

/** Word in the built page that the nonce takes the place of. */
const NONCE_WORD = '__CSP_NONCE__';

/** `connect`: sources besides our own origin that the page may connect to (the WebSocket, which some browsers do not count as "self"). */
export function contentSecurityPolicy(nonce: string, connect: readonly string[] = []): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "object-src 'none'",
  ].join('; ');
}

export function newNonce(): string {
  return randomBytes(16).toString('base64url');
}

/** The built page with this response's nonce. */
export function pageWithNonce(html: string, nonce: string): string {
  return html.replaceAll(NONCE_WORD, nonce);
}

/** Everything but the policy and the caching, which differ by file. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Permissions-Policy':
    'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), payment=(), clipboard-read=()',
};
