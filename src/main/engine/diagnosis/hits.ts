/** How checks write down what they found: hits, evidence, commands. Pure. */
import type { Json, KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import type { Evidence, Hit, ObjectName, Param, RemedyPatch, Words } from './types.ts';
import { clip, type EventFact } from './world.ts';

export function nameOf(object: KubeObject): ObjectName {
  return { kind: object.kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' };
}

export interface Found extends Partial<Omit<Hit, 'cause' | 'object'>> {}

/** A hit about the object; a fault of high confidence unless told otherwise. */
export function hit(cause: string, about: KubeObject | ObjectName, found: Found = {}): Hit {
  const object = 'metadata' in about ? nameOf(about) : about;
  const { params = {}, ...rest } = found;
  const shown = Object.fromEntries(
    Object.entries({ namespace: object.namespace, name: object.name, ...params }).map(([key, value]) => [
      key,
      shortened(value),
    ]),
  );
  return {
    cause,
    object,
    verdict: 'fault',
    confidence: 'high',
    evidence: [],
    commands: [],
    patch: null,
    because: [],
    ...rest,
    params: shown,
  };
}

/** What an object lacks leaves a gap. */
function shortened(value: Param | undefined): Param {
  if (typeof value === 'number') return value;
  return typeof value === 'object' ? { zh: clip(value.zh, 400), en: clip(value.en, 400) } : clip(value, 400);
}

/** Our own words as a value of a sentence. */
export function both(zh: string, en: string): Words {
  return { zh, en };
}

/** A value in one language, for what is compared or quoted as evidence. */
export function plain(value: Param | undefined): string {
  return typeof value === 'object' ? value.en : String(value ?? '');
}

/** A value of the object, by its path. */
export function field(object: KubeObject, path: string, value?: unknown, time: string | null = null): Evidence {
  const read = value === undefined ? at(object, path) : value;
  const text = typeof read === 'string' ? read : (JSON.stringify(read) ?? both('未设置', 'absent'));
  return { object: nameOf(object), source: 'field', at: path, ...saying(text), time, count: 1 };
}

export function event(object: KubeObject, fact: EventFact): Evidence {
  const { reason, message, last, count } = fact;
  return { object: nameOf(object), source: 'event', at: reason, text: clip(message, 600), time: last, count };
}

export function logLine(pod: KubeObject, container: string, line: { time: string | null; text: string }): Evidence {
  return { object: nameOf(pod), source: 'log', at: container, text: clip(line.text, 400), time: line.time, count: 1 };
}

/** What follows from several objects: sums, comparisons. */
export function computed(object: KubeObject, what: string, text: string | Words): Evidence {
  return { object: nameOf(object), source: 'computed', at: what, ...saying(text), time: null, count: 1 };
}

function saying(text: string | Words): Pick<Evidence, 'text' | 'words'> {
  if (typeof text === 'string') return { text: clip(text, 600) };
  const words = both(clip(text.zh, 600), clip(text.en, 600));
  return { text: words.en, words };
}

function at(object: KubeObject, path: string): unknown {
  let value: Json = object;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    const index = /^(.*)\[(\d+)\]$/.exec(part);
    value = index === null ? value[part] : value[index[1] ?? '']?.[Number(index[2])];
  }
  return value;
}

/** An argument of a command that a person pastes: quoted unless it is plainly harmless. */
export function sh(value: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** `kubectl <verb> <kind>/<name> -n <namespace> ...` */
export function kubectl(verb: string, object: KubeObject | ObjectName, ...more: string[]): string {
  const { kind, namespace, name } = 'metadata' in object ? nameOf(object) : object;
  const where = namespace === '' ? [] : ['-n', sh(namespace)];
  return ['kubectl', verb, `${kind.toLowerCase()}/${sh(name)}`, ...where, ...more].join(' ');
}

export function patchOf(
  object: KubeObject,
  resource: ResourceRef,
  body: unknown,
  type: RemedyPatch['type'] = 'merge',
): RemedyPatch {
  return { resource, object: nameOf(object), type, body: JSON.stringify(body) };
}

export function seconds(from: string | null | undefined, now: number): number {
  const time = Date.parse(from ?? '');
  return Number.isNaN(time) ? 0 : (now - time) / 1000;
}
