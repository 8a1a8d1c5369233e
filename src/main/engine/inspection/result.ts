/** Rules over a world, as a result that is stored: findings by the object they are about. In steps. */
import { type InspectOptions, inspectWorld } from './inspect.ts';
import type { Finding, ObjectFindings, Tally, TargetResult } from './types.ts';
import type { World } from './world.ts';

export type FoundIn = Pick<TargetResult, 'tallies' | 'objects'>;

export function* resultInSteps(world: World, options: InspectOptions): Generator<void, FoundIn> {
  const tallies = new Map<string, Tally>();
  const objects = new Map<string, ObjectFindings>();
  for (const findings of inspectWorld(world, options, tallies)) {
    for (const finding of findings) addTo(objects, finding, world);
    yield;
  }
  return { tallies: Object.fromEntries(tallies), objects: [...objects.values()] };
}

function addTo(objects: Map<string, ObjectFindings>, finding: Finding, world: World): void {
  const { namespace, kind, name, rule, severity, type, container, field, evidence, fix } = finding;
  const key = `${namespace}/${kind}/${name}`;
  let object = objects.get(key);
  if (object === undefined) {
    const owner = world.ownerOf({ namespace, kind, name });
    const known = world.find({ namespace, kind, name });
    object = {
      apiVersion: known?.apiVersion ?? '',
      namespace,
      kind,
      name,
      owner: { kind: owner.kind, name: owner.name },
      labels: known?.metadata.labels ?? {},
      findings: [],
    };
    objects.set(key, object);
  }
  object.findings.push({
    rule,
    severity,
    type,
    container,
    field,
    evidence,
    ...(fix === undefined ? {} : { fix }),
  });
}
