/** What was decided, why, and what moved: newest first (U12). */
import type { JournalEntry } from '#shared/contract/federation-decisions.ts';
import { useText } from '../../../stores/text.ts';
import { Age } from '../../../ui/Age.tsx';
import { Status } from '../../../ui/Status.tsx';
import { whyRoute } from './route.ts';
import { eventLevel, eventText } from './words.ts';
import './why.css';

/** Clusters named in a line; its tip has all of them. */
const NAMED = 8;

export function TimeLine({
  entries,
  federationId,
}: {
  entries: readonly JournalEntry[];
  /** Set where entries are about many objects: each then links to its own page. */
  federationId?: string;
}) {
  const text = useText();
  if (entries.length === 0) return <p className="muted panel-body">{text.t('why.noHistory')}</p>;
  return (
    <ol className="time-line" data-testid="time-line">
      {entries.map((entry) => (
        <li key={entry.seq} data-kind={entry.event.kind}>
          <span className="muted time-line-age">
            <Age since={entry.time} />
          </span>
          <div className="grow">
            {federationId !== undefined && (
              <a className="strong" href={whyRoute(federationId, entry.object)}>
                {entry.object.kind} {entry.object.namespace === '' ? '' : `${entry.object.namespace}/`}
                {entry.object.name}
              </a>
            )}
            <div>
              <Status level={eventLevel(entry)}>
                <span className="wraps" title={eventText(entry, text)}>
                  {eventText(entry, text, NAMED)}
                </span>
              </Status>
            </div>
            {'cause' in entry.event && <div className="muted">{text.t(`why.causes.${entry.event.cause}`)}</div>}
          </div>
        </li>
      ))}
    </ol>
  );
}
