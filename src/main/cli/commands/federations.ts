/** `fleetdeck federations`. */

import { withEngine } from '../api.ts';
import type { Command } from '../command.ts';
import { dataOption } from '../options.ts';

export const federations: Command = {
  usage: 'federations [--data DIR]',
  options: { data: dataOption },
  async run(call) {
    const list = await withEngine(call, async (api, engine) => {
      await engine.ready;
      return await api.federations.list();
    });
    call.out.table(list, [
      { title: 'NAME', cell: (r) => r.name },
      { title: 'STATE', cell: (r) => (r.reason === null ? r.state : `${r.state} (${r.reason.code})`) },
      { title: 'MEMBERS', cell: (r) => r.members.map((m) => `${m.name}${m.ready ? '' : ' (not ready)'}`).join(',') },
      { title: 'SERVER', cell: (r) => r.server },
      { title: 'KUBECONFIG', cell: (r) => r.kubeconfigPath },
    ]);
    return 0;
  },
};
