/** Which commands of containers are run for real (live-scripts.ts) rather than read from their text. Pure. */
import type { Json } from '#shared/kubernetes/types.ts';

const SHELLS = /^(.*\/)?(sh|ash|dash|bash)$/;
/** Of a script that does not end at once. */
const LASTING = /\b(sleep|while|until|for)\b|\btail\s+-\w*[fF]/;
/** Something is changed that can be looked at: a redirection that is not to another stream or to nowhere, or a program for it. */
const WRITES = /(^|[^0-9&>])>{1,2}\s*(?!&|\/dev\/null)[\w"'$/.]|\b(touch|rm|mkdir|cp|mv|ln|tee)\s/;
/** Programs that ask somebody else: what they say and how they end depends on who is there. */
const CLIENTS = 'wget|curl|nslookup|dig|host|ping|nc|getent|traceroute|redis-cli';
const CLIENT = new RegExp(`^(.*/)?(${CLIENTS})$`);
/** One where a command may stand. */
const ASKS = new RegExp(
  `(^|[;&|({\`\\n]|\\b(do|then|else|if|until|while|exec|time|timeout \\S+)\\s|!)\\s*(${CLIENTS})(\\s|$)`,
);

/** Where a container's termination message is written. */
export function terminationPath(container: Json): string {
  return container.terminationMessagePath || '/dev/termination-log';
}

/** The script of a container that is run for real; null for all others. Pure. */
export function liveScript(container: Json): string | null {
  const words = wordsOf(container);
  const [first = '', flag = '', script = ''] = words;
  if (CLIENT.test(first)) return words.map(quoted).join(' ');
  if (!SHELLS.test(first) || !/^-[a-z]*c$/.test(flag)) return null;
  // What a script says at its end is in the pod's status, however soon it ends.
  if (script.includes(terminationPath(container)) || ASKS.test(script)) return script;
  if (!LASTING.test(script)) return null;
  const probed = ['startup', 'liveness', 'readiness'].some((kind) => container[`${kind}Probe`]?.exec !== undefined);
  return probed || WRITES.test(script) ? script : null;
}

/** Images that run their own program with the words they are given, unless those name another one: by the last part of the repository. */
const ENTRY_POINTS: Readonly<Record<string, string>> = { curl: 'curl' };

/** What a container runs, in words; none where that is the image's own. */
export function wordsOf({ image, command, args }: Json): string[] {
  const given: string[] = args ?? [];
  if (command !== undefined) return [...command, ...given];
  const name = /([^/:@]+)(?:[:@][^/]*)?$/.exec(image ?? '')?.[1] ?? '';
  const entry = Object.hasOwn(ENTRY_POINTS, name) && /^-|:\/\//.test(given[0] ?? '') ? [ENTRY_POINTS[name]!] : [];
  return [...entry, ...given];
}

/** A word that a shell takes as it is. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
