/** Members of a federation: connection and readiness with reason and remedy, joining and leaving by fleet (U4, U7). */
import { useMemo, useState } from 'react';
import type { Federation, FederationMember } from '#shared/contract/federations.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useFleets } from '../../app/engine/sources.ts';
import { navigate } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Button, Select } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { Status, TargetName } from '../../ui/Status.tsx';
import { memberLevel } from './levels.ts';
import { Before } from './whatif/Before.tsx';

export function MembersTab({ federation }: { federation: Federation }) {
  const { t } = useText();
  const fleets = useFleets().data ?? [];
  const fleet = fleets.find(({ id }) => id === federation.fleetId);
  const [asking, setAsking] = useState<'join' | 'leave' | null>(null);
  const [fleetId, setFleetId] = useState<string | undefined>();
  const join = useAction((id: string) => engine.federations.join.mutate({ id: federation.id, fleetId: id }));
  const leave = useAction(() => engine.federations.leave.mutate({ id: federation.id }));
  const joinable = fleets.filter((each) => each.federationId === null);
  const close = () => {
    setAsking(null);
    join.reset();
    leave.reset();
  };
  const columns = useMemo(
    (): GridColumn<FederationMember>[] => [
      {
        id: 'name',
        title: t('federations.members.columns.name'),
        width: 160,
        grow: 2,
        sortValue: ({ name }) => name,
        cell: ({ name }) => <TargetName name={name} />,
      },
      {
        id: 'join',
        title: t('federations.members.columns.join'),
        width: 130,
        sortValue: ({ join: state }) => state,
        cell: (member) => (
          <Status level={memberLevel(member)} testId="member-join">
            {t(`federations.members.join.${member.join}`)}
          </Status>
        ),
      },
      {
        id: 'ready',
        title: t('federations.members.columns.ready'),
        width: 110,
        sortValue: ({ ready }) => (ready ? 1 : 0),
        cell: ({ ready }) => (
          <Status level={ready ? 'ok' : 'error'} testId="member-ready">
            {t(ready ? 'federations.members.ready' : 'federations.members.notReady')}
          </Status>
        ),
      },
      {
        id: 'version',
        title: t('federations.members.columns.version'),
        width: 140,
        sortValue: ({ version }) => version,
        cell: ({ version }) => <span>{version}</span>,
      },
    ],
    [t],
  );
  const joinButton = (
    <Button type="primary" onClick={() => setAsking('join')} data-testid="federation-join">
      {t('federations.members.joinFleet')}
    </Button>
  );
  return (
    <div className="stack fill-column">
      {federation.members.map(
        (member) =>
          member.reason !== null && (
            <ErrorNotice key={member.clusterId} level="warning" error={{ ...member.reason, cluster: member.name }} />
          ),
      )}
      {federation.fleetId !== null && (
        <div className="row">
          <Button onClick={() => setAsking('leave')} data-testid="federation-leave">
            {t('federations.members.leave')}
          </Button>
        </div>
      )}
      {federation.members.length === 0 ? (
        <EmptyState
          title={t('federations.members.empty.title')}
          hint={t('federations.members.empty.hint')}
          action={federation.fleetId === null && joinButton}
        />
      ) : (
        <DataGrid
          label={t('federations.tabs.members')}
          testId="members-grid"
          columns={columns}
          rows={federation.members}
          rowKey={(member) => member.clusterId}
          sort={{ column: 'name', descending: false }}
          onOpen={(member) => navigate(['clusters', member.clusterId])}
        />
      )}
      <Confirm
        open={asking === 'join'}
        title={t('federations.members.joinTitle', { name: federation.name })}
        action={t('federations.members.joinFleet')}
        pending={join.pending}
        error={join.error}
        disabled={fleetId === undefined}
        onCancel={close}
        onConfirm={() => fleetId !== undefined && void join.run(fleetId).then((done) => done !== null && close())}
      >
        <Field
          label={t('federations.members.fleet')}
          help={joinable.length === 0 ? t('federations.members.noFleet') : t('federations.form.fleetHelp')}
        >
          <Select
            value={fleetId}
            disabled={joinable.length === 0}
            onChange={setFleetId}
            options={joinable.map(({ id, name }) => ({ value: id, label: name }))}
            data-testid="join-fleet"
          />
        </Field>
      </Confirm>
      <Confirm
        open={asking === 'leave'}
        title={t('fleets.detail.leaveTitle', { name: fleet?.name ?? '', federation: federation.name })}
        action={t('federations.members.leave')}
        danger
        pending={leave.pending}
        error={leave.error}
        onCancel={close}
        onConfirm={() => void leave.run().then((done) => done !== null && close())}
      >
        <div className="stack wide">
          <span>{t('fleets.detail.leaveText')}</span>
          <Before
            federation={federation}
            changes={
              asking === 'leave' && federation.members.length > 0
                ? federation.members.map(({ name }) => ({ kind: 'cluster', name, gone: 'left' as const }))
                : null
            }
          />
        </div>
      </Confirm>
    </div>
  );
}
