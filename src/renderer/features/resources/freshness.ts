/** Which clusters are told of together, so that a hundred of them do not take the page from the table. Pure. */
import type { Freshness } from '#shared/contract/views.ts';

/** So many have room beside the tools. */
const ROOM = 4;
/** Of a state that fewer are in, each is named: it is the exception. */
const EXCEPTIONS = 2;

/** Groups in the order of their first members; what is alone in a group is shown by itself. */
export function together(freshness: readonly Freshness[]): Freshness[][] {
  if (freshness.length <= ROOM) return freshness.map((each) => [each]);
  // One of which only some namespaces are seen is as fresh as the others, and yet none of them.
  const byState = Map.groupBy(freshness, ({ state, within = [] }) => (within.length > 0 ? 'within' : state));
  return [...byState.values()].flatMap((group) => (group.length > EXCEPTIONS ? [group] : group.map((each) => [each])));
}
