/** What the federation distributes, live: one line per template, with where it went (U8, U17). */
import { useMemo } from 'react';
import type { FederatedWorkload, Federation } from '#shared/contract/federations.ts';
import { type FederatedCategory, federatedCategories } from '#shared/federated-categories.ts';
import { useWorkloads } from '../../app/engine/sources.ts';
import { changeQuery, formatRoute, navigate, useRoute } from '../../app/router.ts';
import { useHueOf } from '../../stores/hues.ts';
import { useText } from '../../stores/text.ts';
import { Age } from '../../ui/Age.tsx';
import { Button, Segmented } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { FilterInput } from '../../ui/FilterInput.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { AddIcon, FederationsIcon } from '../../ui/icons.ts';
import { Name } from '../../ui/Name.tsx';
import { Status } from '../../ui/Status.tsx';
import { ClusterShares } from './ClusterShares.tsx';
import { expectedReplicas, readyLevel, scheduleLevel, shareLevel } from './levels.ts';
import { ScheduleStatus } from './ScheduleStatus.tsx';
import { WorkloadDrawer } from './WorkloadDrawer.tsx';
import './federations.css';

export function workloadKey(workload: Pick<FederatedWorkload, 'kind' | 'namespace' | 'name'>): string {
  return `${workload.kind}/${workload.namespace}/${workload.name}`;
}

/** Where a part of a workload runs, with how many of its replicas. */
function ClusterShare({ share, newest }: { share: FederatedWorkload['clusters'][number]; newest: number }) {
  const { t } = useText();
  const { name, replicas, readyReplicas, generation, repaired } = share;
  const level = shareLevel(share, newest);
  const notes = [
    name,
    ...(replicas === null ? [] : [t('why.ready', { ready: readyReplicas ?? 0, replicas })]),
    ...(generation === null ? [] : [t(generation < newest ? 'why.behind' : 'why.generation', { generation })]),
    ...(share.applied === false ? [share.appliedMessage] : []),
    ...(repaired === null ? [] : [`${t('federations.workload.repaired', { ago: '' })} ${repaired.fields.join(', ')}`]),
  ];
  return (
    <span className="cluster-share" data-hue={useHueOf()(name)} data-level={level} title={notes.join('\n')}>
      <span className="target-mark" aria-hidden="true" />
      <span className="ellipsis">{name}</span>
      {level !== 'ok' && (
        <span className="status status-alone" data-level={level}>
          <span className="status-dot" aria-hidden="true" />
        </span>
      )}
      {replicas !== null && (
        <b>{readyReplicas === null || readyReplicas === replicas ? replicas : `${readyReplicas}/${replicas}`}</b>
      )}
    </span>
  );
}

/** What is not as it should be comes first: of many only some have room. */
function inOrder(shares: FederatedWorkload['clusters'], newest: number): FederatedWorkload['clusters'] {
  const fine = (share: FederatedWorkload['clusters'][number]): number => (shareLevel(share, newest) === 'ok' ? 1 : 0);
  return [...shares].sort((a, b) => fine(a) - fine(b));
}

export function WorkloadsTab({ federation }: { federation: Federation }) {
  const { t } = useText();
  const { query } = useRoute();
  const live = useWorkloads(federation.id);
  const all = live.data ?? [];
  const category = federatedCategories.find((value) => value === query['of']) ?? 'workloads';
  const workloads = all.filter((workload) => workload.category === category);
  const words = (query['q'] ?? '').toLowerCase().split(/\s+/);
  const shown = workloads.filter((workload) => {
    const text =
      `${workload.name} ${workload.namespace} ${workload.kind} ${workload.policy ?? ''} ${workload.clusters.map(({ name }) => name).join(' ')}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const open = all.find((workload) => workloadKey(workload) === query['open']);
  const columns = useMemo(
    (): GridColumn<FederatedWorkload>[] => [
      {
        id: 'name',
        title: t('federations.workloads.columns.name'),
        width: 130,
        grow: 4,
        sortValue: ({ name }) => name,
        cell: ({ name }) => <Name>{name}</Name>,
      },
      {
        id: 'namespace',
        title: t('federations.workloads.columns.namespace'),
        width: 92,
        sortValue: ({ namespace }) => namespace,
        cell: ({ namespace }) => <Name plain>{namespace}</Name>,
      },
      {
        id: 'kind',
        title: t('federations.workloads.columns.kind'),
        width: 104,
        grow: 0,
        sortValue: ({ kind }) => kind,
        cell: ({ kind }) => <span>{kind}</span>,
      },
      {
        id: 'ready',
        title: t('federations.workloads.columns.ready'),
        width: 70,
        grow: 0,
        hidden: category !== 'workloads',
        sortValue: ({ readyReplicas }) => readyReplicas,
        cell: (workload) =>
          workload.replicas !== null && (
            <Status
              level={readyLevel(workload)}
              testId="workload-ready"
            >{`${workload.readyReplicas ?? 0}/${expectedReplicas(workload)}`}</Status>
          ),
      },
      {
        id: 'scheduled',
        title: t('federations.workloads.columns.scheduled'),
        width: 102,
        grow: 0,
        sortValue: (workload) => scheduleLevel(workload),
        cell: (workload) => <ScheduleStatus workload={workload} />,
      },
      {
        id: 'clusters',
        title: t('federations.workloads.columns.clusters'),
        width: 190,
        grow: 5,
        cell: ({ clusters, generation }) => (
          <ClusterShares names={clusters.map(({ name }) => name)}>
            {inOrder(clusters, generation).map((share) => (
              <ClusterShare key={share.name} share={share} newest={generation} />
            ))}
          </ClusterShares>
        ),
      },
      {
        id: 'policy',
        title: t('federations.workloads.columns.policy'),
        width: 112,
        sortValue: ({ policy }) => policy,
        cell: ({ policy, follows, category: of }) =>
          policy === null ? (
            <span className="muted" title={follows.join(', ')}>
              {of === 'namespaces' ? '' : follows.length > 0 ? follows.join(', ') : t('federations.workloads.noPolicy')}
            </span>
          ) : (
            // A policy of the workload's own namespace by its name alone: the namespace is in the row already.
            <span className="ellipsis" title={policy}>
              {policy.slice(policy.indexOf('/') + 1)}
            </span>
          ),
      },
      {
        id: 'age',
        title: t('federations.workloads.columns.age'),
        width: 70,
        grow: 0,
        sortValue: ({ createdAt }) => -Date.parse(createdAt),
        cell: ({ createdAt }) => <Age since={createdAt} />,
      },
    ],
    [t, category],
  );
  if (live.data === undefined) return live.error === null ? <Loading rows={6} /> : <ErrorNotice error={live.error} />;
  if (!all.some((workload) => workload.category !== 'namespaces'))
    return (
      <EmptyState
        icon={<FederationsIcon />}
        title={t('federations.workloads.empty.title')}
        hint={t(
          federation.members.length === 0 ? 'federations.workloads.needMembers' : 'federations.workloads.empty.hint',
        )}
        action={
          federation.members.length === 0 ? (
            <Button type="primary" href={formatRoute(['federations', federation.id, 'members'])}>
              {t('federations.members.joinFleet')}
            </Button>
          ) : (
            <Button
              type="primary"
              icon={<AddIcon />}
              onClick={() => navigate(['federations', federation.id, 'distribute'])}
            >
              {t('federations.workloads.create')}
            </Button>
          )
        }
      />
    );
  return (
    <div className="stack fill-column">
      {live.error !== null && <ErrorNotice error={live.error} level="warning" />}
      <div className="row wrap">
        <Segmented<FederatedCategory>
          value={category}
          onChange={(of) => changeQuery({ of: of === 'workloads' ? undefined : of, open: undefined })}
          options={federatedCategories.map((value) => ({
            value,
            label: (
              <span data-testid={`of-${value}`}>
                {t(`federations.categories.${value}`)}{' '}
                <span className="muted">{all.filter((workload) => workload.category === value).length}</span>
              </span>
            ),
          }))}
        />
        <FilterInput
          value={query['q'] ?? ''}
          onChange={(q) => changeQuery({ q })}
          placeholder={t('federations.workloads.filter')}
          width={340}
        />
      </div>
      <DataGrid
        label={t('federations.areas.workloads')}
        testId="workloads-grid"
        columns={columns}
        rows={shown}
        rowKey={(workload) => workload.uid}
        sort={{ column: 'name', descending: false }}
        openKey={open?.uid}
        onOpen={(workload) => changeQuery({ open: workloadKey(workload) }, 'push')}
        empty={
          workloads.length === 0 ? (
            <EmptyState title={t('federations.workloads.noneOf')} hint={t('federations.workloads.noneOfHint')} />
          ) : (
            <EmptyState title={t('resources.noneMatch.title')} hint={t('resources.noneMatch.hint')} />
          )
        }
      />
      <WorkloadDrawer federation={federation} workload={open} onClose={() => changeQuery({ open: undefined })} />
    </div>
  );
}
