import { createHash } from 'node:crypto';
import type { Severity } from '#shared/contract/inspection.ts';
import { evidenceText } from '#shared/inspection-evidence.ts';
import packageJson from '../../../../../package.json' with { type: 'json' };
import type { AssessedFinding } from '../report/assess.ts';
import { sortedByWeight } from '../report/query.ts';
import type { ExportInput } from './index.ts';

const LEVEL: Record<Severity, string> = { danger: 'error', warning: 'warning', notice: 'note' };
const BASELINE = { new: 'new', still: 'unchanged', fixed: 'absent' } as const;

/** SARIF 2.1.0 (OASIS). Objects of a cluster are no files: each has an address that names cluster, namespace, kind and name. */
export function sarifOf({ run, previous, assessment, rules, language, file }: ExportInput): string {
  const findings = [...sortedByWeight(assessment.findings), ...sortedByWeight(assessment.fixed)];
  const used = new Set(findings.map(({ rule }) => rule));
  const listed = rules.filter(({ id }) => used.has(id));
  const index = new Map(listed.map(({ id }, at) => [id, at]));
  const document = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Fleetdeck',
            version: packageJson.version,
            language: language === 'zh' ? 'zh-CN' : 'en-GB',
            rules: listed.map(({ id, texts, severity, type, sets, references }) => ({
              id,
              shortDescription: { text: texts[language].title },
              fullDescription: { text: texts[language].impact },
              help: { text: texts[language].remedy },
              ...(references[0] === undefined ? {} : { helpUri: references[0] }),
              defaultConfiguration: { level: LEVEL[severity] },
              properties: { type, tags: sets },
            })),
          },
        },
        automationDetails: { id: `inspection/${run.name}/${run.id}` },
        invocations: [
          {
            executionSuccessful: run.state === 'done',
            startTimeUtc: run.startedAt,
            ...(run.finishedAt === null ? {} : { endTimeUtc: run.finishedAt }),
            toolExecutionNotifications: run.targets.flatMap(({ name, notChecked, error }) => [
              ...notChecked.map(({ resource, reason, rules: lost }) => ({
                level: 'warning',
                message: { text: `${name}: ${resource}: ${reason} (${lost.join(', ')})` },
              })),
              ...(error === null ? [] : [{ level: 'error', message: { text: `${name}: ${error.message}` } }]),
            ]),
          },
        ],
        results: findings.map((finding) => ({
          ruleId: finding.rule,
          ruleIndex: index.get(finding.rule) ?? -1,
          level: LEVEL[finding.severity],
          message: { text: messageOf(finding) },
          locations: [locationOf(finding, file)],
          partialFingerprints: { 'finding/v1': createHash('sha256').update(finding.identity).digest('hex') },
          ...(previous === null ? {} : { baselineState: BASELINE[finding.change] }),
          ...(finding.exemption === null
            ? {}
            : { suppressions: [{ kind: 'external', justification: finding.exemption.reason }] }),
        })),
      },
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function messageOf({ container, field, evidence }: AssessedFinding): string {
  return `${container === '' ? '' : `${container}: `}${evidenceText('en', evidence)} (${field})`;
}

function locationOf({ cluster, namespace, kind, name, field }: AssessedFinding, file: string | undefined) {
  const parts = [cluster, namespace, kind, name].filter((part) => part !== '');
  const uri = file?.split(/[/\\]/) ?? parts;
  return {
    physicalLocation: { artifactLocation: { uri: uri.map(encodeURIComponent).join('/') } },
    logicalLocations: [{ fullyQualifiedName: `${parts.join('/')}#${field}`, kind: 'object' }],
  };
}
