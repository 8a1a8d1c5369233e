/** What the library's interpreter and tools complain of, as the shell of a container says it. */
import { OWN_PROGRAMS } from './outer-output.ts';
import { said } from './said.ts';

/** `set -x` tells of them, too. */
const TRACED = new RegExp(`^\\++ (${OWN_PROGRAMS.join('|')}|:|set -o \\w+)( .*)?\n`, 'gm');

/** The library's interpreter calls itself bash, and says what it would say. */
export function worded(text: string, shell: string): string {
  const plain = text.replace(TRACED, '').replace(/\bE[A-Z]{3,}: [^,\n]+(?:, \w+(?: '[^'\n]*')?)?/g, said);
  if (shell === 'bash') return plain;
  return asBusybox(plain).replace(/^bash: (.*)$/gm, (_whole, words: string) => {
    const missing = /^(?:line \d+: )?(.*): command not found$/.exec(words)?.[1];
    return `${shell}: ${missing === undefined ? words : `${missing}: not found`}`;
  });
}

/** As the shell of busybox says it. */
export function cannotCreate(refused: string): string {
  return `can't create ${refused.replace(/: No such file or directory$/, ': nonexistent directory')}`;
}

/** The library's tools speak as GNU's do. */
function asBusybox(text: string): string {
  return text
    .replace(
      /^(cat|head|tail): (?:cannot open ')?([^:'\n]+)'?(?: for reading)?: (No such file or directory)$/gm,
      "$1: can't open '$2': $3",
    )
    .replace(/^ls: cannot access '?([^'\n]+?)'?: (No such file or directory)$/gm, 'ls: $1: $2');
}
