/** What one inspection knows of a cluster: its objects by kind, and the few relations that rules ask for. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { type PodSubject, podOf, type Subject } from './workloads.ts';

export interface Certificate {
  /** `API server`, `client certificate of the kubeconfig`. */
  of: string;
  subject: string;
  issuer: string;
  notAfter: number;
  names: readonly string[];
}

export interface WorldInput {
  cluster: string;
  objects: Iterable<KubeObject>;
  /** Milliseconds since the epoch. */
  now: number;
  /** gitVersion of the API server; null when it is not known. */
  version?: string | null;
  certificates?: readonly Certificate[];
}

export interface World {
  readonly cluster: string;
  readonly now: number;
  readonly version: string | null;
  readonly certificates: readonly Certificate[];
  /** By kind alone: no two groups that are inspected share one. */
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

export function createWorld(input: WorldInput): World {
  const byKind = new Map<string, KubeObject[]>();
  for (const object of input.objects) {
    const list = byKind.get(object.kind);
    if (list === undefined) byKind.set(object.kind, [object]);
    else list.push(object);
  }
  const ofKind = (kind: string): readonly KubeObject[] => byKind.get(kind) ?? [];
  const bound = bindings([...ofKind('RoleBinding'), ...ofKind('ClusterRoleBinding')]);
  // Made for the kinds that are asked for: few findings are about objects that somebody else made.
  const byName = new Map<string, Map<string, KubeObject>>();
  function find({ kind, namespace, name }: Subject): KubeObject | undefined {
    let names = byName.get(kind);
    if (names === undefined) {
      names = new Map(ofKind(kind).map((object) => [`${namespaceOf(object)}/${object.metadata.name}`, object]));
      byName.set(kind, names);
    }
    return names.get(`${namespace}/${name}`);
  }
  const grouped = new Map<string, Map<string, KubeObject[]>>();
  function inNamespace(kind: string, namespace: string): readonly KubeObject[] {
    let groups = grouped.get(kind);
    if (groups === undefined) {
      groups = groupBy(ofKind(kind), namespaceOf);
      grouped.set(kind, groups);
    }
    return groups.get(namespace) ?? [];
  }
  function ownerOf(subject: Subject): Subject {
    let current = subject;
    // Owners of owners are few; a loop among them would be somebody's mischief.
    for (let depth = 0; depth < 8; depth++) {
      const owner = find(current)?.metadata.ownerReferences?.find(({ controller }) => controller);
      if (owner === undefined || owner.kind === 'Node') break;
      current = { namespace: current.namespace, kind: owner.kind, name: owner.name };
    }
    return current;
  }
  let owned: Map<string, KubeObject[]> | null = null;
  return {
    cluster: input.cluster,
    now: input.now,
    version: input.version ?? null,
    certificates: input.certificates ?? [],
    ofKind,
    pods: topWorkloads(byKind),
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
    podsOf({ kind, metadata }) {
      owned ??= groupBy(ofKind('Pod'), (pod) => {
        const { name = '', namespace = '' } = pod.metadata;
        const owner = ownerOf({ kind: 'Pod', namespace, name });
        return `${namespace}/${owner.kind}/${owner.name}`;
      });
      return owned.get(`${metadata.namespace ?? ''}/${kind}/${metadata.name}`) ?? [];
    },
    ownerOf,
  };
}

const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? '';

/** What belongs to another object of this world is that one's business; of several of an unknown owner one is enough. */
function topWorkloads(byKind: ReadonlyMap<string, readonly KubeObject[]>): PodSubject[] {
  const known = new Set<string>();
  for (const objects of byKind.values())
    for (const object of objects) {
      const { uid, name, namespace = '' } = object.metadata;
      if (uid !== undefined) known.add(uid);
      known.add(`${namespace}/${object.kind}/${name}`);
    }
  const found: PodSubject[] = [];
  const seen = new Set<string>();
  for (const objects of byKind.values())
    for (const object of objects) {
      const pod = podOf(object);
      if (pod === null) continue;
      const owner = object.metadata.ownerReferences?.find(({ controller }) => controller);
      // A static pod is owned by its node, which is no workload.
      if (owner !== undefined && owner.kind !== 'Node') {
        if (known.has(owner.uid) || known.has(`${namespaceOf(object)}/${owner.kind}/${owner.name}`)) continue;
        const once = `${namespaceOf(object)}/${owner.kind}/${owner.name}`;
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
