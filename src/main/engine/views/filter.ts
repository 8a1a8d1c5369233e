/** The filter line of a view: words that must all occur, `label:key=value`, `status:word`. Pure. */
import type { KindDefinition } from './columns/index.ts';
import { type Row, searchText } from './row.ts';

export type RowFilter = (row: Row) => boolean;

/**
 * Words are compared without case, in name, namespace, target and every cell a person reads as text or status.
 * `label:key` asks for the label's presence, `label:key=value` for its value, both exactly. `status:word` looks only at
 * status cells and the row's level. Quotes keep words together.
 */
export function parseFilter(
  definition: KindDefinition,
  options: { filter: string; namespaces: readonly string[] },
): RowFilter {
  const tests: RowFilter[] = [];
  if (options.namespaces.length > 0) {
    const wanted = new Set(options.namespaces);
    tests.push((row) => row.namespace === '' || wanted.has(row.namespace));
  }
  const readable = indexesOf(definition, ['text', 'number', 'status', 'quantity']);
  const states = indexesOf(definition, ['status']);
  for (const term of termsOf(options.filter)) {
    if (term.startsWith('label:')) {
      const label = term.slice('label:'.length);
      const needle = label.includes('=') ? `\n${label}\n` : `\n${label}=`;
      if (label !== '') tests.push((row) => row.labels.includes(needle));
    } else if (term.startsWith('status:')) {
      const word = term.slice('status:'.length).toLowerCase();
      if (word !== '') tests.push((row) => hasStatus(row, states, word));
    } else {
      const word = term.toLowerCase();
      tests.push((row) => searchText(row, readable).includes(word));
    }
  }
  return (row) => {
    for (const test of tests) if (!test(row)) return false;
    return true;
  };
}

function hasStatus(row: Row, states: readonly number[], word: string): boolean {
  if (row.level === word) return true;
  for (const index of states)
    if (
      String(row.cells[index] ?? '')
        .toLowerCase()
        .includes(word)
    )
      return true;
  return false;
}

function indexesOf(definition: KindDefinition, kinds: readonly string[]): number[] {
  return definition.columns.flatMap((column, index) => (kinds.includes(column.kind) ? [index] : []));
}

function termsOf(filter: string): string[] {
  const terms: string[] = [];
  for (const match of filter.matchAll(/((?:[^\s"]|"[^"]*"?)+)/g)) {
    const term = (match[1] ?? '').replaceAll('"', '');
    if (term !== '') terms.push(term);
  }
  return terms;
}
