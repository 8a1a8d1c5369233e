/** What a person decides about a federation: what happens when a member is lost, and protection against deletion (U6, U12). */
import { useState } from 'react';
import type { Failover, Federation } from '#shared/contract/federations.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Button, InputNumber, Switch } from '../../ui/controls.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';
import { Panel } from '../../ui/Page.tsx';

const MAX_SECONDS = 86_400;

export function SettingsTab({ federation }: { federation: Federation }) {
  const { t } = useText();
  const protect = useAction((on: boolean) =>
    engine.federations.update.mutate({ id: federation.id, deletionProtection: on }),
  );
  return (
    <div className="scroll-column stack wide">
      {federation.engine === 'embedded' && <FailoverPanel key={federation.id} federation={federation} />}
      <Panel title={t('federations.protection')}>
        <div className="stack">
          {protect.error !== null && <ErrorNotice error={protect.error} />}
          <label className="row">
            <Switch
              size="small"
              checked={federation.deletionProtection}
              loading={protect.pending}
              onChange={(on) => void protect.run(on)}
              data-testid="federation-protection"
            />
            {t('federations.settings.protectionText')}
          </label>
        </div>
      </Panel>
    </div>
  );
}

function FailoverPanel({ federation }: { federation: Federation }) {
  const { t } = useText();
  const [draft, setDraft] = useState<Partial<Failover>>({});
  const save = useAction((failover: Failover) => engine.federations.update.mutate({ id: federation.id, failover }));
  const shown = { ...federation.failover, ...draft };
  const changed = (Object.keys(shown) as (keyof Failover)[]).some((key) => shown[key] !== federation.failover[key]);
  const seconds = (key: 'evictionTimeoutSeconds' | 'tolerationSeconds') => (
    <Field label={t(`federations.settings.${key}`)} help={t(`federations.settings.${key}Help`)}>
      <InputNumber
        min={0}
        max={MAX_SECONDS}
        precision={0}
        value={shown[key]}
        disabled={!shown.enabled}
        suffix={t('federations.settings.seconds')}
        className="seconds-input"
        onChange={(value) => setDraft({ ...draft, [key]: value ?? federation.failover[key] })}
        data-testid={`failover-${key}`}
      />
    </Field>
  );
  return (
    <Panel title={t('federations.settings.failover')}>
      <div className="stack wide">
        <p className="muted">{t('federations.settings.failoverText')}</p>
        <label className="row">
          <Switch
            size="small"
            checked={shown.enabled}
            onChange={(enabled) => setDraft({ ...draft, enabled })}
            data-testid="failover-enabled"
          />
          {t('federations.settings.enabled')}
        </label>
        {seconds('evictionTimeoutSeconds')}
        {seconds('tolerationSeconds')}
        {save.error !== null && <ErrorNotice error={save.error} />}
        <div className="row">
          <Button
            type="primary"
            disabled={!changed}
            loading={save.pending}
            onClick={() => void save.run(shown).then((done) => done !== null && setDraft({}))}
            data-testid="failover-save"
          >
            {t('federations.settings.save')}
          </Button>
          <Button disabled={!changed} onClick={() => setDraft({})}>
            {t('federations.settings.discard')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
