/** `fleetdeck start`: the application with the person's own clusters, in a window where that is possible. */

import type { Command } from '../command.ts';
import { runDesktop } from '../desktop-window.ts';
import { dataDirOf } from '../options.ts';
import { serve } from './serve.ts';

export const start: Command = {
  usage: 'start [--data DIR] [--port PORT] [--headless]',
  options: { ...serve.options, headless: { type: 'boolean', text: 'host.cli.option.headless' } },
  async run(call) {
    if (!call.options.flag('headless')) {
      const code = await runDesktop(call.out, { env: { FLEETDECK_DATA_DIR: dataDirOf(call) } });
      if (code !== null) return code;
    }
    return await serve.run(call);
  },
};
