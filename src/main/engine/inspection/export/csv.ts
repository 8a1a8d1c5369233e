import { translate } from '#shared/i18n/index.ts';
import { evidenceText, exemptionText, fieldText } from '#shared/inspection-evidence.ts';
import type { AssessedFinding } from '../report/assess.ts';
import { sortedByWeight } from '../report/query.ts';
import { csvField } from './escape.ts';
import type { ExportInput } from './index.ts';

/** One line a finding, accepted and fixed ones too. With a byte order mark: spreadsheets guess the encoding by it. */
export function csvOf({ assessment, rules, language }: ExportInput): string {
  const texts = new Map(rules.map((rule) => [rule.id, rule.texts[language]]));
  const columns: [Parameters<typeof translate>[1], (finding: AssessedFinding) => string][] = [
    ['inspection.columns.cluster', (one) => one.cluster],
    ['inspection.columns.namespace', (one) => one.namespace],
    ['inspection.columns.kind', (one) => one.kind],
    ['inspection.columns.name', (one) => one.name],
    ['inspection.columns.owner', (one) => `${one.owner.kind}/${one.owner.name}`],
    ['inspection.columns.container', (one) => one.container],
    ['inspection.columns.severity', (one) => translate(language, `inspection.severity.${one.severity}`)],
    ['inspection.columns.type', (one) => translate(language, `inspection.type.${one.type}`)],
    ['inspection.columns.rule', (one) => one.rule],
    ['inspection.columns.title', (one) => texts.get(one.rule)?.title ?? ''],
    ['inspection.columns.field', (one) => fieldText(language, one.field)],
    ['inspection.columns.evidence', (one) => evidenceText(language, one.evidence)],
    ['inspection.columns.impact', (one) => texts.get(one.rule)?.impact ?? ''],
    ['inspection.columns.remedy', (one) => texts.get(one.rule)?.remedy ?? ''],
    ['inspection.columns.change', (one) => translate(language, `inspection.change.${one.change}`)],
    ['inspection.columns.exemption', (one) => (one.exemption === null ? '' : exemptionText(language, one.exemption))],
  ];
  const lines = [
    columns.map(([title]) => csvField(translate(language, title))),
    ...[...sortedByWeight(assessment.findings), ...sortedByWeight(assessment.fixed)].map((finding) =>
      columns.map(([, cell]) => csvField(cell(finding))),
    ),
  ];
  return `\ufeff${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
}
