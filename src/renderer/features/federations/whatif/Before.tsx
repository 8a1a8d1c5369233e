/** What a deletion would do in every member, shown before it is made. */

import type { SupposedChange } from '#shared/contract/federation-what-if.ts';
import type { Federation } from '#shared/contract/federations.ts';
import { engine } from '../../../app/engine/client.ts';
import { useRead } from '../../../app/engine/hooks.ts';
import { useText } from '../../../stores/text.ts';
import { useHoldConfirm } from '../../../ui/Confirm.tsx';
import { ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { EffectChips, Totals } from './Effects.tsx';

/** Lines in a dialog; the sums count all. */
const MOST = 30;

/** `changes` null: not now. */
export function Before({
  federation,
  changes,
}: {
  federation: Pick<Federation, 'id'>;
  changes: SupposedChange[] | null;
}) {
  const { t } = useText();
  const result = useRead(changes === null ? null : ['before', federation.id, changes], () =>
    engine.federations.whatIf.mutate({ id: federation.id, changes: changes ?? [] }),
  );
  useHoldConfirm(changes !== null && result.data === undefined && result.error === null);
  if (result.error !== null) return <ErrorNotice error={result.error} onRetry={result.again} level="warning" />;
  if (result.data === undefined) return <Loading rows={3} />;
  const { workloads } = result.data;
  return (
    <div className="stack" data-testid="before">
      <span className="strong">{t('whatIf.members')}</span>
      <Totals result={result.data} brief />
      <ul className="before-list">
        {workloads.slice(0, MOST).map((effect) => (
          <li key={`${effect.object.kind}/${effect.object.namespace}/${effect.object.name}`} className="stack">
            <span>
              <span className="strong">{effect.object.name}</span>{' '}
              <span className="muted">
                {effect.object.kind} {effect.object.namespace}
              </span>
              {effect.policyBefore !== effect.policyAfter && (
                <span className="muted">
                  {' '}
                  {effect.policyAfter === null
                    ? t('whatIf.unmanaged')
                    : t('whatIf.next', { policy: effect.policyAfter })}
                </span>
              )}
            </span>
            <EffectChips effect={effect} />
            {effect.missing > 0 && <span className="text-error">{t('whatIf.missing', { count: effect.missing })}</span>}
          </li>
        ))}
      </ul>
      {workloads.length > MOST && <span className="muted">{t('whatIf.more', { count: workloads.length - MOST })}</span>}
    </div>
  );
}
