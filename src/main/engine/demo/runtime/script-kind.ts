/** Which scripts of containers are run for real (live-scripts.ts) rather than read from their text. Pure. */
import type { Json } from '#shared/kubernetes/types.ts';

const SHELLS = /^(.*\/)?(sh|ash|dash|bash)$/;
/** Of a script that does not end at once. */
const LASTING = /\b(sleep|while|until|for)\b/;
/** Something is changed that can be looked at: a redirection that is not to another stream or to nowhere, or a program for it. */
const WRITES = /(^|[^0-9&>])>{1,2}\s*(?!&|\/dev\/null)[\w"'$/.]|\b(touch|rm|mkdir|cp|mv|ln|tee)\s/;

/** The script of a container that is run for real; null for all others. Pure. */
export function liveScript(container: Json): string | null {
  const words = [...(container.command ?? []), ...(container.args ?? [])] as string[];
  const [shell = '', flag = '', script = ''] = words;
  if (!SHELLS.test(shell) || !/^-[a-z]*c$/.test(flag) || !LASTING.test(script)) return null;
  const probed = ['startup', 'liveness', 'readiness'].some((kind) => container[`${kind}Probe`]?.exec !== undefined);
  return probed || WRITES.test(script) ? script : null;
}
