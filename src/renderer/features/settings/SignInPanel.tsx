/** How long the sign-in commands of kubeconfigs may take. Kept by the engine; takes effect with the next sign-in. */
import { useEffect, useState } from 'react';
import { EXEC_TIMEOUT_SECONDS } from '#shared/limits.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction, useRead } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { InputNumber } from '../../ui/controls.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';
import { useNotify } from '../../ui/notify.ts';
import { Panel } from '../../ui/Page.tsx';

export function SignInPanel() {
  const { t } = useText();
  const notify = useNotify();
  const read = useRead(['system', 'settings'], (signal) => engine.system.settings.query(undefined, { signal }));
  const save = useAction((execTimeoutSeconds: number) => engine.system.updateSettings.mutate({ execTimeoutSeconds }));
  const kept = read.data === undefined ? null : (read.data.execTimeoutSeconds ?? EXEC_TIMEOUT_SECONDS.default);
  const [seconds, setSeconds] = useState<number | null>(null);
  useEffect(() => setSeconds(kept), [kept]);

  async function commit() {
    if (kept === null || seconds === kept) return;
    // An emptied field is no wish.
    if (seconds === null) return setSeconds(kept);
    if ((await save.run(seconds)) === null) return;
    notify.success(t('settings.saved'));
    read.again();
  }

  const { min, max } = EXEC_TIMEOUT_SECONDS;
  const error = read.error ?? save.error;
  return (
    <Panel title={t('settings.signIn')}>
      <div className="stack">
        <Field label={t('settings.execTimeout')} help={t('settings.execTimeoutHelp', { min, max })}>
          <InputNumber
            data-testid="exec-timeout"
            min={min}
            max={max}
            precision={0}
            suffix={t('settings.seconds')}
            disabled={kept === null}
            value={seconds}
            onChange={setSeconds}
            onBlur={commit}
            onPressEnter={commit}
          />
        </Field>
        {error !== null && <ErrorNotice error={error} onRetry={read.again} />}
      </div>
    </Panel>
  );
}
