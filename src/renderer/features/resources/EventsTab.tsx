/** What the cluster says happened to an object, newest first. */
import type { ObjectRef } from '#shared/contract/resources.ts';
import { engine } from '../../app/engine/client.ts';
import { useRead } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Age } from '../../ui/Age.tsx';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { Status } from '../../ui/Status.tsx';

const READ_AGAIN_MS = 5_000;

export function EventsTab({ objectRef }: { objectRef: ObjectRef }) {
  const { t } = useText();
  const read = useRead(
    ['events', objectRef],
    (signal) => engine.resources.events.query(objectRef, { signal }),
    READ_AGAIN_MS,
  );
  if (read.data === undefined)
    return read.error === null ? <Loading rows={4} /> : <ErrorNotice error={read.error} onRetry={read.again} />;
  if (read.data.length === 0)
    return <EmptyState title={t('resources.events.empty')} hint={t('resources.events.emptyHint')} />;
  return (
    <table className="plain-table" data-testid="events">
      <thead>
        <tr>
          <th>{t('resources.events.type')}</th>
          <th>{t('resources.events.reason')}</th>
          <th>{t('resources.events.message')}</th>
          <th className="number">{t('resources.events.count')}</th>
          <th>{t('resources.events.last')}</th>
          <th>{t('resources.events.source')}</th>
        </tr>
      </thead>
      <tbody>
        {read.data.map((event, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: events have no identity here; the list is replaced as a whole.
          <tr key={index}>
            <td>
              <Status level={event.type === 'Normal' ? 'ok' : 'warning'}>{event.type}</Status>
            </td>
            <td className="nowrap">{event.reason}</td>
            <td>{event.message}</td>
            <td className="number">{event.count}</td>
            <td>
              <Age since={event.lastSeen} />
            </td>
            <td className="muted">{event.source}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
