/** What one diagnosis knows of a cluster: objects, their events, log lines, usage, and what could not be read. Pure. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { Hit, ObjectName, Unread } from './types.ts';

export interface EventFact {
  type: string;
  reason: string;
  message: string;
  count: number;
  first: string | null;
  last: string | null;
  source: string;
  /** `spec.containers{app}` */
  field: string;
  about: ObjectName;
}

export interface LogFact {
  pod: string;
  namespace: string;
  container: string;
  previous: boolean;
  lines: readonly { time: string | null; text: string }[];
}

export interface Usage {
  cpu: number;
  memory: number;
}

export interface WorldInput {
  cluster: string;
  now: number;
  version?: string | null;
  objects: Iterable<KubeObject>;
  logs?: readonly LogFact[];
  /** By `namespace/pod`. */
  usage?: ReadonlyMap<string, Usage>;
  /** By kind. */
  unread?: ReadonlyMap<string, Unread>;
  /** Kinds that were read; absent: all that are not in `unread`. */
  read?: ReadonlySet<string>;
}

export interface World {
  readonly cluster: string;
  readonly now: number;
  readonly version: string | null;
  readonly unread: ReadonlyMap<string, Unread>;
  all(kind: string): readonly KubeObject[];
  within(kind: string, namespace: string): readonly KubeObject[];
  get(kind: string, namespace: string, name: string): KubeObject | undefined;
  /** Everything of the kind that matters here was read: absence proves something. */
  complete(kind: string): boolean;
  /** Pods that have this node. */
  onNode(node: string): readonly KubeObject[];
  /** Objects of a kind by what `keysOf` makes of each: built once, when somebody asks first. `name` is its own. */
  index(
    name: string,
    kind: string,
    keysOf: (object: KubeObject) => readonly string[],
  ): (key: string) => readonly KubeObject[];
  /** Newest first. */
  events(object: KubeObject): readonly EventFact[];
  /** Of everything, in no order. */
  allEvents(): readonly EventFact[];
  /** Pods (or other objects of a kind) whose controller this is. */
  owned(kind: string, owner: KubeObject): readonly KubeObject[];
  log(pod: KubeObject, container: string, previous: boolean): LogFact | undefined;
  usage(pod: KubeObject): Usage | undefined;
  /** Judged once, however many objects ask; empty while it is being judged (a circle explains nothing). */
  once(key: string, object: KubeObject, judge: () => Hit[]): Hit[];
}

/** Longest text from a cluster that goes any further. */
const LONGEST = 1500;

export function clip(value: unknown, longest = LONGEST): string {
  const text = typeof value === 'string' ? value : value === undefined || value === null ? '' : String(value);
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

export function createWorld(input: WorldInput): World {
  const byKind = new Map<string, KubeObject[]>();
  const byPlace = new Map<string, KubeObject[]>();
  const byName = new Map<string, KubeObject>();
  const byOwner = new Map<string, KubeObject[]>();
  const byNode = new Map<string, KubeObject[]>();
  const events = new Map<string, EventFact[]>();
  for (const object of input.objects) {
    if (object.kind === 'Event') {
      noteEvent(events, object);
      continue;
    }
    const namespace = object.metadata.namespace ?? '';
    const key = `${object.kind}/${namespace}/${object.metadata.name}`;
    if (byName.has(key)) continue;
    byName.set(key, object);
    push(byKind, object.kind, object);
    push(byPlace, `${object.kind}/${namespace}`, object);
    if (object.kind === 'Pod' && object.spec?.nodeName) push(byNode, String(object.spec.nodeName), object);
    const owner = object.metadata.ownerReferences?.find(({ controller }) => controller);
    if (owner !== undefined) push(byOwner, `${object.kind}/${owner.uid}`, object);
  }
  const unread = input.unread ?? new Map<string, Unread>();
  const logs = new Map((input.logs ?? []).map((log) => [logKey(log), log]));
  const judged = new Map<string, Hit[]>();
  const indexes = new Map<string, Map<string, KubeObject[]>>();
  return {
    cluster: input.cluster,
    now: input.now,
    version: input.version ?? null,
    unread,
    all: (kind) => byKind.get(kind) ?? [],
    within: (kind, namespace) => byPlace.get(`${kind}/${namespace}`) ?? [],
    get: (kind, namespace, name) => byName.get(`${kind}/${namespace}/${name}`),
    complete: (kind) => !unread.has(kind) && (input.read === undefined || input.read.has(kind)),
    index(name, kind, keysOf) {
      let found = indexes.get(name);
      if (found === undefined) {
        found = new Map();
        for (const object of byKind.get(kind) ?? []) for (const key of keysOf(object)) push(found, key, object);
        indexes.set(name, found);
      }
      const known = found;
      return (key) => known.get(key) ?? [];
    },
    onNode: (node) => byNode.get(node) ?? [],
    events(object) {
      const { uid, namespace = '', name } = object.metadata;
      const mine = events.get(`${object.kind}/${namespace}/${name}`) ?? [];
      const byUid = uid === undefined ? [] : (events.get(`uid/${uid}`) ?? []);
      return [...new Set([...byUid, ...mine])].sort((a, b) => (b.last ?? '').localeCompare(a.last ?? ''));
    },
    allEvents: () => [...events.values()].flat(),
    owned: (kind, owner) => byOwner.get(`${kind}/${owner.metadata.uid ?? '?'}`) ?? [],
    log: (pod, container, previous) =>
      logs.get(logKey({ namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name ?? '', container, previous })),
    usage: (pod) => input.usage?.get(`${pod.metadata.namespace}/${pod.metadata.name}`),
    once(key, object, judge) {
      const place = `${key}/${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      const known = judged.get(place);
      if (known !== undefined) return known;
      judged.set(place, []);
      const hits = judge();
      judged.set(place, hits);
      return hits;
    },
  };
}

function logKey(log: Omit<LogFact, 'lines'>): string {
  return `${log.namespace}/${log.pod}/${log.container}/${log.previous}`;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/**
 * By uid where the event names one, so that a new object does not inherit the past of an old one with its name; by name
 * where it does not. Nodes are the exception: kubelet gives the node's name for its uid.
 */
function noteEvent(events: Map<string, EventFact[]>, object: KubeObject): void {
  const about: Json = object.involvedObject ?? object.regarding ?? {};
  const name = { kind: clip(about.kind, 120), namespace: clip(about.namespace, 120), name: clip(about.name, 300) };
  const fact = eventFact(object, name);
  const named = `${name.kind}/${name.namespace}/${name.name}`;
  if (typeof about.uid === 'string' && about.uid !== '' && about.kind !== 'Node')
    push(events, `uid/${about.uid}`, fact);
  else push(events, named, fact);
}

function eventFact(event: KubeObject, about: ObjectName): EventFact {
  const first = event.firstTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp;
  const last = event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? first;
  const count = event.series?.count ?? event.count;
  return {
    type: clip(event.type, 40),
    reason: clip(event.reason, 120),
    // What an event says does not depend on whether it was the eleventh of its kind.
    message: clip(event.message ?? event.note).replace(/^\(combined from similar events\): /, ''),
    count: typeof count === 'number' ? count : 1,
    first: typeof first === 'string' && first !== '' ? first : null,
    last: typeof last === 'string' && last !== '' ? last : null,
    source: clip(event.reportingComponent || event.source?.component, 120),
    field: clip((event.involvedObject ?? event.regarding)?.fieldPath, 200),
    about,
  };
}
