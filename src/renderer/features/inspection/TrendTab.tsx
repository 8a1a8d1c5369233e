/** How a cluster, fleet or federation did over its reports. */
import { lazy, Suspense } from 'react';
import type { InspectionRun } from '#shared/contract/inspection.ts';
import { navigate } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { EmptyState, Loading } from '../../ui/Feedback.tsx';
import { Panel } from '../../ui/Page.tsx';
import { scopeKey } from './ScopeSelect.tsx';

const TrendChart = lazy(() => import('../../ui/charts/TrendChart.tsx'));

export function TrendTab({ run, runs }: { run: InspectionRun; runs: readonly InspectionRun[] }) {
  const { t, dateTime } = useText();
  const points = runs
    .filter((one) => scopeKey(one.scope) === scopeKey(run.scope) && (one.state === 'done' || one.state === 'partial'))
    .reverse();
  if (points.length < 2) return <EmptyState title={t('inspection.tabs.trend')} hint={t('inspection.trend.empty')} />;
  const title = t('inspection.trend.score', { name: run.name });
  return (
    <div className="scroll-column stack wide" data-testid="trend-tab">
      <Panel title={title}>
        <Suspense fallback={<Loading rows={6} />}>
          <TrendChart
            label={title}
            points={points.map(({ id, startedAt, score, tally }) => ({
              id,
              time: dateTime(startedAt),
              values: { score: score?.value ?? null, danger: tally.danger, warning: tally.warning },
            }))}
            lines={[
              { key: 'score', label: t('inspection.score'), colour: 'var(--fd-progressing)', axis: 'left' },
              { key: 'danger', label: t('inspection.severity.danger'), colour: 'var(--fd-error)', axis: 'right' },
              { key: 'warning', label: t('inspection.severity.warning'), colour: 'var(--fd-warning)', axis: 'right' },
            ]}
            max={100}
            onOpen={(id) => navigate(['inspection', 'report', id])}
          />
        </Suspense>
      </Panel>
    </div>
  );
}
