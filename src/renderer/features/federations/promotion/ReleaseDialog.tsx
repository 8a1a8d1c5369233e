/** Letting a workload go from the federation without stopping it anywhere: the way back from a promotion. */
import type { FederatedWorkload, Federation } from '#shared/contract/federations.ts';
import { engine } from '../../../app/engine/client.ts';
import { useAction } from '../../../app/engine/hooks.ts';
import { useText } from '../../../stores/text.ts';
import { Confirm } from '../../../ui/Confirm.tsx';
import { useNotify } from '../../../ui/notify.ts';

export function ReleaseDialog({
  federation,
  workload,
  onClose,
  onGone,
}: {
  federation: Federation;
  workload: FederatedWorkload;
  onClose: () => void;
  onGone: () => void;
}) {
  const { t } = useText();
  const notify = useNotify();
  const { apiVersion, kind, namespace, name, clusters } = workload;
  const release = useAction(() =>
    engine.promotion.release.mutate({ id: federation.id, object: { apiVersion, kind, namespace, name } }),
  );
  return (
    <Confirm
      open
      title={t('promotion.releaseTitle', { kind, name })}
      action={t('promotion.release')}
      pending={release.pending}
      error={release.error}
      onCancel={onClose}
      onConfirm={() =>
        void release.run().then((done) => {
          if (done === null) return;
          const { waiting } = done.value;
          if (waiting.length === 0) notify.success(t('promotion.released', { name }));
          else notify.warning(t('promotion.releaseWaiting', { name, names: waiting.join(', ') }));
          onGone();
        })
      }
    >
      <div className="stack">
        <span>{t('promotion.releaseText')}</span>
        {clusters.length > 0 && (
          <span className="strong">
            {t('promotion.releasedIn', { names: clusters.map((share) => share.name).join(', ') })}
          </span>
        )}
      </div>
    </Confirm>
  );
}
