/** The kubeconfig of a Karmada control plane, and what was found behind it before anything is made of it. */
import { useState } from 'react';
import type { ExternalInspection } from '#shared/contract/federation-control.ts';
import { engine } from '../../../app/engine/client.ts';
import { useAction } from '../../../app/engine/hooks.ts';
import { useText } from '../../../stores/text.ts';
import { Button, Input, Select } from '../../../ui/controls.ts';
import { ErrorNotice } from '../../../ui/Feedback.tsx';
import { Field } from '../../../ui/Field.tsx';

export interface Source {
  kubeconfig: string;
  context?: string | undefined;
}

/** `onFound` gets null while nothing usable has been looked at. */
export function ExternalSource({ onFound }: { onFound: (source: Source | null) => void }) {
  const { t } = useText();
  const [kubeconfig, setKubeconfig] = useState('');
  const look = useAction((context: string | undefined) =>
    engine.federations.inspectExternal.mutate({ kubeconfig, ...(context === undefined ? {} : { context }) }),
  );
  const [found, setFound] = useState<ExternalInspection | null>(null);
  const ask = (context?: string) =>
    void look.run(context).then((done) => {
      const result = done?.value ?? null;
      setFound(result);
      onFound(result?.controlPlane == null ? null : { kubeconfig, context: result.context });
    });
  return (
    <div className="stack">
      <Field label={t('control.kubeconfig')} help={t('control.kubeconfigHelp')} required>
        <Input.TextArea
          className="mono"
          rows={5}
          spellCheck={false}
          autoComplete="off"
          value={kubeconfig}
          onChange={(event) => {
            setKubeconfig(event.target.value);
            setFound(null);
            onFound(null);
          }}
          data-testid="external-kubeconfig"
        />
      </Field>
      {found !== null && found.contexts.length > 1 && (
        <Field label={t('control.context')}>
          <Select
            value={found.context}
            onChange={(context: string) => ask(context)}
            options={found.contexts.map((context) => ({ value: context, label: context }))}
            data-testid="external-context"
          />
        </Field>
      )}
      {look.error !== null && <ErrorNotice error={look.error} />}
      {found?.problem != null && <ErrorNotice error={found.problem} />}
      {found?.controlPlane != null && <Found found={found} />}
      {found?.controlPlane == null && (
        <div className="row">
          <Button
            loading={look.pending}
            disabled={kubeconfig.trim() === ''}
            onClick={() => ask()}
            data-testid="external-look"
          >
            {t('control.look')}
          </Button>
        </div>
      )}
    </div>
  );
}

function Found({ found: { controlPlane, members } }: { found: ExternalInspection }) {
  const { t } = useText();
  const count = members.length;
  const version = controlPlane?.karmada ?? null;
  return (
    <div className="stack" data-testid="external-found">
      <strong>
        {version === null
          ? t('control.foundUnknown', { count })
          : t('control.found', { version: `≥ ${version}`, count })}
      </strong>
      <span className="muted mono">{controlPlane?.server}</span>
      {count > 0 && <span className="muted">{t('control.foundMembers', { names: members.join(', ') })}</span>}
    </div>
  );
}
