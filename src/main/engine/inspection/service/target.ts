/** Inspects one cluster or control plane: reads it, runs the rules in slices, and says what was found and what was not checked. */
import type { InspectionConfig, NotChecked } from '#shared/contract/inspection.ts';
import type { Target } from '#shared/contract/views.ts';
import type { KubeClient } from '../../kube/index.ts';
import { collect, type Missing } from '../collect.ts';
import { inspectWorld } from '../inspect.ts';
import type { Finding, ObjectFindings, Rule, Tally, TargetResult } from '../types.ts';
import { type World, worldInSteps } from '../world.ts';
import { optionsOf } from './config.ts';
import { pacer, slices } from './pace.ts';

export interface TargetOptions {
  target: Target;
  name: string;
  client: KubeClient;
  config: InspectionConfig;
  /** Milliseconds since the epoch: what ages are judged by. */
  now: number;
  signal: AbortSignal;
  onProgress(progress: { state: 'reading' | 'checking'; done: number; total: number; objects: number }): void;
}

export interface TargetOutcome {
  result: TargetResult;
  version: string | null;
  objects: number;
  notChecked: NotChecked[];
}

export async function inspectTarget(options: TargetOptions): Promise<TargetOutcome> {
  const { target, name, client, config, signal } = options;
  const chosen = optionsOf(config);
  const needs = chosen.rules.flatMap((rule) => rule.needs ?? []);
  const slice = slices(signal);
  let progress = { done: 0, total: 0, objects: 0 };
  const found = await collect(client, {
    signal,
    needs,
    pace: pacer(config.requestsPerSecond),
    onProgress: (now) => {
      progress = now;
      options.onProgress({ state: 'reading', ...now });
    },
  });
  options.onProgress({ state: 'checking', ...progress });
  await slice(true);
  const world = await inSlices(worldInSteps({ cluster: name, now: options.now, ...found }), slice);
  const lacking = new Set(found.missing.map(({ resource }) => resource));
  const rules = chosen.rules.filter((rule) => !rule.needs?.some((need) => lacking.has(need)));
  const tallies = new Map<string, Tally>();
  const objects = new Map<string, ObjectFindings>();
  await slice(true);
  for (const findings of inspectWorld(world, { ...chosen, rules }, tallies)) {
    for (const finding of findings) addTo(objects, finding, world);
    await slice(false);
  }
  return {
    result: { target, name, tallies: Object.fromEntries(tallies), objects: [...objects.values()] },
    version: found.version,
    objects: found.objects.length,
    notChecked: notChecked(found.missing, chosen.rules),
  };
}

async function inSlices<T>(steps: Generator<void, T>, slice: ReturnType<typeof slices>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await slice(false);
  }
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

/** What is missing, with the rules that would have needed it; what no rule needs is nobody's loss unless it failed. */
function notChecked(missing: readonly Missing[], rules: readonly Rule[]): NotChecked[] {
  return missing
    .map(({ resource, why, reason }) => ({
      resource,
      why,
      reason,
      rules: rules.filter((rule) => rule.needs?.includes(resource)).map(({ id }) => id),
    }))
    .filter(({ why, rules: lost }) => lost.length > 0 || why !== 'notServed');
}
