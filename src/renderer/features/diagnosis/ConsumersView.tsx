/** Who takes most over all clusters: workloads by CPU and by memory, and the fullest nodes. */
import type { FleetConsumers } from '#shared/contract/diagnosis.ts';
import { useText } from '../../stores/text.ts';
import { EmptyState } from '../../ui/Feedback.tsx';
import { HealthIcon } from '../../ui/icons.ts';
import { Panel } from '../../ui/Page.tsx';
import { TargetName } from '../../ui/Status.tsx';
import { ObjectLink, placeText } from './look.tsx';

type Row = FleetConsumers['nodes'][number] | FleetConsumers['cpu'][number];
type What = 'cpu' | 'memory';

export function ConsumersView({ consumers }: { consumers: FleetConsumers }) {
  const { t } = useText();
  if (consumers.nodes.length === 0 && consumers.cpu.length === 0)
    return <EmptyState icon={<HealthIcon />} title={t('health.noUsage')} hint={t('health.noUsageHint')} />;
  return (
    <div className="stack" data-testid="health-consumers">
      <div className="consumer-columns">
        <Panel flush title={t('health.byCpu')}>
          <Table rows={consumers.cpu} what={['cpu']} />
        </Panel>
        <Panel flush title={t('health.byMemory')}>
          <Table rows={consumers.memory} what={['memory']} />
        </Panel>
      </div>
      <Panel flush title={t('health.nodesByUse')}>
        <Table rows={consumers.nodes} what={['cpu', 'memory']} />
      </Panel>
    </div>
  );
}

function Table({ rows, what }: { rows: readonly Row[]; what: readonly What[] }) {
  const { t, number } = useText();
  return (
    <table className="plain-table consumers">
      <thead>
        <tr>
          <th className="health-cluster">{t('health.columns.cluster')}</th>
          <th>{t('health.columns.object')}</th>
          <th className="number consumer-pods">{t('health.columns.pods')}</th>
          {what.map((one) => (
            <th key={one} className="consumer-use">
              {t(`health.columns.${one}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.clusterId}/${row.object.kind}/${placeText(row.object)}`} data-testid="consumer">
            <td className="health-cluster">
              <TargetName name={row.cluster} />
            </td>
            <td className="consumer-object">
              <ObjectLink clusterId={row.clusterId} object={row.object} />
            </td>
            <td className="number">{number(row.pods)}</td>
            {what.map((one) => (
              <Use key={one} row={row} what={one} most={Math.max(...rows.map((other) => other[one]))} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Of a node its share, of anything else how it compares with the first. */
function Use({ row, what, most }: { row: Row; what: What; most: number }) {
  const { t, number } = useText();
  const whole = allocatable(row, what);
  const share = row[what] / (whole ?? most);
  const text = (value: number): string =>
    what === 'cpu' ? `${number(Math.round(value * 1000))}m` : `${number(Math.round(value / 1024 ** 2))} Mi`;
  return (
    <td className="consumer-use">
      <span className="use-bar" data-full={whole !== null && share > 0.8} aria-hidden="true">
        <span style={{ width: `${Math.min(100, Math.round(100 * share))}%` }} />
      </span>
      <span className="use-text">
        {whole === null ? text(row[what]) : `${Math.round(100 * share)}%`}
        {whole !== null && (
          <span className="muted"> {t('health.share', { used: text(row[what]), all: text(whole) })}</span>
        )}
      </span>
    </td>
  );
}

function allocatable(row: Row, what: What): number | null {
  if (!('cpuAllocatable' in row)) return null;
  const whole = what === 'cpu' ? row.cpuAllocatable : row.memoryAllocatable;
  return whole > 0 ? whole : null;
}
