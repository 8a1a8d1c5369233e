/** `fleetdeck federations [list] | promote | release`. */

import { withEngine } from '../api.ts';
import { type Call, type Command, UsageError } from '../command.ts';
import { dataOption } from '../options.ts';
import { promoteCommand, releaseCommand } from './federations-promote.ts';

export const federations: Command = {
  usage:
    'federations [list]\n' +
    '  fleetdeck federations promote FEDERATION KIND NAME --cluster NAME ... [--namespace NS] [--dependencies] [--dry-run] [--policy-name NAME] [--unify]\n' +
    '  fleetdeck federations release FEDERATION KIND NAME [--namespace NS]',
  options: {
    data: dataOption,
    cluster: { type: 'string', multiple: true, value: 'NAME', text: 'host.cli.option.promoteCluster' },
    namespace: { type: 'string', value: 'NS', text: 'host.cli.option.promoteNamespace' },
    dependencies: { type: 'boolean', text: 'host.cli.option.promoteDependencies' },
    'dry-run': { type: 'boolean', text: 'host.cli.option.dryRun' },
    'policy-name': { type: 'string', value: 'NAME', text: 'host.cli.option.policyName' },
    unify: { type: 'boolean', text: 'host.cli.option.unify' },
  },
  async run(call) {
    const [action = 'list', ...more] = call.args;
    if (action === 'promote') return await promoteCommand(call);
    if (action === 'release') return await releaseCommand(call);
    if (action !== 'list' || more.length > 0) throw new UsageError(`there is no "federations ${call.args.join(' ')}"`);
    return await list(call);
  },
};

async function list(call: Call): Promise<number> {
  const rows = await withEngine(call, async (api, engine) => {
    await engine.ready;
    return await api.federations.list();
  });
  call.out.table(rows, [
    { title: 'NAME', cell: (r) => r.name },
    { title: 'STATE', cell: (r) => (r.reason === null ? r.state : `${r.state} (${r.reason.code})`) },
    { title: 'MEMBERS', cell: (r) => r.members.map((m) => `${m.name}${m.ready ? '' : ' (not ready)'}`).join(',') },
    { title: 'SERVER', cell: (r) => r.server },
    { title: 'KUBECONFIG', cell: (r) => r.kubeconfigPath },
  ]);
  return 0;
}
