/** Deleting a policy of any kind: what happens in every member is shown first. */
import type { Federation } from '#shared/contract/federations.ts';
import { engine } from '../../../app/engine/client.ts';
import { useAction } from '../../../app/engine/hooks.ts';
import { useText } from '../../../stores/text.ts';
import { Confirm } from '../../../ui/Confirm.tsx';
import { useNotify } from '../../../ui/notify.ts';
import { Before } from '../whatif/Before.tsx';
import { OverrideEffects, useOverridePreview } from './OverrideEffects.tsx';
import { isOverride, type PolicyName, refOfPolicy } from './ref.ts';

export function DeletePolicy({
  federation,
  policy,
  onClose,
  onGone,
}: {
  federation: Federation;
  policy: PolicyName;
  onClose: () => void;
  onGone: () => void;
}) {
  const { t } = useText();
  const notify = useNotify();
  const { kind, namespace, name } = policy;
  const override = isOverride(kind);
  const remove = useAction(() => engine.resources.remove.mutate(refOfPolicy(federation.id, policy)));
  const preview = useOverridePreview(
    federation.id,
    override ? { kind: 'delete', policy: kind, namespace, name } : null,
  );
  return (
    <Confirm
      open
      title={t('policies.deleteTitle', { kind, name })}
      action={t('policies.delete')}
      danger
      pending={remove.pending}
      error={remove.error}
      onCancel={onClose}
      onConfirm={() =>
        void remove.run().then((done) => {
          if (done === null) return;
          notify.success(t('policies.deleted', { name }));
          onGone();
        })
      }
    >
      <div className="stack wide">
        {override ? (
          <>
            <span>{t('policies.deleteOverride')}</span>
            <OverrideEffects preview={preview} />
          </>
        ) : (
          <>
            <span>{t('federations.workload.deletePolicyText')}</span>
            <Before
              federation={federation}
              changes={[{ kind: 'deletePolicy', key: namespace === '' ? name : `${namespace}/${name}` }]}
            />
          </>
        )}
      </div>
    </Confirm>
  );
}
