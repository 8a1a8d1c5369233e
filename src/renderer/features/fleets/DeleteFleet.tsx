/** Deleting a fleet: only when empty and without federation; else the reasons, before anything is asked of the engine (F6). */
import type { Fleet } from '#shared/contract/fleets.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { navigate } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';

export function DeleteFleet({
  fleet,
  federationName,
  open,
  onClose,
}: {
  fleet: Fleet;
  federationName: string | undefined;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useText();
  const remove = useAction(() => engine.fleets.remove.mutate({ id: fleet.id }));
  const reasons = [
    ...(fleet.deletionProtection ? [t('fleets.deleteBlockedProtection')] : []),
    ...(fleet.clusterIds.length > 0 ? [t('fleets.deleteBlockedClusters', { count: fleet.clusterIds.length })] : []),
    ...(fleet.federationId === null
      ? []
      : [t('fleets.deleteBlockedFederation', { name: federationName ?? fleet.federationId })]),
  ];
  return (
    <Confirm
      open={open}
      title={t('fleets.deleteTitle', { name: fleet.name })}
      action={t('fleets.delete')}
      danger
      pending={remove.pending}
      error={remove.error}
      disabled={reasons.length > 0}
      onCancel={() => {
        remove.reset();
        onClose();
      }}
      onConfirm={() => void remove.run().then((done) => done !== null && navigate(['fleets']))}
    >
      {reasons.length === 0 ? (
        t('fleets.deleteText')
      ) : (
        <div className="stack" data-testid="delete-blocked">
          <span>{t('fleets.deleteBlocked')}</span>
          <ul className="bullets">
            {reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </div>
      )}
    </Confirm>
  );
}
