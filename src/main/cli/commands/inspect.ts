/**
 * `fleetdeck inspect`: rules over a cluster given by kubeconfig and context, or over manifests in a file. Findings on
 * standard output, as a table, JSON or one of the files that a report can be; what could not be checked and the score on
 * standard error. Exit code 1 when a finding is as bad as `--fail-on` says.
 */
import { readFileSync } from 'node:fs';
import type { ReportFinding } from '#shared/contract/inspection.ts';
import { AppError } from '#shared/errors.ts';
import { EXPORT_FORMATS } from '#shared/inspection.ts';
import { evidenceText } from '#shared/inspection-evidence.ts';
import type { Missing, Rule, Severity, World } from '../../engine/inspection/index.ts';
import { clusterOptions, withCluster } from '../cluster.ts';
import { type Call, type Command, UsageError } from '../command.ts';

const FORMATS = ['table', ...EXPORT_FORMATS] as const;

export const inspect: Command = {
  judges: true,
  usage:
    'inspect (--kubeconfig FILE [--context C] | --input FILE) [--rules NAME,...] [--fail-on danger|warning|notice] [--all] [-o FORMAT]',
  options: {
    ...clusterOptions,
    input: { type: 'string', value: 'FILE', text: 'host.cli.option.inspectInput' },
    rules: { type: 'string', value: 'NAMES', text: 'host.cli.option.rules' },
    'fail-on': { type: 'string', value: 'SEVERITY', text: 'host.cli.option.failOn' },
    all: { type: 'boolean', text: 'host.cli.option.inspectAll' },
    output: { type: 'string', short: 'o', value: 'FORMAT', text: 'host.cli.option.inspectOutput' },
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

    const format = formatOf(call);
    const began = new Date();
    const { world, missing } = await worldOf(
      call,
      engine,
      chosen.rules.flatMap((rule) => rule.needs ?? []),
    );
    const lacking = new Set(missing.map(({ resource }) => resource));
    let skipped = 0;
    for (const { id, needs = [] } of chosen.rules) {
      const missed = needs.filter((need) => lacking.has(need)).join(', ');
      if (missed === '') continue;
      out.note(out.text('host.cli.notChecked', { rule: id, needs: missed }));
      skipped += 1;
    }
    const manifests = options.text('input');
    const exemptions = manifests === undefined && !options.flag('all') ? engine.DEFAULT_EXEMPTIONS : [];
    const report = engine.singleReport({ world, rules: chosen.rules, missing, exemptions, began, manifests });
    const shown = report.assessment.findings.filter(({ exemption }) => exemption === null).sort(engine.compareFindings);
    if (format === 'table') out.table(shown, columns(chosen.rules, call));
    else if (format === 'json') out.document(shown.map(plain));
    else out.verbatim(engine.exportReport(format, { ...report, language: call.language }).text);
    if (skipped > 0) out.note(out.text('host.cli.inspectedPartly', { count: skipped }));
    const { value, grade } = report.assessment.score;
    out.note(out.text('host.cli.inspected', { findings: shown.length, score: value, grade }));
    return shown.some(({ severity }) => engine.SEVERITIES.indexOf(severity) <= worst) ? 1 : 0;
  },
};

/** What a finding is for programs, in the wording that they compare; nothing of the report around it. */
function plain(one: ReportFinding) {
  const { rule, severity, type, cluster, namespace, kind, name, container, field, evidence } = one;
  const text = evidenceText('en', evidence);
  return { rule, severity, type, cluster, namespace, kind, name, container, field, evidence: text };
}

function formatOf({ options, json }: Call): (typeof FORMATS)[number] {
  const given = options.text('output') ?? (json ? 'json' : 'table');
  const format = FORMATS.find((one) => one === given);
  if (format === undefined) throw new UsageError(`inspect: --output takes ${FORMATS.join(', ')}, not "${given}"`);
  if (json && format !== 'json') throw new UsageError(`inspect: --json and --output ${format} exclude each other`);
  return format;
}

function columns(rules: readonly Rule[], call: Call) {
  const titles = new Map(rules.map((rule) => [rule.id, rule.texts[call.language].title]));
  return [
    { title: 'SEVERITY', cell: (finding: ReportFinding) => finding.severity },
    { title: 'RULE', cell: (finding: ReportFinding) => finding.rule },
    { title: 'NAMESPACE', cell: (finding: ReportFinding) => finding.namespace },
    { title: 'OBJECT', cell: (finding: ReportFinding) => `${finding.kind}/${finding.name}` },
    { title: 'CONTAINER', cell: (finding: ReportFinding) => finding.container },
    { title: 'WHAT', cell: (finding: ReportFinding) => titles.get(finding.rule) },
    { title: 'EVIDENCE', cell: (finding: ReportFinding) => evidenceText(call.language, finding.evidence) },
  ];
}

type Inspection = typeof import('../../engine/inspection/index.ts');

async function worldOf(
  call: Call,
  engine: Inspection,
  needs: readonly string[],
): Promise<{ world: World; missing: Missing[] }> {
  const { options } = call;
  const [input, kubeconfig] = [options.text('input'), options.text('kubeconfig')];
  if ((input === undefined) === (kubeconfig === undefined))
    throw new UsageError('inspect takes either --kubeconfig or --input');
  if (input !== undefined) {
    const objects = engine.readManifests(read(input), input);
    const now = engine.newestTime(objects);
    return { world: engine.createWorld({ cluster: '', objects, now }), missing: [] };
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
): Promise<{ world: World; missing: Missing[] }> {
  return await withCluster(call, file, async (client, cluster) => {
    // Reading takes its time: a heartbeat that was read at its beginning is not late by its end.
    const now = Date.now();
    const found = await engine.readCluster(client, { needs });
    for (const { resource, reason } of found.missing.filter(({ why }) => why !== 'notServed'))
      call.out.note(call.out.text('host.cli.notRead', { resource, reason }));
    return { world: engine.createWorld({ cluster, now, ...found }), missing: found.missing };
  });
}
