/**
 * Whether the host that served this page still knows it. A browser tab that outlives its loopback server meets the next
 * one without a valid cookie; a WebSocket cannot tell that from a server that is merely away, a plain request can.
 */
export async function knownToHost(): Promise<boolean | undefined> {
  if (!window.location.protocol.startsWith('http')) return true;
  try {
    const answer = await fetch(window.location.pathname, { method: 'HEAD', cache: 'no-store' });
    return answer.status !== 401 && answer.status !== 403;
  } catch {
    return undefined;
  }
}
