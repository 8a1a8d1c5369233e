/** One report: the conclusion first, then other causes; beside it what was checked and what has changed since the last run. */
import { useState } from 'react';
import type { DiagnosisReport, DiagnosisTarget, ExportFormat } from '#shared/contract/diagnosis.ts';
import { furtherFor, inLanguage, TICKET_FORMATS } from '#shared/diagnosis.ts';
import { diagnosisRoute, objectRoute } from '../../app/diagnosis-links.ts';
import { engine } from '../../app/engine/client.ts';
import { queries, useAction, useRead } from '../../app/engine/hooks.ts';
import { formatRoute, navigate } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Alert, Button, Dropdown } from '../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { saveFile } from '../../ui/files.ts';
import { DeleteIcon, DownloadIcon, ReloadIcon } from '../../ui/icons.ts';
import { useNotify } from '../../ui/notify.ts';
import { Page, Panel } from '../../ui/Page.tsx';
import { TargetName } from '../../ui/Status.tsx';
import { ComparePanel } from './ComparePanel.tsx';
import './diagnosis.css';
import { FindingView } from './FindingView.tsx';
import { type Chosen, FurtherDialog } from './FurtherDialog.tsx';
import { placeText, Verdict } from './look.tsx';
import { RunPage } from './RunPage.tsx';
import { StepsPanel } from './StepsPanel.tsx';

export default function ReportPage({ id }: { id: string }) {
  const { t } = useText();
  const read = useRead(['diagnosis', 'report', id], (signal) => engine.diagnosis.get.query({ id }, { signal }));
  if (read.data !== undefined) return <Report report={read.data} key={id} />;
  return (
    <Page
      testId="diagnosis-report"
      title={t('diagnosis.report')}
      back={{ href: formatRoute(['diagnosis']), label: t('diagnosis.title') }}
    >
      {read.error === null ? <Loading rows={10} /> : <ErrorNotice error={read.error} onRetry={read.again} />}
    </Page>
  );
}

function Report({ report }: { report: DiagnosisReport }) {
  const { t, language, dateTime } = useText();
  const { object, findings } = report;
  const [first] = findings;
  const route = objectRoute(report.clusterId, object);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  if (chosen !== null) return <RunPage target={targetOf(report)} chosen={chosen} />;
  return (
    <Page
      testId="diagnosis-report"
      title={`${object.kind} ${placeText(object)}`}
      aside={
        <>
          <Verdict verdict={report.verdict} testId="report-verdict" />
          <TargetName name={report.cluster} />
          <span className="muted nowrap">{dateTime(report.startedAt)}</span>
        </>
      }
      back={{ href: formatRoute(['diagnosis']), label: t('diagnosis.title') }}
      actions={<Actions report={report} route={route} onFurther={setChosen} />}
    >
      <div className="diagnosis-columns">
        <div className="stack">
          {report.partial && <Partial report={report} />}
          <Panel testId="conclusion">
            <p className="diagnosis-conclusion" data-verdict={report.verdict}>
              {report.conclusion[language]}
            </p>
            {first !== undefined && (
              <>
                <p className="row muted diagnosis-meta">
                  <code>{first.cause}</code>
                  <span>
                    {t('diagnosis.confidence')}: {t(`diagnosis.confidences.${first.confidence}`)}
                  </span>
                  <span>{t('diagnosis.confirm')}</span>
                </p>
                <FindingView report={report} index={0} />
              </>
            )}
          </Panel>
          {findings.length > 1 && (
            <Panel title={t('diagnosis.otherCauses')} testId="other-causes" flush>
              {findings.slice(1).map((finding, index) => (
                <details
                  className="diagnosis-other"
                  key={`${finding.cause}/${finding.object.kind}/${placeText(finding.object)}/${finding.sentence.en}`}
                >
                  <summary>
                    <Verdict verdict={finding.verdict} />
                    <span className="grow">{finding.sentence[language]}</span>
                    <code className="muted">{finding.cause}</code>
                  </summary>
                  <FindingView report={report} index={index + 1} />
                </details>
              ))}
            </Panel>
          )}
        </div>
        <div className="stack">
          <StepsPanel report={report} />
          <ComparePanel id={report.id} />
        </div>
      </div>
    </Page>
  );
}

function Partial({ report }: { report: DiagnosisReport }) {
  const { t, language } = useText();
  // A server that stops answering costs twenty kinds for one reason.
  const groups: { forbidden: boolean; reason: string; what: string[] }[] = [];
  for (const { what, forbidden, reason: said } of report.unread) {
    const reason = inLanguage(said, language);
    const same = groups.find((group) => group.forbidden === forbidden && (forbidden || group.reason === reason));
    if (same === undefined) groups.push({ forbidden, reason, what: [what] });
    else same.what.push(what);
  }
  return (
    <Alert
      type="warning"
      showIcon
      title={t('diagnosis.partial')}
      data-testid="partial"
      description={
        <ul>
          {groups.map(({ forbidden, reason, what }) => (
            <li key={`${forbidden} ${reason}`}>
              {t(forbidden ? 'diagnosis.noRight' : 'diagnosis.unread', { what: what.join(', ') })}
              {!forbidden && <div className="muted">{reason}</div>}
            </li>
          ))}
        </ul>
      }
    />
  );
}

const MEDIA: Readonly<Record<ExportFormat, string>> = {
  markdown: 'text/markdown',
  html: 'text/html',
  json: 'application/json',
};

function targetOf({ clusterId, object }: DiagnosisReport): DiagnosisTarget {
  const { kind, namespace, name } = object;
  return { clusterId, kind, namespace, name } as DiagnosisTarget;
}

function Actions({
  report,
  route,
  onFurther,
}: {
  report: DiagnosisReport;
  route: string | null;
  onFurther: (chosen: Chosen) => void;
}) {
  const { t, language } = useText();
  const notify = useNotify();
  const [removing, setRemoving] = useState(false);
  const save = useAction(async (format: ExportFormat) => {
    const { name, text } = await engine.diagnosis.export.query({ id: report.id, format, language });
    saveFile({ name, text, mediaType: MEDIA[format] });
  });
  const remove = useAction(() => engine.diagnosis.remove.mutate({ id: report.id }));
  const [choosing, setChoosing] = useState(false);
  const target = targetOf(report);
  return (
    <>
      {save.error !== null && <span className="text-error">{save.error.message}</span>}
      {route !== null && <Button href={route}>{t('diagnosis.openObject')}</Button>}
      <Dropdown
        trigger={['click']}
        menu={{
          items: TICKET_FORMATS.map((format) => ({
            key: format,
            label: <span data-testid={`export-${format}`}>{t(`diagnosis.exportAs.${format}`)}</span>,
          })),
          onClick: ({ key }) => void save.run(key as ExportFormat),
        }}
      >
        <Button icon={<DownloadIcon />} loading={save.pending} data-testid="diagnosis-export">
          {t('diagnosis.export')}
        </Button>
      </Dropdown>
      <Button
        icon={<DeleteIcon />}
        aria-label={t('diagnosis.remove')}
        title={t('diagnosis.remove')}
        onClick={() => setRemoving(true)}
      />
      {furtherFor(target.kind).length > 0 && (
        <Button onClick={() => setChoosing(true)} data-testid="diagnosis-further">
          {t('diagnosis.further.title')}
        </Button>
      )}
      {choosing && <FurtherDialog target={target} onCancel={() => setChoosing(false)} onChosen={onFurther} />}
      <Button type="primary" icon={<ReloadIcon />} href={diagnosisRoute(target)} data-testid="diagnose-again">
        {t('diagnosis.again')}
      </Button>
      <Confirm
        open={removing}
        title={t('diagnosis.remove')}
        action={t('diagnosis.remove')}
        danger
        pending={remove.pending}
        error={remove.error}
        onCancel={() => setRemoving(false)}
        onConfirm={() =>
          void remove.run().then((done) => {
            if (done === null) return;
            notify.success(t('diagnosis.removed'));
            void queries.invalidateQueries({ queryKey: ['diagnosis'] });
            navigate(['diagnosis'], {}, 'replace');
          })
        }
      >
        {report.conclusion[language]}
      </Confirm>
    </>
  );
}
