/** What clusters have, promise and use, one by one or together as fleets and federations (feature O2). */
import { useMemo, useState } from 'react';
import type { Cluster } from '#shared/contract/clusters.ts';
import type { Federation } from '#shared/contract/federations.ts';
import type { Fleet } from '#shared/contract/fleets.ts';
import type { ClusterStatistics } from '#shared/contract/statistics.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import { navigate } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Segmented } from '../../ui/controls.ts';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { WarningIcon } from '../../ui/icons.ts';
import { Panel } from '../../ui/Page.tsx';
import { TargetName } from '../../ui/Status.tsx';
import { gibibytes } from '../clusters/cluster-state.ts';
import { type Combined, combine, rateOf } from './statistics.ts';

type By = 'cluster' | 'fleet' | 'federation';

interface Line {
  id: string;
  name: string;
  /** Running clusters it is made of. */
  clusters: number;
  sum: Combined | null;
  problem: AppErrorShape | null;
}

export function StatisticsPanel({
  clusters,
  fleets,
  federations,
  statistics,
}: {
  clusters: readonly Cluster[];
  fleets: readonly Fleet[];
  federations: readonly Federation[];
  statistics: readonly ClusterStatistics[] | undefined;
}) {
  const { t } = useText();
  const [by, setBy] = useState<By>('cluster');
  const lines = useMemo(() => {
    const running = new Set(clusters.filter(({ state }) => state === 'running').map(({ id }) => id));
    const lineOf = (id: string, name: string, members: readonly string[]): Line => {
      const ids = new Set(members.filter((member) => running.has(member)));
      const problem = statistics?.find(({ clusterId, problem }) => ids.has(clusterId) && problem !== null)?.problem;
      return { id, name, clusters: ids.size, sum: combine(statistics ?? [], ids), problem: problem ?? null };
    };
    if (by === 'fleet') return fleets.map(({ id, name, clusterIds }) => lineOf(id, name, clusterIds));
    if (by === 'federation')
      return federations.map(({ id, name, members }) =>
        lineOf(
          id,
          name,
          members.map(({ clusterId }) => clusterId),
        ),
      );
    return clusters.filter(({ id }) => running.has(id)).map(({ id, name }) => lineOf(id, name, [id]));
  }, [by, clusters, fleets, federations, statistics]);
  const choices = (['cluster', 'fleet', 'federation'] as const).filter(
    (one) => one === 'cluster' || (one === 'fleet' ? fleets : federations).length > 0,
  );
  const columns = useColumns(by);
  return (
    <Panel
      title={t('overview.statistics.title')}
      testId="statistics"
      extra={
        choices.length > 1 && (
          <Segmented
            size="small"
            value={by}
            onChange={setBy}
            options={choices.map((value) => ({ value, label: t(`overview.statistics.by.${value}`) }))}
          />
        )
      }
    >
      <DataGrid
        label={t('overview.statistics.title')}
        testId="statistics-grid"
        columns={columns}
        rows={lines}
        rowKey={({ id }) => id}
        sort={{ column: 'name', descending: false }}
        onOpen={({ id }) => navigate([`${by}s`, id])}
        empty={<span className="muted">{t('overview.statistics.none')}</span>}
        autoHeight
      />
      <span className="muted">{t('overview.statistics.note')}</span>
    </Panel>
  );
}

function useColumns(by: By): GridColumn<Line>[] {
  const text = useText();
  return useMemo(() => {
    const { t, number, error } = text;
    const cores = (value: number) => number(value, { maximumFractionDigits: value < 10 ? 2 : 0 });
    const memory = (bytes: number) => {
      const size = gibibytes(bytes);
      return t('common.units.gibibytes', { value: number(size, { maximumFractionDigits: size < 10 ? 1 : 0 }) });
    };
    const rate = (
      part: 'requested' | 'used',
      what: 'cpuCores' | 'memoryBytes',
      format: (value: number) => string,
    ): Pick<GridColumn<Line>, 'width' | 'sortValue' | 'cell'> => ({
      width: 84,
      sortValue: ({ sum }) => rateOf(sum, part, what),
      cell: ({ sum, clusters }) => {
        const amounts = sum?.[part];
        const value = rateOf(sum, part, what);
        if (sum === null) return null;
        if (amounts == null || value === null)
          return (
            <span className="muted">
              {t(part === 'used' ? 'overview.statistics.noMetrics' : 'overview.statistics.adding')}
            </span>
          );
        const whole = t('overview.statistics.ofAllocatable', {
          value: format(amounts[what]),
          allocatable: format(amounts.allocatable[what]),
        });
        const part_ =
          amounts.known < clusters
            ? `; ${t('overview.statistics.someOf', { known: amounts.known, count: clusters })}`
            : '';
        return <Rate rate={value} text={format(amounts[what])} title={`${whole}${part_}`} />;
      },
    });
    return [
      {
        id: 'name',
        title: t('overview.statistics.name'),
        width: 108,
        grow: 1.4,
        sortValue: ({ name }) => name,
        cell: ({ name, problem }) => (
          <span className="row">
            <TargetName name={name} {...(by === 'federation' ? { kind: 'federation' as const } : {})} />
            {problem !== null && <WarningIcon title={error(problem).title} />}
          </span>
        ),
      },
      {
        id: 'nodes',
        title: t('overview.nodes'),
        width: 70,
        grow: 0,
        align: 'right',
        sortValue: ({ sum }) => sum?.nodes.total ?? null,
        cell: ({ sum, clusters }) =>
          sum === null ? (
            clusters === 0 && (
              <span className="muted" title={t('overview.statistics.noClusters')}>
                –
              </span>
            )
          ) : (
            <span
              className={sum.nodes.ready < sum.nodes.total ? 'text-warning' : undefined}
              title={t('clusters.nodesReady', sum.nodes)}
            >
              {sum.nodes.ready}/{sum.nodes.total}
            </span>
          ),
      },
      {
        id: 'pods',
        title: t('overview.pods'),
        width: 84,
        sortValue: ({ sum }) => sum?.pods ?? null,
        cell: ({ sum }) =>
          sum?.pods != null && (
            <Rate
              rate={sum.possiblePods > 0 ? sum.pods / sum.possiblePods : 0}
              text={number(sum.pods)}
              title={t('overview.statistics.podsPossible', {
                count: number(sum.pods),
                possible: number(sum.possiblePods),
              })}
            />
          ),
      },
      {
        id: 'cpu',
        title: t('overview.cpu'),
        width: 104,
        grow: 0.4,
        align: 'right',
        sortValue: ({ sum }) => sum?.allocatable.cpuCores ?? null,
        cell: ({ sum }) =>
          sum !== null && (
            <span
              title={t('overview.statistics.ofCapacity', {
                allocatable: cores(sum.allocatable.cpuCores),
                capacity: cores(sum.capacity.cpuCores),
              })}
            >
              {cores(sum.allocatable.cpuCores)}
            </span>
          ),
      },
      { id: 'cpuRequested', title: t('overview.statistics.cpuRequested'), ...rate('requested', 'cpuCores', cores) },
      { id: 'cpuUsed', title: t('overview.statistics.cpuUsed'), ...rate('used', 'cpuCores', cores) },
      {
        id: 'memory',
        title: t('overview.memory'),
        width: 76,
        grow: 0.4,
        align: 'right',
        sortValue: ({ sum }) => sum?.allocatable.memoryBytes ?? null,
        cell: ({ sum }) =>
          sum !== null && (
            <span
              title={t('overview.statistics.ofCapacity', {
                allocatable: memory(sum.allocatable.memoryBytes),
                capacity: memory(sum.capacity.memoryBytes),
              })}
            >
              {memory(sum.allocatable.memoryBytes)}
            </span>
          ),
      },
      {
        id: 'memoryRequested',
        title: t('overview.statistics.memoryRequested'),
        ...rate('requested', 'memoryBytes', memory),
      },
      { id: 'memoryUsed', title: t('overview.statistics.memoryUsed'), ...rate('used', 'memoryBytes', memory) },
    ];
  }, [by, text]);
}

const HIGH = 0.85;

function Rate({ rate, text, title }: { rate: number; text: string; title: string }) {
  const { number } = useText();
  return (
    <span className="rate" title={title}>
      <span className="rate-line">
        <span className="bar-track" aria-hidden="true">
          <span className={rate > HIGH ? 'rate-high' : undefined} style={{ width: `${Math.min(rate, 1) * 100}%` }} />
        </span>
        <span className="rate-value">{number(rate, { style: 'percent', maximumFractionDigits: 0 })}</span>
        <span className="rate-amount muted">{text}</span>
      </span>
    </span>
  );
}
