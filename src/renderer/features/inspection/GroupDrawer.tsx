/** The findings of one object or of one rule: what was seen, what it can do, how it is mended, with the patch at hand. */

import { type ReactNode, useMemo, useState } from 'react';
import type { InspectionRun, ReportFinding } from '#shared/contract/inspection.ts';
import { evidenceText, exemptionText, fieldText } from '#shared/inspection-evidence.ts';
import { diagnosisRoute, isDiagnosable } from '../../app/diagnosis-links.ts';
import { engine } from '../../app/engine/client.ts';
import { useRead } from '../../app/engine/hooks.ts';
import { commonKinds } from '../../app/kinds.ts';
import { resourcesRoute } from '../../app/resource-links.ts';
import { changeQuery } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Button, Drawer, Tag } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { Panel } from '../../ui/Page.tsx';
import { TargetName } from '../../ui/Status.tsx';
import { type Covered, ExemptDialog } from './ExemptDialog.tsx';
import { FixDialog } from './FixDialog.tsx';
import { SeverityMark, severities } from './look.tsx';
import type { ReportView } from './report-view.ts';
import type { Catalogue } from './rules.ts';

const FINDINGS_SHOWN = 500;

export interface GroupDrawerProps {
  run: InspectionRun;
  view: ReportView;
  rules: Catalogue;
  /** Whether there is a report before: else all is new and nothing needs to be said of it. */
  compared: boolean;
}

export function GroupDrawer({ run, view, rules, compared }: GroupDrawerProps) {
  const { open, by } = view;
  return (
    <Drawer
      open={open !== undefined}
      onClose={() => changeQuery({ open: undefined })}
      size={860}
      destroyOnHidden
      title={open !== undefined && <Title open={open} by={by} rules={rules} />}
      data-testid="group-drawer"
    >
      {open !== undefined && (
        <Group key={`${by}:${open}`} run={run} view={view} group={open} rules={rules} compared={compared} />
      )}
    </Drawer>
  );
}

function Title({ open, by, rules }: { open: string; by: ReportView['by']; rules: Catalogue }) {
  if (by === 'rule')
    return (
      <span className="row">
        <span className="ellipsis">{rules.texts(open).title}</span>
        <code className="muted">{open}</code>
      </span>
    );
  const [cluster = '', namespace = '', kind = '', name = ''] = open.split('|');
  return (
    <span className="row">
      <TargetName name={cluster} />
      <span className="muted nowrap">{kind}</span>
      <span className="ellipsis">{namespace === '' ? name : `${namespace}/${name}`}</span>
    </span>
  );
}

interface GroupProps extends GroupDrawerProps {
  group: string;
}

function Group({ run, view, group, rules, compared }: GroupProps) {
  const { t } = useText();
  const { filter, by } = view;
  const read = useRead(['inspection', 'findings', run.id, filter, by, group], (signal) =>
    engine.inspection.findings.query({ id: run.id, filter, by, group }, { signal }),
  );
  const [fixing, setFixing] = useState<readonly ReportFinding[] | null>(null);
  const [exempting, setExempting] = useState<Partial<Covered> | null>(null);
  const byRule = useMemo(() => groupedByRule(read.data ?? []), [read.data]);
  if (read.data === undefined)
    return read.error === null ? <Loading rows={8} /> : <ErrorNotice error={read.error} onRetry={read.again} />;
  const [first] = read.data;
  if (first === undefined) return <EmptyState title={t('inspection.noMatch.title')} />;
  const canFix = filter.change !== 'fixed';
  const fixable = canFix ? read.data.filter((finding) => finding.fixable && isSameObject(finding, first)) : [];
  return (
    <div className="stack wide">
      {by === 'object' && (
        <div className="row wrap">
          {fixable.length > 1 && (
            <Button type="primary" onClick={() => setFixing(fixable)} data-testid="fix-all">
              {t('inspection.fix.all', { count: fixable.length })}
            </Button>
          )}
          <ObjectLink finding={first} />
          <DiagnoseLink finding={first} />
          {filter.change !== 'fixed' && filter.change !== 'exempt' && (
            <Button
              onClick={() =>
                setExempting({
                  clusters: [first.cluster],
                  namespaces: first.namespace === '' ? [] : [first.namespace],
                  kinds: [first.kind],
                  names: [first.name],
                })
              }
            >
              {t('inspection.exempt.action')}
            </Button>
          )}
        </div>
      )}
      {read.data.length >= FINDINGS_SHOWN && (
        <span className="text-warning">{t('inspection.detail.firstFindings', { count: FINDINGS_SHOWN })}</span>
      )}
      {byRule.map(([rule, findings]) => (
        <RuleFindings
          key={rule}
          rule={rule}
          findings={findings}
          rules={rules}
          objects={by === 'rule'}
          compared={compared}
          onFix={canFix ? setFixing : null}
          onExempt={filter.change === 'fixed' || filter.change === 'exempt' ? null : setExempting}
        />
      ))}
      <FixDialog run={run} findings={fixing} onClose={() => setFixing(null)} />
      <ExemptDialog covered={exempting} onClose={() => setExempting(null)} />
    </div>
  );
}

interface RuleFindingsProps {
  rule: string;
  findings: readonly ReportFinding[];
  rules: Catalogue;
  /** Whether the findings are about several objects, each to be named. */
  objects: boolean;
  compared: boolean;
  onFix: ((findings: readonly ReportFinding[]) => void) | null;
  onExempt: ((covered: Partial<Covered>) => void) | null;
}

function RuleFindings({ rule, findings, rules, objects, compared, onFix, onExempt }: RuleFindingsProps) {
  const { t } = useText();
  const texts = rules.texts(rule);
  const severity = severities.find((one) => findings.some((finding) => finding.severity === one)) ?? 'notice';
  const references = rules.get(rule)?.references ?? [];
  const [first] = findings;
  const title = (
    <span className="row wrap">
      <SeverityMark severity={severity} />
      <span>{texts.title}</span>
      <code className="muted">{rule}</code>
      <span className="muted">{t('inspection.detail.places', { count: findings.length })}</span>
      {compared && findings.some(({ change }) => change === 'new') && (
        <Tag color="blue">{t('inspection.change.new')}</Tag>
      )}
    </span>
  );
  return (
    <Panel
      title={title}
      testId="rule-findings"
      extra={
        <span className="row">
          {!objects && onFix !== null && findings.some(({ fixable }) => fixable) && (
            <Button size="small" onClick={() => onFix(findings.filter(({ fixable }) => fixable))} data-testid="fix">
              {t('inspection.fix.action')}
            </Button>
          )}
          {onExempt !== null && first !== undefined && (
            <Button
              size="small"
              data-testid="exempt"
              onClick={() =>
                onExempt(
                  objects
                    ? { rules: [rule] }
                    : {
                        rules: [rule],
                        clusters: [first.cluster],
                        namespaces: first.namespace === '' ? [] : [first.namespace],
                        kinds: [first.kind],
                        names: [first.name],
                      },
                )
              }
            >
              {t('inspection.exempt.action')}
            </Button>
          )}
        </span>
      }
    >
      <div className="stack">
        <Explained label={t('inspection.columns.impact')}>{texts.impact}</Explained>
        <Explained label={t('inspection.columns.remedy')}>{texts.remedy}</Explained>
        <FindingTable findings={findings} objects={objects} onFix={onFix} />
        {references.length > 0 && (
          <Explained label={t('inspection.detail.references')}>
            {references.map((address) => (
              <a key={address} href={address} target="_blank" rel="noreferrer" className="reference">
                {address}
              </a>
            ))}
          </Explained>
        )}
      </div>
    </Panel>
  );
}

function Explained({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="explained">
      <span className="muted">{label}</span>
      <span>{children}</span>
    </div>
  );
}

function FindingTable({
  findings,
  objects,
  onFix,
}: {
  findings: readonly ReportFinding[];
  objects: boolean;
  onFix: RuleFindingsProps['onFix'];
}) {
  const { t, language } = useText();
  const withContainer = findings.some(({ container }) => container !== '');
  // A pod of the object whose findings these are has a name of its own.
  const withObject = objects || findings.some(({ kind, owner }) => kind !== owner.kind);
  return (
    <table className="plain-table">
      <thead>
        <tr>
          {objects && <th>{t('inspection.columns.cluster')}</th>}
          {withObject && <th>{t('inspection.columns.object')}</th>}
          {withContainer && <th>{t('inspection.columns.container')}</th>}
          <th>{t('inspection.columns.field')}</th>
          <th>{t('inspection.columns.evidence')}</th>
          {findings.some(({ exemption }) => exemption !== null) && <th>{t('inspection.columns.exemption')}</th>}
          {objects && onFix !== null && <th />}
        </tr>
      </thead>
      <tbody>
        {findings.map((finding) => (
          <tr key={finding.key} data-testid="finding">
            {objects && (
              <td>
                <TargetName name={finding.cluster} kind={finding.target.kind} />
              </td>
            )}
            {withObject && (
              <td>{[finding.namespace, finding.kind, finding.name].filter((part) => part !== '').join('/')}</td>
            )}
            {withContainer && <td>{finding.container}</td>}
            <td>
              <code>{fieldText(language, finding.field)}</code>
            </td>
            <td>{evidenceText(language, finding.evidence)}</td>
            {findings.some(({ exemption }) => exemption !== null) && (
              <td>{finding.exemption === null ? '' : exemptionText(language, finding.exemption)}</td>
            )}
            {objects && onFix !== null && (
              <td>
                {finding.fixable && (
                  <Button size="small" onClick={() => onFix([finding])}>
                    {t('inspection.fix.action')}
                  </Button>
                )}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ObjectLink({ finding }: { finding: ReportFinding }) {
  const { t } = useText();
  const kind = commonKinds.find((one) => one.kind === finding.kind);
  if (kind === undefined) return null;
  const { group, version, resource } = kind;
  const href = resourcesRoute({
    targets: [finding.target],
    resource: { group, version, resource },
    open: { target: finding.target, namespace: finding.namespace, name: finding.name },
  });
  return <Button href={href}>{t('inspection.detail.toObject')}</Button>;
}

/** To why it is so: the object itself, or what made it. */
function DiagnoseLink({ finding }: { finding: ReportFinding }) {
  const { t } = useText();
  const { target, namespace } = finding;
  const subject = [finding, finding.owner].find(({ kind }) => isDiagnosable(kind));
  if (target.kind !== 'cluster' || subject === undefined || !isDiagnosable(subject.kind)) return null;
  const href = diagnosisRoute({ clusterId: target.id, kind: subject.kind, namespace, name: subject.name });
  return <Button href={href}>{t('inspection.detail.diagnose')}</Button>;
}

function isSameObject(a: ReportFinding, b: ReportFinding): boolean {
  return a.cluster === b.cluster && a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

function groupedByRule(findings: readonly ReportFinding[]): [string, ReportFinding[]][] {
  const groups = new Map<string, ReportFinding[]>();
  for (const finding of findings) {
    const list = groups.get(finding.rule);
    if (list === undefined) groups.set(finding.rule, [finding]);
    else list.push(finding);
  }
  return [...groups];
}
