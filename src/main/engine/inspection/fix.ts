/** Remedies that are a value at a place: found again in the object as it is now, and set there. Pure. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { Fix } from './types.ts';

export interface Change {
  /** As in a finding: `spec.template.spec.containers[0].securityContext.privileged`. */
  field: string;
  /** Name of the container in that path, empty when there is none. */
  container: string;
  fix: Fix;
}

type Step = string | number;

/** A copy with the changes; null when the object has no such place any more. */
export function fixed(object: KubeObject, changes: readonly Change[]): KubeObject | null {
  const copy = structuredClone(object);
  for (const change of changes) if (!apply(copy, change)) return null;
  return copy;
}

function apply(object: KubeObject, { field, container, fix }: Change): boolean {
  const steps = stepsOf(field);
  const last = steps.pop();
  if (last === undefined) return false;
  let place: Json = object;
  for (const [at, step] of steps.entries()) {
    const next = at + 1 < steps.length ? steps[at + 1] : last;
    if (typeof step === 'number') {
      // The person may have added a container since: its name says which one is meant.
      const index = container === '' ? step : place.findIndex((one: Json) => one?.name === container);
      if (index < 0 || place[index] === undefined) return false;
      place = place[index];
      continue;
    }
    if (place[step] === undefined || place[step] === null) {
      if (typeof next === 'number') return false;
      place[step] = {};
    }
    place = place[step];
    if (typeof place !== 'object') return false;
  }
  if (fix.value === undefined) delete place[last];
  else place[last] = structuredClone(fix.value);
  return true;
}

/** `a.b[0]['x.y/z']` */
function stepsOf(field: string): Step[] {
  return [...field.matchAll(/\['([^']+)'\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, quoted, index, name]) =>
    index === undefined ? (quoted ?? name ?? '') : Number(index),
  );
}

/** Who writes this object, and would take a change by hand back. */
export function managedBy({ metadata }: KubeObject): string | null {
  const { labels = {}, annotations = {} } = metadata;
  const has = (prefix: string): boolean =>
    [...Object.keys(labels), ...Object.keys(annotations)].some((key) => key.startsWith(prefix));
  if (has('work.karmada.io/') || labels['karmada.io/managed'] === 'true') return 'Karmada';
  if (has('argocd.argoproj.io/')) return 'Argo CD';
  if (has('kustomize.toolkit.fluxcd.io/') || has('helm.toolkit.fluxcd.io/')) return 'Flux';
  if (labels['app.kubernetes.io/managed-by'] === 'Helm' || has('meta.helm.sh/')) return 'Helm';
  return null;
}
