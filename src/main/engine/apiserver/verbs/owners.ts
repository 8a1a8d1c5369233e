/** Owners that are named twice count once, and the writer is told. Source: texts of the server's warnings. */
import type { KubeObject, OwnerReference } from '#shared/kubernetes/types.ts';
import { equalJson } from '../json.ts';

const ADVICE =
  'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests';

/** In place. `admitted`: plugins have seen the object. */
export function dropRepeatedOwners(object: KubeObject, warnings: string[], admitted: boolean): void {
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.length < 2) return;
  const kept: OwnerReference[] = [];
  const repeated: string[] = [];
  for (const owner of owners)
    if (kept.some((each) => equalJson(each, owner))) repeated.push(owner.uid ?? '');
    else kept.push(owner);
  if (repeated.length === 0) return;
  object.metadata.ownerReferences = kept;
  const when = admitted ? ' after mutating admission happens' : '';
  const text = `.metadata.ownerReferences contains duplicate entries${when}; ${ADVICE}; duplicate UID(s) observed: `;
  warnings.push(`${text}${repeated.join(', ')}`);
}
