/** One fleet: its clusters, its federation, protection, and the way to delete it (features F2, F4-F7). */
import { useMemo, useState } from 'react';
import type { Cluster } from '#shared/contract/clusters.ts';
import type { Fleet } from '#shared/contract/fleets.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useClusters, useFederations, useFleets } from '../../app/engine/sources.ts';
import { formatRoute, navigate } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Button, Select, Switch } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { AddIcon, InspectionIcon, RemoveIcon } from '../../ui/icons.ts';
import { Facts, Page, Panel } from '../../ui/Page.tsx';
import { TargetName } from '../../ui/Status.tsx';
import { ClusterStatus } from '../clusters/ClustersPage.tsx';
import { gibibytes } from '../clusters/cluster-state.ts';
import { DeleteFleet } from './DeleteFleet.tsx';
import { sumOf } from './sums.ts';

export default function FleetPage({ id }: { id: string }) {
  const { t } = useText();
  const live = useFleets();
  const fleet = live.data?.find((each) => each.id === id);
  if (live.data === undefined) return live.error === null ? <Loading rows={10} /> : <ErrorNotice error={live.error} />;
  if (fleet === undefined)
    return (
      <EmptyState
        title={t('errors.NOT_FOUND.title')}
        hint={t('errors.NOT_FOUND.hint')}
        action={<Button href={formatRoute(['fleets'])}>{t('fleets.title')}</Button>}
      />
    );
  return <FleetDetail fleet={fleet} />;
}

function FleetDetail({ fleet }: { fleet: Fleet }) {
  const { t, number, provider: providerName } = useText();
  const clusters = useClusters().data ?? [];
  const federations = useFederations().data ?? [];
  const members = clusters.filter(({ id }) => fleet.clusterIds.includes(id));
  const federation = federations.find(({ id }) => id === fleet.federationId);
  const [asking, setAsking] = useState<'add' | 'join' | 'leave' | 'delete' | null>(null);
  const [removing, setRemoving] = useState<Cluster | null>(null);
  const [chosen, setChosen] = useState<string[]>([]);
  const [joining, setJoining] = useState<string | undefined>();
  const protect = useAction((on: boolean) => engine.fleets.update.mutate({ id: fleet.id, deletionProtection: on }));
  const add = useAction(() => engine.fleets.addClusters.mutate({ id: fleet.id, clusterIds: chosen }));
  const join = useAction((federationId: string) =>
    engine.federations.join.mutate({ id: federationId, fleetId: fleet.id }),
  );
  const leave = useAction((federationId: string) => engine.federations.leave.mutate({ id: federationId }));
  const remove = useAction((clusterId: string) => engine.fleets.removeCluster.mutate({ id: fleet.id, clusterId }));
  const free = clusters.filter(({ fleetId }) => fleetId === null);
  const joinable = federations.filter(({ fleetId }) => fleetId === null);
  const sums = sumOf(members);
  const close = () => {
    setAsking(null);
    setRemoving(null);
    for (const action of [add, join, leave, remove]) action.reset();
  };
  const columns = useMemo(
    (): GridColumn<Cluster>[] => [
      {
        id: 'name',
        title: t('clusters.columns.name'),
        width: 150,
        grow: 2,
        sortValue: ({ name }) => name,
        cell: ({ name }) => <TargetName name={name} />,
      },
      {
        id: 'state',
        title: t('clusters.columns.state'),
        width: 150,
        grow: 2,
        sortValue: ({ state }) => state,
        cell: (cluster) => <ClusterStatus cluster={cluster} />,
      },
      {
        id: 'provider',
        title: t('clusters.columns.provider'),
        width: 110,
        sortValue: ({ provider }) => providerName(provider),
        cell: ({ provider }) => <span>{providerName(provider)}</span>,
      },
      {
        id: 'region',
        title: t('clusters.columns.region'),
        width: 100,
        sortValue: ({ region }) => region,
        cell: ({ region }) => <span>{region}</span>,
      },
      {
        id: 'version',
        title: t('clusters.columns.version'),
        width: 110,
        sortValue: ({ version }) => version,
        cell: ({ version }) => <span>{version}</span>,
      },
      {
        id: 'nodes',
        title: t('clusters.columns.nodes'),
        width: 80,
        grow: 0,
        align: 'right',
        sortValue: ({ nodes }) => nodes?.total ?? null,
        cell: ({ nodes }) => nodes !== null && <span>{`${nodes.ready}/${nodes.total}`}</span>,
      },
    ],
    [t, providerName],
  );
  return (
    <Page
      testId="fleet-page"
      title={fleet.name}
      aside={<span className="muted ellipsis">{fleet.description}</span>}
      back={{ href: formatRoute(['fleets']), label: t('fleets.title') }}
      actions={
        <>
          <Button
            icon={<InspectionIcon />}
            disabled={fleet.clusterIds.length === 0}
            href={formatRoute(['inspection'], { start: `fleet:${fleet.id}` })}
          >
            {t('inspection.cluster.inspect')}
          </Button>
          <Button icon={<AddIcon />} onClick={() => setAsking('add')} data-testid="fleet-add-clusters">
            {t('fleets.detail.addClusters')}
          </Button>
          {federation === undefined ? (
            <Button onClick={() => setAsking('join')} data-testid="fleet-join">
              {t('fleets.detail.join')}
            </Button>
          ) : (
            <Button onClick={() => setAsking('leave')} data-testid="fleet-leave">
              {t('fleets.detail.leave')}
            </Button>
          )}
          <Button danger onClick={() => setAsking('delete')} data-testid="fleet-delete">
            {t('fleets.delete')}
          </Button>
        </>
      }
    >
      <div className="stack wide">
        <Panel>
          <Facts
            facts={[
              {
                label: t('fleets.columns.clusters'),
                value: t('fleets.running', { running: sums.running, total: fleet.clusterIds.length }),
              },
              { label: t('fleets.columns.nodes'), value: number(sums.nodes) },
              { label: t('fleets.columns.cpu'), value: t('common.units.cores', { value: number(sums.cpuCores) }) },
              {
                label: t('fleets.columns.memory'),
                value: t('common.units.gibibytes', { value: number(gibibytes(sums.memoryBytes)) }),
              },
              {
                label: t('fleets.columns.federation'),
                value:
                  federation === undefined ? (
                    <span className="muted">{t('fleets.detail.noFederation')}</span>
                  ) : (
                    <a href={formatRoute(['federations', federation.id])} data-testid="fleet-federation">
                      {federation.name}
                    </a>
                  ),
              },
              {
                label: t('fleets.detail.protection'),
                value: (
                  <Switch
                    size="small"
                    checked={fleet.deletionProtection}
                    loading={protect.pending}
                    onChange={(on) => void protect.run(on)}
                    aria-label={t('fleets.detail.protection')}
                  />
                ),
              },
            ]}
          />
          {protect.error !== null && <ErrorNotice error={protect.error} onClose={protect.reset} />}
        </Panel>
        {members.length === 0 ? (
          <Panel>
            <EmptyState
              title={t('fleets.detail.noClusters.title')}
              hint={t('fleets.detail.noClusters.hint')}
              action={
                <Button type="primary" onClick={() => setAsking('add')}>
                  {t('fleets.detail.addClusters')}
                </Button>
              }
            />
          </Panel>
        ) : (
          <DataGrid
            autoHeight
            label={t('fleets.detail.clusters')}
            testId="fleet-clusters-grid"
            columns={columns}
            rows={members}
            rowKey={(cluster) => cluster.id}
            sort={{ column: 'name', descending: false }}
            onOpen={(cluster) => navigate(['clusters', cluster.id])}
            rowActions={(cluster) => (
              <Button
                type="text"
                icon={<RemoveIcon />}
                aria-label={`${t('fleets.detail.remove')}: ${cluster.name}`}
                title={t('fleets.detail.remove')}
                onClick={() => setRemoving(cluster)}
              />
            )}
          />
        )}
      </div>
      <Confirm
        open={asking === 'add'}
        title={t('fleets.detail.addClusters')}
        action={t('common.add')}
        pending={add.pending}
        error={add.error}
        disabled={chosen.length === 0}
        onCancel={close}
        onConfirm={() =>
          void add.run().then((done) => {
            if (done === null) return;
            close();
            setChosen([]);
          })
        }
      >
        <Field
          label={t('fleets.form.clusters')}
          help={free.length === 0 ? t('fleets.form.noneFree') : t('fleets.form.clustersHelp')}
        >
          <Select
            mode="multiple"
            value={chosen}
            disabled={free.length === 0}
            onChange={setChosen}
            options={free.map(({ id, name }) => ({ value: id, label: name }))}
            optionFilterProp="label"
            data-testid="fleet-clusters"
          />
        </Field>
      </Confirm>
      <Confirm
        open={asking === 'join'}
        title={t('fleets.detail.join')}
        action={t('fleets.detail.join')}
        pending={join.pending}
        error={join.error}
        disabled={joining === undefined}
        onCancel={close}
        onConfirm={() => joining !== undefined && void join.run(joining).then((done) => done !== null && close())}
      >
        <Field
          label={t('fleets.columns.federation')}
          help={joinable.length === 0 ? t('fleets.detail.joinNone') : t('fleets.detail.joinHelp')}
        >
          <Select
            value={joining}
            disabled={joinable.length === 0}
            onChange={setJoining}
            options={joinable.map(({ id, name }) => ({ value: id, label: name }))}
            data-testid="fleet-join-federation"
          />
        </Field>
      </Confirm>
      <Confirm
        open={asking === 'leave' && federation !== undefined}
        title={t('fleets.detail.leaveTitle', { name: fleet.name, federation: federation?.name ?? '' })}
        action={t('fleets.detail.leave')}
        danger
        pending={leave.pending}
        error={leave.error}
        onCancel={close}
        onConfirm={() =>
          federation !== undefined && void leave.run(federation.id).then((done) => done !== null && close())
        }
      >
        {t('fleets.detail.leaveText')}
      </Confirm>
      <Confirm
        open={removing !== null}
        title={t('fleets.detail.removeTitle', { cluster: removing?.name ?? '', name: fleet.name })}
        action={t('fleets.detail.remove')}
        danger
        pending={remove.pending}
        error={remove.error}
        onCancel={close}
        onConfirm={() => removing !== null && void remove.run(removing.id).then((done) => done !== null && close())}
      >
        {t('fleets.detail.removeText')}{' '}
        {federation !== undefined && t('fleets.detail.removeFederated', { federation: federation.name })}
      </Confirm>
      <DeleteFleet fleet={fleet} federationName={federation?.name} open={asking === 'delete'} onClose={close} />
    </Page>
  );
}
