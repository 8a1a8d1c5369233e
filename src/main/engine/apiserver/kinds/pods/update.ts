/**
 * What may become of a pod: little of it changes after it was made, and most of that through subresources.
 * Source: API reference core/v1; "Pod update and replacement", "Pod Scheduling Readiness"; texts of the server's validation.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { asSent, copyAsSent } from '../../openapi/sent-empty.ts';
import { shown, shownField } from '../../openapi/shown.ts';
import type { FieldError } from '../../types.ts';
import { differenceBelow } from '../difference/index.ts';
import { eachAt, forbiddenField, invalidValue, sameJson, sortedMap } from '../validation/field.ts';
import { validateTolerations } from './spec/scheduling.ts';

const FIXED =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
const MAX_SECONDS = 2 ** 31 - 1;

/** `subresource` is empty for the pod itself. */
export function validatePodUpdate(object: KubeObject, old: KubeObject, subresource: string): FieldError[] {
  const [next, before]: [Json, Json] = [object.spec ?? {}, old.spec ?? {}];
  for (const list of ['containers', 'initContainers'])
    if ((next[list] ?? []).length !== (before[list] ?? []).length)
      return [forbiddenField(`spec.${list}`, 'pod updates may not add or remove containers')];
  if (subresource === 'ephemeralcontainers') return validateEphemeral(next, before);
  const { errors, stop } = validateDeadline(next.activeDeadlineSeconds, before.activeDeadlineSeconds);
  if (stop) return errors;
  errors.push(
    ...validateAdded(next.tolerations ?? [], before.tolerations ?? []),
    ...validateGates(next.schedulingGates ?? [], before.schedulingGates ?? []),
    ...validateSelectorOfGated(next, before),
  );
  const fixed = fixedPart(next, before);
  if (!sameJson(fixed, before)) errors.push(forbiddenField('spec', FIXED + differenceBelow('PodSpec', before, fixed)));
  return errors;
}

const isGated = (spec: Json): boolean => (spec.schedulingGates ?? []).length > 0;

/** The spec as if what may change had not; that is judged by itself. */
function fixedPart(next: Json, before: Json): Json {
  const spec = copyAsSent(next);
  takeOver(spec, before, 'activeDeadlineSeconds', 'tolerations', 'schedulingGates');
  for (const list of ['containers', 'initContainers'])
    if (spec[list])
      spec[list] = spec[list].map((container: Json, index: number) => {
        const one = copyAsSent(container);
        takeOver(one, before[list][index], 'image');
        return one;
      });
  if (before.terminationGracePeriodSeconds < 0 && spec.terminationGracePeriodSeconds === 1)
    takeOver(spec, before, 'terminationGracePeriodSeconds');
  if (isGated(before)) {
    takeOver(spec, before, 'nodeSelector');
    const { nodeAffinity: _mine, ...others } = spec.affinity ?? {};
    const { nodeAffinity = undefined, ...kept } = before.affinity ?? {};
    if (Object.keys(others).length === 0 && Object.keys(kept).length === 0) takeOver(spec, before, 'affinity');
    else spec.affinity = nodeAffinity === undefined ? others : { ...others, nodeAffinity };
  }
  return spec;
}

function takeOver(target: Json, source: Json, ...fields: string[]): void {
  for (const field of fields) {
    if (source[field] === undefined) delete target[field];
    else target[field] = source[field];
  }
}

/** A deadline may come and come nearer. */
function validateDeadline(next: unknown, before: unknown): { errors: FieldError[]; stop: boolean } {
  const refuse = (text: string): FieldError[] => [invalidValue('spec.activeDeadlineSeconds', next ?? null, text)];
  if (typeof next !== 'number') {
    const lost = typeof before === 'number' ? refuse('must not update from a positive integer to nil value') : [];
    return { errors: lost, stop: false };
  }
  if (next < 0 || next > MAX_SECONDS)
    return { errors: refuse(`must be between 0 and ${MAX_SECONDS}, inclusive`), stop: true };
  const later = typeof before === 'number' && before < next;
  return { errors: later ? refuse('must be less than or equal to previous value') : [], stop: later };
}

function validateAdded(next: Json[], before: Json[]): FieldError[] {
  const same = ({ tolerationSeconds: _a, ...one }: Json, { tolerationSeconds: _b, ...other }: Json): boolean =>
    sameJson(one, other);
  if (before.every((each) => next.some((other) => same(each, other))))
    // Tolerations of a changed pod are checked twice, and clients see both causes.
    return validateTolerations(next, 'spec.tolerations');
  const text = 'existing toleration can not be modified except its tolerationSeconds';
  return [forbiddenField('spec.tolerations', text)];
}

function validateGates(next: Json[], before: Json[]): FieldError[] {
  const known = new Set(before.map((gate) => gate.name));
  return eachAt(next, 'spec.schedulingGates', ({ name = '' }, at) =>
    known.has(name)
      ? []
      : [forbiddenField(`${at}.name`, `only deletion is allowed, but found new scheduling gate '${name}'`)],
  );
}

/** Nobody looked for a node yet, so the choice may be narrowed. */
function validateSelectorOfGated(next: Json, before: Json): FieldError[] {
  if (!isGated(before)) return [];
  const kept = Object.entries((before.nodeSelector ?? {}) as Record<string, string>).every(
    ([key, value]) => next.nodeSelector?.[key] === value,
  );
  const errors = validateAffinityOfGated(
    next.affinity?.nodeAffinity?.[REQUIRED],
    before.affinity?.nodeAffinity?.[REQUIRED],
  );
  if (kept) return errors;
  const text = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
  return [invalidValue('spec.nodeSelector', sortedMap(asSent(next, 'nodeSelector')), text), ...errors];
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

function validateAffinityOfGated(next: Json, before: Json): FieldError[] {
  const [terms, old]: Json[][] = [next?.nodeSelectorTerms ?? [], before?.nodeSelectorTerms ?? []];
  if (old!.length === 0) return [];
  const at = `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms`;
  if (terms!.length !== old!.length) {
    const given = next ? shownField('core.NodeSelector', 'nodeSelectorTerms', next) : null;
    return [invalidValue(at, given, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  }
  return eachAt(terms, at, (term, where, index) => {
    if (onlyAdds(term, old![index])) return [];
    const text = 'only additions are allowed (no mutations or deletions)';
    return [invalidValue(where, shown('core.NodeSelectorTerm', term), text)];
  });
}

/** A term without anything selects nothing, and goes on to. */
function onlyAdds(term: Json, before: Json): boolean {
  const lists = ['matchExpressions', 'matchFields'].map((list): Json[][] => [term[list] ?? [], before?.[list] ?? []]);
  if (lists.every(([, old]) => old!.length === 0)) return lists.every(([now]) => now!.length === 0);
  return lists.every(([now, old]) => sameJson(now!.slice(0, old!.length), old));
}

function validateEphemeral(next: Json, before: Json): FieldError[] {
  const now = new Map<string, Json>(((next.ephemeralContainers ?? []) as Json[]).map((each) => [each.name, each]));
  return ((before.ephemeralContainers ?? []) as Json[]).flatMap((each) => {
    const other = now.get(each.name);
    if (other !== undefined && sameJson(each, other)) return [];
    const fate = other === undefined ? 'removed\n' : `changed${differenceBelow('EphemeralContainer', each, other)}`;
    const text = `existing ephemeral containers ${JSON.stringify(each.name)} may not be ${fate}`;
    return [forbiddenField('spec.ephemeralContainers', text)];
  });
}
