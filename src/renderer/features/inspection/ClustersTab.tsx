/** The clusters of a fleet or federation beside each other: score, severities, and where each type of risk is worst. */
import type { InspectionReport } from '#shared/contract/inspection.ts';
import { RULE_TYPES } from '#shared/inspection.ts';
import { formatRoute } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Panel } from '../../ui/Page.tsx';
import { TargetName } from '../../ui/Status.tsx';
import { Count, ScoreText, severities } from './look.tsx';

export function ClustersTab({ report }: { report: InspectionReport }) {
  const { t, number } = useText();
  const { byCluster, run } = report;
  const types = RULE_TYPES.filter((type) => byCluster.some((one) => (one.types[type] ?? 0) > 0));
  /** 0 for the best, 1 for the worst; nothing where all are alike. */
  const heatOf = (type: string, value: number): number => {
    const values = byCluster.map((one) => one.types[type] ?? 0);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return most === least ? 0 : (value - least) / (most - least);
  };
  return (
    <div className="scroll-column" data-testid="clusters-tab">
      <Panel flush>
        <div className="matrix-scroller">
          <table className="plain-table matrix">
            <caption className="muted">{t('inspection.matrix.text')}</caption>
            <thead>
              <tr>
                <th>{t('inspection.columns.cluster')}</th>
                <th className="number">{t('inspection.score')}</th>
                {severities.map((severity) => (
                  <th key={severity} className="number">
                    {t(`inspection.severity.${severity}`)}
                  </th>
                ))}
                {types.map((type) => (
                  <th key={type} className="number">
                    {t(`inspection.type.${type}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {byCluster.map((one) => {
                const target = run.targets.find(({ name }) => name === one.cluster);
                return (
                  <tr key={one.cluster}>
                    <td>
                      <a href={formatRoute(['inspection', 'report', run.id], { cluster: one.cluster })}>
                        <TargetName name={one.cluster} kind={target?.target.kind ?? 'cluster'} />
                      </a>
                    </td>
                    <td className="number">
                      <ScoreText score={one.score} />
                    </td>
                    {severities.map((severity) => (
                      <td key={severity} className="number">
                        <Count severity={severity} value={one[severity]} />
                      </td>
                    ))}
                    {types.map((type) => {
                      const value = one.types[type] ?? 0;
                      return (
                        <td
                          key={type}
                          className="number heat"
                          style={{ '--heat': heatOf(type, value).toFixed(2) } as object}
                        >
                          <a href={formatRoute(['inspection', 'report', run.id], { cluster: one.cluster, type })}>
                            {number(value)}
                          </a>
                        </td>
                      );
                    })}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </Panel>
    </div>
  );
}
