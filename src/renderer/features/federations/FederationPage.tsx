/** One federation: overview, resources, policies, operations, members and access (features U3-U18), each with an address of its own. */
import { useState } from 'react';
import type { Federation } from '#shared/contract/federations.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useFederations, useFleets } from '../../app/engine/sources.ts';
import { resourcesRoute } from '../../app/resource-links.ts';
import { formatRoute, navigate } from '../../app/router.ts';
import { chooseTargets } from '../../app/shell/TargetBadge.tsx';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Alert, Button, Segmented, Switch } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { AddIcon, InspectionIcon, ResourcesIcon } from '../../ui/icons.ts';
import { Page } from '../../ui/Page.tsx';
import { TargetName } from '../../ui/Status.tsx';
import { AccessTab } from './AccessTab.tsx';
import { EngineTab } from './engine/EngineTab.tsx';
import { FederationStatus } from './FederationsPage.tsx';
import { LogTab } from './LogTab.tsx';
import { MembersTab } from './MembersTab.tsx';
import { OverviewTab } from './overview/OverviewTab.tsx';
import { PoliciesTab } from './policies/PoliciesTab.tsx';
import { PromotionTab } from './promotion/PromotionTab.tsx';
import { RunsTab } from './runs/RunsTab.tsx';
import { SettingsTab } from './SettingsTab.tsx';
import { WorkloadsTab } from './WorkloadsTab.tsx';
import { Before } from './whatif/Before.tsx';
import { WhatIfTab } from './whatif/WhatIfTab.tsx';
import { HistoryTab } from './why/HistoryTab.tsx';

/** What belongs together: an area, and the tabs in it; each tab has an address, an area opens on its first. */
const areas = [
  { name: 'overview', tabs: ['overview'] },
  { name: 'workloads', tabs: ['workloads', 'promotion'] },
  { name: 'policies', tabs: ['policies', 'what-if'] },
  { name: 'members', tabs: ['members'] },
  { name: 'operations', tabs: ['operations', 'history', 'log'] },
  { name: 'settings', tabs: ['settings', 'access', 'engine'] },
] as const;
type AreaName = (typeof areas)[number]['name'];
type TabName = (typeof areas)[number]['tabs'][number];
const tabs: readonly TabName[] = areas.flatMap((area): readonly TabName[] => area.tabs);

export default function FederationPage({ id, tab }: { id: string; tab: string | undefined }) {
  const { t } = useText();
  const live = useFederations();
  const federation = live.data?.find((each) => each.id === id);
  if (live.data === undefined) return live.error === null ? <Loading rows={10} /> : <ErrorNotice error={live.error} />;
  if (federation === undefined)
    return (
      <EmptyState
        title={t('errors.NOT_FOUND.title')}
        hint={t('errors.NOT_FOUND.hint')}
        action={<Button href={formatRoute(['federations'])}>{t('federations.title')}</Button>}
      />
    );
  return <Detail federation={federation} tab={tabs.find((name) => name === tab) ?? 'workloads'} />;
}

function Detail({ federation, tab }: { federation: Federation; tab: TabName }) {
  const { t } = useText();
  const fleet = useFleets().data?.find(({ id }) => id === federation.fleetId);
  const [deleting, setDeleting] = useState(false);
  const target = { kind: 'federation' as const, id: federation.id };
  const ready = federation.members.filter((member) => member.ready).length;
  return (
    <Page
      testId="federation-page"
      title={<TargetName name={federation.name} kind="federation" />}
      back={{ href: formatRoute(['federations']), label: t('federations.title') }}
      aside={
        <>
          <FederationStatus federation={federation} />
          <span className="muted nowrap">
            {t('federations.membersReady', { ready, total: federation.members.length })}
          </span>
          {fleet !== undefined && (
            <a href={formatRoute(['fleets', fleet.id])} className="ellipsis">
              {fleet.name}
            </a>
          )}
        </>
      }
      actions={
        <>
          <Button
            icon={<ResourcesIcon />}
            onClick={() => {
              chooseTargets([target]);
              window.location.hash = resourcesRoute({ targets: [target] });
            }}
          >
            {t('federations.enter')}
          </Button>
          <Button
            icon={<InspectionIcon />}
            href={formatRoute(['inspection'], { start: `federation:${federation.id}` })}
          >
            {t('inspection.cluster.inspect')}
          </Button>
          <Button danger onClick={() => setDeleting(true)} data-testid="federation-delete">
            {t('federations.delete')}
          </Button>
          <Button
            type="primary"
            icon={<AddIcon />}
            onClick={() => navigate(['federations', federation.id, 'distribute'])}
            data-testid="create-workload"
          >
            {t('federations.workloads.create')}
          </Button>
        </>
      }
      toolbar={<TabBar tab={tab} onChange={(next) => navigate(['federations', federation.id, next])} />}
      body="fill"
    >
      {federation.reason !== null && <ErrorNotice error={federation.reason} level="warning" />}
      {federation.move !== null && tab !== 'engine' && (
        <Alert
          type={federation.move.running ? 'info' : 'warning'}
          showIcon
          title={t(movingText(federation.move))}
          action={
            <Button size="small" href={formatRoute(['federations', federation.id, 'engine'])}>
              {t('federations.tabs.engine')}
            </Button>
          }
          className="federation-moving"
          data-testid="federation-moving"
        />
      )}
      {tab === 'overview' && <OverviewTab federation={federation} />}
      {tab === 'workloads' && <WorkloadsTab federation={federation} />}
      {tab === 'policies' && <PoliciesTab federation={federation} />}
      {tab === 'promotion' && <PromotionTab federation={federation} />}
      {tab === 'operations' && <RunsTab federation={federation} />}
      {tab === 'history' && <HistoryTab federation={federation} />}
      {tab === 'log' && <LogTab federation={federation} />}
      {tab === 'what-if' && <WhatIfTab federation={federation} />}
      {tab === 'members' && <MembersTab federation={federation} />}
      {tab === 'access' && <AccessTab federation={federation} />}
      {tab === 'engine' && <EngineTab federation={federation} />}
      {tab === 'settings' && <SettingsTab federation={federation} />}
      <DeleteFederation
        federation={federation}
        fleetName={fleet?.name}
        open={deleting}
        onClose={() => setDeleting(false)}
      />
    </Page>
  );
}

function movingText({ to, step, running }: NonNullable<Federation['move']>) {
  // What has come to this workstation works already.
  if (to === 'embedded' && step === 'verify') return 'control.move.checking';
  return running ? 'control.move.frozen' : 'control.move.frozenStopped';
}

function TabBar({ tab, onChange }: { tab: TabName; onChange: (tab: TabName) => void }) {
  const { t } = useText();
  const area = areas.find((each) => (each.tabs as readonly TabName[]).includes(tab)) ?? areas[0];
  return (
    <div className="row wrap">
      <Segmented<AreaName>
        value={area.name}
        onChange={(name) => onChange(name)}
        options={areas.map(({ name }) => ({
          value: name,
          label: <span data-testid={`area-${name}`}>{t(`federations.areas.${name}`)}</span>,
        }))}
      />
      {area.tabs.length > 1 && (
        <div className="federation-tabs">
          <Segmented<TabName>
            value={tab}
            onChange={onChange}
            options={area.tabs.map((name) => ({
              value: name,
              label: <span data-testid={`tab-${name}`}>{t(`federations.tabs.${name}`)}</span>,
            }))}
          />
        </div>
      )}
    </div>
  );
}

function DeleteFederation({
  federation,
  fleetName,
  open,
  onClose,
}: {
  federation: Federation;
  fleetName: string | undefined;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useText();
  const remove = useAction(() => engine.federations.remove.mutate({ id: federation.id }));
  const protect = useAction((on: boolean) =>
    engine.federations.update.mutate({ id: federation.id, deletionProtection: on }),
  );
  const reasons = [
    ...(federation.deletionProtection ? [t('federations.deleteBlockedProtection')] : []),
    ...(federation.fleetId === null
      ? []
      : [t('federations.deleteBlockedFleet', { name: fleetName ?? federation.fleetId })]),
  ];
  return (
    <Confirm
      open={open}
      title={t('federations.deleteTitle', { name: federation.name })}
      action={t('federations.delete')}
      danger
      {...(reasons.length === 0 ? { typeToConfirm: federation.name } : {})}
      pending={remove.pending}
      error={remove.error ?? protect.error}
      disabled={reasons.length > 0}
      onCancel={() => {
        remove.reset();
        onClose();
      }}
      onConfirm={() => void remove.run().then((done) => done !== null && navigate(['federations']))}
    >
      <div className="stack">
        <span>{t('federations.deleteText')}</span>
        {federation.members.length > 0 && (
          <Before
            federation={federation}
            changes={
              open ? federation.members.map(({ name }) => ({ kind: 'cluster', name, gone: 'left' as const })) : null
            }
          />
        )}
        {reasons.length > 0 && (
          <ul className="bullets text-warning" data-testid="delete-blocked">
            {reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
        <label className="row">
          <Switch
            size="small"
            checked={federation.deletionProtection}
            loading={protect.pending}
            onChange={(on) => void protect.run(on)}
          />
          {t('federations.protection')}
        </label>
      </div>
    </Confirm>
  );
}
