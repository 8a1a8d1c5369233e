/** Propagation and override policies of the federation in one list, live (U9, U10). */
import { useMemo, useState } from 'react';
import type { PolicyRow } from '#shared/contract/federation-policies.ts';
import type { Federation } from '#shared/contract/federations.ts';
import { changeQuery, navigate, useRoute } from '../../../app/router.ts';
import { useText } from '../../../stores/text.ts';
import { Age } from '../../../ui/Age.tsx';
import { Button, Dropdown, Segmented } from '../../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { FilterInput } from '../../../ui/FilterInput.tsx';
import { DataGrid } from '../../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../../ui/grid/types.ts';
import { AddIcon, DeleteIcon, DownIcon } from '../../../ui/icons.ts';
import { Name } from '../../../ui/Name.tsx';
import { Status } from '../../../ui/Status.tsx';
import { usePolicies } from '../live.ts';
import { DeletePolicy } from './DeletePolicy.tsx';
import { isOverride, newPolicyPath, policyKinds, policyPath } from './ref.ts';

/** So many clusters are named without their number. */
const FEW = 2;
const groups = ['all', 'propagation', 'override'] as const;
type Group = (typeof groups)[number];

export function PoliciesTab({ federation }: { federation: Federation }) {
  const { t } = useText();
  const { query } = useRoute();
  const live = usePolicies(federation.id);
  const [deleting, setDeleting] = useState<PolicyRow | null>(null);
  const columns = useColumns();
  const group = groups.find((value) => value === query['of']) ?? 'all';
  const adding = (
    <Dropdown
      trigger={['click']}
      menu={{
        items: policyKinds.map((kind) => ({ key: kind, label: kind })),
        onClick: ({ key }) => navigate(newPolicyPath(federation.id, key as PolicyRow['kind'])),
      }}
    >
      <Button icon={<AddIcon />} data-testid="policy-create">
        {t('policies.create')} <DownIcon />
      </Button>
    </Dropdown>
  );
  if (live.data === undefined) return live.error === null ? <Loading rows={6} /> : <ErrorNotice error={live.error} />;
  if (live.data.length === 0)
    return <EmptyState title={t('policies.empty')} hint={t('policies.emptyHint')} action={adding} />;
  const words = (query['q'] ?? '').toLowerCase().split(/\s+/);
  const shown = live.data.filter((row) => {
    if (group !== 'all' && isOverride(row.kind) !== (group === 'override')) return false;
    const selects = row.selectors.map(({ kind, name }) => `${kind} ${name}`).join(' ');
    const text = `${row.name} ${row.namespace} ${row.kind} ${selects} ${row.clusters.join(' ')}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return (
    <div className="stack fill-column">
      {live.error !== null && <ErrorNotice error={live.error} level="warning" />}
      <div className="row wrap">
        <Segmented<Group>
          value={group}
          onChange={(of) => changeQuery({ of: of === 'all' ? undefined : of })}
          options={groups.map((value) => ({ value, label: t(`policies.${value}`) }))}
        />
        <FilterInput value={query['q'] ?? ''} onChange={(q) => changeQuery({ q })} placeholder={t('policies.filter')} />
        <span className="grow" />
        {adding}
      </div>
      <DataGrid
        label={t('federations.areas.policies')}
        testId="policies-grid"
        columns={columns}
        rows={shown}
        rowKey={({ kind, namespace, name }) => `${kind}/${namespace}/${name}`}
        sort={{ column: 'name', descending: false }}
        onOpen={(row) => navigate(policyPath(federation.id, row))}
        rowActions={(row) => (
          <Button
            type="text"
            size="small"
            icon={<DeleteIcon />}
            aria-label={`${t('policies.delete')}: ${row.name}`}
            onClick={(event) => {
              event.stopPropagation();
              setDeleting(row);
            }}
          />
        )}
      />
      {deleting !== null && (
        <DeletePolicy
          federation={federation}
          policy={deleting}
          onClose={() => setDeleting(null)}
          onGone={() => setDeleting(null)}
        />
      )}
    </div>
  );
}

function useColumns(): GridColumn<PolicyRow>[] {
  const { t } = useText();
  return useMemo(
    (): GridColumn<PolicyRow>[] => [
      {
        id: 'name',
        title: t('policies.columns.name'),
        width: 170,
        grow: 3,
        sortValue: ({ name }) => name,
        cell: (row) => (
          <span className="row">
            <Name>{row.name}</Name>
            {row.deleting && <Status level="progressing">{t('policies.deleting')}</Status>}
            {row.suspended && <Status level="warning">{t('policies.suspended')}</Status>}
            {row.warnings.length > 0 && (
              <span title={row.warnings.map(({ message }) => message).join('\n')}>
                <Status level="warning">{t('policies.warnings', { count: row.warnings.length })}</Status>
              </span>
            )}
          </span>
        ),
      },
      {
        id: 'namespace',
        title: t('policies.columns.namespace'),
        width: 100,
        grow: 2,
        sortValue: ({ namespace }) => namespace,
        cell: ({ namespace }) => <Name plain>{namespace}</Name>,
      },
      {
        id: 'kind',
        title: t('policies.columns.kind'),
        width: 160,
        grow: 0,
        sortValue: ({ kind }) => kind,
        cell: ({ kind }) => <span>{kind}</span>,
      },
      {
        id: 'selects',
        title: t('policies.columns.selects'),
        width: 150,
        grow: 2,
        cell: ({ selectors }) => <Selects selectors={selectors} />,
      },
      {
        id: 'templates',
        title: t('policies.columns.templates'),
        width: 76,
        grow: 0,
        align: 'right',
        sortValue: ({ templates }) => templates,
        cell: ({ templates }) => <span>{templates}</span>,
      },
      {
        id: 'strategy',
        title: t('policies.columns.strategy'),
        width: 100,
        grow: 0,
        sortValue: ({ strategy }) => strategy,
        cell: ({ strategy }) => <span>{strategy === null ? '' : t(`policies.strategies.${strategy}`)}</span>,
      },
      {
        id: 'clusters',
        title: t('policies.columns.clusters'),
        width: 200,
        grow: 3,
        cell: ({ clusters }) => (
          <span className="row" title={clusters.join('\n')}>
            {clusters.length > FEW && <b>{clusters.length}</b>}
            <span className="ellipsis">{clusters.join(', ')}</span>
          </span>
        ),
      },
      {
        id: 'priority',
        title: t('policies.columns.priority'),
        width: 80,
        grow: 0,
        align: 'right',
        sortValue: ({ priority }) => priority,
        cell: ({ priority }) => <span>{priority ?? ''}</span>,
      },
      {
        id: 'age',
        title: t('policies.columns.age'),
        width: 74,
        grow: 0,
        sortValue: ({ createdAt }) => -Date.parse(createdAt),
        cell: ({ createdAt }) => <Age since={createdAt} />,
      },
    ],
    [t],
  );
}

function Selects({ selectors }: { selectors: PolicyRow['selectors'] }) {
  const { t } = useText();
  if (selectors.length === 0) return <span className="muted">{t('policies.everything')}</span>;
  const texts = selectors.map(({ kind, name, labelled }) =>
    name !== '' ? `${kind} ${name}` : labelled ? `${kind} (${t('policies.labelled')})` : kind,
  );
  return (
    <span className="ellipsis" title={texts.join('\n')}>
      {texts.join(', ')}
    </span>
  );
}
