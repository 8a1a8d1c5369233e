/** The fleets, live: list and creation (features F1, F2). */
import { useMemo, useState } from 'react';
import type { Fleet } from '#shared/contract/fleets.ts';
import { fleetNamePattern } from '#shared/names.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useClusters, useFederations, useFleets } from '../../app/engine/sources.ts';
import { changeQuery, formatRoute, navigate, useRoute } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Age } from '../../ui/Age.tsx';
import { Confirm } from '../../ui/Confirm.tsx';
import { Button, Input, Select } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';
import { FilterInput } from '../../ui/FilterInput.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { AddIcon, FleetsIcon } from '../../ui/icons.ts';
import { useNotify } from '../../ui/notify.ts';
import { Page } from '../../ui/Page.tsx';
import { gibibytes } from '../clusters/cluster-state.ts';
import { sumOf } from './sums.ts';

export default function FleetsPage() {
  const { t, number } = useText();
  const { query } = useRoute();
  const live = useFleets();
  const clusters = useClusters().data;
  const federations = useFederations().data;
  const words = (query['q'] ?? '').toLowerCase();
  const fleets = live.data ?? [];
  const shown = fleets.filter((fleet) => `${fleet.name} ${fleet.description}`.toLowerCase().includes(words));
  const columns = useMemo((): GridColumn<Fleet>[] => {
    const sums = (fleet: Fleet) => sumOf((clusters ?? []).filter(({ id }) => fleet.clusterIds.includes(id)));
    return [
      {
        id: 'name',
        title: t('fleets.columns.name'),
        width: 160,
        grow: 2,
        sortValue: ({ name }) => name,
        cell: ({ name }) => <span className="strong">{name}</span>,
      },
      {
        id: 'clusters',
        title: t('fleets.columns.clusters'),
        width: 150,
        sortValue: (fleet) => fleet.clusterIds.length,
        cell: (fleet) => (
          <span>{t('fleets.running', { running: sums(fleet).running, total: fleet.clusterIds.length })}</span>
        ),
      },
      {
        id: 'nodes',
        title: t('fleets.columns.nodes'),
        width: 80,
        align: 'right',
        sortValue: (fleet) => sums(fleet).nodes,
        cell: (fleet) => <span>{number(sums(fleet).nodes)}</span>,
      },
      {
        id: 'cpu',
        title: t('fleets.columns.cpu'),
        width: 120,
        align: 'right',
        sortValue: (fleet) => sums(fleet).cpuCores,
        cell: (fleet) => <span>{t('common.units.cores', { value: number(sums(fleet).cpuCores) })}</span>,
      },
      {
        id: 'memory',
        title: t('fleets.columns.memory'),
        width: 100,
        align: 'right',
        sortValue: (fleet) => sums(fleet).memoryBytes,
        cell: (fleet) => (
          <span>{t('common.units.gibibytes', { value: number(gibibytes(sums(fleet).memoryBytes)) })}</span>
        ),
      },
      {
        id: 'federation',
        title: t('fleets.columns.federation'),
        width: 140,
        sortValue: (fleet) => fleet.federationId,
        cell: (fleet) =>
          fleet.federationId !== null && (
            <a href={formatRoute(['federations', fleet.federationId])}>
              {federations?.find(({ id }) => id === fleet.federationId)?.name ?? fleet.federationId}
            </a>
          ),
      },
      {
        id: 'description',
        title: t('fleets.columns.description'),
        width: 140,
        grow: 2,
        sortValue: ({ description }) => description,
        cell: ({ description }) => <span title={description}>{description}</span>,
      },
      {
        id: 'created',
        title: t('fleets.columns.created'),
        width: 90,
        grow: 0,
        sortValue: (fleet) => -Date.parse(fleet.createdAt),
        cell: (fleet) => <Age since={fleet.createdAt} />,
      },
    ];
  }, [t, number, clusters, federations]);
  const create = (
    <Button
      type="primary"
      icon={<AddIcon />}
      onClick={() => changeQuery({ create: '1' }, 'push')}
      data-testid="create-fleet"
    >
      {t('fleets.create')}
    </Button>
  );
  return (
    <Page
      testId="fleets-page"
      title={t('fleets.title')}
      aside={live.data !== undefined && <span className="muted">{t('common.total', { count: shown.length })}</span>}
      actions={create}
      body="fill"
      toolbar={
        fleets.length > 0 && (
          <FilterInput value={query['q'] ?? ''} onChange={(q) => changeQuery({ q })} placeholder={t('fleets.filter')} />
        )
      }
    >
      {live.error !== null && <ErrorNotice error={live.error} level="warning" />}
      {live.data === undefined ? (
        live.error === null && <Loading rows={6} />
      ) : fleets.length === 0 ? (
        <EmptyState
          icon={<FleetsIcon />}
          title={t('fleets.empty.title')}
          hint={t('fleets.empty.hint')}
          action={create}
        />
      ) : (
        <DataGrid
          label={t('fleets.title')}
          testId="fleets-grid"
          columns={columns}
          rows={shown}
          rowKey={(fleet) => fleet.id}
          sort={{ column: 'name', descending: false }}
          onOpen={(fleet) => navigate(['fleets', fleet.id])}
          empty={<EmptyState title={t('clusters.noneMatch.title')} hint={t('clusters.noneMatch.hint')} />}
        />
      )}
      <CreateFleet
        open={query['create'] === '1'}
        onClose={() => changeQuery({ create: undefined })}
        taken={fleets.map(({ name }) => name)}
      />
    </Page>
  );
}

function CreateFleet({ open, onClose, taken }: { open: boolean; onClose: () => void; taken: readonly string[] }) {
  const { t } = useText();
  const notify = useNotify();
  const free = (useClusters().data ?? []).filter(({ fleetId }) => fleetId === null);
  const federations = (useFederations().data ?? []).filter(({ fleetId }) => fleetId === null);
  const [draft, setDraft] = useState({ name: '', description: '', clusterIds: [] as string[], federationId: '' });
  const [touched, setTouched] = useState(false);
  const nameProblem =
    draft.name === ''
      ? t('common.invalid.required')
      : !fleetNamePattern.test(draft.name)
        ? t('common.invalid.fleetName')
        : taken.includes(draft.name)
          ? t('common.invalid.taken')
          : undefined;
  const create = useAction(async () => {
    const { name, description, clusterIds, federationId } = draft;
    const fleet = await engine.fleets.create.mutate({ name, description, clusterIds });
    if (federationId !== '') await engine.federations.join.mutate({ id: federationId, fleetId: fleet.id });
    return fleet;
  });
  return (
    <Confirm
      open={open}
      title={t('fleets.create')}
      action={t('common.create')}
      pending={create.pending}
      error={create.error}
      disabled={nameProblem !== undefined}
      onCancel={() => {
        onClose();
        create.reset();
      }}
      onConfirm={() =>
        void create.run().then((done) => {
          if (done === null) return;
          onClose();
          setDraft({ name: '', description: '', clusterIds: [], federationId: '' });
          setTouched(false);
          notify.success(t('fleets.created', { name: done.value.name }));
          navigate(['fleets', done.value.id]);
        })
      }
    >
      <div className="stack">
        <Field label={t('common.name')} required error={touched ? nameProblem : undefined}>
          <Input
            autoFocus
            value={draft.name}
            onChange={(event) => {
              setDraft({ ...draft, name: event.target.value });
              setTouched(true);
            }}
            data-testid="fleet-name"
          />
        </Field>
        <Field label={t('common.description')}>
          <Input
            value={draft.description}
            maxLength={500}
            onChange={(event) => setDraft({ ...draft, description: event.target.value })}
          />
        </Field>
        <Field
          label={t('fleets.form.clusters')}
          help={free.length === 0 ? t('fleets.form.noneFree') : t('fleets.form.clustersHelp')}
        >
          <Select
            mode="multiple"
            value={draft.clusterIds}
            disabled={free.length === 0}
            onChange={(clusterIds) => setDraft({ ...draft, clusterIds })}
            options={free.map(({ id, name }) => ({ value: id, label: name }))}
            optionFilterProp="label"
            data-testid="fleet-clusters"
          />
        </Field>
        <Field label={t('fleets.form.federation')} help={t('fleets.detail.joinHelp')}>
          <Select
            value={draft.federationId}
            onChange={(federationId) => setDraft({ ...draft, federationId })}
            options={[
              { value: '', label: t('fleets.form.noFederation') },
              ...federations.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        </Field>
      </div>
    </Confirm>
  );
}
