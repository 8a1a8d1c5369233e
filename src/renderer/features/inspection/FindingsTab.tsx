/** Findings in groups, by object or by rule, with the filters of the manual (severity, type, namespace) and more. */
import { useMemo } from 'react';
import type { InspectionReport, ReportGroup } from '#shared/contract/inspection.ts';
import { REPORT_VIEWS } from '#shared/inspection.ts';
import { changeQuery } from '../../app/router.ts';
import { type Text, useText } from '../../stores/text.ts';
import { Button, Segmented, Select, Tag } from '../../ui/controls.ts';
import { EmptyState } from '../../ui/Feedback.tsx';
import { FilterInput } from '../../ui/FilterInput.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { PassedIcon } from '../../ui/icons.ts';
import { TargetName } from '../../ui/Status.tsx';
import { GroupDrawer } from './GroupDrawer.tsx';
import { Count, levelOfSeverity, SeverityMark, severities } from './look.tsx';
import { chooseFilter, clearFilters, type ReportView } from './report-view.ts';
import { type Catalogue, useRules } from './rules.ts';

const RULES_SHOWN = 2;

export function FindingsTab({ report, view }: { report: InspectionReport; view: ReportView }) {
  const text = useText();
  const { t, number } = text;
  const { filter, by, open } = view;
  const rules = useRules();
  const several = report.byCluster.length > 1;
  const columns = useMemo(
    () => (by === 'object' ? objectColumns(text, rules, several) : ruleColumns(text, rules)),
    [text, rules, by, several],
  );
  return (
    <div className="stack fill-column">
      <div className="row wrap between">
        <Segmented
          value={filter.change}
          onChange={(change) => changeQuery({ change: change === 'current' ? undefined : change, open: undefined })}
          options={REPORT_VIEWS.filter(
            (name) => report.previous !== null || name === 'current' || name === 'exempt',
          ).map((name) => ({
            value: name,
            label: (
              <span data-testid={`view-${name}`}>
                {t(`inspection.change.${name}`)} <b>{number(report.counts[name])}</b>
              </span>
            ),
          }))}
        />
        <Segmented
          value={by}
          aria-label={t('inspection.by.label')}
          onChange={(next) => changeQuery({ by: next === 'object' ? undefined : next, open: undefined })}
          options={(['object', 'rule'] as const).map((name) => ({
            value: name,
            label: <span data-testid={`by-${name}`}>{t(`inspection.by.${name}`)}</span>,
          }))}
        />
      </div>
      <Filters report={report} view={view} rules={rules} />
      {report.total > report.groups.length && (
        <span className="text-warning">
          {t('inspection.firstGroups', { shown: report.groups.length, total: report.total })}
        </span>
      )}
      <DataGrid
        // Another grouping is another table: its columns and their order are others.
        key={by}
        label={t('inspection.tabs.findings')}
        testId="findings-grid"
        columns={columns}
        rows={report.groups}
        rowKey={({ key }) => key}
        onOpen={({ key }) => changeQuery({ open: key }, 'push')}
        openKey={open}
        empty={
          view.filtered ? (
            <EmptyState
              title={t('inspection.noMatch.title')}
              hint={t('inspection.noMatch.hint')}
              action={<Button onClick={clearFilters}>{t('inspection.noMatch.clear')}</Button>}
            />
          ) : (
            <EmptyState icon={<PassedIcon />} title={t(`inspection.noneInView.${filter.change}`)} />
          )
        }
      />
      <GroupDrawer run={report.run} view={view} rules={rules} compared={report.previous !== null} />
    </div>
  );
}

function Filters({ report, view, rules }: { report: InspectionReport; view: ReportView; rules: Catalogue }) {
  const { t } = useText();
  const { filter } = view;
  const select = (
    field: 'severities' | 'types' | 'namespaces' | 'rules' | 'clusters',
    any: string,
    nameOf: (value: string) => string,
    width: number,
  ) => {
    const counts = report.facets[field];
    const values = [
      ...counts,
      ...filter[field]
        .filter((value) => !counts.some((one) => one.value === value))
        .map((value) => ({ value, count: 0 })),
    ];
    return (
      <Select
        mode="multiple"
        maxTagCount="responsive"
        value={filter[field] as string[]}
        placeholder={any}
        aria-label={any}
        style={{ width }}
        popupMatchSelectWidth={false}
        optionFilterProp="label"
        onChange={(chosen: string[]) => chooseFilter(field, chosen)}
        options={values.map(({ value, count }) => ({ value, label: `${nameOf(value)} (${count})` }))}
        data-testid={`filter-${field}`}
      />
    );
  };
  return (
    <div className="row wrap">
      <FilterInput
        value={filter.text}
        onChange={(q) => changeQuery({ q })}
        placeholder={t('inspection.filter')}
        width={240}
      />
      {select(
        'severities',
        t('inspection.anySeverity'),
        (value) => t(`inspection.severity.${value as (typeof severities)[number]}`),
        150,
      )}
      {select(
        'types',
        t('inspection.anyType'),
        (value) => t(`inspection.type.${value as ReportView['filter']['types'][number]}`),
        150,
      )}
      {select(
        'namespaces',
        t('inspection.anyNamespace'),
        (value) => (value === '' ? t('inspection.noNamespace') : value),
        180,
      )}
      {select('rules', t('inspection.anyRule'), (value) => rules.texts(value).title, 180)}
      {report.byCluster.length > 1 && select('clusters', t('inspection.anyCluster'), (value) => value, 170)}
    </div>
  );
}

function severityColumn({ t }: Text): GridColumn<ReportGroup> {
  return {
    id: 'severity',
    title: t('inspection.columns.severity'),
    width: 100,
    grow: 0,
    sortValue: ({ severity }) => severities.indexOf(severity),
    cell: ({ severity }) => <SeverityMark severity={severity} />,
  };
}

function countColumns({ t }: Text): GridColumn<ReportGroup>[] {
  return severities.map((severity) => ({
    id: severity,
    title: t(`inspection.severity.${severity}`),
    width: 80,
    grow: 0,
    align: 'right',
    sortValue: (group) => group[severity],
    cell: (group) => <Count severity={severity} value={group[severity]} />,
  }));
}

function freshColumn({ t }: Text): GridColumn<ReportGroup> {
  return {
    id: 'fresh',
    title: t('inspection.change.new'),
    width: 70,
    grow: 0,
    align: 'right',
    sortValue: ({ fresh }) => fresh,
    cell: ({ fresh }) => fresh > 0 && <span>{fresh}</span>,
  };
}

function objectColumns(text: Text, rules: Catalogue, several: boolean): GridColumn<ReportGroup>[] {
  const { t } = text;
  return [
    severityColumn(text),
    {
      id: 'cluster',
      title: t('inspection.columns.cluster'),
      width: 160,
      hidden: !several,
      sortValue: ({ cluster }) => cluster,
      cell: ({ cluster }) => <TargetName name={cluster} />,
    },
    {
      id: 'namespace',
      title: t('inspection.columns.namespace'),
      width: 120,
      sortValue: ({ namespace }) => namespace,
      cell: ({ namespace }) => <span className="ellipsis">{namespace}</span>,
    },
    {
      id: 'name',
      title: t('inspection.columns.object'),
      width: 200,
      grow: 2,
      sortValue: ({ name }) => name,
      cell: ({ kind, name }) => (
        <span className="ellipsis" title={`${kind}/${name}`}>
          <span className="muted">{kind}/</span>
          <span className="strong">{name}</span>
        </span>
      ),
    },
    {
      id: 'rules',
      title: t('inspection.columns.rules'),
      width: 300,
      grow: 4,
      sortValue: (group) => -group.rules.length,
      cell: (group) => (
        <span className="rule-chips" title={group.rules.map(({ id }) => rules.texts(id).title).join('\n')}>
          {group.rules.slice(0, RULES_SHOWN).map(({ id, severity }) => (
            <Tag key={id} className="rule-chip" data-level={levelOfSeverity[severity]}>
              {rules.texts(id).title}
            </Tag>
          ))}
          {group.rules.length > RULES_SHOWN && (
            <span className="muted">{t('inspection.rulesMore', { count: group.rules.length - RULES_SHOWN })}</span>
          )}
        </span>
      ),
    },
    ...countColumns(text),
  ];
}

function ruleColumns(text: Text, rules: Catalogue): GridColumn<ReportGroup>[] {
  const { t, number, known } = text;
  return [
    severityColumn(text),
    {
      id: 'title',
      title: t('inspection.columns.title'),
      width: 240,
      grow: 3,
      sortValue: ({ key }) => rules.texts(key).title,
      cell: ({ key }) => <span className="strong ellipsis">{rules.texts(key).title}</span>,
    },
    {
      id: 'rule',
      title: t('inspection.columns.rule'),
      width: 190,
      grow: 2,
      sortValue: ({ key }) => key,
      cell: ({ key }) => <code className="ellipsis">{key}</code>,
    },
    {
      id: 'type',
      title: t('inspection.columns.type'),
      width: 110,
      grow: 0,
      sortValue: ({ key }) => rules.get(key)?.type ?? '',
      cell: ({ key }) => <span>{known(`inspection.type.${rules.get(key)?.type}`, '')}</span>,
    },
    {
      id: 'objects',
      title: t('inspection.columns.objects'),
      width: 80,
      grow: 0,
      align: 'right',
      sortValue: ({ objects }) => objects,
      cell: ({ objects }) => <span>{number(objects)}</span>,
    },
    ...countColumns(text),
    freshColumn(text),
  ];
}
