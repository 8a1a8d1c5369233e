/** What the score is made of: by type of risk, and what the number means. */
import type { InspectionReport } from '#shared/contract/inspection.ts';
import { formatRoute } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Panel } from '../../ui/Page.tsx';
import { Count, ScoreText, severities } from './look.tsx';

export function ScoreTab({ report }: { report: InspectionReport }) {
  const { t, number } = useText();
  return (
    <div className="scroll-column stack wide" data-testid="score-tab">
      <Panel title={t('inspection.makeUp')}>
        <div className="stack wide">
          <p className="muted score-explained">{t('inspection.makeUpText')}</p>
          <table className="plain-table score-table">
            <thead>
              <tr>
                <th>{t('inspection.columns.type')}</th>
                <th className="number">{t('inspection.score')}</th>
                <th>
                  <span className="visually-hidden">{t('inspection.makeUp')}</span>
                </th>
                <th className="number">{t('inspection.evaluated')}</th>
                {severities.map((severity) => (
                  <th key={severity} className="number">
                    {t(`inspection.severity.${severity}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {report.byType.map((one) => (
                <tr key={one.type}>
                  <td>
                    <a href={formatRoute(['inspection', 'report', report.run.id], { type: one.type })}>
                      {t(`inspection.type.${one.type}`)}
                    </a>
                  </td>
                  <td className="number">
                    <ScoreText score={one.score} />
                  </td>
                  <td className="share-cell">
                    <Share {...one} />
                  </td>
                  <td className="number">{number(one.evaluated)}</td>
                  {severities.map((severity) => (
                    <td key={severity} className="number">
                      <Count severity={severity} value={one[severity]} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
    </div>
  );
}

/** Passed, warned and failed as parts of one bar; the numbers stand beside it. */
function Share({ evaluated, danger, warning }: { evaluated: number; danger: number; warning: number }) {
  const part = (count: number): string => `${evaluated === 0 ? 0 : (100 * count) / evaluated}%`;
  return (
    <span className="share-bar" aria-hidden="true">
      <span data-part="passed" style={{ width: part(evaluated - danger - warning) }} />
      <span data-part="warning" style={{ width: part(warning) }} />
      <span data-part="danger" style={{ width: part(danger) }} />
    </span>
  );
}
