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

export interface Asked {
  flags: Set<string>;
  values: Map<string, string>;
  words: string[];
}

/** Flags run together, those of `valued` with their value behind them or as the next word; long ones by their first letter. */
export function askedOf(args: readonly string[], valued: string, long: Readonly<Record<string, string>> = {}): Asked {
  const found: Asked = { flags: new Set(), values: new Map(), words: [] };
  const left = [...args];
  for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
    if (arg === '--') {
      found.words.push(...left);
      break;
    }
    const [, name = '', , given] = /^--([\w-]+)(=(.*))?$/s.exec(arg) ?? [];
    const letters = name === '' ? (/^-([^-].*)$/s.exec(arg)?.[1] ?? '') : (long[name] ?? name.slice(0, 1));
    if (letters === '') found.words.push(arg);
    for (let at = 0; at < letters.length; at++) {
      const letter = letters[at]!;
      if (!valued.includes(letter)) found.flags.add(letter);
      else {
        found.values.set(letter, given ?? (letters.slice(at + 1) || (left.shift() ?? '')));
        break;
      }
    }
  }
  return found;
}
