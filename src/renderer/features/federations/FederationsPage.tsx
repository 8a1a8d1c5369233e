/** The federations, live: list and creation (features U1, U2). */
import { useMemo, useState } from 'react';
import type { Federation } from '#shared/contract/federations.ts';
import { federationNamePattern } from '#shared/names.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useFederations, useFleets } from '../../app/engine/sources.ts';
import { changeQuery, formatRoute, navigate, useRoute } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Age } from '../../ui/Age.tsx';
import { Confirm } from '../../ui/Confirm.tsx';
import { Button, Input, Select } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { AddIcon, FederationsIcon } from '../../ui/icons.ts';
import { useNotify } from '../../ui/notify.ts';
import { Page } from '../../ui/Page.tsx';
import { Status, TargetName } from '../../ui/Status.tsx';
import { EngineChoice } from './engine/EngineChoice.tsx';
import { ExternalSource, type Source } from './engine/ExternalSource.tsx';
import { federationLevel } from './levels.ts';

export default function FederationsPage() {
  const { t } = useText();
  const { query } = useRoute();
  const live = useFederations();
  const fleets = useFleets().data;
  const federations = live.data ?? [];
  const columns = useMemo(
    (): GridColumn<Federation>[] => [
      {
        id: 'name',
        title: t('federations.columns.name'),
        width: 160,
        grow: 2,
        sortValue: ({ name }) => name,
        cell: ({ name }) => <TargetName name={name} kind="federation" />,
      },
      {
        id: 'state',
        title: t('federations.columns.state'),
        width: 130,
        sortValue: ({ state }) => state,
        cell: (federation) => <FederationStatus federation={federation} />,
      },
      {
        id: 'fleet',
        title: t('federations.columns.fleet'),
        width: 120,
        sortValue: ({ fleetId }) => fleetId,
        cell: ({ fleetId }) =>
          fleetId !== null && (
            <a href={formatRoute(['fleets', fleetId])}>{fleets?.find(({ id }) => id === fleetId)?.name ?? fleetId}</a>
          ),
      },
      {
        id: 'members',
        title: t('federations.columns.members'),
        width: 120,
        sortValue: ({ members }) => members.length,
        cell: ({ members }) => {
          const ready = members.filter((member) => member.ready).length;
          return (
            <span className={ready < members.length ? 'text-warning' : undefined}>
              {t('federations.membersReady', { ready, total: members.length })}
            </span>
          );
        },
      },
      {
        id: 'engine',
        title: t('federations.columns.engine'),
        width: 110,
        sortValue: ({ engine: kind }) => kind,
        cell: ({ engine: kind }) => <span>{t(`federations.engines.${kind}`)}</span>,
      },
      {
        id: 'version',
        title: t('federations.columns.version'),
        width: 110,
        sortValue: ({ version }) => version,
        cell: ({ version }) => <span>{version}</span>,
      },
      {
        id: 'created',
        title: t('federations.columns.created'),
        width: 90,
        grow: 0,
        sortValue: ({ createdAt }) => -Date.parse(createdAt),
        cell: ({ createdAt }) => <Age since={createdAt} />,
      },
    ],
    [t, fleets],
  );
  const create = (
    <Button
      type="primary"
      icon={<AddIcon />}
      onClick={() => changeQuery({ create: '1' }, 'push')}
      data-testid="create-federation"
    >
      {t('federations.create')}
    </Button>
  );
  return (
    <Page
      testId="federations-page"
      title={t('federations.title')}
      aside={
        live.data !== undefined && <span className="muted">{t('common.total', { count: federations.length })}</span>
      }
      actions={create}
      body="fill"
    >
      {live.error !== null && <ErrorNotice error={live.error} level="warning" />}
      {live.data === undefined ? (
        live.error === null && <Loading rows={6} />
      ) : federations.length === 0 ? (
        <EmptyState
          icon={<FederationsIcon />}
          title={t('federations.empty.title')}
          hint={t('federations.empty.hint')}
          action={create}
        />
      ) : (
        <DataGrid
          label={t('federations.title')}
          testId="federations-grid"
          columns={columns}
          rows={federations}
          rowKey={(federation) => federation.id}
          sort={{ column: 'name', descending: false }}
          onOpen={(federation) => navigate(['federations', federation.id])}
        />
      )}
      <CreateFederation
        open={query['create'] === '1'}
        onClose={() => changeQuery({ create: undefined })}
        taken={federations.map(({ name }) => name)}
      />
    </Page>
  );
}

export function FederationStatus({ federation }: { federation: Federation }) {
  const { t, error } = useText();
  const reason = federation.reason === null ? null : error(federation.reason);
  return (
    <Status
      level={federationLevel(federation.state)}
      title={reason === null ? undefined : `${reason.title} ${reason.hint}`}
      testId="federation-state"
    >
      {t(`federations.states.${federation.state}`)}
    </Status>
  );
}

function CreateFederation({ open, onClose, taken }: { open: boolean; onClose: () => void; taken: readonly string[] }) {
  const { t } = useText();
  const notify = useNotify();
  const fleets = (useFleets().data ?? []).filter(({ federationId }) => federationId === null);
  const [name, setName] = useState('');
  const [fleetId, setFleetId] = useState('');
  const [kind, setKind] = useState<Federation['engine']>('embedded');
  const [source, setSource] = useState<Source | null>(null);
  const problem =
    name === ''
      ? t('common.invalid.required')
      : !federationNamePattern.test(name)
        ? t('common.invalid.federationName')
        : taken.includes(name)
          ? t('common.invalid.taken')
          : undefined;
  const create = useAction(() =>
    kind === 'external' && source !== null
      ? engine.federations.createExternal.mutate({ name, ...source })
      : engine.federations.create.mutate({ name, ...(fleetId === '' ? {} : { fleetId }) }),
  );
  return (
    <Confirm
      open={open}
      title={t('federations.create')}
      action={t('common.create')}
      pending={create.pending}
      error={create.error}
      disabled={problem !== undefined || (kind === 'external' && source === null)}
      onCancel={() => {
        onClose();
        create.reset();
      }}
      onConfirm={() =>
        void create.run().then((done) => {
          if (done === null) return;
          onClose();
          setName('');
          setFleetId('');
          setKind('embedded');
          setSource(null);
          notify.success(t('federations.created', { name: done.value.name }));
          navigate(['federations', done.value.id]);
        })
      }
    >
      <div className="stack">
        <Field
          label={t('common.name')}
          required
          error={name === '' ? undefined : problem}
          help={t('common.invalid.federationName')}
        >
          <Input
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
            data-testid="federation-name"
          />
        </Field>
        <EngineChoice value={kind} onChange={setKind} />
        {kind === 'external' ? (
          <ExternalSource onFound={setSource} />
        ) : (
          <Field label={t('federations.form.fleet')} help={t('federations.form.fleetHelp')}>
            <Select
              value={fleetId}
              onChange={setFleetId}
              options={[
                { value: '', label: t('federations.form.noFleet') },
                ...fleets.map((fleet) => ({ value: fleet.id, label: fleet.name })),
              ]}
              data-testid="federation-fleet"
            />
          </Field>
        )}
      </div>
    </Confirm>
  );
}
