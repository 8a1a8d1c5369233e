/** What a command is, and what it gets. One file per command under commands/; adding one is a file and a row there. */
import type { Language, TextKey, TextParams } from '#shared/i18n/index.ts';
import type { Output } from './output.ts';

export interface Option {
  type: 'string' | 'boolean';
  multiple?: boolean;
  /** One letter, for what people know from kubectl: `-o`. */
  short?: string;
  /** What stands after the option in the help: `N`, `DIR`. */
  value?: string;
  text: TextKey;
  params?: TextParams;
}

export interface Command {
  /** After `fleetdeck`: `clusters list | register FILE [--name NAME]`. */
  usage: string;
  options: Readonly<Record<string, Option>>;
  /** Exit code 1 is its verdict; what keeps it from judging ends with 2, so that a script can tell the two apart. */
  judges?: true;
  /** Exit code: 0 done, 1 findings or failure, 2 usage. Failures may as well be thrown. */
  run(call: Call): Promise<number>;
}

/** Values of options as given; absent ones are undefined. */
export class Options {
  private readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

  constructor(values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>) {
    this.values = values;
  }

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  list(name: string): string[] {
    const value = this.values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** A whole number within bounds; anything else is a usage error. */
  number(name: string, bounds: { min: number; max: number }): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const parsed = Number(value);
    if (!/^\d+$/.test(value) || parsed < bounds.min || parsed > bounds.max) {
      throw new UsageError(`--${name} takes a whole number from ${bounds.min} to ${bounds.max}, not "${value}"`);
    }
    return parsed;
  }
}

export interface Call {
  /** Arguments that are no options, without the command's own name. */
  args: string[];
  options: Options;
  json: boolean;
  language: Language;
  out: Output;
}

/** Wrong use of the command line: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
