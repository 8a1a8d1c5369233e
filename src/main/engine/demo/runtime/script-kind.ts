/** Which commands of containers are run for real (live-scripts.ts) rather than read from their text. Pure. */
import type { Json } from '#shared/kubernetes/types.ts';
import { watchesFile } from './agnhost.ts';

const SHELLS = /^(.*\/)?(sh|ash|dash|bash)$/;
/** Of a script that does not end at once. */
const LASTING = /\b(sleep|while|until|for)\b|\btail\s+-\w*[fF]/;
/** Something is changed that can be looked at: a redirection that is not to another stream or to nowhere, or a program for it. */
const WRITES = /(^|[^0-9&>])>{1,2}\s*(?!&|\/dev\/null)[\w"'$/.]|\b(touch|rm|mkdir|cp|mv|ln|tee)\s/;
/** Programs that ask somebody else: what they say and how they end depends on who is there. */
const CLIENTS = 'wget curl nslookup dig host ping nc getent traceroute redis-cli'.split(' ');
/** Commands whose output can be read off a script's text (log-lines.ts), and what goes with them in a loop. */
const PRINTING = new Set(
  ': [ [[ break continue date do done echo exit expr false for hostname if let printf seq set sleep test then true while'.split(
    ' ',
  ),
);
/** All others that a shell here surely has. */
const KNOWN = new Set([
  ...CLIENTS,
  ...PRINTING,
  ...'awk base64 basename cat cd chmod chown command cp cut diff dirname du egrep elif else env eval exec export fgrep fi'.split(
    ' ',
  ),
  ...'find fold free grep groups gunzip gzip head id ifconfig ip jq ln local ls md5sum mkdir mktemp mount mv nginx nl od'.split(
    ' ',
  ),
  ...'pgrep printenv ps pwd read readlink realpath return rev rm rmdir sed sha1sum sha256sum shift sort split stat tac tail'.split(
    ' ',
  ),
  ...'tar tee time timeout touch tr trap umask uname uniq unset until uptime wait wc which whoami xargs yes'.split(' '),
]);

/** First words of the commands of a script; one that is only known when it runs stands as it is written, with its `$`. */
export function commandsOf(script: string): string[] {
  const inner = [...script.matchAll(/\$\(([^()]+)\)|`([^`]+)`/g)].map((match) => match[1] ?? match[2] ?? '');
  const plain = script
    .replace(/\$\(\([^)]*\)\)|\(\([^)]*\)\)/g, '1')
    .replace(/\$\([^()]+\)|`[^`]+`/g, '1')
    .replace(/'[^']*'|"[^"]*"/g, 'x')
    .replace(/\d?>&\d?|&>/g, ' ')
    .replace(/\bfor\s+\w+(\s+in\b)?/g, 'for ')
    .replace(/(^|\s)#.*$/gm, '');
  const functions = new Set([...plain.matchAll(/([\w-]+)\s*\(\)/g)].map((match) => match[1]));
  const own = plain
    .split(/[;|&\n(){}]+|(?:^|\s)(?:do|then|else|if|elif|while|until|time|timeout\s+\S+|exec|!)(?=\s)/)
    .flatMap((part) => /^\s*(?:[A-Za-z_]\w*=\S*(?:\s+|$))*(\S*)/.exec(part)?.[1] || [])
    .filter((word) => !/^[<>]/.test(word) && !functions.has(word));
  return [...own, ...inner.flatMap(commandsOf)];
}

/** Where a container's termination message is written. */
export function terminationPath(container: Json): string {
  return container.terminationMessagePath || '/dev/termination-log';
}

/** The words of a program that is run for real without a shell around it; null for all others. Pure. */
export function directWords(container: Json): string[] | null {
  const words = wordsOf(container);
  return CLIENTS.includes(words[0]?.split('/').at(-1) ?? '') ? words : watchesFile(container);
}

/** The script of a container that is run for real; null for all others. Pure. */
export function liveScript(container: Json): string | null {
  const words = wordsOf(container);
  const [first = '', flag = '', script = ''] = words;
  const direct = directWords(container);
  if (direct !== null) return direct.map(quoted).join(' ');
  if (!SHELLS.test(first) || !/^-[a-z]*c$/.test(flag)) return null;
  // What a script says at its end is in the pod's status, however soon it ends.
  if (script.includes(terminationPath(container))) return script;
  const commands = commandsOf(script).map((word) => word.split('/').at(-1) ?? '');
  // Of a program that is not here neither output nor end would be its own.
  const known = commands.every((word) => KNOWN.has(word));
  if (known && commands.some((word) => CLIENTS.includes(word))) return script;
  if (!LASTING.test(script)) return null;
  if (known && !commands.every((word) => PRINTING.has(word))) return script;
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
