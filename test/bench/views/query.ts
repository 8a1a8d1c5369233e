/** What the benches look at: the first page of all pods of some targets, by name. */
import type { Target } from '#shared/contract/views.ts';

export function firstPage(targets: Target[]) {
  return {
    targets,
    resource: { group: '', version: 'v1', resource: 'pods' },
    namespaces: [],
    filter: '',
    sort: { column: 'name', descending: false },
    group: '',
    offset: 0,
    limit: 100,
  };
}
