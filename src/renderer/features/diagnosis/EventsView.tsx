/** Warning events of all clusters, newest first, one line for each object and reason. */
import { useMemo } from 'react';
import type { WarningEvent } from '#shared/contract/diagnosis.ts';
import { useText } from '../../stores/text.ts';
import { EmptyState } from '../../ui/Feedback.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { PassedIcon } from '../../ui/icons.ts';
import { TargetName } from '../../ui/Status.tsx';
import { ObjectLink, placeText } from './look.tsx';

export function EventsView({ events, words }: { events: readonly WarningEvent[]; words: string }) {
  const { t, number, dateTime } = useText();
  const shown = useMemo(
    () =>
      events.filter(({ cluster, object, reason, message }) =>
        `${cluster} ${object.kind} ${placeText(object)} ${reason} ${message}`.toLowerCase().includes(words),
      ),
    [events, words],
  );
  const columns = useMemo(
    (): GridColumn<WarningEvent>[] => [
      {
        id: 'last',
        title: t('health.columns.last'),
        width: 170,
        grow: 0,
        sortValue: ({ last }) => (last === null ? null : Date.parse(last)),
        cell: ({ last }) => (last === null ? null : <span>{dateTime(last)}</span>),
      },
      {
        id: 'cluster',
        title: t('health.columns.cluster'),
        width: 150,
        grow: 0,
        sortValue: ({ cluster }) => cluster,
        cell: ({ cluster }) => <TargetName name={cluster} />,
      },
      {
        id: 'object',
        title: t('health.columns.object'),
        width: 260,
        grow: 2,
        sortValue: ({ object }) => `${object.kind} ${placeText(object)}`,
        cell: ({ clusterId, object }) => <ObjectLink clusterId={clusterId} object={object} />,
      },
      {
        id: 'reason',
        title: t('health.columns.reason'),
        width: 150,
        sortValue: ({ reason }) => reason,
        cell: ({ reason }) => <span className="ellipsis">{reason}</span>,
      },
      {
        id: 'message',
        title: t('health.columns.message'),
        width: 300,
        grow: 4,
        cell: ({ message }) => (
          <span className="ellipsis" title={message}>
            {message}
          </span>
        ),
      },
      {
        id: 'count',
        title: t('health.columns.count'),
        width: 80,
        grow: 0,
        sortValue: ({ count }) => count,
        cell: ({ count }) => <span>{number(count)}</span>,
      },
    ],
    [t, number, dateTime],
  );
  if (events.length === 0)
    return <EmptyState icon={<PassedIcon />} title={t('health.noEvents')} hint={t('health.noEventsHint')} />;
  return (
    <DataGrid
      label={t('health.views.events')}
      testId="health-events"
      columns={columns}
      rows={shown}
      rowKey={({ clusterId, object, reason }) => `${clusterId}/${object.kind}/${placeText(object)}/${reason}`}
      sort={{ column: 'last', descending: true }}
      autoHeight
    />
  );
}
