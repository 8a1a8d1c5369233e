/**
 * A report for a ticket: Markdown, one self-contained HTML page without scripts, or JSON. Everything that came from a
 * cluster is hostile: escaped, in Markdown inside code, and bounded where it was read. Pure.
 */
import type {
  DiagnosisFinding,
  DiagnosisReport,
  DiagnosisStep,
  Evidence,
  ExportFormat,
  ObjectName,
  Words,
} from '#shared/contract/diagnosis.ts';
import { inLanguage } from '#shared/diagnosis.ts';
import { type Language, translate } from '#shared/i18n/index.ts';

export function exportReport(
  report: DiagnosisReport,
  format: ExportFormat,
  language: Language,
): { name: string; text: string } {
  const { kind, namespace, name } = report.object;
  const base = ['diagnosis', kind, namespace, name]
    .filter((part) => part !== '')
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, '_');
  if (format === 'json') return { name: `${base}.json`, text: `${JSON.stringify(report, null, 2)}\n` };
  if (format === 'markdown') return { name: `${base}.md`, text: markdown(report, language) };
  return { name: `${base}.html`, text: html(report, language) };
}

export function objectText({ kind, namespace, name }: ObjectName): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

/** Of reports of earlier versions nothing is said. */
function tierOf({ further }: DiagnosisStep, language: Language): string {
  return further === null || further === undefined ? '' : ` (${translate(language, 'diagnosis.further.step')})`;
}

function facts(report: DiagnosisReport, language: Language): [string, string][] {
  const t = (key: Parameters<typeof translate>[1]): string => translate(language, key);
  return [
    [t('diagnosis.object'), objectText(report.object)],
    [t('diagnosis.cluster'), report.cluster],
    [t('diagnosis.time'), report.startedAt],
    [t('diagnosis.result'), t(`diagnosis.verdicts.${report.verdict}`)],
  ];
}

/** As inline code, whatever backticks are in it; never more than one line. */
function code(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return line === '' ? '' : `${fence}${line.startsWith('`') || line.endsWith('`') ? ` ${line} ` : line}${fence}`;
}

/** Prose that quotes a cluster: nothing in it may act as Markdown or HTML. */
function prose(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_{}[\]<>()#+!|~&]/g, (sign) =>
      sign === '<' ? '&lt;' : sign === '>' ? '&gt;' : sign === '&' ? '&amp;' : `\\${sign}`,
    );
}

function markdown(report: DiagnosisReport, language: Language): string {
  const t = (key: Parameters<typeof translate>[1]): string => translate(language, key);
  const say = (words: Words): string => prose(words[language]);
  const lines = [
    `# ${t('diagnosis.report')}: ${prose(objectText(report.object))}`,
    '',
    `**${say(report.conclusion)}**`,
    '',
  ];
  for (const [label, value] of facts(report, language)) lines.push(`- ${label}: ${prose(value)}`);
  if (report.partial) {
    lines.push('', `> ${t('diagnosis.partial')}`);
    for (const { what, reason } of report.unread)
      lines.push(`> - ${code(what)}: ${prose(inLanguage(reason, language))}`);
  }
  for (const [index, finding] of report.findings.entries()) lines.push('', ...finding_(finding, index + 1));
  lines.push('', `## ${t('diagnosis.steps')}`, '');
  for (const step of report.steps) {
    lines.push(
      `- **${step.title[language]}**${tierOf(step, language)}: ${t(`diagnosis.verdicts.${step.verdict}`)}${step.causes.length > 0 ? ` (${step.causes.join(', ')})` : ''}`,
    );
    for (const one of step.evidence.slice(0, 4)) lines.push(`  - ${evidenceText(one, language)}`);
  }
  return `${lines.join('\n')}\n`;

  function finding_(finding: DiagnosisFinding, number: number): string[] {
    const out = [`## ${number}. ${say(finding.sentence)} (${finding.cause})`, ''];
    out.push(
      `${t(`diagnosis.verdicts.${finding.verdict}`)}, ${t('diagnosis.confidence')}: ${t(`diagnosis.confidences.${finding.confidence}`)}`,
      '',
    );
    for (const [depth, link] of finding.chain.entries())
      out.push(`${'  '.repeat(depth)}- ${prose(objectText(link.object))}: ${say(link.sentence)}`);
    out.push(
      '',
      `### ${t('diagnosis.evidence')}`,
      '',
      ...finding.evidence.map((one) => `- ${evidenceText(one, language)}`),
    );
    out.push(
      '',
      `### ${t('diagnosis.remedy')}`,
      '',
      say(finding.remedy),
      '',
      ...finding.commands.map((command) => `    ${command.replaceAll(/\s*\n\s*/g, ' ')}`),
    );
    if (finding.others.length > 0)
      out.push('', `${t('diagnosis.alsoAt')}: ${finding.others.map((one) => prose(objectText(one))).join(', ')}`);
    return out;
  }
}

/** Ours in the language of the report, else as the cluster says it. */
function said({ text, words }: Evidence, language: Language): string {
  return words?.[language] ?? text;
}

function evidenceText(one: Evidence, language: Language): string {
  const { object, at, time, count } = one;
  const more = [time, count > 1 ? `x${count}` : ''].filter((part) => part !== null && part !== '').join(', ');
  return `${prose(objectText(object))} ${translate(language, `diagnosis.sources.${one.source}`)} ${code(at)}: ${code(said(one, language))}${more === '' ? '' : ` (${more})`}`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const STYLE =
  'body{font:14px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2328}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}code,pre{font-family:ui-monospace,monospace;font-size:12px;white-space:pre-wrap;overflow-wrap:anywhere;background:#f3f4f6}pre{padding:.6rem}td{vertical-align:top;padding:.2rem .8rem .2rem 0}.fault{color:#b42318}.warning{color:#8a5300}.ok,.healthy{color:#1a7f37}';

function html(report: DiagnosisReport, language: Language): string {
  const t = (key: Parameters<typeof translate>[1]): string => escapeHtml(translate(language, key));
  const say = (words: Words): string => escapeHtml(words[language]);
  const evidence = (list: readonly Evidence[]): string =>
    `<table>${list
      .map(
        (one) =>
          `<tr><td>${escapeHtml(objectText(one.object))}</td><td><code>${escapeHtml(one.at)}</code></td><td><code>${escapeHtml(said(one, language))}</code>${one.time === null ? '' : `<br>${escapeHtml(one.time)}`}${one.count > 1 ? ` ×${one.count}` : ''}</td></tr>`,
      )
      .join('')}</table>`;
  const findings = report.findings.map(
    (
      finding,
      index,
    ) => `<h2 class="${finding.verdict}">${index + 1}. ${say(finding.sentence)} <small>${escapeHtml(finding.cause)}</small></h2>
<p>${t('diagnosis.confidence')}: ${t(`diagnosis.confidences.${finding.confidence}`)}</p>
<ol>${finding.chain.map((link) => `<li>${escapeHtml(objectText(link.object))}: ${say(link.sentence)}</li>`).join('')}</ol>
<h3>${t('diagnosis.evidence')}</h3>${evidence(finding.evidence)}
<h3>${t('diagnosis.remedy')}</h3><p>${say(finding.remedy)}</p>${finding.commands.length === 0 ? '' : `<pre>${finding.commands.map(escapeHtml).join('\n')}</pre>`}${
      finding.others.length === 0
        ? ''
        : `<p>${t('diagnosis.alsoAt')}: ${finding.others.map((one) => escapeHtml(objectText(one))).join(', ')}</p>`
    }`,
  );
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${t('diagnosis.report')}: ${escapeHtml(objectText(report.object))}</title><style>${STYLE}</style></head><body>
<h1 class="${report.verdict}">${say(report.conclusion)}</h1>
<table>${facts(report, language)
    .map(([label, value]) => `<tr><td>${escapeHtml(label)}</td><td>${escapeHtml(value)}</td></tr>`)
    .join('')}</table>
${report.partial ? `<p class="warning">${t('diagnosis.partial')}</p><ul>${report.unread.map(({ what, reason }) => `<li><code>${escapeHtml(what)}</code>: ${escapeHtml(inLanguage(reason, language))}</li>`).join('')}</ul>` : ''}
${findings.join('\n')}
<h2>${t('diagnosis.steps')}</h2>
${report.steps.map((step) => `<h3>${escapeHtml(step.title[language])}${tierOf(step, language)}: <span class="${step.verdict}">${t(`diagnosis.verdicts.${step.verdict}`)}</span></h3>${evidence(step.evidence.slice(0, 6))}`).join('\n')}
</body></html>
`;
}
