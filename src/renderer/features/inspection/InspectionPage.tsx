/** Inspections (feature C16): reports, schedules, rules and exemptions, each with an address of its own. */

import { useInspection } from '../../app/engine/sources.ts';
import { formatRoute, navigate, useRoute } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Button, Segmented } from '../../ui/controls.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { InspectionIcon } from '../../ui/icons.ts';
import { Page } from '../../ui/Page.tsx';
import { ExemptionsTab } from './ExemptionsTab.tsx';
import { ReportsTab } from './ReportsTab.tsx';
import { RulesTab } from './RulesTab.tsx';
import { SchedulesTab } from './SchedulesTab.tsx';
import { StartDialog } from './StartDialog.tsx';

const tabs = ['reports', 'schedules', 'rules', 'exemptions'] as const;
type TabName = (typeof tabs)[number];

export default function InspectionPage({ tab: asked }: { tab: string | undefined }) {
  const { t } = useText();
  const { query } = useRoute();
  const live = useInspection();
  const tab = tabs.find((name) => name === asked) ?? 'reports';
  return (
    <Page
      testId="inspection-page"
      title={t('inspection.title')}
      body="fill"
      toolbar={
        <Segmented<TabName>
          value={tab}
          onChange={(next) => navigate(['inspection', next])}
          options={tabs.map((name) => ({
            value: name,
            label: <span data-testid={`tab-${name}`}>{t(`inspection.tabs.${name}`)}</span>,
          }))}
        />
      }
      actions={
        <Button
          type="primary"
          icon={<InspectionIcon />}
          href={formatRoute(['inspection', tab], { start: '1' })}
          data-testid="inspection-start"
        >
          {t('inspection.start.action')}
        </Button>
      }
    >
      {live.error !== null && <ErrorNotice error={live.error} level="warning" />}
      {tab === 'reports' && <ReportsTab state={live.data} />}
      {tab === 'schedules' && <SchedulesTab schedules={live.data?.schedules} />}
      {tab === 'rules' && <RulesTab />}
      {tab === 'exemptions' && <ExemptionsTab exemptions={live.data?.exemptions} />}
      <StartDialog start={query['start']} />
    </Page>
  );
}
