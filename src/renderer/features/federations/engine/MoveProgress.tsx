/** A move that has begun: its steps, and what can be done when it was interrupted. */
import { useState } from 'react';
import type { Move } from '#shared/contract/federation-control.ts';
import type { Federation } from '#shared/contract/federations.ts';
import { moveSteps } from '#shared/move-steps.ts';
import { engine } from '../../../app/engine/client.ts';
import { useAction } from '../../../app/engine/hooks.ts';
import { useText } from '../../../stores/text.ts';
import { Confirm } from '../../../ui/Confirm.tsx';
import { Button, Steps } from '../../../ui/controls.ts';
import { ErrorNotice } from '../../../ui/Feedback.tsx';
import { Panel } from '../../../ui/Page.tsx';

export function MoveProgress({ federation, move }: { federation: Federation; move: Move }) {
  const { t } = useText();
  const [asking, setAsking] = useState(false);
  const resume = useAction(() => engine.federations.move.mutate({ id: federation.id, to: move.to }));
  const takeBack = useAction(() => engine.federations.takeBackMove.mutate({ id: federation.id }));
  const current = moveSteps.indexOf(move.step);
  // What has come to this workstation stays: only checking is left.
  const final = move.step === 'switch' || (move.to === 'embedded' && move.step === 'verify');
  const progress = move.total > 0 ? t('control.move.progress', { done: move.done, total: move.total }) : undefined;
  return (
    <Panel title={t(move.running ? 'control.move.running' : 'control.move.stopped')} testId="move-progress">
      <div className="stack wide">
        <Steps
          size="small"
          current={current}
          status={move.running ? 'process' : 'error'}
          items={moveSteps.map((step) => ({
            title: t(`control.move.steps.${step}`),
            ...(step === move.step && progress !== undefined ? { content: progress } : {}),
          }))}
        />
        {move.error !== null && <ErrorNotice error={move.error} />}
        {!move.running && (
          <p className="muted">
            {move.step === 'verify' && move.error !== null && `${t('control.move.acceptHelp')} `}
            {!final && t('control.move.stoppedHelp')}
          </p>
        )}
        {resume.error !== null && <ErrorNotice error={resume.error} />}
        <div className="row">
          {!move.running && (
            <Button type="primary" loading={resume.pending} onClick={() => void resume.run()} data-testid="move-resume">
              {t('control.move.resume')}
            </Button>
          )}
          {!final && (
            <Button onClick={() => setAsking(true)} data-testid="move-take-back">
              {t('control.move.takeBack')}
            </Button>
          )}
        </div>
      </div>
      <Confirm
        open={asking}
        title={t('control.move.takeBackTitle')}
        action={t('control.move.takeBack')}
        pending={takeBack.pending}
        error={takeBack.error}
        onCancel={() => setAsking(false)}
        onConfirm={() => void takeBack.run().then((done) => done !== null && setAsking(false))}
      >
        {t('control.move.takeBackText')}
      </Confirm>
    </Panel>
  );
}
