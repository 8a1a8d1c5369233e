/** `fleetdeck clusters list | check | register | unregister | access | log`. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ConnectionCheck, KubeconfigContext, KubeconfigSource } from '#shared/contract/clusters.ts';
import { AppError } from '#shared/errors.ts';
import { errorText } from '#shared/i18n/index.ts';
import type { Api } from '../../host/api.ts';
import { byName, settledClusters, withEngine } from '../api.ts';
import { type Call, type Command, UsageError } from '../command.ts';
import { dataOption } from '../options.ts';
import { access, operations } from './clusters-access.ts';

const usage =
  'clusters list | check FILE [--context C] | register FILE [--context C] [--name NAME] [--fleet FLEET] | unregister NAME | log [NAME]\n' +
  'clusters access list NAME | issue NAME --for PERSON [--role ROLE] [--namespace NS ...] [--expires 8h] [--out FILE] | revoke NAME ID ...';

export const clusters: Command = {
  usage,
  options: {
    data: dataOption,
    context: { type: 'string', value: 'CONTEXT', text: 'host.cli.option.context' },
    name: { type: 'string', value: 'NAME', text: 'host.cli.option.name' },
    fleet: { type: 'string', value: 'FLEET', text: 'host.cli.option.fleet' },
    'approve-exec': { type: 'string', value: 'HASH', text: 'host.cli.option.approveExec' },
    'leave-behind': { type: 'boolean', text: 'host.cli.option.leaveBehind' },
    for: { type: 'string', value: 'PERSON', text: 'host.cli.option.for' },
    role: { type: 'string', value: 'ROLE', text: 'host.cli.option.role' },
    namespace: { type: 'string', multiple: true, value: 'NS', text: 'host.cli.option.namespace' },
    expires: { type: 'string', value: 'TIME', text: 'host.cli.option.expires' },
    out: { type: 'string', value: 'FILE', text: 'host.cli.option.out' },
    'even-if-unreachable': { type: 'boolean', text: 'host.cli.option.evenIfUnreachable' },
  },
  async run(call) {
    const [what, subject, ...more] = call.args;
    if (what === 'access') return await access(call);
    if (more.length > 0) throw new UsageError(`too many arguments: ${more.join(' ')}`);
    if (what === 'list' || what === undefined) return await list(call);
    if (what === 'log') return await operations(call, subject);
    if (subject === undefined) throw new UsageError(`clusters ${what}: the name or file is missing`);
    if (what === 'check') return await check(call, subject);
    if (what === 'register') return await register(call, subject);
    if (what === 'unregister') return await unregister(call, subject);
    throw new UsageError(`there is no "clusters ${what}"`);
  },
};

async function list(call: Call): Promise<number> {
  const rows = await withEngine(call, (_api, engine) => settledClusters(engine));
  call.out.table(rows, [
    { title: 'NAME', cell: (r) => r.name },
    { title: 'STATE', cell: (r) => (r.reason === null ? r.state : `${r.state} (${r.reason.code})`) },
    { title: 'VERSION', cell: (r) => r.version },
    { title: 'PROVIDER', cell: (r) => r.provider },
    { title: 'REGION', cell: (r) => r.region },
    { title: 'NODES', cell: (r) => (r.nodes === null ? null : `${r.nodes.ready}/${r.nodes.total}`) },
    { title: 'SERVER', cell: (r) => r.server },
  ]);
  return 0;
}

async function check(call: Call, file: string): Promise<number> {
  return await withEngine(call, async (api) => {
    const source = sourceOf(file);
    const context = await chooseContext(api, source, call.options.text('context'));
    requireApproval(call, context);
    const result = await api.clusters.check({ source, context: context.context, approvedExec: approval(call) });
    printCheck(call, result);
    return result.ok ? 0 : 1;
  });
}

async function register(call: Call, file: string): Promise<number> {
  return await withEngine(call, async (api) => {
    const source = sourceOf(file);
    const context = await chooseContext(api, source, call.options.text('context'));
    requireApproval(call, context);
    const fleet = call.options.text('fleet');
    const cluster = await api.clusters.register({
      source,
      context: context.context,
      name: call.options.text('name') ?? context.suggestedName,
      fleetId: fleet === undefined ? undefined : await fleetId(api, fleet),
      approvedExec: approval(call),
      evenIfUnreachable: call.options.flag('even-if-unreachable'),
    });
    if (call.json) call.out.document(cluster);
    else call.out.line(call.out.text('host.cli.registered', { name: cluster.name, state: cluster.state }));
    return 0;
  });
}

async function unregister(call: Call, name: string): Promise<number> {
  return await withEngine(call, async (api, engine) => {
    // What was put into the cluster can be taken out once it has answered.
    const cluster = byName(await settledClusters(engine), name);
    await api.clusters.unregister({ id: cluster.id, leaveBehind: call.options.flag('leave-behind') });
    if (call.json) call.out.document({ unregistered: name });
    else call.out.line(call.out.text('host.cli.unregistered', { name }));
    return 0;
  });
}

/** `-` reads a kubeconfig from standard input and keeps its text; a file stays where it is and is read again when it changes. */
function sourceOf(file: string): KubeconfigSource {
  return file === '-' ? { kind: 'text', text: readFileSync(0, 'utf8') } : { kind: 'file', path: path.resolve(file) };
}

async function chooseContext(
  api: Api,
  source: KubeconfigSource,
  wanted: string | undefined,
): Promise<KubeconfigContext> {
  const contents = await api.clusters.readKubeconfig({ source });
  const { problem } = contents;
  if (problem !== null)
    throw new AppError(problem.code, problem.message, { params: problem.params, hint: problem.hint });
  const name = wanted ?? contents.currentContext ?? contents.contexts[0]?.context;
  const found = contents.contexts.find((context) => context.context === name);
  if (found !== undefined) return found;
  const known = contents.contexts.map((context) => context.context).join(', ');
  throw new AppError('KUBECONFIG_CONTEXT_MISSING', `no context "${name ?? ''}"; there are: ${known}`, {
    params: { context: name ?? '' },
  });
}

function approval(call: Call): string | undefined {
  return call.options.text('approve-exec');
}

/** A sign-in program is code that will run here: it is shown in full before it is approved by its hash. */
function requireApproval(call: Call, { exec }: KubeconfigContext): void {
  if (exec === null || approval(call) === exec.hash) return;
  call.out.note(call.out.text('host.cli.approveExec', { hash: exec.hash }));
  call.out.note(`  ${[exec.command, ...exec.args].map((part) => JSON.stringify(part)).join(' ')}`);
  for (const { name, value } of exec.env) call.out.note(`  ${name}=${JSON.stringify(value)}`);
  throw new AppError('EXEC_NOT_APPROVED', `exec plugin "${exec.command}" has not been approved (hash ${exec.hash})`, {
    params: { command: exec.command, hash: exec.hash },
  });
}

function printCheck(call: Call, result: ConnectionCheck): void {
  const { out } = call;
  if (call.json) {
    out.document(result);
    return;
  }
  for (const { step, result: outcome, evidence, error } of result.steps) {
    out.line(`${{ passed: 'ok  ', warning: 'warn', failed: 'FAIL' }[outcome]}  ${step.padEnd(14)} ${evidence}`);
    if (error !== null) {
      const text = errorText(call.language, error);
      out.line(`      ${text.title} [${error.code}]`);
      out.line(`      ${out.text('host.cli.what', { hint: text.hint })}`);
    }
  }
}

async function fleetId(api: Api, name: string): Promise<string> {
  const fleet = (await api.fleets.list()).find((candidate) => candidate.name === name);
  if (fleet === undefined) throw new AppError('NOT_FOUND', `no fleet "${name}"`, { params: { name } });
  return fleet.id;
}
