/** `fleetdeck version`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { appRoot } from '../../host/locations.ts';
import type { Command } from '../command.ts';

export const version: Command = {
  usage: 'version',
  options: {},
  async run({ out }) {
    const { version } = JSON.parse(readFileSync(path.join(appRoot, 'package.json'), 'utf8')) as { version: string };
    const { node, modules } = process.versions;
    if (out.json) out.document({ version, node, abi: modules, platform: `${process.platform}-${process.arch}` });
    else out.line(`Fleetdeck ${version} (Node ${node}, ${process.platform}-${process.arch})`);
    return 0;
  },
};
