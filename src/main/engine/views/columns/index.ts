/** The definition of every kind the views know by name; the columns of all others are those their servers print. */
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import * as cluster from './cluster.ts';
import * as config from './config.ts';
import type { KindDefinition } from './define.ts';
import * as federation from './federation.ts';
import * as network from './network.ts';
import * as pods from './pods.ts';
import { ServedKind } from './served.ts';
import * as workloads from './workloads.ts';

export type { Cell, ColumnDefinition, KindDefinition, Level } from './define.ts';
export { ServedKind } from './served.ts';

const definitions = new Map<string, KindDefinition>();
for (const area of [cluster, config, federation, network, pods, workloads]) {
  for (const exported of Object.values(area).flat()) {
    if (typeof exported === 'object') definitions.set(exported.resource, exported);
  }
}

/** A kind that is not known by name gets a definition of its own, which learns its columns as objects come. */
export function definitionOf(ref: Pick<ResourceRef, 'group' | 'resource'>): KindDefinition {
  const name = ref.group === '' ? ref.resource : `${ref.resource}.${ref.group}`;
  return definitions.get(name) ?? new ServedKind(name);
}
