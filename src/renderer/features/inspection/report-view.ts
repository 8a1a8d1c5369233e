/** What a report page shows, as its address says it: view, grouping, filters, the open group. Pure but for the hook. */
import { useMemo } from 'react';
import type { ReportFilter } from '#shared/contract/inspection.ts';
import { REPORT_VIEWS, RULE_TYPES, SEVERITIES } from '#shared/inspection.ts';
import { changeQuery, useRoute } from '../../app/router.ts';

export interface ReportView {
  filter: ReportFilter;
  by: 'object' | 'rule';
  open: string | undefined;
  /** Whether anything but the view is chosen. */
  filtered: boolean;
}

type ListField = 'severities' | 'types' | 'namespaces' | 'rules' | 'clusters';
const fields: readonly [ListField, string][] = [
  ['severities', 'severity'],
  ['types', 'type'],
  ['namespaces', 'ns'],
  ['rules', 'rule'],
  ['clusters', 'cluster'],
];
/** A name of Kubernetes has no comma; the namespace of what has none is written so. */
const CLUSTER_WIDE = '-';

export function parseView(query: Readonly<Record<string, string>>): ReportView {
  const list = (key: string): string[] => (query[key] ?? '').split(',').filter((part) => part !== '');
  const filter: ReportFilter = {
    severities: SEVERITIES.filter((severity) => list('severity').includes(severity)),
    types: RULE_TYPES.filter((type) => list('type').includes(type)),
    namespaces: list('ns').map((name) => (name === CLUSTER_WIDE ? '' : name)),
    rules: list('rule'),
    clusters: list('cluster'),
    text: query['q'] ?? '',
    change: REPORT_VIEWS.find((name) => name === query['change']) ?? 'current',
  };
  return {
    filter,
    by: query['by'] === 'rule' ? 'rule' : 'object',
    open: query['open'],
    filtered: filter.text !== '' || fields.some(([field]) => filter[field].length > 0),
  };
}

export function useReportView(): ReportView {
  const { query } = useRoute();
  return useMemo(() => parseView(query), [query]);
}

export function chooseFilter(field: ListField, values: readonly string[]): void {
  const key = fields.find(([name]) => name === field)?.[1] ?? field;
  changeQuery({ [key]: values.map((value) => (value === '' ? CLUSTER_WIDE : value)).join(','), open: undefined });
}

export function clearFilters(): void {
  changeQuery({ ...Object.fromEntries(fields.map(([, key]) => [key, undefined])), q: undefined });
}
