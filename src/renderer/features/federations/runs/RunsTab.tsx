/** Operations that take their time: moving by weights and drills, live, with the person's word in between (M7, M8). */
import { useState } from 'react';
import type { Federation } from '#shared/contract/federations.ts';
import { useRoute } from '../../../app/router.ts';
import { useText } from '../../../stores/text.ts';
import { Button } from '../../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { useRuns } from '../live.ts';
import { DrillDialog } from './DrillDialog.tsx';
import { DrillView } from './DrillView.tsx';
import { ShiftDialog } from './ShiftDialog.tsx';
import { ShiftView } from './ShiftView.tsx';
import './runs.css';

export function RunsTab({ federation }: { federation: Federation }) {
  const { t } = useText();
  const { query } = useRoute();
  const live = useRuns(federation.id);
  const [dialog, setDialog] = useState<'shift' | 'drill' | null>(query['policy'] === undefined ? null : 'shift');
  const buttons = (
    <div className="row">
      <Button onClick={() => setDialog('shift')} data-testid="run-shift">
        {t('runs.shift')}
      </Button>
      <Button onClick={() => setDialog('drill')} data-testid="run-drill">
        {t('runs.drill')}
      </Button>
    </div>
  );
  const close = () => setDialog(null);
  return (
    <div className="scroll-column stack wide" data-testid="runs">
      {live.error !== null && <ErrorNotice error={live.error} level="warning" />}
      {live.data === undefined ? (
        live.error === null && <Loading rows={6} />
      ) : live.data.length === 0 ? (
        <EmptyState title={t('runs.empty')} hint={t('runs.intro')} action={buttons} />
      ) : (
        <>
          <div className="row between wrap">
            <span className="muted">{t('runs.intro')}</span>
            {buttons}
          </div>
          {live.data.map((run) =>
            run.kind === 'shift' ? <ShiftView key={run.id} run={run} /> : <DrillView key={run.id} run={run} />,
          )}
        </>
      )}
      {dialog === 'shift' && <ShiftDialog federation={federation} policy={query['policy']} onClose={close} />}
      {dialog === 'drill' && <DrillDialog federation={federation} onClose={close} />}
    </div>
  );
}
