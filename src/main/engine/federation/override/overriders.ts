/**
 * The overriders of an override policy, each a function from object to object; inputs are never changed. They run in
 * this order: image, command, args, labels, annotations, field, plaintext. Source: Karmada API reference, Overriders.
 */
import { parse as parseYaml, stringify as stringifyYaml, type Tags } from 'yaml';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { Overriders } from '../api.ts';
import { changeImage, formatImage, parseImage } from './image.ts';
import { applySteps, type PatchStep } from './patch.ts';

/**
 * Kubernetes tooling reads YAML 1.1 (`y` and `on` are booleans) without its times and base-60 numbers; reading it any
 * other way would change values that the policy does not mention.
 */
const YAML_1_1 = {
  version: '1.1' as const,
  customTags: (tags: Tags): Tags =>
    tags.filter((tag) => typeof tag === 'string' || !(tag.tag.endsWith(':timestamp') || tag.format === 'TIME')),
};

/** Throws an Error that says which overrider failed and why. */
export function applyOverriders(object: KubeObject, overriders: Overriders): KubeObject {
  let result: KubeObject = object;
  for (const step of overriders.imageOverrider ?? []) result = overrideImage(result, step);
  for (const step of overriders.commandOverrider ?? []) result = overrideList(result, 'command', step);
  for (const step of overriders.argsOverrider ?? []) result = overrideList(result, 'args', step);
  for (const step of overriders.labelsOverrider ?? []) result = overrideMap(result, 'labels', step);
  for (const step of overriders.annotationsOverrider ?? []) result = overrideMap(result, 'annotations', step);
  for (const step of overriders.fieldOverrider ?? []) result = overrideField(result, step);
  const plaintext = overriders.plaintext ?? [];
  return plaintext.length === 0 ? result : applySteps(result, plaintext);
}

/** Path of the containers of a kind that has some, else null. */
function containersPath(kind: string): string[] | null {
  if (kind === 'Pod') return ['spec', 'containers'];
  const templated = ['ReplicaSet', 'Deployment', 'DaemonSet', 'StatefulSet', 'Job'];
  return templated.includes(kind) ? ['spec', 'template', 'spec', 'containers'] : null;
}

function containersOf(object: KubeObject): { path: string; list: Json[] } {
  const path = containersPath(object.kind);
  const list = path === null ? undefined : path.reduce<Json>((value, key) => value?.[key], object);
  return { path: `/${path?.join('/')}`, list: Array.isArray(list) ? list : [] };
}

function overrideImage(object: KubeObject, step: NonNullable<Overriders['imageOverrider']>[number]): KubeObject {
  if (step.predicate) {
    const value = resolvePlainPath(object, step.predicate.path);
    if (typeof value !== 'string') throw new Error(`image overrider: no text at ${step.predicate.path}`);
    return applySteps(object, [{ path: step.predicate.path, operator: 'replace', value: changedImage(value, step) }]);
  }
  const { path, list } = containersOf(object);
  const steps = list.map(
    (container, index): PatchStep => ({
      path: `${path}/${index}/image`,
      operator: 'replace',
      value: changedImage(String(container.image ?? ''), step),
    }),
  );
  return steps.length === 0 ? object : applySteps(object, steps);
}

function changedImage(image: string, step: { component: string; operator: string; value?: string }): string {
  const parts = parseImage(image);
  if (parts === null) throw new Error(`image overrider: ${JSON.stringify(image)} is not an image reference`);
  return formatImage(changeImage(parts, step.component, step.operator, step.value ?? ''));
}

/** A slash-separated path without escapes, as the image predicate has it. */
function resolvePlainPath(object: KubeObject, path: string): Json {
  return path
    .split('/')
    .slice(1)
    .reduce<Json>((value, key) => (value === null || value === undefined ? undefined : value[key]), object);
}

function overrideList(
  object: KubeObject,
  field: 'command' | 'args',
  step: { containerName: string; operator: string; value?: string[] },
): KubeObject {
  const { path, list } = containersOf(object);
  const index = list.findIndex((container) => container.name === step.containerName);
  if (index < 0) return object;
  const present: string[] = list[index][field] ?? [];
  const given = step.value ?? [];
  const value =
    step.operator === 'add' ? [...present, ...given] : present.filter((element) => !given.includes(element));
  return applySteps(object, [{ path: `${path}/${index}/${field}`, operator: 'add', value }]);
}

function overrideMap(
  object: KubeObject,
  field: 'labels' | 'annotations',
  step: { operator: string; value?: Record<string, string> },
): KubeObject {
  const present = object.metadata[field];
  const entries = Object.entries(step.value ?? {}).filter(
    ([key]) => step.operator === 'add' || (present !== undefined && Object.hasOwn(present, key)),
  );
  if (entries.length === 0) return object;
  const next = { ...present };
  for (const [key, value] of entries) {
    if (step.operator === 'remove') delete next[key];
    else next[key] = value;
  }
  return { ...object, metadata: { ...object.metadata, [field]: next } };
}

function overrideField(object: KubeObject, step: NonNullable<Overriders['fieldOverrider']>[number]): KubeObject {
  const text = resolvePointer(object, step.fieldPath);
  if (typeof text !== 'string') throw new Error(`field overrider: no text at ${step.fieldPath}`);
  const isYaml = (step.yaml?.length ?? 0) > 0;
  const entries = (isYaml ? step.yaml : step.json) ?? [];
  const steps = entries.map(({ subPath, operator, value }) => ({ path: subPath, operator, value }));
  const document = isYaml ? parseYaml(text, YAML_1_1) : JSON.parse(text);
  const patched = applySteps(document, steps);
  const value = isYaml
    ? stringifyYaml(patched, { ...YAML_1_1, sortMapEntries: true, indentSeq: false, lineWidth: 0 })
    : JSON.stringify(patched);
  return applySteps(object, [{ path: step.fieldPath, operator: 'replace', value }]);
}

function resolvePointer(object: KubeObject, pointer: string): Json {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<Json>((value, key) => (value === null || value === undefined ? undefined : value[key]), object);
}
