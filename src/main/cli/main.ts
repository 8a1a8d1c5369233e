/**
 * The command line: `fleetdeck <command> ...`. Results on standard output, everything else on standard error; exit code
 * 0 done, 1 findings or failure, 2 wrong use, or failure of a command whose 1 is a verdict. This file finds the command, reads its options and prints its errors.
 */
import { parseArgs } from 'node:util';
import { errorText } from '#shared/i18n/index.ts';
import { type Call, type Command, type Option, Options, UsageError } from './command.ts';
import { commands } from './commands/index.ts';
import { terminalLanguage } from './language.ts';
import { Output } from './output.ts';

const jsonOption: Option = { type: 'boolean', text: 'host.cli.option.json' };

export async function main(argv: readonly string[]): Promise<number> {
  const language = terminalLanguage();
  const out = new Output(argv.includes('--json'), language, process.stdout, process.stderr);
  const [name = 'help', ...rest] = argv[0] === '--help' || argv[0] === '-h' ? ['help', ...argv.slice(1)] : argv;
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    usageProblem(out, out.text('host.cli.unknownCommand', { name }));
    return 2;
  }
  const command = await entry.load();
  try {
    if (rest.includes('--help') || rest.includes('-h')) {
      const { printCommandHelp } = await import('./commands/help.ts');
      return printCommandHelp(out, name, entry.summary, command);
    }
    return await command.run(callFor(command, rest, out));
  } catch (error) {
    if (error instanceof UsageError) {
      const { usageLines } = await import('./commands/help.ts');
      usageProblem(out, error.message, usageLines(out, command));
      return 2;
    }
    const { shapeOf } = await import('../host/api.ts');
    out.error(shapeOf(error));
    if (process.env.FLEETDECK_LOG === 'debug')
      process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    return command.judges === true ? 2 : 1;
  }
}

function callFor(command: Command, rest: readonly string[], out: Output): Call {
  const known = { ...command.options, json: jsonOption };
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { type, multiple, short }]) => [
      name,
      { type, multiple: multiple === true, ...(short === undefined ? {} : { short }) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...rest], options, allowPositionals: true, strict: true });
    return {
      args: positionals,
      options: new Options(values),
      json: values.json === true,
      language: out.language,
      out,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')) {
      throw new UsageError((error as Error).message);
    }
    throw error;
  }
}

function usageProblem(out: Output, message: string, usage: readonly string[] = []): void {
  if (out.json) {
    const { hint } = errorText(out.language, { code: 'INVALID', message, retryable: false });
    out.document({ error: { code: 'INVALID', message, hint } });
    return;
  }
  out.note(message);
  for (const line of usage) out.note(line);
}

/** A reader that has seen enough (`| head`) is no failure of ours. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await main(process.argv.slice(2));
