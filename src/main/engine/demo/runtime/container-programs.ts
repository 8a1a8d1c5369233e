/** The programs of a simulated container, by name: those of every image, and what its own has beside them. */
import { agnhostTool } from './shell/agnhost-tool.ts';
import { dnsTools } from './shell/dns-tools.ts';
import { fileTools } from './shell/file-tools.ts';
import { mountOf, mountsIn } from './shell/mount-table.ts';
import { netTools } from './shell/net-tools.ts';
import type { Owner } from './shell/owners.ts';
import { perl } from './shell/perl.ts';
import { redisCli } from './shell/redis-cli.ts';
import type { Run } from './shell/shell.ts';
import { smallTools } from './shell/small-tools.ts';
import { identityOf, type Surroundings, systemCommands } from './shell/system.ts';
import { tar } from './shell/tar.ts';
import { webClients } from './shell/web-clients.ts';

/** `give`: what is at a path is somebody else's from now on. `others` go before those of the same name. */
export function programsIn(
  around: Surroundings,
  give: (path: string, owner: Partial<Owner>) => void,
  others: Readonly<Record<string, Run>>,
): Record<string, Run> {
  const { world, pod, container, program, owners } = around;
  return {
    ...systemCommands(around),
    ...netTools(around),
    ...webClients(around),
    ...(program.image === 'perl' ? { perl } : {}),
    ...(program.kind === 'redis' ? { 'redis-cli': redisCli(around) } : {}),
    ...dnsTools(around),
    ...smallTools(around),
    ...fileTools({
      owners,
      user: identityOf(pod, container).user,
      give,
      kindAt: (path) => mountOf(mountsIn(world, pod, container), path)?.type ?? '',
    }),
    ...(program.kind === 'agnhost' ? agnhostTool(around) : {}),
    tar,
    ...others,
  };
}
