/** Words on a command line. Pure. */

/** Flags like `-la` and the words that are none; `--` ends them. */
export function flagsOf(args: readonly string[]): { flags: Set<string>; words: string[] } {
  const flags = new Set<string>();
  const words: string[] = [];
  for (const [index, arg] of args.entries()) {
    if (arg === '--') {
      words.push(...args.slice(index + 1));
      break;
    }
    if (/^-[A-Za-z]+$/.test(arg)) for (const flag of arg.slice(1)) flags.add(flag);
    else words.push(arg);
  }
  return { flags, words };
}

/** The word after one of the flags, and the words that belong to none of them. */
export function optionOf(
  args: readonly string[],
  ...names: readonly string[]
): { value: string | undefined; words: string[] } {
  let value: string | undefined;
  const words: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    const joined = names.find((name) => arg.startsWith(name) && arg.length > name.length);
    if (names.includes(arg)) value = args[++at];
    else if (joined !== undefined) value = arg.slice(joined.length);
    else words.push(arg);
  }
  return { value, words };
}
