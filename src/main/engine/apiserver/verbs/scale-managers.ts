/**
 * Who owns the number of a scale, in the words of the scale and in those of its workload. Source: apimachinery,
 * managedfields.ScaleHandler: what it makes of an entry of plain updates has no time, and is one of its own beside the
 * entry that it was taken from.
 */
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { FieldSet } from '../apply/field-set.ts';
import { findManager, type Manager } from '../apply/managed.ts';
import type { KindDefinition } from '../types.ts';

export const SCALE_VERSION = 'autoscaling/v1';
const IN_SCALE = fieldsAt('.spec.replicas');

/** The managers of a workload that own its number, as its scale names it. */
export function toScale(kind: KindDefinition, managers: readonly Manager[]): Manager[] {
  return managers
    .filter((manager) => owns(kind, manager))
    .map(({ kept: _kept, ...manager }) => ({ ...manager, apiVersion: SCALE_VERSION, fields: IN_SCALE }));
}

/** The managers of a workload after a write to its scale has left it with `scalers`. */
export function toWorkload(kind: KindDefinition, managers: readonly Manager[], scalers: readonly Manager[]): Manager[] {
  const known = new Set<Manager>();
  const left = managers.flatMap((manager) => {
    const place = placeIn(kind, manager.apiVersion);
    if (place === undefined) return [];
    if (place === null || !owns(kind, manager)) return [manager];
    const same = findManager(scalers, manager);
    if (same === undefined) return [{ ...manager, fields: manager.fields.difference(place) }];
    known.add(same);
    return [manager];
  });
  const own = fieldsAt(kind.scale!.specReplicasPath);
  const added = scalers
    .filter((each) => !known.has(each) && !each.fields.intersection(IN_SCALE).empty)
    .map((each) => ({ ...each, apiVersion: apiVersionOf(kind), time: undefined, fields: own }));
  return [...left, ...added];
}

function owns(kind: KindDefinition, { apiVersion, fields }: Manager): boolean {
  const place = placeIn(kind, apiVersion);
  return place !== undefined && place !== null && !fields.intersection(place).empty;
}

/** Where a version keeps the number; null: nowhere, undefined: there is no such version. */
function placeIn(kind: KindDefinition, apiVersion: string): FieldSet | null | undefined {
  if (kind.custom === undefined || apiVersion === apiVersionOf(kind)) return fieldsAt(kind.scale!.specReplicasPath);
  const [group, version = ''] = apiVersion.split('/');
  const found = group === kind.group ? kind.custom.inVersion(version) : undefined;
  if (found === undefined) return undefined;
  return found.scale === undefined ? null : fieldsAt(found.scale.specReplicasPath);
}

function fieldsAt(path: string): FieldSet {
  const set = new FieldSet();
  set.insert(
    path
      .replace(/^\./, '')
      .split('.')
      .map((segment) => `f:${segment}`),
  );
  return set;
}
