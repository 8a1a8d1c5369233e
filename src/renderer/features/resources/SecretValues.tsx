/**
 * The entries of a Secret: names at once, a value only when a person asks for that one. A value shown is kept by this
 * component alone and gone when the drawer closes.
 */
import { useState } from 'react';
import type { ObjectRef, RevealedValue } from '#shared/contract/resources.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { CopyButton } from '../../ui/CopyText.tsx';
import { Button } from '../../ui/controls.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { Panel } from '../../ui/Page.tsx';

export function SecretValues({ objectRef, object }: { objectRef: ObjectRef; object: KubeObject }) {
  const { t, known } = useText();
  const keys = Object.keys(object['data'] ?? {});
  if (keys.length === 0) return null;
  return (
    <Panel
      title={known('columns.data', 'Data')}
      extra={<span className="muted">{t('resources.detail.revealNote')}</span>}
      flush
    >
      <table className="plain-table">
        <tbody>
          {keys.map((key) => (
            <Entry key={key} objectRef={objectRef} name={key} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Entry({ objectRef, name }: { objectRef: ObjectRef; name: string }) {
  const { t } = useText();
  const [shown, setShown] = useState<RevealedValue | null>(null);
  const reveal = useAction(() => engine.resources.reveal.mutate({ ref: objectRef, key: name }));
  return (
    <tr data-testid={`secret-${name}`}>
      <td className="strong">{name}</td>
      <td>
        {shown === null ? (
          <span className="muted" aria-hidden="true">
            ••••••••
          </span>
        ) : (
          <>
            {shown.encoding === 'base64' && <span className="muted">{t('resources.detail.binary')}</span>}
            <pre className="data-value" data-testid="secret-value">
              {shown.value}
            </pre>
          </>
        )}
        {reveal.error !== null && <ErrorNotice error={reveal.error} />}
      </td>
      <td className="secret-actions">
        {shown === null ? (
          <Button
            loading={reveal.pending}
            onClick={() => void reveal.run().then((done) => done !== null && setShown(done.value))}
            aria-label={t('resources.detail.revealAll', { key: name })}
            data-testid="secret-reveal"
          >
            {t('resources.detail.reveal')}
          </Button>
        ) : (
          <span className="row">
            <CopyButton text={shown.value} />
            <Button onClick={() => setShown(null)} data-testid="secret-hide">
              {t('resources.detail.hide')}
            </Button>
          </span>
        )}
      </td>
    </tr>
  );
}
