/**
 * `fleetdeck inspect`: rules over a cluster given by kubeconfig and context, or over manifests in a file. Findings on
 * standard output; what could not be checked and the score on standard error. Exit code 1 when a finding is as bad as
 * `--fail-on` says.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '#shared/errors.ts';
import type { Finding, Rule, Severity, World } from '../../engine/inspection/index.ts';
import { type Call, type Command, UsageError } from '../command.ts';

export const inspect: Command = {
  usage:
    'inspect (--kubeconfig FILE [--context C] | --input FILE) [--rules NAME,...] [--fail-on danger|warning|notice] [--all]',
  options: {
    kubeconfig: { type: 'string', value: 'FILE', text: 'host.cli.option.kubeconfig' },
    context: { type: 'string', value: 'CONTEXT', text: 'host.cli.option.context' },
    input: { type: 'string', value: 'FILE', text: 'host.cli.option.inspectInput' },
    rules: { type: 'string', value: 'NAMES', text: 'host.cli.option.rules' },
    'fail-on': { type: 'string', value: 'SEVERITY', text: 'host.cli.option.failOn' },
    all: { type: 'boolean', text: 'host.cli.option.inspectAll' },
    'approve-exec': { type: 'string', value: 'HASH', text: 'host.cli.option.approveExec' },
  },
  async run(call) {
    const { out, options } = call;
    const engine = await import('../../engine/inspection/index.ts');
    const names = (options.text('rules') ?? '').split(',').filter((name) => name !== '');
    const chosen = engine.chooseRules(names);
    if ('unknown' in chosen) throw new UsageError(`inspect: there is no rule or set of rules "${chosen.unknown}"`);
    const failOn = options.text('fail-on') ?? 'danger';
    const worst = engine.SEVERITIES.indexOf(failOn as Severity);
    if (worst < 0) throw new UsageError(`inspect: --fail-on takes ${engine.SEVERITIES.join(', ')}, not "${failOn}"`);

    const { world, missing } = await worldOf(
      call,
      engine,
      chosen.rules.flatMap((rule) => rule.needs ?? []),
    );
    const checked = chosen.rules.filter((rule) => !needsAny(rule, missing));
    for (const rule of chosen.rules.filter((one) => !checked.includes(one))) {
      const lacking = (rule.needs ?? []).filter((need) => missing.has(need)).join(', ');
      out.note(out.text('host.cli.notChecked', { rule: rule.id, needs: lacking }));
    }
    const { findings, tally } = engine.inspect(world, { rules: checked });
    const fromCluster = options.text('input') === undefined && !options.flag('all');
    const exemptions = fromCluster ? engine.DEFAULT_EXEMPTIONS : [];
    const labels = (finding: Finding) => world.find(finding)?.metadata.labels ?? {};
    const shown = findings
      .filter((finding) => engine.exemptionOf(finding, labels(finding), exemptions, world.now) === undefined)
      .map(({ fix: _, ...finding }) => finding);
    out.table(shown, columns(chosen.rules, call));
    const score = engine.scoreOf(tally);
    out.note(out.text('host.cli.inspected', { findings: shown.length, score: score.value, grade: score.grade }));
    return shown.some(({ severity }) => engine.SEVERITIES.indexOf(severity) <= worst) ? 1 : 0;
  },
};

function needsAny({ needs }: Rule, missing: ReadonlySet<string>): boolean {
  return needs?.some((need) => missing.has(need)) ?? false;
}

function columns(rules: readonly Rule[], call: Call) {
  const titles = new Map(rules.map((rule) => [rule.id, rule.texts[call.language].title]));
  return [
    { title: 'SEVERITY', cell: (finding: Finding) => finding.severity },
    { title: 'RULE', cell: (finding: Finding) => finding.rule },
    { title: 'NAMESPACE', cell: (finding: Finding) => finding.namespace },
    { title: 'OBJECT', cell: (finding: Finding) => `${finding.kind}/${finding.name}` },
    { title: 'CONTAINER', cell: (finding: Finding) => finding.container },
    { title: 'WHAT', cell: (finding: Finding) => titles.get(finding.rule) },
    { title: 'EVIDENCE', cell: (finding: Finding) => finding.evidence },
  ];
}

type Inspection = typeof import('../../engine/inspection/index.ts');

async function worldOf(
  call: Call,
  engine: Inspection,
  needs: readonly string[],
): Promise<{ world: World; missing: Set<string> }> {
  const { options } = call;
  const [input, kubeconfig] = [options.text('input'), options.text('kubeconfig')];
  if ((input === undefined) === (kubeconfig === undefined))
    throw new UsageError('inspect takes either --kubeconfig or --input');
  if (input !== undefined) {
    const objects = engine.readManifests(read(input), input);
    const now = engine.newestTime(objects);
    return { world: engine.createWorld({ cluster: '', objects, now }), missing: new Set() };
  }
  return await fromCluster(call, engine, kubeconfig ?? '', needs);
}

function read(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new AppError('INVALID', `${file}: ${(error as Error).message}`);
  }
}

async function fromCluster(
  call: Call,
  engine: Inspection,
  file: string,
  needs: readonly string[],
): Promise<{ world: World; missing: Set<string> }> {
  const kube = await import('../../engine/kube/index.ts');
  const config = await kube.readKubeconfigFile(path.resolve(file));
  const entry = kube.contextOf(config, call.options.text('context') ?? config.currentContext ?? '');
  const identity = entry.identity();
  const transport = kube.createHttpsTransport({
    server: entry.server,
    identity: async () => identity,
    approvedExec: () => call.options.text('approve-exec') ?? null,
  });
  try {
    await transport.prepare();
    const found = await engine.collect(kube.createKubeClient(transport), { needs });
    for (const { resource, reason } of found.missing.filter(({ why }) => why !== 'notServed'))
      call.out.note(call.out.text('host.cli.notRead', { resource, reason }));
    const world = engine.createWorld({ cluster: entry.context, now: Date.now(), ...found });
    return { world, missing: new Set(found.missing.map(({ resource }) => resource)) };
  } finally {
    await transport.close();
  }
}
