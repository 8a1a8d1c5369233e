/** How long the sign-in commands of kubeconfigs may take. Kept by the engine; takes effect with the next sign-in. */
import { useState } from 'react';
import { EXEC_TIMEOUT_SECONDS } from '#shared/limits.ts';
import { engine } from '../../app/engine/client.ts';
import { queries, useAction, useRead } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { InputNumber } from '../../ui/controls.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';
import { useNotify } from '../../ui/notify.ts';
import { Panel } from '../../ui/Page.tsx';

const KEY = ['system', 'settings'];

export function SignInPanel() {
  const { t } = useText();
  const notify = useNotify();
  const read = useRead(KEY, (signal) => engine.system.settings.query(undefined, { signal }));
  const save = useAction((execTimeoutSeconds: number) => engine.system.updateSettings.mutate({ execTimeoutSeconds }));
  const kept = read.data === undefined ? null : (read.data.execTimeoutSeconds ?? EXEC_TIMEOUT_SECONDS.default);
  // What is kept shows at once and not a render later: a digit typed in between would be added to it ("1" becomes 301).
  const [typed, setTyped] = useState<number | null>();
  const seconds = typed === undefined ? kept : typed;

  async function commit() {
    // An emptied field is no wish.
    if (seconds === null || seconds === kept) return setTyped(undefined);
    const saved = await save.run(seconds);
    if (saved === null) return;
    queries.setQueryData(KEY, saved.value);
    setTyped(undefined);
    notify.success(t('settings.saved'));
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
            onChange={setTyped}
            onBlur={commit}
            onPressEnter={commit}
          />
        </Field>
        {error !== null && <ErrorNotice error={error} onRetry={read.again} />}
      </div>
    </Panel>
  );
}
