/** `fleetdeck help [COMMAND]`: the overview, or usage and options of one command. */
import type { TextKey } from '#shared/i18n/index.ts';
import { type Command, UsageError } from '../command.ts';
import type { Output } from '../output.ts';
import { commands } from './index.ts';

export const help: Command = {
  usage: 'help [COMMAND]',
  options: {},
  async run({ args, out }) {
    const [name] = args;
    if (name === undefined) return printOverview(out);
    const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (entry === undefined) throw new UsageError(out.text('host.cli.unknownCommand', { name }));
    return printCommandHelp(out, name, entry.summary, await entry.load());
  },
};

function printOverview(out: Output): number {
  const rows = Object.entries(commands).map(([name, { summary }]) => ({ name, text: out.text(summary) }));
  if (out.json) {
    out.document(rows);
    return 0;
  }
  out.line(out.text('host.cli.usage', { usage: 'fleetdeck COMMAND ... [--json]' }));
  out.line('');
  out.line(`${out.text('host.cli.commands')}:`);
  for (const { name, text } of rows) out.line(`  ${name.padEnd(13)}${text}`);
  out.line('');
  out.line(out.text('host.cli.more'));
  return 0;
}

export function printCommandHelp(out: Output, name: string, summary: TextKey, command: Command): number {
  const options = Object.entries(command.options).map(([option, { type, short, value, text, params }]) => ({
    option: `${short === undefined ? '' : `-${short}, `}--${option}${type === 'boolean' ? '' : ` ${value ?? 'TEXT'}`}`,
    text: out.text(text, params),
  }));
  options.push({ option: '--json', text: out.text('host.cli.option.json') });
  if (out.json) {
    out.document({ name, usage: `fleetdeck ${command.usage}`, text: out.text(summary), options });
    return 0;
  }
  out.line(out.text(summary));
  for (const line of usageLines(out, command)) out.line(line);
  out.line(`${out.text('host.cli.options')}:`);
  const width = Math.max(...options.map(({ option }) => option.length)) + 2;
  for (const { option, text } of options) out.line(`  ${option.padEnd(width)}${text}`);
  return 0;
}

/** One line for each form that the command has. */
export function usageLines(out: Output, { usage }: Command): string[] {
  const [first = '', ...more] = usage.split('\n');
  return [out.text('host.cli.usage', { usage: `fleetdeck ${first}` }), ...more.map((line) => `  fleetdeck ${line}`)];
}
