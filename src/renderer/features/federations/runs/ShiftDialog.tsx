/** Moving workloads by weights: from where to where, in how many steps, when to stop. The plan is shown before it starts. */
import { useState } from 'react';
import type { ShiftPlan } from '#shared/contract/federation-runs.ts';
import type { Federation } from '#shared/contract/federations.ts';
import { engine } from '../../../app/engine/client.ts';
import { useAction, useRead } from '../../../app/engine/hooks.ts';
import { useDelayed } from '../../../stores/delayed.ts';
import { useText } from '../../../stores/text.ts';
import { Button, Checkbox, Drawer, InputNumber, Radio, Select } from '../../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { Field } from '../../../ui/Field.tsx';
import { useFocusBack } from '../../../ui/focus-back.ts';
import { Panel } from '../../../ui/Page.tsx';
import { usePolicies } from '../live.ts';
import { ShiftSteps } from './ShiftSteps.tsx';

export function ShiftDialog({
  federation,
  policy: given,
  onClose,
}: {
  federation: Federation;
  policy: string | undefined;
  onClose: () => void;
}) {
  useFocusBack();
  const { t } = useText();
  const policies = (usePolicies(federation.id).data ?? []).filter(
    ({ kind, templates }) => kind.endsWith('PropagationPolicy') && templates > 0,
  );
  const keys = policies.map(({ namespace, name }) => (namespace === '' ? name : `${namespace}/${name}`));
  const [policy, setPolicy] = useState<string | undefined>(given);
  const [weights, setWeights] = useState<Readonly<Record<string, number>>>({});
  const [steps, setSteps] = useState(4);
  const [observeSeconds, setObserve] = useState(60);
  const [manual, setManual] = useState(false);
  const [retire, setRetire] = useState(true);
  const [minReadyPercent, setMinReady] = useState(80);
  const [patienceSeconds, setPatience] = useState(300);
  const [otherwise, setOtherwise] = useState<'pause' | 'back'>('pause');
  const wish =
    policy === undefined
      ? null
      : {
          id: federation.id,
          policy,
          to: weights,
          steps,
          observeSeconds,
          manual,
          retire,
          abort: { minReadyPercent, patienceSeconds, otherwise },
        };
  const settled = useDelayed(wish, 300);
  const plan = useRead<ShiftPlan>(settled === null ? null : ['shift-plan', settled], () =>
    engine.federationRuns.planShift.mutate(settled as NonNullable<typeof settled>),
  );
  const start = useAction(() => engine.federationRuns.startShift.mutate(wish as NonNullable<typeof wish>));
  const given0 = Object.values(weights).some((weight) => weight > 0);
  const number = (value: number, set: (value: number) => void, min: number, max: number, testId: string) => (
    <InputNumber
      min={min}
      max={max}
      precision={0}
      value={value}
      onChange={(next) => next !== null && set(next)}
      data-testid={testId}
    />
  );
  return (
    <Drawer
      open
      onClose={onClose}
      size={860}
      title={t('runs.dialogs.shift')}
      data-testid="shift-dialog"
      extra={
        <Button
          type="primary"
          disabled={wish === null || !given0 || plan.data === undefined || plan.data.problems.length > 0}
          loading={start.pending}
          onClick={() => void start.run().then((done) => done !== null && onClose())}
          data-testid="shift-start"
        >
          {t('runs.startShift')}
        </Button>
      }
    >
      <div className="stack wide">
        {start.error !== null && <ErrorNotice error={start.error} onClose={start.reset} />}
        <Field label={t('runs.policy')} {...(keys.length === 0 ? { help: t('runs.noPolicies') } : {})}>
          <Select
            showSearch
            value={policy}
            placeholder={t('runs.choosePolicy')}
            options={keys.map((key) => ({ value: key, label: key }))}
            onChange={(next: string) => {
              setPolicy(next);
              setWeights({});
            }}
            data-testid="shift-policy"
          />
        </Field>
        {policy !== undefined && (
          <>
            <Panel title={t('runs.to')}>
              <p className="field-help run-help">{t('runs.toHelp')}</p>
              <div className="form-grid">
                {federation.members.map(({ name }) => (
                  <Field key={name} label={name}>
                    {number(
                      weights[name] ?? 0,
                      (weight) => setWeights({ ...weights, [name]: weight }),
                      0,
                      1000,
                      `shift-weight-${name}`,
                    )}
                  </Field>
                ))}
              </div>
            </Panel>
            <div className="form-grid">
              <Field label={t('runs.steps')}>{number(steps, setSteps, 1, 20, 'shift-count')}</Field>
              <Field label={t('runs.observe')} help={t('runs.observeHelp')}>
                {number(observeSeconds, setObserve, 0, 86_400, 'shift-observe')}
              </Field>
              <Field label={t('runs.minReady')}>{number(minReadyPercent, setMinReady, 0, 100, 'shift-ready')}</Field>
              <Field label={t('runs.patience')} help={t('runs.patienceHelp')}>
                {number(patienceSeconds, setPatience, 5, 86_400, 'shift-patience')}
              </Field>
              <Field label={t('runs.otherwise')}>
                <Radio.Group
                  value={otherwise}
                  onChange={(event) => setOtherwise(event.target.value as 'pause' | 'back')}
                  options={(['pause', 'back'] as const).map((value) => ({
                    value,
                    label: t(`runs.otherwiseOf.${value}`),
                  }))}
                />
              </Field>
            </div>
            <Checkbox checked={manual} onChange={(event) => setManual(event.target.checked)}>
              {t('runs.manual')}
            </Checkbox>
            <div>
              <Checkbox checked={retire} onChange={(event) => setRetire(event.target.checked)}>
                {t('runs.retire')}
              </Checkbox>
              <div className="field-help">{t('runs.retireHelp')}</div>
            </div>
            {plan.error !== null ? (
              <ErrorNotice error={plan.error} onRetry={plan.again} />
            ) : plan.data === undefined ? (
              <Loading rows={4} />
            ) : (
              <div className="stack">
                <span className="muted">
                  {t('runs.moves', { names: plan.data.workloads.map(({ name }) => name).join(', ') })}
                </span>
                {given0 &&
                  plan.data.problems.map((problem) => (
                    <ErrorNotice key={`${problem.code}${problem.message}`} error={problem} />
                  ))}
                <ShiftSteps steps={given0 ? plan.data.steps : []} from={plan.data.from} />
              </div>
            )}
          </>
        )}
      </div>
    </Drawer>
  );
}
