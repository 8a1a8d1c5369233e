/** Answers requests for the interface: files of its folder only, under the same policy as on loopback. No Electron here. */
import { readFile } from 'node:fs/promises';
import { contentSecurityPolicy, newNonce, pageWithNonce, securityHeaders } from '../host/content-policy.ts';
import { resolveStatic } from '../host/static-files.ts';
import { isOurs } from './url-gate.ts';

export async function answer(address: string, method: string, rendererDir: string): Promise<Response> {
  const nonce = newNonce();
  const headers = { ...securityHeaders, 'Content-Security-Policy': contentSecurityPolicy(nonce) };
  if (!isOurs(address) || (method !== 'GET' && method !== 'HEAD')) return new Response(null, { status: 403, headers });
  const found = resolveStatic(rendererDir, new URL(address).pathname);
  if (found === null) return new Response(null, { status: 404, headers });
  const body = await readFile(found.file);
  return new Response(found.page ? pageWithNonce(body.toString('utf8'), nonce) : new Uint8Array(body), {
    headers: { ...headers, 'Content-Type': found.type, 'Cache-Control': 'no-store' },
  });
}
