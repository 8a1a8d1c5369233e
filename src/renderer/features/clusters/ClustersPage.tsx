/** The registered clusters, live: list with filters, detail drawer, registration, unregistering (features R5, R6, R9). */
import { lazy, Suspense, useMemo } from 'react';
import type { Cluster, ClusterState } from '#shared/contract/clusters.ts';
import { useClusters, useFleets } from '../../app/engine/sources.ts';
import { changeQuery, formatRoute, navigate, useRoute } from '../../app/router.ts';
import { useOnce } from '../../stores/once.ts';
import { useText } from '../../stores/text.ts';
import { Age } from '../../ui/Age.tsx';
import { Button, Select } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { FilterInput } from '../../ui/FilterInput.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { AddIcon, CertificateIcon, ClustersIcon, LockIcon, WarningIcon } from '../../ui/icons.ts';
import { Page } from '../../ui/Page.tsx';
import { Status, TargetName } from '../../ui/Status.tsx';
import { type ClusterFilter, endingCertificate, endText, filterClusters, isStale, levelOf } from './cluster-state.ts';

/** The list is there first; what is opened from it is fetched when it is opened. */
const ClusterDrawer = lazy(() => import('./ClusterDrawer.tsx').then((module) => ({ default: module.ClusterDrawer })));
const RegisterDrawer = lazy(() =>
  import('./RegisterDrawer.tsx').then((module) => ({ default: module.RegisterDrawer })),
);

export default function ClustersPage({ openId }: { openId: string | undefined }) {
  const { t, number, provider: providerName } = useText();
  const { query } = useRoute();
  const live = useClusters();
  const fleets = useFleets().data;
  const filter: ClusterFilter = {
    text: query['q'] ?? '',
    state: (query['state'] ?? '') as ClusterState | '',
    type: (query['type'] ?? '') as Cluster['type'] | '',
    region: query['region'] ?? '',
    provider: query['provider'] ?? '',
  };
  const registering = query['register'] === '1';
  const registration = useOnce(registering);
  const detail = useOnce(openId !== undefined);
  const clusters = live.data ?? [];
  const shown = filterClusters(clusters, filter, providerName);
  const columns = useMemo((): GridColumn<Cluster>[] => {
    const fleetName = (id: string | null) => fleets?.find((fleet) => fleet.id === id)?.name ?? '';
    return [
      {
        id: 'name',
        title: t('clusters.columns.name'),
        width: 150,
        grow: 2,
        sortValue: (cluster) => cluster.name,
        cell: (cluster) => (
          <span className="row">
            <TargetName name={cluster.name} />
            {cluster.insecure && (
              <WarningIcon
                className="text-error"
                title={t('clusters.detail.insecure')}
                aria-label={t('clusters.detail.insecure')}
              />
            )}
            <CertificateMark cluster={cluster} />
          </span>
        ),
      },
      {
        id: 'state',
        title: t('clusters.columns.state'),
        width: 130,
        grow: 2,
        sortValue: (cluster) => cluster.state,
        cell: (cluster) => (
          <span className="row">
            <ClusterStatus cluster={cluster} />
            <span className="muted">
              <Age since={cluster.since} />
            </span>
          </span>
        ),
      },
      {
        id: 'type',
        title: t('clusters.columns.type'),
        width: 114,
        sortValue: (cluster) => cluster.type,
        cell: (cluster) => <span>{t(`clusters.types.${cluster.type}`)}</span>,
      },
      {
        id: 'provider',
        title: t('clusters.columns.provider'),
        width: 104,
        sortValue: ({ provider }) => providerName(provider),
        cell: ({ provider }) => <span>{providerName(provider)}</span>,
      },
      {
        id: 'region',
        title: t('clusters.columns.region'),
        width: 106,
        sortValue: (cluster) => cluster.region,
        cell: (cluster) => <span title={cluster.region}>{cluster.region}</span>,
      },
      {
        id: 'version',
        title: t('clusters.columns.version'),
        width: 122,
        grow: 2,
        sortValue: (cluster) => cluster.version,
        cell: (cluster) => <span title={cluster.version ?? ''}>{cluster.version}</span>,
      },
      {
        id: 'nodes',
        title: t('clusters.columns.nodes'),
        width: 84,
        grow: 0,
        align: 'right',
        sortValue: (cluster) => cluster.nodes?.total ?? null,
        cell: ({ nodes, ...cluster }) =>
          nodes !== null && (
            <span
              title={t('clusters.nodesReady', nodes)}
              className={isStale(cluster) ? 'muted' : nodes.ready < nodes.total ? 'text-warning' : undefined}
            >
              {nodes.ready}/{nodes.total}
            </span>
          ),
      },
      {
        id: 'latency',
        title: t('clusters.columns.latency'),
        width: 76,
        grow: 0,
        align: 'right',
        sortValue: (cluster) => cluster.latencyMs,
        cell: ({ latencyMs }) =>
          latencyMs !== null && <span>{t('common.units.milliseconds', { value: number(Math.round(latencyMs)) })}</span>,
      },
      {
        id: 'lastSeen',
        title: t('clusters.columns.seen'),
        width: 66,
        grow: 0,
        align: 'right',
        sortValue: (cluster) => cluster.lastSeen,
        cell: (cluster) => (
          <span
            className={isStale(cluster) ? 'text-warning' : 'muted'}
            title={isStale(cluster) ? t('clusters.staleSince') : undefined}
            data-stale={isStale(cluster)}
          >
            {cluster.lastSeen === null ? t('clusters.detail.never') : <Age since={cluster.lastSeen} />}
          </span>
        ),
      },
      {
        id: 'fleet',
        title: t('clusters.columns.fleet'),
        width: 92,
        sortValue: (cluster) => fleetName(cluster.fleetId),
        cell: (cluster) =>
          cluster.fleetId !== null && (
            <a href={formatRoute(['fleets', cluster.fleetId])}>{fleetName(cluster.fleetId)}</a>
          ),
      },
      {
        id: 'protection',
        title: t('clusters.columns.protection'),
        width: 80,
        grow: 0,
        sortValue: (cluster) => (cluster.deletionProtection ? 0 : 1),
        cell: (cluster) =>
          cluster.deletionProtection && (
            <LockIcon title={t('clusters.detail.protection')} aria-label={t('common.yes')} />
          ),
      },
    ];
  }, [t, number, providerName, fleets]);

  const register = (
    <Button
      type="primary"
      icon={<AddIcon />}
      onClick={() => changeQuery({ register: '1' }, 'push')}
      data-testid="register-clusters"
    >
      {t('clusters.register')}
    </Button>
  );
  const states = [...new Set(clusters.map(({ state }) => state))];
  const types = [...new Set(clusters.map(({ type }) => type))];
  return (
    <Page
      testId="clusters-page"
      title={t('clusters.title')}
      aside={live.data !== undefined && <span className="muted">{t('common.total', { count: shown.length })}</span>}
      actions={register}
      body="fill"
      toolbar={
        clusters.length > 0 && (
          <>
            <FilterInput value={filter.text} onChange={(q) => changeQuery({ q })} placeholder={t('clusters.filter')} />
            <Select
              aria-label={t('clusters.columns.state')}
              value={filter.state}
              onChange={(state) => changeQuery({ state })}
              popupMatchSelectWidth={false}
              options={[
                { value: '' as const, label: t('clusters.allStates') },
                ...states.map((state) => ({ value: state, label: t(`clusters.states.${state}`) })),
              ]}
            />
            <Select
              aria-label={t('clusters.columns.type')}
              value={filter.type}
              onChange={(type) => changeQuery({ type })}
              popupMatchSelectWidth={false}
              options={[
                { value: '' as const, label: t('clusters.allTypes') },
                ...types.map((type) => ({ value: type, label: t(`clusters.types.${type}`) })),
              ]}
            />
          </>
        )
      }
    >
      {live.error !== null && <ErrorNotice error={live.error} level="warning" />}
      {live.data === undefined ? (
        live.error === null && <Loading rows={8} />
      ) : clusters.length === 0 ? (
        <EmptyState
          icon={<ClustersIcon />}
          title={t('clusters.empty.title')}
          hint={t('clusters.empty.hint')}
          action={register}
        />
      ) : (
        <DataGrid
          label={t('clusters.title')}
          testId="clusters-grid"
          columns={columns}
          rows={shown}
          rowKey={(cluster) => cluster.id}
          sort={{ column: 'name', descending: false }}
          openKey={openId}
          onOpen={(cluster) => navigate(['clusters', cluster.id], query)}
          empty={
            <EmptyState
              title={t('clusters.noneMatch.title')}
              hint={t('clusters.noneMatch.hint')}
              action={<Button onClick={() => navigate(['clusters'])}>{t('clusters.noneMatch.clear')}</Button>}
            />
          }
        />
      )}
      <Suspense fallback={null}>
        {detail && (
          <ClusterDrawer
            cluster={clusters.find(({ id }) => id === openId)}
            missing={openId !== undefined && live.data !== undefined && !clusters.some(({ id }) => id === openId)}
            onClose={() => navigate(['clusters'], query)}
          />
        )}
      </Suspense>
      <Suspense fallback={null}>
        {registration && <RegisterDrawer open={registering} onClose={() => changeQuery({ register: undefined })} />}
      </Suspense>
    </Page>
  );
}

/** Beside the name while a certificate on the way to the cluster wants to be renewed. */
function CertificateMark({ cluster }: { cluster: Cluster }) {
  const { t } = useText();
  const ending = endingCertificate(cluster);
  if (ending === null) return null;
  const whose = t(`clusters.health.certificateOf.${ending.whose}`);
  const text = `${whose}: ${t(endText(ending), { count: ending.days })}`;
  return <CertificateIcon className={`text-${ending.level}`} title={text} aria-label={text} />;
}

/** State with its reason in a few words; the whole reason is in the detail. */
export function ClusterStatus({ cluster }: { cluster: Cluster }) {
  const { t, error } = useText();
  const reason = cluster.reason === null ? null : error({ ...cluster.reason, cluster: undefined });
  return (
    <Status
      level={levelOf(cluster.state)}
      title={reason === null ? undefined : `${reason.title} ${reason.hint}`}
      testId="cluster-state"
    >
      {t(`clusters.states.${cluster.state}`)}
      {reason !== null && <span className="muted"> {reason.title}</span>}
    </Status>
  );
}
