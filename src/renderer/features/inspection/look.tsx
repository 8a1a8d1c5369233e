/** How inspections look everywhere: severities, scores, scopes, states. */
import type { InspectionRun, InspectionScope, Score, Severity, Tally } from '#shared/contract/inspection.ts';
import { SEVERITIES } from '#shared/inspection.ts';
import { useText } from '../../stores/text.ts';
import { FleetsIcon } from '../../ui/icons.ts';
import { type Level, Status, TargetName } from '../../ui/Status.tsx';
import './inspection.css';

export { SEVERITIES as severities };

export const levelOfSeverity: Record<Severity, Level> = { danger: 'error', warning: 'warning', notice: 'none' };

export function SeverityMark({ severity }: { severity: Severity }) {
  const { t } = useText();
  return <Status level={levelOfSeverity[severity]}>{t(`inspection.severity.${severity}`)}</Status>;
}

/** A number of findings in the colour of its severity; nought is quiet. */
export function Count({ severity, value }: { severity: Severity; value: number }) {
  const { number } = useText();
  return (
    <span className="severity-count" data-severity={value === 0 ? undefined : severity}>
      {number(value)}
    </span>
  );
}

const levelOfGrade: Record<Score['grade'], Level> = {
  A: 'ok',
  B: 'ok',
  C: 'warning',
  D: 'warning',
  E: 'error',
  F: 'error',
};

export function ScoreText({ score, before }: { score: Score | null; before?: Score | null | undefined }) {
  const { t } = useText();
  if (score === null) return <span className="muted">{t('common.none')}</span>;
  const change = before === undefined || before === null ? 0 : score.value - before.value;
  return (
    <span className="score-text" data-level={levelOfGrade[score.grade]}>
      <b>{score.value}</b> <span>{score.grade}</span>
      {change !== 0 && (
        <span className="score-change" data-better={change > 0}>
          {change > 0 ? `+${change}` : `−${-change}`}
        </span>
      )}
    </span>
  );
}

/** The score large, as the head of a report. */
export function ScoreBadge({ score }: { score: Score }) {
  const { t } = useText();
  return (
    <div
      className="score-badge"
      data-level={levelOfGrade[score.grade]}
      role="img"
      aria-label={`${t('inspection.score')} ${score.value}, ${t('inspection.grade', { grade: score.grade })}`}
      data-testid="report-score"
    >
      <b>{score.value}</b>
      <span>{score.grade}</span>
    </div>
  );
}

export function ScopeName({ scope, name }: { scope: InspectionScope; name: string }) {
  if (scope.kind !== 'fleet') return <TargetName name={name} kind={scope.kind} />;
  return (
    <span className="row scope-fleet" title={name}>
      <FleetsIcon />
      <span className="ellipsis">{name}</span>
    </span>
  );
}

const levelOfState: Record<InspectionRun['state'], Level> = {
  running: 'progressing',
  done: 'ok',
  partial: 'warning',
  failed: 'error',
  cancelled: 'none',
  interrupted: 'warning',
};

export function RunState({ state }: { state: InspectionRun['state'] }) {
  const { t } = useText();
  return (
    <Status level={levelOfState[state]} testId="run-state">
      {t(`inspection.state.${state}`)}
    </Status>
  );
}

/** Share of a run that is done, 0 to 100: reading is most of it. */
export function progressOf({ targets }: InspectionRun): number {
  if (targets.length === 0) return 0;
  const parts = targets.map(({ state, read }) => {
    if (state === 'waiting') return 0;
    if (state === 'reading') return read.total === 0 ? 0 : (0.9 * read.done) / read.total;
    return state === 'checking' ? 0.95 : 1;
  });
  return Math.round((100 * parts.reduce((sum, part) => sum + part, 0)) / parts.length);
}

export function TallyLine({ tally }: { tally: Tally }) {
  const { t, number } = useText();
  return (
    <span className="row wrap tally-line">
      {SEVERITIES.map((severity) => (
        <span key={severity} className="row">
          <SeverityMark severity={severity} /> <Count severity={severity} value={tally[severity]} />
        </span>
      ))}
      <span className="muted">
        {t('inspection.evaluated')} {number(tally.evaluated)}
      </span>
    </span>
  );
}
