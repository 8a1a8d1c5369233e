/** The definition of every kind the views know by name; what is not here is shown by the generic one. */
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import * as cluster from './cluster.ts';
import * as config from './config.ts';
import type { KindDefinition } from './define.ts';
import * as federation from './federation.ts';
import { generic } from './generic.ts';
import * as network from './network.ts';
import * as pods from './pods.ts';
import * as workloads from './workloads.ts';

export type { Cell, ColumnDefinition, KindDefinition, Level } from './define.ts';

const definitions = new Map<string, KindDefinition>();
for (const area of [cluster, config, federation, network, pods, workloads]) {
  for (const exported of Object.values(area).flat()) {
    if (typeof exported === 'object') definitions.set(exported.resource, exported);
  }
}

export function definitionOf(ref: Pick<ResourceRef, 'group' | 'resource'>): KindDefinition {
  return definitions.get(ref.group === '' ? ref.resource : `${ref.resource}.${ref.group}`) ?? generic;
}
