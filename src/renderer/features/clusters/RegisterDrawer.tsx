/**
 * Registration in three steps (features R2, R3): where the kubeconfig is, which of its contexts under which names, then
 * the checks with their remedies. What was typed stays when the drawer is closed or the engine restarts.
 */
import { useRef, useState } from 'react';
import { engine, toShape } from '../../app/engine/client.ts';
import { useClusters } from '../../app/engine/sources.ts';
import { useText } from '../../stores/text.ts';
import { Button, Drawer, Steps } from '../../ui/controls.ts';
import { useNotify } from '../../ui/notify.ts';
import { CheckStep } from './CheckStep.tsx';
import { ContextsStep } from './ContextsStep.tsx';
import { type Candidate, candidatesOfAll, isReady, nameProblem, needsApproval, twinOf } from './registration.ts';
import { type Found, type Refused, RefusedFiles, SourceStep } from './SourceStep.tsx';
import './register.css';

export interface RegisterOptions {
  fleetId: string | undefined;
  deletionProtection: boolean;
}

export function RegisterDrawer({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useText();
  const notify = useNotify();
  const clusters = useClusters().data;
  const [step, setStep] = useState(0);
  const [candidates, setCandidates] = useState<readonly Candidate[]>([]);
  const [refused, setRefused] = useState<readonly Refused[]>([]);
  const [options, setOptions] = useState<RegisterOptions>({ fleetId: undefined, deletionProtection: false });
  const top = useRef<HTMLDivElement>(null);
  const chosen = candidates.filter((candidate) => candidate.chosen);
  const pending = chosen.filter((candidate) => candidate.registration !== 'done');
  const taken = new Set(clusters?.map(({ name }) => name));
  const blocked =
    pending.length === 0 ||
    pending.some((candidate) => nameProblem(candidate, candidates, taken) !== undefined || needsApproval(candidate));

  /** Every step begins at its beginning, however far the last one was scrolled. */
  function goTo(next: number) {
    setStep(next);
    top.current?.scrollIntoView({ block: 'end' });
  }
  function change(key: string, part: Partial<Candidate> | ((candidate: Candidate) => Partial<Candidate>)) {
    setCandidates((all) =>
      all.map((candidate) =>
        candidate.key === key ? { ...candidate, ...(typeof part === 'function' ? part(candidate) : part) } : candidate,
      ),
    );
  }
  function take(found: readonly Found[], bad: readonly Refused[] = []) {
    setRefused(bad);
    setCandidates(candidatesOfAll(found, taken));
    goTo(1);
  }
  async function check(candidate: Candidate) {
    change(candidate.key, { check: { running: true, result: null, error: null }, force: false });
    try {
      const result = await engine.clusters.check.mutate({
        source: candidate.source,
        context: candidate.context.context,
        ...approvalOf(candidate),
      });
      change(candidate.key, { check: { running: false, result, error: null } });
    } catch (error) {
      change(candidate.key, { check: { running: false, result: null, error: toShape(error) } });
    }
  }
  async function register(candidate: Candidate): Promise<boolean> {
    change(candidate.key, { registration: 'running', registrationError: null });
    try {
      await engine.clusters.register.mutate({
        source: candidate.source,
        context: candidate.context.context,
        name: candidate.name,
        deletionProtection: options.deletionProtection,
        evenIfUnreachable: candidate.force,
        ...candidate.corrected,
        ...(options.fleetId === undefined ? {} : { fleetId: options.fleetId }),
        ...approvalOf(candidate),
      });
      change(candidate.key, { registration: 'done' });
      return true;
    } catch (error) {
      change(candidate.key, { registration: 'none', registrationError: toShape(error) });
      return false;
    }
  }
  const ready = candidates.filter((candidate) => isReady(candidate, candidates));
  async function registerAll() {
    const results = await Promise.all(ready.map(register));
    const done = results.filter((ok) => ok).length;
    if (done > 0) notify.success(t('clusters.wizard.done', { count: done }));
  }
  function finish() {
    onClose();
    setStep(0);
    setCandidates([]);
  }
  /** Those of one cluster that has been registered in another way are through. */
  const allDone =
    chosen.some(({ registration }) => registration === 'done') &&
    chosen.every((each) => each.registration === 'done' || twinOf(each, chosen)?.registration === 'done');
  const failed = chosen.filter(({ registrationError }) => registrationError !== null).length;

  return (
    <Drawer
      open={open}
      onClose={onClose}
      size={860}
      title={t('clusters.wizard.title')}
      data-testid="register-drawer"
      footer={
        step > 0 && (
          <div className="row between">
            {!allDone ? (
              <Button onClick={() => goTo(step - 1)} data-testid="register-back">
                {t('common.back')}
              </Button>
            ) : (
              <span />
            )}
            {step === 2 && failed > 0 && (
              <span className="text-error" role="alert" data-testid="register-failed">
                {t('clusters.wizard.notRegistered', { count: failed })}
              </span>
            )}
            {step === 1 && (
              <Button
                type="primary"
                disabled={blocked}
                data-testid="register-next"
                onClick={() => {
                  goTo(2);
                  for (const candidate of pending) if (candidate.check.result?.ok !== true) void check(candidate);
                }}
              >
                {t('common.next')}
              </Button>
            )}
            {step === 2 &&
              (allDone ? (
                <Button type="primary" onClick={finish} data-testid="register-done">
                  {t('clusters.wizard.close')}
                </Button>
              ) : (
                <Button
                  type="primary"
                  disabled={ready.length === 0}
                  loading={chosen.some(({ registration }) => registration === 'running')}
                  onClick={() => void registerAll()}
                  data-testid="register-submit"
                >
                  {t('clusters.wizard.register', { count: ready.length })}
                </Button>
              ))}
          </div>
        )
      }
    >
      <div ref={top} />
      <div className="stack wide">
        <Steps
          size="small"
          current={step}
          items={[
            { title: t('clusters.wizard.steps.source') },
            { title: t('clusters.wizard.steps.contexts') },
            { title: t('clusters.wizard.steps.check') },
          ]}
        />
        <div hidden={step !== 0}>
          <SourceStep active={open} onContents={take} />
        </div>
        {step === 1 && <RefusedFiles refused={refused} level="warning" />}
        {step === 1 && (
          <ContextsStep
            candidates={candidates}
            taken={taken}
            onChange={change}
            options={options}
            onOptions={setOptions}
          />
        )}
        {step === 2 && (
          <CheckStep candidates={chosen} onChange={change} onCheck={(candidate) => void check(candidate)} />
        )}
      </div>
    </Drawer>
  );
}

function approvalOf(candidate: Candidate): { approvedExec?: string } {
  return candidate.approved && candidate.context.exec !== null ? { approvedExec: candidate.context.exec.hash } : {};
}
