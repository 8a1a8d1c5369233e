/** Which commands of containers are run for real (live-scripts.ts) rather than read from their text. Pure. */
import type { Json } from '#shared/kubernetes/types.ts';
import { agnhostEnding, watchesFile } from './agnhost.ts';
import { programOf } from './programs.ts';
import { digitsAsked } from './shell/perl.ts';
import { CLIENTS, SYSTEM, TOOLS } from './shell/tools.ts';

const SHELLS = new Set(['sh', 'ash', 'dash', 'bash']);
/** Of a script that does not end at once. */
const LASTING = /\b(sleep|while|until|for|trap|read|top|watch|yes)\b|\btail\s+-\w*[fF]/;
/** Something is changed that can be looked at: a redirection that is not to another stream or to nowhere, or a program for it. */
const WRITES = /(^|[^0-9&>])>{1,2}\s*(?!&|\/dev\/null)[\w"'$/.]|\b(touch|rm|mkdir|cp|mv|ln|tee)\s/;
/** Commands whose output can be read off a script's text (log-lines.ts), and what goes with them in a loop. */
const PRINTING = new Set(
  ': [ [[ break continue date do done echo exit expr false for hostname if let printf seq set sleep test then true while'.split(
    ' ',
  ),
);
/** Programs that say something and end, and that a container may run without a shell. */
const DIRECT = new Set<string>([...TOOLS, ...SYSTEM]);
/** Words of the grammar and builtins, which no program has the name of. */
const BUILTINS = 'cd command elif else eval exec export fi local read return shift trap umask unset until wait'.split(
  ' ',
);
/** All that a shell here surely has. */
const KNOWN = new Set<string>([...CLIENTS, ...PRINTING, ...DIRECT, ...BUILTINS, 'yes']);

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
  return CLIENTS.includes(baseOf(words)) ? words : watchesFile(container);
}

/** The script of a container that is run for real; null for all others. Pure. */
export function liveScript(container: Json): string | null {
  const words = wordsOf(container);
  const [, , script = ''] = words;
  const direct = directWords(container);
  if (direct !== null) return direct.map(quoted).join(' ');
  if (scriptFlag(words) === null) return null;
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

/** What is run where a container says something and ends; null where it takes its time, or is no program that is known. */
export function endingWords(container: Json): string[] | null {
  const program = programOf(container);
  const told = program.kind === 'agnhost' ? agnhostEnding(container) : null;
  if (told !== null) return told;
  const words = wordsOf(container);
  const known =
    scriptFlag(words) !== null ||
    (baseOf(words) === 'perl' && digitsAsked(words) !== null) ||
    (program.shell && DIRECT.has(baseOf(words)) && !SHELLS.has(baseOf(words)));
  return known && !LASTING.test(words.join(' ')) ? words : null;
}

/** The name of what is run, without its path. */
export function baseOf([first = '']: readonly string[]): string {
  return first.split('/').at(-1) ?? '';
}

/** Options before the `c` of `sh -c`; null for other commands. */
export function scriptFlag(words: readonly string[]): string | null {
  const options = /^-([a-z]*)c$/.exec(words[1] ?? '')?.[1];
  return options !== undefined && SHELLS.has(baseOf(words)) ? options : null;
}

/** Images that run their own program with the words they are given, unless those name another one: by the last part of the repository. */
const ENTRY_POINTS: Readonly<Record<string, string>> = { curl: 'curl' };

/** Whether it is a shell, by its path or its name. */
export function isShell(program: string): boolean {
  return SHELLS.has(baseOf([program]));
}

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
