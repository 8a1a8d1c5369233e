/** `fleetdeck federations [list] | promote | release | add | take-over | move | take-back`. */

import { withEngine } from '../api.ts';
import { type Call, type Command, UsageError } from '../command.ts';
import { dataOption } from '../options.ts';
import {
  addCommand,
  memberText,
  moveCommand,
  stateOf,
  takeBackCommand,
  takeOverCommand,
} from './federations-control.ts';
import { promoteCommand, releaseCommand } from './federations-promote.ts';

const CONTROL: Readonly<Record<string, (call: Call) => Promise<number>>> = {
  add: addCommand,
  'take-over': takeOverCommand,
  move: moveCommand,
  'take-back': takeBackCommand,
};

export const federations: Command = {
  usage:
    'federations [list]\n' +
    'federations promote FEDERATION KIND NAME --cluster NAME ... [--namespace NS] [--dependencies] [--dry-run] [--policy-name NAME] [--unify]\n' +
    'federations release FEDERATION KIND NAME [--namespace NS]\n' +
    'federations add NAME --kubeconfig FILE [--context NAME]\n' +
    'federations take-over FEDERATION CLUSTER\n' +
    'federations move FEDERATION [--kubeconfig FILE] [--context NAME] [--dry-run]\n' +
    'federations take-back FEDERATION',
  options: {
    data: dataOption,
    cluster: { type: 'string', multiple: true, value: 'NAME', text: 'host.cli.option.promoteCluster' },
    namespace: { type: 'string', value: 'NS', text: 'host.cli.option.promoteNamespace' },
    dependencies: { type: 'boolean', text: 'host.cli.option.promoteDependencies' },
    'dry-run': { type: 'boolean', text: 'host.cli.option.dryRun' },
    'policy-name': { type: 'string', value: 'NAME', text: 'host.cli.option.policyName' },
    kubeconfig: { type: 'string', value: 'FILE', text: 'host.cli.option.karmadaKubeconfig' },
    context: { type: 'string', value: 'NAME', text: 'host.cli.option.context' },
    unify: { type: 'boolean', text: 'host.cli.option.unify' },
  },
  async run(call) {
    const [action = 'list', ...more] = call.args;
    if (action === 'promote') return await promoteCommand(call);
    if (action === 'release') return await releaseCommand(call);
    const control = CONTROL[action];
    if (control !== undefined) return await control(call);
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
    { title: 'ENGINE', cell: (r) => r.engine },
    { title: 'STATE', cell: stateOf },
    { title: 'MEMBERS', cell: (r) => r.members.map(memberText).join(',') },
    { title: 'SERVER', cell: (r) => r.server },
    { title: 'KUBECONFIG', cell: (r) => r.kubeconfigPath },
  ]);
  return 0;
}
