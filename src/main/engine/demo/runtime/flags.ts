/** Flags in the words of a command, as Go programs read them. */

/** The value of `--name=value` or `--name value`. */
export function flagIn(args: readonly string[], name: string): string | undefined {
  for (const [at, word] of args.entries()) {
    const match = /^--?([\w-]+)(?:=(.*))?$/s.exec(word);
    if (match?.[1]?.replaceAll('_', '-') === name.replaceAll('_', '-')) return match[2] ?? args[at + 1];
  }
  return undefined;
}
