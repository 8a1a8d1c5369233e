/** What deleting objects of a federation does in its members, for whoever deletes objects of any kind. */
import type { SupposedChange } from '#shared/contract/federation-what-if.ts';
import { MOST_SUPPOSED } from '#shared/limits.ts';
import { useText } from '../../../stores/text.ts';
import { OverrideEffects, useOverridePreview } from '../policies/OverrideEffects.tsx';
import { isOverride } from '../policies/ref.ts';
import { Before } from './Before.tsx';
import { type Doomed, deletionOf, policyKindOf } from './deletion.ts';

export function BeforeDeletion({ federationId, object }: { federationId: string; object: Doomed }) {
  const policy = policyKindOf(object);
  const { namespace, name } = object;
  const override = policy !== undefined && isOverride(policy);
  const preview = useOverridePreview(federationId, override ? { kind: 'delete', policy, namespace, name } : null);
  if (override) return <OverrideEffects preview={preview} />;
  const change = deletionOf(object);
  return change === null ? null : <Before federation={{ id: federationId }} changes={[change]} />;
}

/** The same for many of one kind at once: what goes together is judged together. */
export function BeforeDeletions({ federationId, objects }: { federationId: string; objects: readonly Doomed[] }) {
  const { t } = useText();
  if (objects.length === 1 && objects[0] !== undefined)
    return <BeforeDeletion federationId={federationId} object={objects[0]} />;
  const changes = objects.map(deletionOf).filter((change): change is SupposedChange => change !== null);
  if (changes.length === 0) return null;
  return (
    <>
      <Before federation={{ id: federationId }} changes={changes.slice(0, MOST_SUPPOSED)} />
      {changes.length > MOST_SUPPOSED && (
        <span className="text-warning">{t('whatIf.onlyFirst', { count: MOST_SUPPOSED })}</span>
      )}
    </>
  );
}
