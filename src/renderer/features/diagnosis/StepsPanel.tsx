/** What was checked, step by step, each with what was looked at. */
import type { DiagnosisReport } from '#shared/contract/diagnosis.ts';
import { useText } from '../../stores/text.ts';
import { Panel } from '../../ui/Page.tsx';
import { EvidenceList, Verdict } from './look.tsx';

export function StepsPanel({ report }: { report: DiagnosisReport }) {
  const { t, language } = useText();
  return (
    <Panel title={t('diagnosis.steps')} flush testId="diagnosis-steps">
      {report.steps.map((step) => (
        <details className="diagnosis-step" key={step.id} data-testid="diagnosis-step" data-verdict={step.verdict}>
          <summary>
            <span className="diagnosis-step-verdict">
              <Verdict verdict={step.verdict} />
            </span>
            <span className="grow">
              {step.title[language]}
              {step.further !== null && <span className="muted"> · {t('diagnosis.further.step')}</span>}
            </span>
            <code className="muted">{step.causes.join(', ')}</code>
          </summary>
          {step.unread.length > 0 && (
            <p className="muted">
              {t(step.verdict === 'forbidden' ? 'diagnosis.noRight' : 'diagnosis.unread', {
                what: step.unread.join(', '),
              })}
            </p>
          )}
          <EvidenceList evidence={step.evidence} about={report.object} />
        </details>
      ))}
    </Panel>
  );
}
