/** get and list of what the host serves: its objects, with selectors, order and views added here. */

import type { AggregatedResource } from '../backend.ts';
import { keyOf } from '../core.ts';
import { parseListOptions } from '../request/options.ts';
import { presentList, presentObject } from '../request/present.ts';
import type { ApiAnswer } from '../request/types.ts';
import { notFound } from '../status.ts';
import type { VerbContext } from './context.ts';
import { selectionOf, selects } from './read.ts';

export async function readAggregated(context: VerbContext, resource: AggregatedResource): Promise<ApiAnswer> {
  const { kind, route, request, accept, include } = context;
  if (route.verb === 'get') {
    const object = await resource.get(route.namespace, route.name);
    if (object === undefined) throw notFound(kind, route.name);
    return presentObject(kind, object, accept, include);
  }
  const selection = selectionOf(context, parseListOptions(request.query, false));
  const rows = (await resource.list(route.namespace)).map((object) => ({
    key: keyOf(kind, object.metadata.namespace ?? '', object.metadata.name ?? ''),
    object,
  }));
  const selected = rows.filter(({ key, object }) =>
    selects(selection, key, { object, labels: object.metadata.labels }),
  );
  selected.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  // Nothing is stored, so there is no revision to speak of.
  const objects = selected.map(({ object }) => object);
  return presentList(kind, objects, { resourceVersion: '' }, accept, include);
}
