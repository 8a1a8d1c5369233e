/** How long ago: in kubectl's short form where it is read in columns, in words where it is read in a sentence. */
import { useAge } from '../stores/clock.ts';
import { useText } from '../stores/text.ts';

/** The short form (`3m20s`), with the full time on hover. */
export function Age({ since }: { since: string | null }) {
  const age = useAge(since);
  const { dateTime } = useText();
  if (since === null) return null;
  return (
    <time dateTime={since} title={dateTime(since)} className="nowrap">
      {age}
    </time>
  );
}

/** The same as an answer to "when" (`3m20s ago`). */
export function Ago({ since }: { since: string }) {
  const age = useElapsed(since);
  const { t, dateTime } = useText();
  return (
    <time dateTime={since} title={dateTime(since)} className="nowrap">
      {t('common.ago', { age })}
    </time>
  );
}

/** The age of `iso` for use within a sentence. */
export function useElapsed(iso: string | null): string {
  const { elapsed } = useText();
  return elapsed(useAge(iso));
}
