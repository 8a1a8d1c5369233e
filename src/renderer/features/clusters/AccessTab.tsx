/** Kubeconfigs issued for a cluster (feature R7) or a federation (U3): who has what until when, a new one, an end to one. */
import { useState } from 'react';
import type { IssuedAccess } from '#shared/contract/access.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction, useRead } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { CopyText } from '../../ui/CopyText.tsx';
import { Button, Input, Select } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { LockIcon } from '../../ui/icons.ts';
import { useNotify } from '../../ui/notify.ts';
import { Status } from '../../ui/Status.tsx';
import { type AccessState, stateOfAccess } from './cluster-state.ts';

const HOUR = 3600;
/** Seconds on offer; zero is permanent. */
const VALIDITIES = [HOUR, 8 * HOUR, 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR, 0];
const levels: Record<AccessState, 'ok' | 'none' | 'error'> = {
  valid: 'ok',
  expired: 'none',
  revoked: 'none',
  stillLetIn: 'error',
};

/** What kubeconfigs are issued for. */
export interface AccessTarget {
  id: string;
  name: string;
  /** Whether its API can be asked now. */
  running: boolean;
}

export function AccessTab({ target }: { target: AccessTarget }) {
  const { t } = useText();
  const notify = useNotify();
  const [issuing, setIssuing] = useState(false);
  const [revoking, setRevoking] = useState<IssuedAccess | null>(null);
  const list = useRead(['access', target.id], (signal) =>
    engine.access.list.query({ clusterId: target.id }, { signal }),
  );
  const revoke = useAction((id: string) => engine.access.revoke.mutate({ id }));
  const columns = useColumns();
  const { running } = target;
  if (list.data === undefined)
    return list.error === null ? <Loading rows={4} /> : <ErrorNotice error={list.error} onRetry={list.again} />;
  async function confirmRevoke() {
    if (revoking === null) return;
    const done = await revoke.run(revoking.id);
    if (done === null) return;
    const { refused } = done.value;
    setRevoking(null);
    list.again();
    if (refused === false) notify.info(t('clusters.access.revokedStill'));
    else notify.success(t(refused === null ? 'clusters.access.revokedUntested' : 'clusters.access.revokedNow'));
  }
  const issueButton = (
    <Button type="primary" disabled={!running} onClick={() => setIssuing(true)} data-testid="access-issue">
      {t('clusters.access.issue')}
    </Button>
  );
  return (
    <div className="stack wide">
      <div className="row between">
        <span className="muted">{t('clusters.access.help')}</span>
        {list.data.length > 0 && issueButton}
      </div>
      <DataGrid
        autoHeight
        label={t('clusters.access.title')}
        testId="access-list"
        columns={columns}
        rows={list.data}
        rowKey={({ id }) => id}
        actionsWidth={84}
        rowActions={(row) =>
          row.revokedAt === null && (
            <Button
              size="small"
              danger
              disabled={!running}
              onClick={() => setRevoking(row)}
              data-testid="access-revoke"
            >
              {t('clusters.access.revoke')}
            </Button>
          )
        }
        empty={
          <EmptyState
            icon={<LockIcon />}
            title={t('clusters.access.none.title')}
            hint={t('clusters.access.none.hint')}
            action={issueButton}
          />
        }
      />
      <Issue
        target={target}
        open={issuing}
        onClose={(issued) => {
          setIssuing(false);
          if (issued === null) return;
          list.again();
          notify.success(t('clusters.access.done', { path: issued.path }));
        }}
      />
      <Confirm
        open={revoking !== null}
        title={t('clusters.access.revokeTitle', { subject: revoking?.subject ?? '' })}
        action={t('clusters.access.revoke')}
        danger
        pending={revoke.pending}
        error={revoke.error}
        onCancel={() => {
          setRevoking(null);
          revoke.reset();
        }}
        onConfirm={() => void confirmRevoke()}
      >
        {t('clusters.access.revokeText', { cluster: target.name })}
      </Confirm>
    </div>
  );
}

function useColumns(): GridColumn<IssuedAccess>[] {
  const { t, dateTime } = useText();
  return [
    {
      id: 'subject',
      title: t('clusters.access.issuedTo'),
      width: 110,
      grow: 2,
      sortValue: ({ subject }) => subject,
      cell: ({ subject, serviceAccount }) => <span title={serviceAccount}>{subject}</span>,
    },
    {
      id: 'right',
      title: t('clusters.access.right'),
      width: 116,
      grow: 2,
      sortValue: ({ right }) => (right.kind === 'role' ? right.name : ''),
      cell: ({ right }) => {
        const text =
          right.kind === 'readOnly' ? t('clusters.access.readOnly') : t('clusters.access.role', { name: right.name });
        return (
          <span className="ellipsis" title={text}>
            {text}
          </span>
        );
      },
    },
    {
      id: 'namespaces',
      title: t('clusters.access.namespaces'),
      width: 112,
      cell: ({ namespaces }) =>
        namespaces.length === 0 ? (
          t('clusters.access.allNamespaces')
        ) : (
          <span title={namespaces.join(', ')}>{namespaces.join(', ')}</span>
        ),
    },
    {
      id: 'state',
      title: t('clusters.access.state'),
      width: 100,
      cell: (row) => {
        const state = stateOfAccess(row);
        return <Status level={levels[state]}>{t(`clusters.access.${state}`)}</Status>;
      },
    },
    {
      id: 'expires',
      title: t('clusters.access.expires'),
      width: 180,
      grow: 0,
      sortValue: ({ expiresAt }) => expiresAt,
      cell: ({ expiresAt, kind, shortened }) => (
        <span title={shortened ? t('clusters.access.shortened') : undefined}>
          {kind === 'permanent' && !shortened ? t('clusters.access.permanent') : dateTime(expiresAt)}
        </span>
      ),
    },
    {
      id: 'path',
      title: t('clusters.access.path'),
      width: 100,
      grow: 2,
      cell: ({ path, revokedAt }) => (revokedAt === null ? <CopyText text={path} /> : null),
    },
  ];
}

function Issue({
  target,
  open,
  onClose,
}: {
  target: AccessTarget;
  open: boolean;
  onClose: (issued: IssuedAccess | null) => void;
}) {
  const { t, number } = useText();
  const [subject, setSubject] = useState('');
  const [role, setRole] = useState('');
  const [namespaces, setNamespaces] = useState<string[]>([]);
  const [seconds, setSeconds] = useState(8 * HOUR);
  const [path, setPath] = useState('');
  const roles = useRead(open ? ['access', 'roles', target.id] : null, (signal) =>
    engine.access.roles.query({ clusterId: target.id }, { signal }),
  );
  const issue = useAction(() =>
    engine.access.issue.mutate({
      clusterId: target.id,
      subject,
      right: role === '' ? { kind: 'readOnly' } : { kind: 'role', name: role },
      namespaces,
      ...(seconds === 0 ? {} : { expiresIn: seconds }),
      ...(path.trim() === '' ? {} : { path: path.trim() }),
    }),
  );
  return (
    <Confirm
      open={open}
      title={t('clusters.access.issue')}
      action={t('clusters.access.issue')}
      disabled={subject.trim() === ''}
      pending={issue.pending}
      error={issue.error}
      onCancel={() => {
        issue.reset();
        onClose(null);
      }}
      onConfirm={() =>
        void issue.run().then((done) => {
          if (done === null) return;
          setSubject('');
          setPath('');
          onClose(done.value);
        })
      }
    >
      <div className="stack">
        <Field label={t('clusters.access.subject')} help={t('clusters.access.subjectHelp')}>
          <Input
            autoFocus
            value={subject}
            maxLength={63}
            onChange={(event) => setSubject(event.target.value)}
            data-testid="access-subject"
          />
        </Field>
        <Field label={t('clusters.access.right')} help={role === '' ? t('clusters.access.readOnlyHelp') : undefined}>
          <Select
            showSearch
            value={role}
            onChange={setRole}
            options={[
              { value: '', label: t('clusters.access.readOnly') },
              ...(roles.data ?? []).map((name) => ({ value: name, label: t('clusters.access.role', { name }) })),
            ]}
            data-testid="access-role"
          />
        </Field>
        <Field label={t('clusters.access.namespaces')}>
          <Select
            mode="tags"
            value={namespaces}
            onChange={setNamespaces}
            placeholder={t('clusters.access.allNamespaces')}
            tokenSeparators={[',', ' ']}
          />
        </Field>
        <Field label={t('clusters.access.validity')}>
          <Select
            value={seconds}
            onChange={setSeconds}
            options={VALIDITIES.map((value) => ({
              value,
              label:
                value === 0
                  ? t('clusters.access.permanent')
                  : number(value < 24 * HOUR ? value / HOUR : value / HOUR / 24, {
                      style: 'unit',
                      unit: value < 24 * HOUR ? 'hour' : 'day',
                      unitDisplay: 'long',
                    }),
            }))}
            data-testid="access-validity"
          />
        </Field>
        <Field label={t('clusters.access.path')} help={t('clusters.access.pathHelp')}>
          <Input className="mono" value={path} onChange={(event) => setPath(event.target.value)} />
        </Field>
      </div>
    </Confirm>
  );
}
