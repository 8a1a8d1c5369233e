/**
 * `fleetdeck diagnose pod NS/NAME`: why one object does not work, over a kubeconfig or a registered cluster. The report
 * on standard output, progress and what could not be read on standard error. Exit code 1 when something is wrong.
 */
import type {
  DiagnosisFinding,
  DiagnosisProgress,
  DiagnosisReport,
  DiagnosisTarget,
  Evidence,
} from '#shared/contract/diagnosis.ts';
import { DIAGNOSIS_KINDS, type FurtherCheck, furtherFor, IMAGE_NAME, inLanguage } from '#shared/diagnosis.ts';
import { AppError } from '#shared/errors.ts';
import type { Language } from '#shared/i18n/index.ts';
import { firstOf } from '../../host/api.ts';
import { settledClusters, withEngine } from '../api.ts';
import { clusterOptions, withCluster } from '../cluster.ts';
import { type Call, type Command, UsageError } from '../command.ts';
import { dataOption } from '../options.ts';

/** What kubectl calls them as well. */
const SHORT: Readonly<Record<string, string>> = {
  po: 'Pod',
  no: 'Node',
  svc: 'Service',
  ing: 'Ingress',
  deploy: 'Deployment',
  sts: 'StatefulSet',
  ds: 'DaemonSet',
  pvc: 'PersistentVolumeClaim',
  hpa: 'HorizontalPodAutoscaler',
  ns: 'Namespace',
};
const CLUSTER_SCOPED = ['Node', 'Namespace'];
const SHOWN_EVIDENCE = 6;
const LONGEST_MS = 300_000;
const EXIT_CODES: Readonly<Record<DiagnosisReport['verdict'], number>> = {
  healthy: 0,
  warning: 1,
  fault: 1,
  unknown: 2,
};

export const diagnose: Command = {
  judges: true,
  usage:
    'diagnose KIND [NAMESPACE/]NAME (--kubeconfig FILE [--context C] | --cluster NAME) [--further CHECK,... [--image IMAGE]]',
  options: {
    ...clusterOptions,
    cluster: { type: 'string', value: 'NAME', text: 'host.cli.option.diagnoseCluster' },
    further: { type: 'string', value: 'CHECKS', text: 'host.cli.option.diagnoseFurther' },
    image: { type: 'string', value: 'IMAGE', text: 'host.cli.option.diagnoseImage' },
    data: dataOption,
  },
  async run(call) {
    const target = targetOf(call);
    const more = furtherOf(call, target);
    const report = await (call.options.text('cluster') === undefined
      ? overKubeconfig(call, target, more)
      : overEngine(call, target, more));
    if (call.json) call.out.document(report);
    else print(report, call);
    return EXIT_CODES[report.verdict];
  },
};

function targetOf({ args, out }: Call): DiagnosisTarget {
  const [given = '', place = ''] = args.length === 1 && args[0]?.includes('/') ? firstSlash(args[0]) : args;
  const kind = DIAGNOSIS_KINDS.find(
    (one) =>
      [one.toLowerCase(), `${one.toLowerCase()}s`, `${one.toLowerCase()}es`].includes(given.toLowerCase()) ||
      one === SHORT[given.toLowerCase()],
  );
  if (kind === undefined || place === '')
    throw new UsageError(out.text('diagnosis.exit.usage', { kinds: DIAGNOSIS_KINDS.join(', ') }));
  if (CLUSTER_SCOPED.includes(kind)) return { clusterId: 'kubeconfig', kind, namespace: '', name: place };
  const [namespace = '', name = ''] = place.includes('/') ? firstSlash(place) : ['default', place];
  return { clusterId: 'kubeconfig', kind, namespace, name };
}

function firstSlash(text: string): [string, string] {
  const slash = text.indexOf('/');
  return [text.slice(0, slash), text.slice(slash + 1)];
}

interface Chosen {
  further: FurtherCheck[];
  image?: string;
}

/** What was chosen beyond reading; what it does is said before it is done. */
function furtherOf({ options, out }: Call, { kind }: DiagnosisTarget): Chosen {
  const names = (options.text('further') ?? '').split(',').filter((name) => name !== '');
  const good = furtherFor(kind);
  const further = good.filter((check) => names.includes(check));
  if (names.some((name) => !further.some((check) => check === name)))
    throw new UsageError(out.text('diagnosis.exit.furtherKinds', { kind, checks: good.join(', ') || '-' }));
  const image = options.text('image');
  if (image !== undefined && !IMAGE_NAME.test(image)) throw new UsageError(out.text('diagnosis.further.imageBad'));
  for (const check of further) out.note(`${check}: ${out.text(`diagnosis.further.does.${check}`)}`);
  return { further, ...(image === undefined ? {} : { image }) };
}

async function overKubeconfig(call: Call, target: DiagnosisTarget, more: Chosen): Promise<DiagnosisReport> {
  const file = call.options.text('kubeconfig');
  if (file === undefined) throw new UsageError('diagnose takes either --kubeconfig or --cluster');
  const engine = await import('../../engine/diagnosis/index.ts');
  return await withCluster(call, file, (client, cluster) => engine.diagnose(target, { client, cluster, ...more }));
}

/** Through the engine, so that the report is kept with the others of the object. */
async function overEngine(call: Call, target: DiagnosisTarget, { further, image }: Chosen): Promise<DiagnosisReport> {
  const name = call.options.text('cluster') ?? '';
  return await withEngine(call, async (_api, engine) => {
    const cluster = (await settledClusters(engine)).find((one) => one.name === name);
    if (cluster === undefined) throw new AppError('NOT_FOUND', `no cluster is named ${name}`, { params: { name } });
    const last = await firstOf<DiagnosisProgress>(
      engine,
      (api) => {
        const about = { ...target, clusterId: cluster.id };
        return further.length === 0 ? api.diagnosis.run(about) : api.diagnosis.runFurther({ ...about, further, image });
      },
      (event) => event.type === 'report',
      LONGEST_MS,
      () => {
        throw new AppError('CLUSTER_TIMEOUT', `${name} did not answer in time`, { cluster: name });
      },
    );
    if (last.type !== 'report') throw new AppError('INTERNAL', 'the diagnosis ended without a report');
    return last.report;
  });
}

function print(report: DiagnosisReport, call: Call): void {
  const { out, language } = call;
  const { kind, namespace, name } = report.object;
  out.line(
    `${kind} ${namespace === '' ? '' : `${namespace}/`}${name} (${report.cluster}): ${out.text(`diagnosis.verdicts.${report.verdict}`)}`,
  );
  out.line(report.conclusion[language]);
  if (report.partial) {
    out.note(out.text('diagnosis.partial'));
    const denied = report.unread.filter(({ forbidden }) => forbidden).map(({ what }) => what);
    if (denied.length > 0) out.note(out.text('host.cli.noRight', { resources: denied.join(', ') }));
    for (const { what, reason, forbidden } of report.unread)
      if (!forbidden) out.note(out.text('host.cli.notRead', { resource: what, reason: inLanguage(reason, language) }));
  }
  for (const [index, finding] of report.findings.entries()) printFinding(finding, index + 1, call);
  out.line('');
  out.line(out.text('diagnosis.steps'));
  for (const step of report.steps)
    out.line(
      `  ${out.text(`diagnosis.verdicts.${step.verdict}`)}  ${step.title[language]}${step.causes.length > 0 ? `  ${step.causes.join(', ')}` : ''}`,
    );
}

function printFinding(finding: DiagnosisFinding, number: number, { out, language }: Call): void {
  out.line('');
  out.line(`${number}. [${finding.cause}] ${finding.sentence[language]}`);
  out.line(
    `   ${out.text(`diagnosis.verdicts.${finding.verdict}`)}, ${out.text('diagnosis.confidence')}: ${out.text(`diagnosis.confidences.${finding.confidence}`)}`,
  );
  if (finding.chain.length > 1) {
    out.line(`   ${out.text('diagnosis.chain')}:`);
    for (const [depth, link] of finding.chain.entries())
      out.line(`   ${'  '.repeat(depth)}${depth === 0 ? '' : '↳ '}${link.sentence[language]}`);
  }
  out.line(`   ${out.text('diagnosis.evidence')}:`);
  for (const one of finding.evidence.slice(0, SHOWN_EVIDENCE)) out.line(`   - ${evidenceLine(one, language)}`);
  out.line(`   ${out.text('diagnosis.remedy')}: ${finding.remedy[language]}`);
  for (const command of finding.commands) out.line(`     $ ${command}`);
  if (finding.others.length > 0)
    out.line(
      `   ${out.text('diagnosis.alsoAt')}: ${finding.others.map(({ kind, name }) => `${kind}/${name}`).join(', ')}`,
    );
}

function evidenceLine({ object, at, text, words, time, count }: Evidence, language: Language): string {
  const more = [time, count > 1 ? `x${count}` : null].filter((part) => part !== null).join(', ');
  return `${object.kind}/${object.name} ${at}: ${(words?.[language] ?? text).replaceAll(/\s+/g, ' ')}${more === '' ? '' : ` (${more})`}`;
}
