/** Members of a federation: connection and readiness with reason and remedy, joining and leaving by fleet (U4, U7). */
import { useMemo, useState } from 'react';
import type { MemberDetail } from '#shared/contract/federation-policies.ts';
import type { Federation, FederationMember } from '#shared/contract/federations.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useFleets } from '../../app/engine/sources.ts';
import { navigate } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Button, Checkbox, Select } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { Status, TargetName } from '../../ui/Status.tsx';
import { TakeOver } from './engine/TakeOver.tsx';
import { memberLevel } from './levels.ts';
import { useMembers } from './live.ts';
import { Load } from './overview/MemberLoads.tsx';
import { Before } from './whatif/Before.tsx';

export function MembersTab({ federation }: { federation: Federation }) {
  const { t } = useText();
  const fleets = useFleets().data ?? [];
  const fleet = fleets.find(({ id }) => id === federation.fleetId);
  const [asking, setAsking] = useState<'join' | 'leave' | null>(null);
  const [fleetId, setFleetId] = useState<string | undefined>();
  const [takeOver, setTakeOver] = useState(false);
  const join = useAction((id: string) =>
    engine.federations.join.mutate({ id: federation.id, fleetId: id, managed: takeOver ? 'takeOver' : 'refuse' }),
  );
  const leave = useAction(() => engine.federations.leave.mutate({ id: federation.id }));
  const joinable = fleets.filter((each) => each.federationId === null);
  const cordon = useAction((cluster: string, on: boolean) =>
    engine.federationPolicies.cordon.mutate({ id: federation.id, cluster, on }),
  );
  const details = useMembers(federation.id).data;
  const close = () => {
    setAsking(null);
    setTakeOver(false);
    join.reset();
    leave.reset();
  };
  const columns = useColumns(federation.members, details);
  const joinButton = (
    <Button type="primary" onClick={() => setAsking('join')} data-testid="federation-join">
      {t('federations.members.joinFleet')}
    </Button>
  );
  return (
    <div className="stack fill-column">
      {troubles(federation.members).map(({ error, member }) => (
        <ErrorNotice
          key={error.cluster}
          level="warning"
          error={error}
          actions={member.manager !== null && <TakeOver federation={federation} member={member} />}
        />
      ))}
      {cordon.error !== null && <ErrorNotice error={cordon.error} onClose={cordon.reset} />}
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
          action={federation.fleetId === null && federation.engine === 'embedded' && joinButton}
        />
      ) : (
        <DataGrid
          label={t('federations.areas.members')}
          testId="members-grid"
          columns={columns}
          rows={federation.members}
          rowKey={(member) => member.clusterId}
          sort={{ column: 'name', descending: false }}
          onOpen={(member) => navigate(['clusters', member.clusterId])}
          actionsWidth={96}
          rowActions={(member) => {
            const cordoned = details?.find(({ name }) => name === member.name)?.cordoned;
            return cordoned === undefined ? null : (
              <Button
                size="small"
                loading={cordon.pending}
                title={t('members.cordonHelp')}
                onClick={(event) => {
                  event.stopPropagation();
                  void cordon.run(member.name, !cordoned);
                }}
                data-testid="member-cordon"
              >
                {t(cordoned ? 'members.uncordon' : 'members.cordon')}
              </Button>
            );
          }}
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
        {(takeOver || join.error?.code === 'MANAGED_ELSEWHERE') && (
          <Checkbox
            checked={takeOver}
            onChange={(event) => setTakeOver(event.target.checked)}
            data-testid="join-take-over"
          >
            {t('control.manager.joinAnyway')}
          </Checkbox>
        )}
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

/** What is wrong with members; what is wrong with several in the same way is told once, with all their names. */
function troubles(members: readonly FederationMember[]): { error: AppErrorShape; member: FederationMember }[] {
  const groups = new Map<string, { reason: AppErrorShape; members: FederationMember[] }>();
  for (const member of members) {
    const { reason, manager, name } = member;
    if (reason === null) continue;
    const key = manager === null ? reason.code : `${reason.code} ${name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { reason, members: [member] });
    else group.members.push(member);
  }
  return [...groups.values()].flatMap(({ reason, members: of }) => {
    const [member] = of;
    if (member === undefined) return [];
    const names = of.map(({ name }) => name).join(', ');
    const message = of.map(({ name, reason: own }) => `${name}: ${own?.message ?? ''}`).join('\n');
    return [{ member, error: { ...reason, cluster: names, message: of.length === 1 ? reason.message : message } }];
  });
}

function useColumns(
  members: readonly FederationMember[],
  details: readonly MemberDetail[] | undefined,
): GridColumn<FederationMember>[] {
  const { t } = useText();
  return useMemo((): GridColumn<FederationMember>[] => {
    const of = ({ name }: FederationMember): MemberDetail | undefined =>
      details?.find((detail) => detail.name === name);
    const place = (member: FederationMember): string => {
      const detail = of(member);
      return detail === undefined
        ? ''
        : [detail.provider, detail.region, detail.zones.join(' ')].filter((part) => part !== '').join(' · ');
    };
    return [
      {
        id: 'name',
        title: t('federations.members.columns.name'),
        width: 140,
        grow: 3,
        sortValue: ({ name }) => name,
        cell: ({ name }) => <TargetName name={name} />,
      },
      {
        id: 'join',
        title: t('federations.members.columns.join'),
        width: 150,
        sortValue: ({ join: state }) => state,
        cell: (member) => <Connection member={member} detail={of(member)} />,
      },
      {
        id: 'ready',
        title: t('federations.members.columns.ready'),
        width: 96,
        grow: 0,
        sortValue: ({ ready }) => (ready ? 1 : 0),
        cell: (member) => <Readiness member={member} detail={of(member)} />,
      },
      {
        id: 'objects',
        title: t('members.columns.objects'),
        width: 76,
        grow: 0,
        sortValue: (member) => of(member)?.objects ?? null,
        cell: (member) => <Objects detail={of(member)} />,
      },
      {
        id: 'region',
        title: t('members.columns.region'),
        width: 66,
        grow: 3,
        hidden: members.every((member) => place(member) === ''),
        sortValue: place,
        cell: (member) => (
          <span className="ellipsis" title={place(member)}>
            {place(member)}
          </span>
        ),
      },
      {
        id: 'nodes',
        title: t('members.columns.nodes'),
        width: 66,
        grow: 0,
        sortValue: (member) => of(member)?.nodes?.total ?? null,
        cell: (member) => {
          const nodes = of(member)?.nodes;
          return nodes == null ? null : <span>{`${nodes.ready}/${nodes.total}`}</span>;
        },
      },
      {
        id: 'cpu',
        title: t('members.columns.cpu'),
        width: 130,
        grow: 0,
        cell: (member) => loadOf(of(member), 'cpu'),
      },
      {
        id: 'memory',
        title: t('members.columns.memory'),
        width: 148,
        grow: 0,
        cell: (member) => loadOf(of(member), 'memory'),
      },
      {
        id: 'version',
        title: t('federations.members.columns.version'),
        width: 80,
        grow: 2,
        sortValue: ({ version }) => version,
        cell: ({ version }) => (
          <span className="ellipsis" title={version ?? undefined}>
            {version}
          </span>
        ),
      },
    ];
  }, [t, members, details]);
}

function Connection({ member, detail }: { member: FederationMember; detail: MemberDetail | undefined }) {
  const { t } = useText();
  return (
    <span className="row" title={detail?.apiEndpoint}>
      <Status level={memberLevel(member)} testId="member-join">
        {t(`federations.members.join.${member.join === 'connected' && !member.ready ? 'lost' : member.join}`)}
      </Status>
      {detail !== undefined && <span className="muted">{t(`members.network.${detail.network}`)}</span>}
    </span>
  );
}

function loadOf(detail: MemberDetail | undefined, resource: 'cpu' | 'memory') {
  return detail === undefined ? null : <Load member={detail} resource={resource} short />;
}

function Readiness({ member, detail }: { member: FederationMember; detail: MemberDetail | undefined }) {
  const { t } = useText();
  const others = (detail?.taints ?? []).filter(({ key }) => !key.endsWith('/unschedulable'));
  const note = (detail?.taints ?? []).map(
    ({ key, value, effect }) => `${key}${value === '' ? '' : `=${value}`}:${effect}`,
  );
  if (member.ready && detail !== undefined && (detail.cordoned || others.length > 0))
    return (
      <span title={note.join('\n')}>
        <Status level="warning" testId="member-ready">
          {t(detail.cordoned ? 'members.cordoned' : 'members.tainted')}
        </Status>
      </span>
    );
  return (
    <Status level={member.ready ? 'ok' : 'error'} testId="member-ready">
      {t(member.ready ? 'federations.members.ready' : 'federations.members.notReady')}
    </Status>
  );
}

function Objects({ detail }: { detail: MemberDetail | undefined }) {
  const { t } = useText();
  if (detail === undefined) return null;
  return detail.failed === 0 ? (
    <span>{detail.objects}</span>
  ) : (
    <Status level="error">{`${detail.objects} (${t('members.failedObjects', { count: detail.failed })})`}</Status>
  );
}
