/** What one inspection knows of a cluster: its objects by kind, and the few relations that rules ask for. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { Certificate, ChainBreak } from './certificates.ts';
import { type PodSubject, podOf, type Subject, WORKLOAD_KINDS } from './workloads.ts';

export interface WorldInput {
  cluster: string;
  objects: Iterable<KubeObject>;
  /** Milliseconds since the epoch. */
  now: number;
  /** gitVersion of the API server; null when it is not known. */
  version?: string | null;
  certificates?: readonly Certificate[];
  chain?: ChainBreak | null;
  /** Resources that could not be read, as rules name what they need: `leases.coordination.k8s.io`. */
  lacking?: ReadonlySet<string>;
}

export interface World {
  readonly cluster: string;
  readonly now: number;
  readonly version: string | null;
  readonly certificates: readonly Certificate[];
  /** Null: the chain of the API server is whole, or nothing is known of it. */
  readonly chain: ChainBreak | null;
  /** Whether the resource could not be read, so that its absence tells nothing. */
  lacks(resource: string): boolean;
  /** Objects in all. */
  readonly size: number;
  /** Kinds of Kubernetes: a kind of the same name that somebody defined is another one. */
  ofKind(kind: string): readonly KubeObject[];
  /** Workloads that nothing else in this world owns. */
  readonly pods: readonly PodSubject[];
  /** Whether a Service sends traffic to these pods. */
  isServed(pod: PodSubject): boolean;
  /** Subjects bound to a Role (with its namespace) or ClusterRole: `User alice`, `ServiceAccount ns/name`. */
  subjectsOf(role: KubeObject): string[];
  /** Roles that a subject holds by name, `ServiceAccount ns/name`: `ClusterRole view`. Not those of its groups. */
  rolesOf(subject: string): string[];
  /** Default that a LimitRange of the namespace injects into containers: `limits` or `requests` of a resource. */
  limitDefault(namespace: string, what: 'limits' | 'requests', resource: string): string | undefined;
  find(subject: Subject): KubeObject | undefined;
  /** Objects of one kind in one namespace. */
  inNamespace(kind: string, namespace: string): readonly KubeObject[];
  /** Pods that belong to what a person edits, however many owners are in between. */
  podsOf(workload: KubeObject): readonly KubeObject[];
  /** What a person edits to change this object: the Deployment of a Pod; itself where nobody made it. */
  ownerOf(subject: Subject): Subject;
}

/** Objects looked at between two steps. */
const STEP = 2000;

/** The world at once, for those that may hold up whoever asks. */
export function createWorld(input: WorldInput): World {
  return drain(worldInSteps(input));
}

/** The same in steps, so that a large cluster need not hold up the event loop. */
export function* worldInSteps(input: WorldInput): Generator<void, World> {
  const byKind = new Map<string, KubeObject[]>();
  for (const object of input.objects) {
    const kind = kindOf(object);
    const list = byKind.get(kind);
    if (list === undefined) byKind.set(kind, [object]);
    else list.push(object);
  }
  const ofKind = (kind: string): readonly KubeObject[] => byKind.get(kind) ?? [];
  const bound = bindings([...ofKind('RoleBinding'), ...ofKind('ClusterRoleBinding')]);
  // Made for the kinds that are asked for: few findings are about objects that somebody else made.
  const byName = new Map<string, Map<string, KubeObject>>();
  function* namesOf(kind: string): Generator<void, Map<string, KubeObject>> {
    const known = byName.get(kind);
    if (known !== undefined) return known;
    const names = new Map<string, KubeObject>();
    for (const [index, object] of ofKind(kind).entries()) {
      names.set(`${namespaceOf(object)}/${object.metadata.name}`, object);
      if (index % STEP === STEP - 1) yield;
    }
    byName.set(kind, names);
    return names;
  }
  const find = ({ kind, namespace, name }: Subject): KubeObject | undefined =>
    (byName.get(kind) ?? drain(namesOf(kind))).get(`${namespace}/${name}`);
  const grouped = new Map<string, Map<string, KubeObject[]>>();
  function inNamespace(kind: string, namespace: string): readonly KubeObject[] {
    let groups = grouped.get(kind);
    if (groups === undefined) {
      groups = groupBy(ofKind(kind), namespaceOf);
      grouped.set(kind, groups);
    }
    return groups.get(namespace) ?? [];
  }
  /** Owners of pods are asked for again and again, and are few. */
  const owners = new Map<string, Subject>();
  function ownerOfObject(object: KubeObject, depth = 0): Subject {
    const { name = '', ownerReferences } = object.metadata;
    const namespace = namespaceOf(object);
    const owner = ownerReferences?.find(({ controller }) => controller);
    // Owners of owners are few; a loop among them would be somebody's mischief.
    if (owner === undefined || owner.kind === 'Node' || depth > 8) return { namespace, kind: object.kind, name };
    const key = `${owner.kind}/${namespace}/${owner.name}`;
    let top = owners.get(key);
    if (top === undefined) {
      const subject = { namespace, kind: owner.kind, name: owner.name };
      const known = find(subject);
      top = known === undefined ? subject : ownerOfObject(known, depth + 1);
      owners.set(key, top);
    }
    return top;
  }
  const owned = new Map<string, KubeObject[]>();
  for (const [index, pod] of ofKind('Pod').entries()) {
    const owner = ownerOfObject(pod);
    const key = `${owner.namespace}/${owner.kind}/${owner.name}`;
    const list = owned.get(key);
    if (list === undefined) owned.set(key, [pod]);
    else list.push(pod);
    if (index % STEP === STEP - 1) yield;
  }
  // Of these there are as many as there are pods.
  yield* namesOf('PodMetrics');
  const pods = yield* topWorkloads(byKind, find);
  return {
    cluster: input.cluster,
    now: input.now,
    version: input.version ?? null,
    certificates: input.certificates ?? [],
    chain: input.chain ?? null,
    lacks: (resource) => input.lacking?.has(resource) === true,
    size: [...byKind.values()].reduce((sum, { length }) => sum + length, 0),
    ofKind,
    pods,
    isServed: (pod) =>
      inNamespace('Service', namespaceOf(pod.object)).some(({ spec }) => selects(spec?.selector, pod.labels)),
    subjectsOf: ({ kind, metadata }) => [
      ...(bound.get(`${kind}/${kind === 'Role' ? (metadata.namespace ?? '') : ''}/${metadata.name}`) ?? []),
    ],
    rolesOf: (subject) =>
      [...bound]
        .filter(([, subjects]) => subjects.has(subject))
        .map(([key]) => {
          const [kind, , name] = key.split('/');
          return `${kind} ${name}`;
        }),
    limitDefault(namespace, what, resource) {
      for (const { spec } of inNamespace('LimitRange', namespace))
        for (const item of spec?.limits ?? []) {
          if (item.type !== 'Container') continue;
          const value = what === 'limits' ? item.default : { ...item.default, ...item.defaultRequest };
          if (value?.[resource] !== undefined) return String(value[resource]);
        }
      return undefined;
    },
    find,
    inNamespace,
    podsOf: ({ kind, metadata }) => owned.get(`${metadata.namespace ?? ''}/${kind}/${metadata.name}`) ?? [],
    ownerOf(subject) {
      const known = find(subject);
      return known === undefined ? subject : ownerOfObject(known);
    },
  };
}

export function drain<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Groups of Kubernetes have no dot, or end as theirs do: the Service of Knative and the Job of Volcano are others. */
function kindOf({ apiVersion, kind }: KubeObject): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return !group.includes('.') || group.endsWith('.k8s.io') ? kind : `${kind}.${group}`;
}

const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? '';

/** What belongs to another object of this world is that one's business; of several of an unknown owner one is enough. */
function* topWorkloads(
  byKind: ReadonlyMap<string, readonly KubeObject[]>,
  find: (subject: Subject) => KubeObject | undefined,
): Generator<void, PodSubject[]> {
  const found: PodSubject[] = [];
  const seen = new Set<string>();
  for (const kind of WORKLOAD_KINDS)
    for (const [index, object] of (byKind.get(kind) ?? []).entries()) {
      if (index % STEP === STEP - 1) yield;
      const pod = podOf(object);
      if (pod === null) continue;
      const owner = object.metadata.ownerReferences?.find(({ controller }) => controller);
      // A static pod is owned by its node, which is no workload.
      if (owner !== undefined && owner.kind !== 'Node') {
        const { kind, name } = owner;
        const namespace = namespaceOf(object);
        if (find({ kind, namespace, name }) !== undefined) continue;
        const once = `${namespace}/${kind}/${name}`;
        if (seen.has(once)) continue;
        seen.add(once);
      }
      found.push(pod);
    }
  return found;
}

function selects(selector: Json, labels: Record<string, string>): boolean {
  const wanted = Object.entries((selector ?? {}) as Record<string, string>);
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

function bindings(objects: readonly KubeObject[]): Map<string, Set<string>> {
  const bound = new Map<string, Set<string>>();
  for (const binding of objects) {
    const { kind, name } = binding.roleRef ?? {};
    const key = `${kind}/${kind === 'Role' ? namespaceOf(binding) : ''}/${name}`;
    const subjects = bound.get(key) ?? new Set<string>();
    bound.set(key, subjects);
    for (const subject of binding.subjects ?? [])
      subjects.add(`${subject.kind} ${subject.namespace ? `${subject.namespace}/` : ''}${subject.name}`);
  }
  return bound;
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const list = groups.get(key(item));
    if (list === undefined) groups.set(key(item), [item]);
    else list.push(item);
  }
  return groups;
}
