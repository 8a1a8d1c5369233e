/** Third step: every check with its evidence and remedy, again at will, and what became of the registration. */
import type { CheckEvidence, ConnectionCheck } from '#shared/contract/clusters.ts';
import { useText } from '../../stores/text.ts';
import { Alert, Button, Checkbox, Spin } from '../../ui/controls.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { FailedIcon, PassedIcon, ReloadIcon, WarningIcon } from '../../ui/icons.ts';
import { Panel } from '../../ui/Page.tsx';
import { Status, TargetName } from '../../ui/Status.tsx';
import { FactsFields } from './FactsFields.tsx';
import { type Candidate, canForce, isReady, twinOf } from './registration.ts';

export interface CheckStepProps {
  candidates: readonly Candidate[];
  onChange: (key: string, change: Partial<Candidate>) => void;
  onCheck: (candidate: Candidate) => void;
}

export function CheckStep({ candidates, onChange, onCheck }: CheckStepProps) {
  const { t } = useText();
  const checked = candidates.every(({ check }) => !check.running && (check.result ?? check.error) !== null);
  return (
    <div className="stack wide">
      {candidates.length > 1 && checked && (
        <span className="muted" data-testid="checked-all">
          {t('clusters.wizard.checkedAll', {
            ready: candidates.filter((each) => isReady(each, candidates) || each.registration === 'done').length,
            total: candidates.length,
          })}
        </span>
      )}
      {candidates.map((candidate) => {
        const { running, result, error } = candidate.check;
        const twin = twinOf(candidate, candidates);
        return (
          <Panel
            key={candidate.key}
            testId={`check-${candidate.name}`}
            title={<TargetName name={candidate.name} />}
            extra={
              candidate.registration === 'done' ? (
                <Status level="ok">{t('clusters.wizard.registered')}</Status>
              ) : running ? (
                <span className="row muted">
                  <Spin size="small" /> {t('clusters.wizard.checking')}
                </span>
              ) : (
                <Button icon={<ReloadIcon />} onClick={() => onCheck(candidate)} data-testid="check-again">
                  {t('clusters.wizard.checkAgain')}
                </Button>
              )
            }
          >
            <div className="stack">
              {error !== null && <ErrorNotice error={error} />}
              {result !== null && <Steps result={result} />}
              {result?.features != null && (
                <ul className="register-features" data-testid="check-features">
                  {result.features.map(({ feature, missing }) => (
                    <li key={feature} title={missing.join(', ')}>
                      <Status level={missing.length === 0 ? 'ok' : 'warning'}>
                        {t(`clusters.wizard.features.${feature}`)}
                      </Status>
                    </li>
                  ))}
                </ul>
              )}
              {result?.detected != null && (
                <Detected candidate={candidate} detected={result.detected} onChange={onChange} />
              )}
              {twin !== undefined && (
                <Alert
                  type="info"
                  showIcon
                  title={t('clusters.wizard.twin', { name: twin.name })}
                  data-testid="check-twin"
                />
              )}
              {canForce(candidate) && candidate.registration !== 'done' && (
                <Checkbox
                  checked={candidate.force}
                  onChange={(event) => onChange(candidate.key, { force: event.target.checked })}
                  data-testid="check-force"
                >
                  {t('clusters.wizard.evenIfUnreachable')}
                </Checkbox>
              )}
              {candidate.registrationError !== null && <ErrorNotice error={candidate.registrationError} />}
            </div>
          </Panel>
        );
      })}
    </div>
  );
}

/** What was detected, each value to be corrected before anything is registered. */
function Detected({
  candidate,
  detected,
  onChange,
}: {
  candidate: Candidate;
  detected: NonNullable<ConnectionCheck['detected']>;
  onChange: CheckStepProps['onChange'];
}) {
  const { corrected } = candidate;
  const correct = (part: Candidate['corrected']) => onChange(candidate.key, { corrected: { ...corrected, ...part } });
  const { type, provider, region, zones } = { ...detected, ...corrected };
  return (
    <div data-testid="check-detected">
      <FactsFields
        facts={{ type, provider, region, zones }}
        disabled={candidate.registration === 'done'}
        onChange={correct}
      />
    </div>
  );
}

const icons = { passed: PassedIcon, warning: WarningIcon, failed: FailedIcon };

function Steps({ result }: { result: ConnectionCheck }) {
  const { t, number } = useText();
  function evidence({ key, params }: CheckEvidence): string {
    if (key === 'auth') return t(`clusters.wizard.auth.${params.auth as 'token'}`);
    const shown = Object.entries(params).map(([name, value]) => [
      name,
      typeof value === 'number' ? number(value) : value,
    ]);
    return t(`clusters.wizard.evidence.${key}`, Object.fromEntries(shown));
  }
  return (
    <ul className="register-checks">
      {result.steps.map((step) => {
        const Icon = icons[step.result];
        return (
          <li key={step.step} data-result={step.result} data-testid={`check-step-${step.step}`}>
            <Icon aria-label={t(`clusters.wizard.result.${step.result}`)} />
            <span className="strong">{t(`clusters.wizard.check.${step.step}`)}</span>
            <div className="grow">
              {step.error === null ? (
                <span className={step.said?.key === 'tlsInsecure' ? 'text-error' : 'muted'}>
                  {step.said === null ? step.evidence : evidence(step.said)}
                </span>
              ) : (
                <ErrorNotice error={step.error} level={step.result === 'failed' ? 'error' : 'warning'} />
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
