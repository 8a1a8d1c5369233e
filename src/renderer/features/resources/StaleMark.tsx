/**
 * On a row of a cluster that does not answer: from when it is. Freshness comes past the columns of the table, because it
 * counts objects and so changes with every one of them.
 */
import { createContext, useContext } from 'react';
import type { Freshness, Target } from '#shared/contract/views.ts';
import { useText } from '../../stores/text.ts';
import { useElapsed } from '../../ui/Age.tsx';
import { WarningIcon } from '../../ui/icons.ts';
import { staleSince } from './view-state.ts';

export const FreshnessContext = createContext<readonly Freshness[]>([]);

export function StaleMark({ target }: { target: Target }) {
  const since = staleSince(useContext(FreshnessContext), target);
  return since === undefined ? null : <Mark since={since} />;
}

function Mark({ since }: { since: string }) {
  const { t } = useText();
  const label = t('resources.freshness.stale', { age: useElapsed(since) });
  return <WarningIcon className="text-warning" title={label} aria-label={label} data-testid="row-stale" />;
}
