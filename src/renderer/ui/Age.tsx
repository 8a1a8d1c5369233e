/** How long ago, in kubectl's short form, with the full time on hover. */
import { useAge } from '../stores/clock.ts';
import { useText } from '../stores/text.ts';

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
