/** The groups of a grouped table with their counts: a click shows that group alone, another one all again. */
import type { ViewGroup } from '#shared/contract/views.ts';
import type { TargetEntry } from '../../app/target-entries.ts';
import { useText } from '../../stores/text.ts';
import { groupTerm, withoutTerm, withTerm } from './group-filter.ts';

export interface GroupBarProps {
  groups: readonly ViewGroup[];
  group: string;
  filter: string;
  entries: readonly TargetEntry[];
  onFilter: (filter: string) => void;
}

export function GroupBar({ groups, group, filter, onFilter }: GroupBarProps) {
  const { t, number } = useText();
  return (
    <ul className="group-bar" aria-label={t('resources.group.label')} data-testid="group-bar">
      {groups.map(({ value, count }) => {
        const term = groupTerm(group, value);
        const alone = term !== null && withoutTerm(filter, term) !== filter;
        return (
          <li key={value}>
            <button
              type="button"
              className="group-chip"
              aria-pressed={alone}
              disabled={term === null}
              onClick={() => term !== null && onFilter(alone ? withoutTerm(filter, term) : withTerm(filter, term))}
              data-testid="group-chip"
            >
              <span className="ellipsis">{value === '' ? t('resources.group.without') : value}</span>
              <span className="muted">{number(count)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
