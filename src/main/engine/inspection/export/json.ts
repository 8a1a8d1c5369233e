import { evidenceText } from '#shared/inspection-evidence.ts';
import type { AssessedFinding } from '../report/assess.ts';
import { sortedByWeight } from '../report/query.ts';
import type { ExportInput } from './index.ts';

/** Everything, for programs: findings with the fields of `fleetdeck inspect --json` and what the report adds. */
export function jsonOf({ run, previous, assessment, rules, language }: ExportInput): string {
  const used = new Set([...assessment.findings, ...assessment.fixed].map(({ rule }) => rule));
  const document = {
    format: 'fleetdeck.inspection/1',
    run,
    comparedWith: previous === null ? null : { id: previous.id, startedAt: previous.startedAt, score: previous.score },
    score: assessment.score,
    tally: assessment.tally,
    rules: rules.filter(({ id }) => used.has(id)).map(({ texts, ...rule }) => ({ ...rule, ...texts[language] })),
    findings: sortedByWeight(assessment.findings).map(plain),
    fixed: sortedByWeight(assessment.fixed).map(plain),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function plain(finding: AssessedFinding) {
  const { rule, severity, type, cluster, namespace, kind, name, owner, container, field, evidence, change, exemption } =
    finding;
  return {
    ...{ rule, severity, type, cluster, namespace, kind, name, owner, container, field, change },
    evidence: evidenceText('en', evidence),
    exemption: exemption === null ? null : { reason: exemption.reason, until: exemption.until },
  };
}
