/** `fleetdeck fleets`. */

import { withEngine } from '../api.ts';
import type { Command } from '../command.ts';
import { dataOption } from '../options.ts';

export const fleets: Command = {
  usage: 'fleets [--data DIR]',
  options: { data: dataOption },
  async run(call) {
    const { list, names, federations } = await withEngine(call, async (api) => ({
      list: await api.fleets.list(),
      names: new Map((await api.clusters.list()).map((cluster) => [cluster.id, cluster.name])),
      federations: new Map((await api.federations.list()).map((federation) => [federation.id, federation.name])),
    }));
    const rows = list.map((fleet) => ({
      ...fleet,
      clusters: fleet.clusterIds.map((id) => names.get(id) ?? id),
      federation: fleet.federationId === null ? null : (federations.get(fleet.federationId) ?? fleet.federationId),
    }));
    call.out.table(rows, [
      { title: 'NAME', cell: (r) => r.name },
      { title: 'CLUSTERS', cell: (r) => r.clusters.join(',') },
      { title: 'FEDERATION', cell: (r) => r.federation },
      { title: 'DESCRIPTION', cell: (r) => r.description },
    ]);
    return 0;
  },
};
