/** Changing a distributed workload: replicas and weights, each with its consequence shown before it happens. */
import { useState } from 'react';
import type { FederatedWorkload, Federation, SchedulePreview } from '#shared/contract/federations.ts';
import type { ObjectRef } from '#shared/contract/resources.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction, useRead } from '../../app/engine/hooks.ts';
import { useDelayed } from '../../stores/delayed.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Alert, Button, InputNumber } from '../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';
import { type Pair, previewOf, readPair } from './access.ts';
import { Consequence } from './Consequence.tsx';
import { namedClusters, readWeights, type Weight, weightsText, withWeights } from './weights.ts';

/** How often the policy is read again while somebody weighs. */
const LOOK_MS = 2000;

export interface WorkloadDialogProps {
  federation: Federation;
  workload: FederatedWorkload;
  template: ObjectRef;
  policy: ObjectRef | undefined;
  onClose: () => void;
}

export function ScaleDialog({ federation, workload, template, policy, onClose }: WorkloadDialogProps) {
  const { t } = useText();
  // What is live, until somebody has typed something.
  const [typed, setReplicas] = useState<number | null>();
  const replicas = typed === undefined ? workload.replicas : typed;
  const settled = useDelayed(replicas, 250);
  const scale = useAction((count: number) => engine.resources.scale.mutate({ ref: template, replicas: count }));
  const preview = useRead<SchedulePreview>(
    policy === undefined || settled === null
      ? null
      : ['scale-preview', federation.id, template.namespace, template.name, settled],
    async () => {
      const pair = await readPair(template, policy as ObjectRef);
      return previewOf(federation.id, {
        ...pair,
        template: { ...pair.template, spec: { ...pair.template.spec, replicas: settled } },
      });
    },
  );
  return (
    <Confirm
      open
      title={t('federations.workload.scaleTitle', { name: workload.name })}
      action={t('federations.workload.scale')}
      pending={scale.pending}
      error={scale.error}
      disabled={replicas === null || replicas === workload.replicas}
      onCancel={onClose}
      onConfirm={() => replicas !== null && void scale.run(replicas).then((done) => done !== null && onClose())}
    >
      <div className="stack wide">
        <Field label={t('federations.workload.replicas')}>
          <InputNumber
            autoFocus
            min={0}
            max={100_000}
            precision={0}
            value={replicas}
            onChange={setReplicas}
            data-testid="scale-replicas"
          />
        </Field>
        {policy !== undefined && <Consequence now={workload} preview={preview} />}
      </div>
    </Confirm>
  );
}

export function WeightsDialog({
  federation,
  workload,
  template,
  policy,
  policyPage,
  onClose,
}: WorkloadDialogProps & { policy: ObjectRef; policyPage: string }) {
  const { t } = useText();
  /** What was typed, over the weights that the policy had then; null: what the policy says, whenever it changes. */
  const [typed, setTyped] = useState<{ weights: readonly Weight[]; over: readonly Weight[] } | null>(null);
  const pair = useRead(
    ['policy-pair', federation.id, policy.namespace, policy.name, workload.uid],
    () => readPair(template, policy),
    LOOK_MS,
  );
  const read = pair.data === undefined ? undefined : readWeights(pair.data.policy);
  const initial: readonly Weight[] =
    read == null || pair.data === undefined
      ? []
      : [
          ...read,
          ...namedClusters(pair.data.policy)
            .filter((name) => !read.some(({ cluster }) => cluster === name))
            .map((cluster) => ({ cluster, weight: 0 })),
        ];
  const shown = typed?.weights ?? initial;
  const changed = typed !== null && pair.data !== undefined && weightsText(typed.over) !== weightsText(initial);
  const settled = useDelayed(shown, 250);
  const none = shown.every(({ weight }) => weight === 0);
  const preview = useRead<SchedulePreview>(
    pair.data === undefined || read == null || none
      ? null
      : ['weights-preview', federation.id, workload.uid, settled, ...versionsOf(pair.data)],
    () => {
      if (pair.data === undefined) throw new Error('nothing read yet');
      return previewOf(federation.id, { ...pair.data, policy: withWeights(pair.data.policy, settled) });
    },
  );
  const save = useAction(async () => {
    if (pair.data === undefined) return;
    await engine.resources.replace.mutate({ ref: policy, object: withWeights(pair.data.policy, shown) });
  });
  return (
    <Confirm
      open
      title={t('federations.workload.weightsTitle', { name: policy.name })}
      action={t('common.save')}
      pending={save.pending}
      error={save.error}
      disabled={read == null || none || typed === null}
      onCancel={onClose}
      onConfirm={() => void save.run().then((done) => (done === null ? pair.again() : onClose()))}
    >
      {pair.error !== null ? (
        <ErrorNotice error={pair.error} onRetry={pair.again} />
      ) : pair.data === undefined ? (
        <Loading rows={3} />
      ) : read === null ? (
        <div className="stack">
          <span>{t('federations.workload.weightsNone')}</span>
          <a href={policyPage}>{t('federations.workload.openPolicy')}</a>
        </div>
      ) : (
        <div className="stack wide">
          <Alert type="info" showIcon title={t('federations.workload.weightsShared', { name: policy.name })} />
          {changed && (
            <Alert
              type="warning"
              showIcon
              title={t('federations.workload.weightsChanged', { weights: weightsText(initial) })}
              action={
                <Button size="small" onClick={() => setTyped(null)} data-testid="weights-follow">
                  {t('federations.workload.weightsFollow')}
                </Button>
              }
              data-testid="weights-changed"
            />
          )}
          <div className="form-grid">
            {shown.map(({ cluster, weight }, index) => (
              <Field key={cluster} label={t('federations.workload.weightsOf', { cluster })}>
                <InputNumber
                  min={0}
                  max={1000}
                  precision={0}
                  value={weight}
                  onChange={(value) =>
                    setTyped({
                      weights: shown.map((each, at) => (at === index ? { cluster, weight: value ?? 0 } : each)),
                      over: typed?.over ?? initial,
                    })
                  }
                  data-testid={`weight-${cluster}`}
                />
              </Field>
            ))}
          </div>
          {none ? (
            <span className="text-error">{t('wizard.problems.weights')}</span>
          ) : (
            <Consequence now={workload} preview={preview} />
          )}
        </div>
      )}
    </Confirm>
  );
}

/** A preview speaks of the policy and the template as they are; their status is none of it. */
function versionsOf({ policy, template }: Pair): (number | undefined)[] {
  return [policy.metadata.generation, template.metadata.generation];
}
