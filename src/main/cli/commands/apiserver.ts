/** `fleetdeck apiserver`: an embedded API server by itself, for tools and measurements. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { closeInTime, untilAskedToEnd } from '../../host/lifetime.ts';
import { dataOption } from '../api.ts';
import type { Command } from '../command.ts';
import { portOf, portOption } from './serve.ts';

export const apiserver: Command = {
  usage: 'apiserver [--name NAME] [--data DIR] [--port PORT] [--version vX.Y.Z]',
  options: {
    name: { type: 'string', value: 'NAME', text: 'host.cli.option.name' },
    data: { ...dataOption, params: { path: path.join('$TMPDIR', 'fleetdeck-apiserver-*') } },
    port: portOption,
    version: { type: 'string', value: 'VERSION', text: 'host.cli.option.version' },
  },
  async run(call) {
    const { out, options, log } = call;
    const asked = untilAskedToEnd(() => out.note(out.text('host.cli.ending')));
    const name = options.text('name') ?? 'apiserver';
    const chosen = options.text('data');
    const dir = chosen === undefined ? mkdtempSync(path.join(tmpdir(), 'fleetdeck-apiserver-')) : path.resolve(chosen);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const { startApiServer } = await import('../../engine/apiserver/index.ts');
    const port = portOf(call);
    const version = options.text('version');
    const server = await startApiServer({
      dir,
      name,
      ...(port === undefined ? {} : { port }),
      ...(version === undefined ? {} : { version }),
      onError: (error, where) => log.error('API server', { where, error: String(error) }),
    });
    const kubeconfig = path.join(dir, 'kubeconfig');
    writeFileSync(kubeconfig, server.kubeconfig(), { mode: 0o600 });
    if (call.json) out.document({ ready: true, name, server: server.server, dataDir: dir, kubeconfig });
    else {
      out.line(out.text('host.cli.apiServerReady', { name, server: server.server }));
      out.line(`  ${out.text('host.cli.kubeconfig', { name, path: kubeconfig })}`);
      out.note(out.text('host.cli.stop'));
    }
    await asked;
    await closeInTime(() => server.close());
    return 0;
  },
};
