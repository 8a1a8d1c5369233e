/** Events of one object, in the one shape the interface shows, newest first. Pure. */
import type { EventRow } from '#shared/contract/resources.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';

const MOST = 200;

export function eventRows(
  events: readonly KubeObject[],
  about: { kind: string; namespace: string; name: string },
): EventRow[] {
  return events
    .filter((event) => {
      const object = event.involvedObject ?? event.regarding;
      return (
        object?.name === about.name &&
        (object.kind === undefined || object.kind === about.kind) &&
        (object.namespace ?? '') === about.namespace
      );
    })
    .map(rowOf)
    .sort((a, b) => (b.lastSeen ?? '').localeCompare(a.lastSeen ?? ''))
    .slice(0, MOST);
}

/** Events of the old API carry count and two times, of the new one a series or nothing. */
function rowOf(event: KubeObject): EventRow {
  const first = event.firstTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp;
  const last = event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? first;
  const count = event.series?.count ?? event.count;
  return {
    type: text(event.type),
    reason: text(event.reason),
    message: text(event.message ?? event.note),
    count: typeof count === 'number' ? count : 1,
    firstSeen: time(first),
    lastSeen: time(last),
    source: text(event.reportingComponent) || text(event.reportingController) || text(event.source?.component),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function time(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
