import type { InspectionRun, RuleInfo, Severity } from '#shared/contract/inspection.ts';
import { errorText, type Language, type TextKey, type TextParams, translate } from '#shared/i18n/index.ts';
import { evidenceText, exemptionText, fieldText } from '#shared/inspection-evidence.ts';
import type { AssessedFinding } from '../report/assess.ts';
import { sortedByWeight } from '../report/query.ts';
import { scoreOf } from '../score.ts';
import { SEVERITIES } from '../types.ts';
import { html } from './escape.ts';
import type { ExportInput } from './index.ts';

/**
 * One page that needs nothing else: no script, no picture, no address that is fetched, and a policy that forbids all of
 * them. By rule, because that is how it is mended; the same page is printed and becomes the PDF.
 */
export function htmlOf({ run, previous, assessment, rules, language }: ExportInput): string {
  const t = (key: TextKey, params?: TextParams): string => html(translate(language, key, params));
  const time = (iso: string): string =>
    html(
      new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
        dateStyle: 'medium',
        timeStyle: 'short',
      }).format(new Date(iso)),
    );
  const { score, tally } = assessment;
  const current = sortedByWeight(assessment.findings.filter(({ exemption }) => exemption === null));
  const exempt = sortedByWeight(assessment.findings.filter(({ exemption }) => exemption !== null));
  const fresh = previous === null ? 0 : current.filter(({ change }) => change === 'new').length;
  const byType = [...assessment.byType].map(([type, each]) => ({ type, ...each, score: scoreOf(each) }));
  const byCluster = [...assessment.byTarget].map(([name, each]) => ({
    name,
    ...each.tally,
    score: scoreOf(each.tally),
  }));
  const numbers = (one: {
    evaluated: number;
    danger: number;
    warning: number;
    notice: number;
    score: { value: number };
  }) =>
    [one.score.value, one.evaluated, one.danger, one.warning, one.notice]
      .map((n) => `<td class="n">${n}</td>`)
      .join('');
  const head = (first: TextKey): string =>
    `<thead><tr><th>${t(first)}</th><th class="n">${t('inspection.score')}</th><th class="n">${t('inspection.evaluated')}</th>${SEVERITIES.map(
      (severity) => `<th class="n">${t(`inspection.severity.${severity}`)}</th>`,
    ).join('')}</tr></thead>`;
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${t('inspection.export.title', { name: run.name })}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<div class="score grade-${score.grade}"><b>${score.value}</b><span>${score.grade}</span></div>
<div>
<h1>${t('inspection.export.title', { name: run.name })}</h1>
<p>${time(run.startedAt)}${previous === null ? '' : ` · ${t('inspection.export.compared', { time: time(previous.startedAt), fresh, fixed: assessment.fixed.length })}`}</p>
<p>${SEVERITIES.map((severity) => `<span class="sev ${severity}">${t(`inspection.severity.${severity}`)} ${tally[severity]}</span>`).join(' ')} <span class="muted">${t('inspection.export.evaluated', { count: tally.evaluated, exempt: assessment.exempt })}</span></p>
</div>
</header>
${partial(run, language)}
<section><h2>${t('inspection.makeUp')}</h2><p class="muted">${t('inspection.makeUpText')}</p>
<table>${head('inspection.columns.type')}<tbody>${byType.map((one) => `<tr><td>${t(`inspection.type.${one.type}`)}</td>${numbers(one)}</tr>`).join('')}</tbody></table></section>
${byCluster.length < 2 ? '' : `<section><h2>${t('inspection.tabs.clusters')}</h2><table>${head('inspection.columns.cluster')}<tbody>${byCluster.map((one) => `<tr><td>${html(one.name)}</td>${numbers(one)}</tr>`).join('')}</tbody></table></section>`}
<section><h2>${t('inspection.tabs.findings')}</h2>
${current.length === 0 ? `<p>${t('inspection.nothingFound')}</p>` : byRule(current, rules, language)}</section>
${exempt.length === 0 ? '' : `<section><h2>${t('inspection.change.exempt')}</h2>${table(exempt, language, true)}</section>`}
${assessment.fixed.length === 0 ? '' : `<section><h2>${t('inspection.change.fixed')}</h2>${table(sortedByWeight(assessment.fixed), language, false)}</section>`}
</body>
</html>
`;
}

/** What keeps the report from being whole. */
function partial(run: InspectionRun, language: Language): string {
  const lines = run.targets.flatMap(({ name, notChecked, error }) => [
    ...(error === null ? [] : [errorText(language, { ...error, cluster: name }).title]),
    ...notChecked.map(({ resource, why, rules }) =>
      translate(language, rules.length > 0 ? 'inspection.notChecked.line' : 'inspection.notChecked.lineObjects', {
        cluster: name,
        resource,
        why: translate(language, `inspection.notChecked.${why}`),
        rules: rules.join(', '),
      }),
    ),
  ]);
  if (lines.length === 0) return '';
  const title = html(translate(language, 'inspection.notChecked.title'));
  return `<section class="notice"><h2>${title}</h2><ul>${lines.map((line) => `<li>${html(line)}</li>`).join('')}</ul></section>`;
}

function byRule(findings: readonly AssessedFinding[], rules: readonly RuleInfo[], language: Language): string {
  const groups = new Map<string, AssessedFinding[]>();
  for (const finding of findings) {
    const list = groups.get(finding.rule);
    if (list === undefined) groups.set(finding.rule, [finding]);
    else list.push(finding);
  }
  const label = (key: TextKey): string => html(translate(language, key));
  return [...groups]
    .map(([id, list]) => {
      const rule = rules.find((one) => one.id === id);
      const severity: Severity = list[0]?.severity ?? 'notice';
      const texts = rule?.texts[language];
      return `<article><h3><span class="sev ${severity}">${label(`inspection.severity.${severity}`)}</span> ${html(texts?.title ?? id)} <code>${html(id)}</code> <span class="muted">${list.length}</span></h3>
<dl><dt>${label('inspection.columns.impact')}</dt><dd>${html(texts?.impact ?? '')}</dd><dt>${label('inspection.columns.remedy')}</dt><dd>${html(texts?.remedy ?? '')}</dd></dl>
${table(list, language, false)}</article>`;
    })
    .join('\n');
}

function table(findings: readonly AssessedFinding[], language: Language, reasons: boolean): string {
  const title = (key: TextKey): string => `<th>${html(translate(language, key))}</th>`;
  const rows = findings.map(
    (one) =>
      `<tr><td>${html(one.cluster)}</td><td>${html([one.namespace, one.kind, one.name].filter((part) => part !== '').join('/'))}${one.container === '' ? '' : ` <span class="muted">${html(one.container)}</span>`}</td><td>${reasons ? html(one.rule) : `<code>${html(fieldText(language, one.field))}</code>`}</td><td>${html(one.exemption === null || !reasons ? evidenceText(language, one.evidence) : exemptionText(language, one.exemption))}</td></tr>`,
  );
  return `<table><thead><tr>${title('inspection.columns.cluster')}${title('inspection.columns.object')}${title(reasons ? 'inspection.columns.rule' : 'inspection.columns.field')}${title(reasons ? 'inspection.columns.exemption' : 'inspection.columns.evidence')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

const STYLE = `
:root{color-scheme:light;font:13px/1.5 system-ui,-apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:#1f2328;background:#fff}
body{max-width:1080px;margin:24px auto;padding:0 20px}
header{display:flex;gap:20px;align-items:center;border-bottom:1px solid #d0d7de;padding-bottom:16px}
h1{font-size:20px;margin:0}h2{font-size:15px;margin:24px 0 6px}h3{font-size:13px;margin:18px 0 4px}p{margin:4px 0}
.score{display:flex;flex-direction:column;align-items:center;min-width:84px;padding:8px 10px;border-radius:8px;color:#fff;background:#c62828}
.score b{font-size:30px;line-height:1}.grade-A,.grade-B{background:#1a7f37}.grade-C,.grade-D{background:#9a6700}
.muted{color:#59636e}.sev{display:inline-block;padding:0 7px;border-radius:9px;font-size:12px;border:1px solid}
.danger{color:#c62828}.warning{color:#9a6700}.notice>h2{color:#9a6700}span.notice{color:#59636e}
section.notice{border:1px solid #d4a72c;background:#fff8e5;border-radius:6px;padding:2px 14px 10px;margin-top:16px}section.notice ul{margin:4px 0;padding-left:18px}
table{width:100%;border-collapse:collapse;margin:6px 0}th,td{padding:4px 8px;text-align:left;vertical-align:top;border-bottom:1px solid #e5e9ee;overflow-wrap:anywhere}
th{font-size:12px;color:#59636e}.n{text-align:right;font-variant-numeric:tabular-nums}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 12px;margin:4px 0}dt{color:#59636e}dd{margin:0}
code{font:12px ui-monospace,Menlo,Consolas,monospace}
@media print{body{margin:0;max-width:none;padding:0}tr,h3,dl{break-inside:avoid}h2,h3{break-after:avoid}thead{display:table-header-group}*{print-color-adjust:exact}}
`.replaceAll('\n', '');
