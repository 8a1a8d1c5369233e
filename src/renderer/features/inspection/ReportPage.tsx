/** One report: its findings, what the score is made of, how clusters compare, and how it went over time. */
import { useEffect, useRef } from 'react';
import type { InspectionReport, InspectionRun } from '#shared/contract/inspection.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction, useRead } from '../../app/engine/hooks.ts';
import { useInspection } from '../../app/engine/sources.ts';
import { formatRoute, navigate } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Button, Segmented } from '../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { ReloadIcon } from '../../ui/icons.ts';
import { Page } from '../../ui/Page.tsx';
import { ClustersTab } from './ClustersTab.tsx';
import { ExportMenu } from './ExportMenu.tsx';
import { FindingsTab } from './FindingsTab.tsx';
import { RunState, ScopeName, ScoreBadge, TallyLine } from './look.tsx';
import { NotCheckedNotice } from './NotChecked.tsx';
import { RunProgress } from './RunProgress.tsx';
import { type ReportView, useReportView } from './report-view.ts';
import { ScoreTab } from './ScoreTab.tsx';
import { TrendTab } from './TrendTab.tsx';

const tabs = ['findings', 'score', 'clusters', 'trend'] as const;
type TabName = (typeof tabs)[number];

export default function ReportPage({ id, tab: asked }: { id: string; tab: string | undefined }) {
  const { t } = useText();
  const view = useReportView();
  const live = useInspection().data;
  const run = live?.runs.find((one) => one.id === id);
  const read = useReport(id, view, run);
  const report = read.data;
  const shown = run?.state === 'running' ? run : report?.run;
  const tab = tabs.find((name) => name === asked) ?? 'findings';
  const offered = tabs.filter((name) => name !== 'clusters' || (report?.byCluster.length ?? 0) > 1);
  if (shown === undefined)
    return read.error === null ? <Loading rows={10} /> : <ErrorNotice error={read.error} onRetry={read.again} />;
  const running = shown.state === 'running';
  return (
    <Page
      testId="report-page"
      title={<ScopeName scope={shown.scope} name={shown.name} />}
      back={{ href: formatRoute(['inspection']), label: t('inspection.title') }}
      aside={<ReportAside run={shown} />}
      actions={<ReportActions run={shown} />}
      toolbar={
        !running && (
          <Segmented<TabName>
            value={tab}
            onChange={(next) => navigate(['inspection', 'report', id, ...(next === 'findings' ? [] : [next])])}
            options={offered.map((name) => ({
              value: name,
              label: <span data-testid={`tab-${name}`}>{t(`inspection.tabs.${name}`)}</span>,
            }))}
          />
        )
      }
      body="fill"
    >
      {running ? (
        <RunProgress run={shown} />
      ) : (
        <div className="stack fill-column">
          {read.error !== null && <ErrorNotice error={read.error} onRetry={read.again} level="warning" />}
          {report !== undefined && (
            <>
              <ReportHead report={report} />
              {tab === 'findings' && <FindingsTab report={report} view={view} />}
              {tab === 'score' && <ScoreTab report={report} />}
              {tab === 'clusters' && <ClustersTab report={report} />}
              {tab === 'trend' && <TrendTab run={shown} runs={live?.runs ?? []} />}
            </>
          )}
        </div>
      )}
    </Page>
  );
}

/** The report for what the page shows; while another filter is on its way the last one stays. */
function useReport(id: string, { filter, by }: ReportView, run: InspectionRun | undefined) {
  const state = run?.state ?? 'unknown';
  const read = useRead<InspectionReport>(
    state === 'running' ? null : ['inspection', 'report', id, state, by, filter],
    (signal) => engine.inspection.report.query({ id, by, filter }, { signal }),
  );
  const last = useRef<InspectionReport | undefined>(undefined);
  useEffect(() => {
    if (read.data !== undefined) last.current = read.data;
  }, [read.data]);
  return { ...read, data: read.data ?? last.current };
}

function ReportAside({ run }: { run: InspectionRun }) {
  const { dateTime } = useText();
  return (
    <>
      <RunState state={run.state} />
      <span className="muted nowrap">{dateTime(run.startedAt)}</span>
    </>
  );
}

function ReportActions({ run }: { run: InspectionRun }) {
  const { t } = useText();
  const again = useAction(() => engine.inspection.start.mutate({ scope: run.scope }));
  const cancel = useAction(() => engine.inspection.cancel.mutate({ id: run.id }));
  const error = again.error ?? cancel.error;
  if (run.state === 'running')
    return (
      <Button danger loading={cancel.pending} onClick={() => void cancel.run()} data-testid="run-cancel">
        {t('inspection.cancel')}
      </Button>
    );
  return (
    <>
      {error !== null && <span className="text-error">{error.message}</span>}
      <ExportMenu run={run} />
      <Button
        type="primary"
        icon={<ReloadIcon />}
        loading={again.pending}
        onClick={() =>
          void again.run().then((done) => done !== null && navigate(['inspection', 'report', done.value.id]))
        }
        data-testid="run-again"
      >
        {t('inspection.start.again')}
      </Button>
    </>
  );
}

function ReportHead({ report }: { report: InspectionReport }) {
  const { t, dateTime } = useText();
  const { previous, score } = report;
  const change = previous?.score == null ? 0 : score.value - previous.score.value;
  return (
    <div className="report-head">
      <ScoreBadge score={score} />
      <div className="stack">
        <TallyLine tally={report.tally} />
        <span className="row wrap">
          {previous === null ? (
            <span className="muted">{t('inspection.notCompared')}</span>
          ) : (
            <>
              <a href={formatRoute(['inspection', 'report', previous.id])} className="muted">
                {t('inspection.compared', { time: dateTime(previous.startedAt) })}
              </a>
              {change !== 0 && (
                <span className="score-change" data-better={change > 0}>
                  {change > 0 ? `+${change}` : `−${-change}`}
                </span>
              )}
              <span>
                {t('inspection.change.new')} <b>{report.counts.new}</b>
              </span>
              <span>
                {t('inspection.change.fixed')} <b>{report.counts.fixed}</b>
              </span>
            </>
          )}
        </span>
      </div>
      <NotCheckedNotice run={report.run} />
    </div>
  );
}
