/** Options that several commands have. Loads nothing of the engine: not every command needs one. */
import { defaultDataDir } from '../host/locations.ts';
import type { Call, Option } from './command.ts';

export function dataDirOf(call: Call): string {
  return call.options.text('data') ?? defaultDataDir();
}

export const dataOption: Option = {
  type: 'string',
  value: 'DIR',
  text: 'host.cli.option.data',
  params: { path: defaultDataDir() },
};

export const portOption: Option = { type: 'string', value: 'PORT', text: 'host.cli.option.port' };

export function portOf({ options }: Call): number | undefined {
  return options.number('port', { min: 0, max: 65_535 });
}
