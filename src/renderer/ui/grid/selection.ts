/** What a click or a key does to the selection of a table. Pure. */

/** One row alone is turned round; a range from the anchor to it takes the new state of its end. */
export function rangeOf(
  selected: ReadonlySet<string>,
  keys: readonly string[],
  anchor: number,
  index: number,
  range: boolean,
): Set<string> {
  const next = new Set(selected);
  const own = keys[index];
  if (own === undefined) return next;
  const on = !selected.has(own);
  const from = range && anchor >= 0 && anchor < keys.length ? Math.min(anchor, index) : index;
  const to = range && anchor >= 0 && anchor < keys.length ? Math.max(anchor, index) : index;
  for (const key of keys.slice(from, to + 1)) {
    if (on) next.add(key);
    else next.delete(key);
  }
  return next;
}
