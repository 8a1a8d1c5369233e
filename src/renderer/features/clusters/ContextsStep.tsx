/** Second step: which contexts, under which names; sign-in commands shown in full and approved one by one. */
import { useFleets } from '../../app/engine/sources.ts';
import { useText } from '../../stores/text.ts';
import { Checkbox, Input, Select, Switch, Tag } from '../../ui/controls.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';
import { Panel } from '../../ui/Page.tsx';
import { ExecCommand } from './ExecCommand.tsx';
import type { RegisterOptions } from './RegisterDrawer.tsx';
import { type Candidate, mayBeChosen, nameProblem } from './registration.ts';

export interface ContextsStepProps {
  candidates: readonly Candidate[];
  taken: ReadonlySet<string>;
  onChange: (key: string, change: Partial<Candidate>) => void;
  options: RegisterOptions;
  onOptions: (options: RegisterOptions) => void;
}

export function ContextsStep({ candidates, taken, onChange, options, onOptions }: ContextsStepProps) {
  const { t } = useText();
  const fleets = useFleets().data ?? [];
  const open = candidates.filter(mayBeChosen);
  return (
    <div className="stack wide">
      <div className="row between">
        <p className="muted">{t('clusters.wizard.choose')}</p>
        {open.length > 1 && (
          <Checkbox
            checked={open.every(({ chosen }) => chosen)}
            indeterminate={open.some(({ chosen }) => chosen) && !open.every(({ chosen }) => chosen)}
            onChange={({ target }) => {
              for (const { key } of open) onChange(key, { chosen: target.checked });
            }}
            data-testid="choose-all"
          >
            {t('clusters.wizard.chooseAll', { count: open.length })}
          </Checkbox>
        )}
      </div>
      <ul className="stack">
        {candidates.map((candidate) => {
          const problem = candidate.chosen ? nameProblem(candidate, candidates, taken) : undefined;
          return (
            <li
              key={candidate.key}
              className="register-context"
              data-chosen={candidate.chosen}
              data-testid={`context-${candidate.context.context}`}
            >
              <div className="register-context-line">
                <Checkbox
                  checked={candidate.chosen}
                  disabled={!mayBeChosen(candidate)}
                  onChange={(event) => onChange(candidate.key, { chosen: event.target.checked })}
                  aria-label={candidate.context.context}
                />
                <div className="grow">
                  <div className="row wrap">
                    <span className="strong">{candidate.context.context}</span>
                    {candidate.context.registeredAs !== null && (
                      <Tag>{t('clusters.wizard.registeredAs', { name: candidate.context.registeredAs })}</Tag>
                    )}
                    {candidate.context.insecure && <Tag color="error">{t('clusters.wizard.insecure')}</Tag>}
                  </div>
                  <div className="muted ellipsis">
                    <code>{candidate.context.server}</code> · {candidate.context.user} ·{' '}
                    {t(`clusters.wizard.auth.${candidate.context.auth}`)}
                    {candidate.origin !== '' && ` · ${candidate.origin}`}
                  </div>
                </div>
                <div className="register-name">
                  <Field label={t('clusters.wizard.nameHere')} error={problem === undefined ? undefined : t(problem)}>
                    <Input
                      value={candidate.name}
                      disabled={!candidate.chosen}
                      onChange={(event) => onChange(candidate.key, { name: event.target.value })}
                      data-testid="context-name"
                    />
                  </Field>
                </div>
              </div>
              {candidate.context.problems.map((error) => (
                <ErrorNotice key={error.code} error={error} level="warning" />
              ))}
              {candidate.chosen && candidate.context.exec !== null && (
                <ExecCommand
                  exec={candidate.context.exec}
                  approved={candidate.approved}
                  onApprove={(approved) => onChange(candidate.key, { approved })}
                />
              )}
            </li>
          );
        })}
      </ul>
      <Panel title={t('clusters.wizard.options')}>
        <div className="form-grid">
          <Field label={t('clusters.wizard.fleet')}>
            <Select
              value={options.fleetId ?? ''}
              onChange={(id) => onOptions({ ...options, fleetId: id === '' ? undefined : id })}
              options={[
                { value: '', label: t('clusters.wizard.noFleet') },
                ...fleets.map(({ id, name }) => ({ value: id, label: name })),
              ]}
            />
          </Field>
          <Field label={t('clusters.wizard.protection')} help={t('clusters.detail.protectionHelp')}>
            <Switch
              size="small"
              className="register-switch"
              checked={options.deletionProtection}
              onChange={(deletionProtection) => onOptions({ ...options, deletionProtection })}
            />
          </Field>
        </div>
      </Panel>
    </div>
  );
}
