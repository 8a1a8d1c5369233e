/**
 * The workload wizard in the manual's shape (5.4.2): template, then scheduling and differences, then the objects as text
 * and their creation. The draft lives in a store, so neither an error nor a restarted engine nor a look at another page
 * loses it; nothing is created before the last button, and then all or nothing.
 */
import { useEffect, useMemo, useState } from 'react';
import type { Federation } from '#shared/contract/federations.ts';
import { engine } from '../../../app/engine/client.ts';
import { useAction } from '../../../app/engine/hooks.ts';
import { useFederations } from '../../../app/engine/sources.ts';
import { formatRoute, navigate } from '../../../app/router.ts';
import { useText } from '../../../stores/text.ts';
import { Confirm } from '../../../ui/Confirm.tsx';
import { Alert, Button, Steps } from '../../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { useNotify } from '../../../ui/notify.ts';
import { Page } from '../../../ui/Page.tsx';
import { TargetName } from '../../../ui/Status.tsx';
import { workloadKey } from '../WorkloadsTab.tsx';
import { useDrafts } from './draft.store.ts';
import { emptyDraft, schedulingProblems, templateProblems } from './model.ts';
import { PreviewPanel, usePreview } from './PreviewPanel.tsx';
import { ReviewStep } from './ReviewStep.tsx';
import { resolveDraft } from './resolve.ts';
import { SchedulingStep } from './SchedulingStep.tsx';
import { TemplateStep } from './TemplateStep.tsx';
import './wizard.css';

export default function DistributePage({ id }: { id: string }) {
  const { t } = useText();
  const live = useFederations();
  const federation = live.data?.find((each) => each.id === id);
  if (live.data === undefined) return live.error === null ? <Loading rows={10} /> : <ErrorNotice error={live.error} />;
  if (federation === undefined)
    return <EmptyState title={t('errors.NOT_FOUND.title')} hint={t('errors.NOT_FOUND.hint')} />;
  return <Wizard federation={federation} />;
}

function Wizard({ federation }: { federation: Federation }) {
  const { t } = useText();
  const notify = useNotify();
  const id = federation.id;
  const members = federation.members.map(({ name }) => name);
  const draft = useDrafts((state) => state.drafts[id]) ?? emptyDraft(members);
  const step = useDrafts((state) => state.steps[id]) ?? 0;
  const { begin, setStep, discard } = useDrafts.getState();
  const [touched, setTouched] = useState(false);
  const [discarding, setDiscarding] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a draft begins once; members that join later are chosen by hand.
  useEffect(() => begin(id, members), [id]);

  const resolved = useMemo(() => resolveDraft(draft), [draft]);
  const formProblems = draft.mode === 'form' ? templateProblems(draft.form) : [];
  const planProblems = schedulingProblems(draft.scheduling);
  const templateReady = draft.mode === 'form' ? formProblems.length === 0 : resolved.template !== null;
  const complete = templateReady && planProblems.length === 0 && resolved.objects !== null;
  const preview = usePreview(id, complete ? resolved.objects : null);
  const create = useAction(async () => {
    if (resolved.objects === null) throw new Error('incomplete');
    return engine.federations.distribute.mutate({ federationId: id, ...resolved.objects });
  });

  function next() {
    if (step === 0 && !templateReady) return setTouched(true);
    if (step === 1 && planProblems.length > 0) return setTouched(true);
    setTouched(false);
    setStep(id, step + 1);
  }
  async function submit() {
    const done = await create.run();
    if (done === null || resolved.objects === null) return;
    const { template } = resolved.objects;
    discard(id);
    notify.success(t('wizard.result.done'));
    navigate(['federations', id, 'workloads'], {
      open: workloadKey({
        kind: template.kind,
        namespace: template.metadata.namespace ?? '',
        name: template.metadata.name ?? '',
      }),
    });
  }
  return (
    <Page
      testId="wizard-page"
      title={
        <span className="row">
          {t('wizard.title')} <TargetName name={federation.name} kind="federation" />
        </span>
      }
      back={{ href: formatRoute(['federations', id]), label: t('wizard.back') }}
      actions={
        <Button type="text" onClick={() => setDiscarding(true)} data-testid="wizard-discard">
          {t('wizard.discard')}
        </Button>
      }
      toolbar={
        <Steps
          size="small"
          className="wizard-steps"
          current={step}
          onChange={(wanted) => wanted < step && setStep(id, wanted)}
          items={[
            { title: t('wizard.steps.template') },
            { title: t('wizard.steps.scheduling') },
            { title: t('wizard.steps.review') },
          ]}
        />
      }
      body="fill"
    >
      <div className="wizard">
        <div className="wizard-form">
          {step === 0 && (
            <TemplateStep id={id} draft={draft} problems={touched ? formProblems : []} parsed={resolved} />
          )}
          {step === 1 && (
            <SchedulingStep id={id} draft={draft} federation={federation} problems={touched ? planProblems : []} />
          )}
          {step === 2 && <ReviewStep id={id} draft={draft} resolved={resolved} federationName={federation.name} />}
          {create.error !== null && (
            <div className="stack" data-testid="create-failed">
              <ErrorNotice error={create.error} onClose={create.reset} />
              <span className="muted">{t('wizard.result.failed')}</span>
            </div>
          )}
          {step < 2 &&
            touched &&
            !(step === 0 ? templateReady : planProblems.length === 0) &&
            formProblems.length === 0 &&
            planProblems.length === 0 && <Alert type="error" showIcon title={t('wizard.problems.apiVersion')} />}
        </div>
        <PreviewPanel preview={preview} complete={complete} />
      </div>
      <footer className="wizard-footer">
        {step > 0 ? (
          <Button onClick={() => setStep(id, step - 1)} data-testid="wizard-back">
            {t('common.back')}
          </Button>
        ) : (
          <span />
        )}
        {step < 2 ? (
          <Button type="primary" onClick={next} data-testid="wizard-next">
            {t(step === 0 ? 'wizard.toScheduling' : 'wizard.toReview')}
          </Button>
        ) : (
          <Button
            type="primary"
            disabled={!complete}
            loading={create.pending}
            onClick={() => void submit()}
            data-testid="wizard-create"
          >
            {t('wizard.create')}
          </Button>
        )}
      </footer>
      <Confirm
        open={discarding}
        title={t('wizard.discardTitle')}
        action={t('common.discard')}
        danger
        pending={false}
        error={null}
        onCancel={() => setDiscarding(false)}
        onConfirm={() => {
          discard(id);
          begin(id, members);
          create.reset();
          setDiscarding(false);
        }}
      >
        {null}
      </Confirm>
    </Page>
  );
}
