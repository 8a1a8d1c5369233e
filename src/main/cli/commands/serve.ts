/** `fleetdeck serve`: engine and loopback server in one process, until it is asked to end. */

import { type Api, apiOf } from '../../host/api.ts';
import { closeInTime, untilAskedToEnd } from '../../host/lifetime.ts';
import { rendererDir } from '../../host/locations.ts';
import { createLog } from '../../host/log.ts';
import { openEngine } from '../../host/open-engine.ts';
import { startLoopback } from '../../loopback/index.ts';
import type { Command } from '../command.ts';
import { dataDirOf, dataOption, portOf, portOption } from '../options.ts';
import type { Output } from '../output.ts';

export const serve: Command = {
  usage: 'serve [--data DIR] [--port PORT]',
  options: { data: dataOption, port: portOption },
  async run(call) {
    const asked = untilAskedToEnd(() => call.out.note(call.out.text('host.cli.ending')));
    const dataDir = dataDirOf(call);
    const log = createLog();
    const engine = await openEngine({ dataDir, host: 'loopback', log });
    let loopback: Awaited<ReturnType<typeof startLoopback>>;
    try {
      loopback = await startLoopback({ engine, rendererDir, dataDir, port: portOf(call), log });
    } catch (error) {
      await engine.close();
      throw error;
    }
    if (call.json) call.out.document({ ready: true, url: loopback.url, dataDir });
    else await sayReady(call.out, loopback.url, apiOf(engine));
    await asked;
    await closeInTime(async () => {
      await loopback.close();
      await engine.close();
    });
    return 0;
  },
};

/** The address on standard output, and around it what a person wants to know. */
export async function sayReady(out: Output, url: string, api: Api): Promise<void> {
  const { dataDir, secrets } = await api.system.info();
  out.note(out.text('host.cli.dataDir', { path: dataDir }));
  if (secrets.backend === 'keyFile') out.note(out.text('host.cli.keyFile', { path: secrets.keyFile ?? dataDir }));
  if (secrets.backend === 'passphrase') out.note(out.text('host.cli.passphrase'));
  out.note(out.text('host.cli.open'));
  out.line(`  ${url}`);
  out.note(out.text('host.cli.stop'));
}
