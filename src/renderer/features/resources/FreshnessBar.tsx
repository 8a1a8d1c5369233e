/** How fresh the rows of each cluster are: a word each while all is well together, the reason and remedy where it is not. */
import type { Freshness } from '#shared/contract/views.ts';
import { nameOfTarget, type TargetEntry } from '../../app/target-entries.ts';
import { targetKey } from '../../stores/targets.ts';
import { useText } from '../../stores/text.ts';
import { useElapsed } from '../../ui/Age.tsx';
import { Popover } from '../../ui/controls.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { type Level, Status, TargetName } from '../../ui/Status.tsx';
import { together } from './freshness.ts';

const levels: Record<Freshness['state'], Level> = {
  connecting: 'progressing',
  catchingUp: 'progressing',
  live: 'ok',
  stale: 'warning',
  disconnected: 'error',
  forbidden: 'warning',
  unknownResource: 'none',
};

export function FreshnessBar({
  freshness,
  entries,
}: {
  freshness: readonly Freshness[];
  entries: readonly TargetEntry[];
}) {
  return (
    <ul className="freshness" data-testid="freshness">
      {together(freshness).map((group) =>
        group.length === 1 ? (
          group.map((each) => (
            <li key={targetKey(each.target)}>
              <Chip freshness={each} name={nameOfTarget(entries, each.target)} />
            </li>
          ))
        ) : (
          <li key={group.map(({ target }) => targetKey(target)).join(' ')}>
            <Several group={group} entries={entries} />
          </li>
        ),
      )}
    </ul>
  );
}

/** Those in one state as one chip, each of them behind it. */
function Several({ group, entries }: { group: readonly Freshness[]; entries: readonly TargetEntry[] }) {
  const { t, number } = useText();
  const [{ state, since } = { state: 'live' as const, since: '' }] = group.toSorted((a, b) =>
    a.since.localeCompare(b.since),
  );
  const age = useElapsed(since);
  return (
    <Popover
      trigger={['hover', 'click']}
      content={
        <ul className="freshness freshness-several">
          {group.map((each) => (
            <li key={targetKey(each.target)}>
              <Chip freshness={each} name={nameOfTarget(entries, each.target)} />
            </li>
          ))}
        </ul>
      }
    >
      <button type="button" className="freshness-button">
        <span className="freshness-chip" data-state={state} data-testid={`freshness-several-${state}`}>
          <span>{t('resources.freshness.several', { count: group.length })}</span>
          <Status level={levels[state]}>{t(`resources.freshness.${state}`, { age })}</Status>
          <span className="muted">{number(group.reduce((sum, { count }) => sum + count, 0))}</span>
        </span>
      </button>
    </Popover>
  );
}

function Chip({ freshness, name }: { freshness: Freshness; name: string }) {
  const { t, number } = useText();
  const age = useElapsed(freshness.since);
  const chip = (
    <span className="freshness-chip" data-state={freshness.state} data-testid={`freshness-${name}`}>
      <TargetName name={name} kind={freshness.target.kind} />
      <Status level={levels[freshness.state]}>{t(`resources.freshness.${freshness.state}`, { age })}</Status>
      <span className="muted">{number(freshness.count)}</span>
      {freshness.within !== undefined && freshness.within.length > 0 && (
        <span className="muted">{t('resources.freshness.within', { namespaces: freshness.within.join(', ') })}</span>
      )}
    </span>
  );
  if (freshness.reason === null) return chip;
  return (
    <Popover
      trigger={['hover', 'click']}
      content={
        <div className="freshness-reason">
          <ErrorNotice
            error={{
              ...freshness.reason,
              cluster: name,
              ...(freshness.state === 'unknownResource' && { hint: 'hints.kindNotServed' }),
            }}
            level="warning"
          />
        </div>
      }
    >
      <button type="button" className="freshness-button">
        {chip}
      </button>
    </Popover>
  );
}
