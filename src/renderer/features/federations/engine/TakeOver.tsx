/** Taking over, on purpose, a member that another federation manages. */
import { useState } from 'react';
import type { Federation, FederationMember } from '#shared/contract/federations.ts';
import { engine } from '../../../app/engine/client.ts';
import { useAction } from '../../../app/engine/hooks.ts';
import { useText } from '../../../stores/text.ts';
import { Confirm } from '../../../ui/Confirm.tsx';
import { Button } from '../../../ui/controls.ts';

export function TakeOver({ federation, member }: { federation: Federation; member: FederationMember }) {
  const { t, dateTime } = useText();
  const [open, setOpen] = useState(false);
  const takeOver = useAction(() => engine.federations.takeOver.mutate({ id: federation.id, cluster: member.name }));
  const { manager, name } = member;
  if (manager === null) return null;
  const who =
    manager.kind === 'karmada'
      ? 'Karmada'
      : manager.holder === ''
        ? manager.federation
        : `${manager.federation} (${manager.holder})`;
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)} data-testid="take-over">
        {t('control.manager.takeOver')}
      </Button>
      <Confirm
        open={open}
        title={t('control.manager.takeOverTitle', { name })}
        action={t('control.manager.takeOver')}
        danger
        pending={takeOver.pending}
        error={takeOver.error}
        onCancel={() => {
          takeOver.reset();
          setOpen(false);
        }}
        onConfirm={() => void takeOver.run().then((done) => done !== null && setOpen(false))}
      >
        <div className="stack">
          <span>{t('control.manager.takeOverText', { manager: who, since: dateTime(manager.since) })}</span>
          {manager.lastSeen !== null && (
            <span className="muted">{t('control.manager.lastSeen', { time: dateTime(manager.lastSeen) })}</span>
          )}
          {manager.kind === 'karmada' && <span className="text-warning">{t('control.manager.karmadaText')}</span>}
        </div>
      </Confirm>
    </>
  );
}
