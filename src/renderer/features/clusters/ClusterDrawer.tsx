/** One cluster in full: state with reason and remedy, connection, capacity, protection, and the way out (R5-R7, R9). */
import { useState } from 'react';
import type { Cluster } from '#shared/contract/clusters.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useFleets } from '../../app/engine/sources.ts';
import { resourcesRoute } from '../../app/resource-links.ts';
import { formatRoute } from '../../app/router.ts';
import { chooseTargets } from '../../app/shell/TargetBadge.tsx';
import { useText } from '../../stores/text.ts';
import { Age, Ago } from '../../ui/Age.tsx';
import { Confirm } from '../../ui/Confirm.tsx';
import { CopyText } from '../../ui/CopyText.tsx';
import { Alert, Button, Checkbox, Drawer, Switch, Tabs } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice } from '../../ui/Feedback.tsx';
import { InspectionIcon, ReloadIcon, ResourcesIcon } from '../../ui/icons.ts';
import { useNotify } from '../../ui/notify.ts';
import { Facts, Panel } from '../../ui/Page.tsx';
import { Status, TargetName } from '../../ui/Status.tsx';
import { AccessTab } from './AccessTab.tsx';
import { gibibytes, levelOf } from './cluster-state.ts';
import { type ClusterFacts, FactsFields } from './FactsFields.tsx';
import { HealthTab } from './HealthTab.tsx';
import { HistoryTab } from './HistoryTab.tsx';
import { ReplaceKubeconfig } from './ReplaceKubeconfig.tsx';

export function ClusterDrawer({
  cluster,
  missing,
  onClose,
}: {
  cluster: Cluster | undefined;
  missing: boolean;
  onClose: () => void;
}) {
  const { t } = useText();
  return (
    <Drawer
      open={cluster !== undefined || missing}
      onClose={onClose}
      size={860}
      destroyOnHidden
      title={cluster === undefined ? t('errors.NOT_FOUND.title') : <TargetName name={cluster.name} />}
      extra={cluster !== undefined && <DrawerActions cluster={cluster} onGone={onClose} />}
      data-testid="cluster-drawer"
    >
      {cluster === undefined ? (
        <EmptyState title={t('errors.NOT_FOUND.title')} hint={t('errors.NOT_FOUND.hint')} />
      ) : (
        <Tabs
          key={cluster.id}
          items={[
            {
              key: 'overview',
              label: <span data-testid="cluster-tab-overview">{t('clusters.tabs.overview')}</span>,
              children: <ClusterDetail cluster={cluster} />,
            },
            {
              key: 'health',
              label: <span data-testid="cluster-tab-health">{t('clusters.tabs.health')}</span>,
              children: <HealthTab cluster={cluster} />,
            },
            {
              key: 'access',
              label: <span data-testid="cluster-tab-access">{t('clusters.tabs.access')}</span>,
              children: <AccessTab target={{ ...cluster, running: cluster.state === 'running' }} />,
            },
            {
              key: 'history',
              label: <span data-testid="cluster-tab-history">{t('clusters.tabs.history')}</span>,
              children: <HistoryTab cluster={cluster} />,
            },
          ]}
        />
      )}
    </Drawer>
  );
}

function DrawerActions({ cluster, onGone }: { cluster: Cluster; onGone: () => void }) {
  const { t } = useText();
  const notify = useNotify();
  const [asking, setAsking] = useState(false);
  const [leaveBehind, setLeaveBehind] = useState(false);
  const unregister = useAction(() => engine.clusters.unregister.mutate({ id: cluster.id, leaveBehind }));
  const target = { kind: 'cluster' as const, id: cluster.id };
  return (
    <div className="row">
      <Button
        icon={<ResourcesIcon />}
        disabled={cluster.state !== 'running'}
        onClick={() => {
          chooseTargets([target]);
          window.location.hash = resourcesRoute({ targets: [target] });
        }}
        data-testid="cluster-enter"
      >
        {t('clusters.enter')}
      </Button>
      <Button
        icon={<InspectionIcon />}
        disabled={cluster.state !== 'running'}
        href={formatRoute(['inspection'], { start: `cluster:${cluster.id}` })}
        data-testid="cluster-inspect"
      >
        {t('inspection.cluster.inspect')}
      </Button>
      <Button danger onClick={() => setAsking(true)} data-testid="cluster-unregister">
        {t('clusters.unregister')}
      </Button>
      <Confirm
        open={asking}
        title={t('clusters.unregisterTitle', { name: cluster.name })}
        action={t('clusters.unregister')}
        danger
        pending={unregister.pending}
        error={unregister.error}
        onCancel={() => {
          setAsking(false);
          unregister.reset();
        }}
        onConfirm={() =>
          void unregister.run().then((done) => {
            if (done === null) return;
            setAsking(false);
            notify.success(t('clusters.unregistered', { name: cluster.name }));
            onGone();
          })
        }
      >
        <div className="stack">
          {t('clusters.unregisterText', { name: cluster.name, server: cluster.server })}
          {unregister.error?.hint === 'hints.leftBehind' && (
            <Checkbox
              checked={leaveBehind}
              onChange={(event) => setLeaveBehind(event.target.checked)}
              data-testid="leave-behind"
            >
              {t('clusters.leaveBehind')}
            </Checkbox>
          )}
        </div>
      </Confirm>
    </div>
  );
}

function ClusterDetail({ cluster }: { cluster: Cluster }) {
  const { t, number, provider } = useText();
  const fleet = useFleets().data?.find(({ id }) => id === cluster.fleetId);
  const reconnect = useAction(() => engine.clusters.reconnect.mutate({ id: cluster.id }));
  const protect = useAction((on: boolean) => engine.clusters.update.mutate({ id: cluster.id, deletionProtection: on }));
  const unknown = <span className="muted">{t('clusters.detail.unknownUntilConnected')}</span>;
  return (
    <div className="stack wide">
      <div className="row between">
        <Status level={levelOf(cluster.state)} testId="cluster-detail-state">
          {t(`clusters.states.${cluster.state}`)}{' '}
          <span className="muted">
            <Age since={cluster.since} />
          </span>
        </Status>
        {cluster.state !== 'running' && (
          <Button icon={<ReloadIcon />} loading={reconnect.pending} onClick={() => void reconnect.run()}>
            {t('clusters.reconnect')}
          </Button>
        )}
      </div>
      {cluster.reason !== null && <ErrorNotice error={cluster.reason} level="warning" />}
      {reconnect.error !== null && cluster.reason === null && (
        <ErrorNotice error={reconnect.error} onClose={reconnect.reset} />
      )}
      {cluster.insecure && <Alert type="error" showIcon title={t('clusters.detail.insecure')} />}
      <Panel title={t('clusters.detail.basics')} extra={<Correct cluster={cluster} />}>
        <Facts
          facts={[
            { label: t('clusters.columns.type'), value: t(`clusters.types.${cluster.type}`) },
            { label: t('clusters.columns.provider'), value: provider(cluster.provider) },
            { label: t('clusters.columns.region'), value: cluster.region },
            { label: t('clusters.detail.zones'), value: cluster.zones.join(', ') },
            { label: t('clusters.columns.version'), value: cluster.version },
            { label: t('clusters.columns.age'), value: <Ago since={cluster.createdAt} /> },
            {
              label: t('clusters.detail.inFleet'),
              value:
                fleet === undefined ? (
                  <span className="muted">{t('clusters.detail.noFleet')}</span>
                ) : (
                  <a href={formatRoute(['fleets', fleet.id])}>{fleet.name}</a>
                ),
            },
            {
              label: t('clusters.detail.protection'),
              value: (
                <span className="row">
                  <Switch
                    size="small"
                    checked={cluster.deletionProtection}
                    loading={protect.pending}
                    onChange={(on) => void protect.run(on)}
                    aria-label={t('clusters.detail.protection')}
                    data-testid="cluster-protection"
                  />
                  <span className="muted">{t('clusters.detail.protectionHelp')}</span>
                </span>
              ),
            },
          ]}
        />
        {protect.error !== null && <ErrorNotice error={protect.error} onClose={protect.reset} />}
      </Panel>
      <Panel title={t('clusters.detail.capacity')}>
        {cluster.nodes === null || cluster.capacity === null ? (
          unknown
        ) : (
          <div className="stack">
            <Facts
              facts={[
                { label: t('clusters.columns.nodes'), value: t('clusters.nodesReady', cluster.nodes) },
                {
                  label: t('clusters.columns.cpu'),
                  value: t('common.units.cores', { value: number(cluster.capacity.cpuCores) }),
                },
                {
                  label: t('clusters.columns.memory'),
                  value: t('common.units.gibibytes', { value: number(gibibytes(cluster.capacity.memoryBytes)) }),
                },
                { label: t('clusters.detail.pods'), value: number(cluster.capacity.pods) },
                {
                  label: t('clusters.detail.size'),
                  value: cluster.size === null ? null : t('clusters.detail.sizeValue', { value: number(cluster.size) }),
                },
              ]}
            />
            <span className="muted">{t('clusters.detail.readyOnly')}</span>
          </div>
        )}
      </Panel>
      <Panel title={t('clusters.detail.connection')} extra={<ReplaceKubeconfig cluster={cluster} />}>
        <Facts
          facts={[
            { label: t('clusters.detail.server'), value: <CopyText text={cluster.server} />, wide: true },
            { label: t('clusters.detail.context'), value: cluster.context },
            {
              label: t('clusters.columns.latency'),
              value:
                cluster.latencyMs === null
                  ? null
                  : t('common.units.milliseconds', { value: number(Math.round(cluster.latencyMs)) }),
            },
            {
              label: t('clusters.detail.lastSeen'),
              value: cluster.lastSeen === null ? t('clusters.detail.never') : <Ago since={cluster.lastSeen} />,
            },
            {
              label: t('clusters.detail.source'),
              value: cluster.sourcePath === null ? t('clusters.detail.kept') : <CopyText text={cluster.sourcePath} />,
              wide: true,
            },
          ]}
        />
      </Panel>
    </div>
  );
}

/** Type, provider, region and zones as the person knows them better than the detection (feature R1). */
function Correct({ cluster }: { cluster: Cluster }) {
  const { t } = useText();
  const [draft, setDraft] = useState<ClusterFacts | null>(null);
  const save = useAction((change: ClusterFacts) => engine.clusters.update.mutate({ id: cluster.id, ...change }));
  return (
    <>
      <Button
        type="link"
        onClick={() => {
          const { type, provider, region, zones } = cluster;
          setDraft({ type, provider, region, zones });
        }}
      >
        {t('common.edit')}
      </Button>
      <Confirm
        open={draft !== null}
        title={t('clusters.detail.correct')}
        action={t('common.save')}
        pending={save.pending}
        error={save.error}
        onCancel={() => {
          setDraft(null);
          save.reset();
        }}
        onConfirm={() => draft !== null && void save.run(draft).then((done) => done !== null && setDraft(null))}
      >
        {draft !== null && <FactsFields facts={draft} onChange={(change) => setDraft({ ...draft, ...change })} />}
      </Confirm>
    </>
  );
}
