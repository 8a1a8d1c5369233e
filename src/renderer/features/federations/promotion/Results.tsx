/** What was taken over and what was not, each with the way back. */
import { useState } from 'react';
import type { Promoted } from '#shared/contract/federation-promotion.ts';
import type { Federation } from '#shared/contract/federations.ts';
import { engine } from '../../../app/engine/client.ts';
import { useAction } from '../../../app/engine/hooks.ts';
import { useText } from '../../../stores/text.ts';
import { Button } from '../../../ui/controls.ts';
import { ErrorNotice } from '../../../ui/Feedback.tsx';
import { Panel } from '../../../ui/Page.tsx';
import { Status } from '../../../ui/Status.tsx';

export function Results({ federation, results }: { federation: Federation; results: readonly Promoted[] }) {
  const { t } = useText();
  return (
    <Panel
      title={t('promotion.done', { count: results.filter(({ error }) => error === null).length })}
      testId="promotion-results"
    >
      <div className="stack wide">
        {results.map((result) => (
          <Result
            key={`${result.object.kind}/${result.object.namespace}/${result.object.name}`}
            federation={federation}
            result={result}
          />
        ))}
      </div>
    </Panel>
  );
}

function Result({ federation, result }: { federation: Federation; result: Promoted }) {
  const { t } = useText();
  const { object, error } = result;
  const [undone, setUndone] = useState(false);
  const release = useAction(() => engine.promotion.release.mutate({ id: federation.id, object }));
  return (
    <div className="stack" data-testid={`promoted-${object.name}`}>
      <span className="row">
        <span className="strong">{object.name}</span>
        <span className="muted">{`${object.kind} ${object.namespace}`}</span>
        <Status level={error !== null ? 'error' : undone ? 'none' : 'ok'}>
          {t(error !== null ? 'promotion.failed' : undone ? 'promotion.undone' : 'promotion.taken')}
        </Status>
        <span className="grow" />
        {error === null && !undone && (
          <Button
            size="small"
            loading={release.pending}
            onClick={() => void release.run().then((done) => done !== null && setUndone(true))}
          >
            {t('promotion.undo')}
          </Button>
        )}
      </span>
      {error !== null && <ErrorNotice error={error} />}
      {release.error !== null && <ErrorNotice error={release.error} onClose={release.reset} />}
    </div>
  );
}
