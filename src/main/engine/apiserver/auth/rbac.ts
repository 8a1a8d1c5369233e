/** Role based access control over the stored roles and bindings. Source: Kubernetes documentation, "Using RBAC Authorization". */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { Collection } from '../storage/collection.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { UserInfo } from '../types.ts';
import {
  type AccessAttributes,
  type AccessDecision,
  type ApplicableRules,
  type Authorizer,
  aggregate,
  type PolicyRule,
} from './authorize.ts';

export const MASTERS = 'system:masters';
const GROUP = 'rbac.authorization.k8s.io';

export class RbacAuthorizer implements Authorizer {
  readonly #store: ObjectStore;
  readonly #clusterBindings: BindingIndex;
  readonly #bindings: BindingIndex;

  constructor(store: ObjectStore) {
    this.#store = store;
    this.#clusterBindings = new BindingIndex(store.collection(`${GROUP}/clusterrolebindings`));
    this.#bindings = new BindingIndex(store.collection(`${GROUP}/rolebindings`));
  }

  decide(user: UserInfo, access: AccessAttributes): AccessDecision {
    if (user.groups.includes(MASTERS)) return { allowed: true, reason: '' };
    const problems = new Set<string>();
    for (const match of this.#matching(user, access.resource?.namespace ?? '')) {
      if ('problem' in match) problems.add(match.problem);
      else if (covers(match.rule, access)) return { allowed: true, reason: match.reason() };
    }
    return { allowed: false, reason: problems.size === 0 ? '' : `RBAC: ${aggregate(problems)}` };
  }

  rulesFor(user: UserInfo, namespace: string): ApplicableRules {
    const rules: PolicyRule[] = [];
    const problems = new Set<string>();
    for (const match of this.#matching(user, namespace))
      if ('problem' in match) problems.add(match.problem);
      else rules.push(match.rule);
    return { rules, problem: aggregate(problems) };
  }

  *#matching(user: UserInfo, namespace: string): Generator<Match> {
    yield* this.#matchingOf('ClusterRoleBinding', this.#clusterBindings, user, '');
    if (namespace !== '') yield* this.#matchingOf('RoleBinding', this.#bindings, user, namespace);
  }

  *#matchingOf(kind: string, bindings: BindingIndex, user: UserInfo, namespace: string): Generator<Match> {
    for (const binding of bindings.of(user, namespace)) {
      const rules = this.#rulesOf(binding, namespace);
      if (rules === null) {
        const { kind: of, name } = refOf(binding);
        yield { problem: `${of.toLowerCase()}.${GROUP} ${JSON.stringify(name)} not found` };
        continue;
      }
      const reason = () => reasonOf(kind, binding, matchingSubject(binding, user, namespace) ?? {}, namespace);
      for (const rule of rules) yield { rule, reason };
    }
  }

  /** Null: there is no such role. */
  #rulesOf(binding: KubeObject, namespace: string): PolicyRule[] | null {
    const { kind, name } = refOf(binding);
    const role =
      kind === 'ClusterRole'
        ? this.#store.collection(`${GROUP}/clusterroles`).items.get(name)
        : this.#store.collection(`${GROUP}/roles`).items.get(`${namespace}/${name}`);
    return role === undefined ? null : ((role.object.rules as PolicyRule[] | null | undefined) ?? []);
  }
}

/** A rule that applies to the user, or why those of a binding cannot be known. */
type Match = { rule: PolicyRule; reason: () => string } | { problem: string };

function refOf(binding: KubeObject): { kind: string; name: string } {
  const { kind = '', name = '' } = (binding.roleRef ?? {}) as { kind?: string; name?: string };
  return { kind, name };
}

/** Bindings by whom they are for, so that a request looks at its own alone, however many there are. */
class BindingIndex {
  /** By subject, then by key of the binding. */
  readonly #bySubject = new Map<string, Map<string, KubeObject>>();

  constructor(collection: Collection) {
    for (const [key, { object }] of collection.items) this.#add(key, object);
    collection.watchers.add(({ type, key, previous, current }) => {
      if (previous !== null) this.#remove(key, previous.object);
      if (type !== 'DELETED') this.#add(key, current.object);
    });
  }

  /** In the order of their names. */
  of(user: UserInfo, namespace: string): KubeObject[] {
    const prefix = namespace === '' ? '' : `${namespace}/`;
    const found = new Map<string, KubeObject>();
    for (const subject of [`User ${user.username}`, ...user.groups.map((group) => `Group ${group}`)])
      for (const [key, binding] of this.#bySubject.get(prefix + subject) ?? []) found.set(key, binding);
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, binding]) => binding);
  }

  #add(key: string, binding: KubeObject): void {
    for (const subject of subjectKeys(binding)) {
      const known = this.#bySubject.get(subject) ?? new Map<string, KubeObject>();
      known.set(key, binding);
      this.#bySubject.set(subject, known);
    }
  }

  #remove(key: string, binding: KubeObject): void {
    for (const subject of subjectKeys(binding)) {
      const known = this.#bySubject.get(subject);
      known?.delete(key);
      if (known?.size === 0) this.#bySubject.delete(subject);
    }
  }
}

/** `User jane`, `Group devs`, behind the namespace for bindings that have one. Service accounts are users. */
function subjectKeys(binding: KubeObject): string[] {
  const namespace = binding.metadata.namespace ?? '';
  const prefix = namespace === '' ? '' : `${namespace}/`;
  return ((binding.subjects as Subject[] | null | undefined) ?? []).flatMap((subject) => {
    const name = subject.name ?? '';
    if (subject.kind === 'User' || subject.kind === 'Group') return [`${prefix}${subject.kind} ${name}`];
    const home = subject.namespace ?? namespace;
    return subject.kind === 'ServiceAccount' && home !== ''
      ? [`${prefix}User system:serviceaccount:${home}:${name}`]
      : [];
  });
}

interface Subject {
  kind?: string;
  name?: string;
  namespace?: string;
}

function matchingSubject(binding: KubeObject, user: UserInfo, namespace: string): Subject | null {
  for (const subject of (binding.subjects as Subject[] | null | undefined) ?? []) {
    if (subject.kind === 'User' && subject.name === user.username) return subject;
    if (subject.kind === 'Group' && subject.name !== undefined && user.groups.includes(subject.name)) return subject;
    if (subject.kind === 'ServiceAccount') {
      const home = subject.namespace ?? namespace;
      if (user.username === `system:serviceaccount:${home}:${subject.name ?? ''}`) return subject;
    }
  }
  return null;
}

function reasonOf(kind: string, binding: KubeObject, subject: Subject, home: string): string {
  const ref = refOf(binding);
  const { name, namespace } = binding.metadata;
  const place = namespace === undefined ? name : `${name}/${namespace}`;
  const who =
    subject.kind === 'ServiceAccount' ? `"${subject.name}/${subject.namespace ?? home}"` : `"${subject.name ?? ''}"`;
  return `RBAC: allowed by ${kind} "${place}" of ${ref.kind} "${ref.name}" to ${subject.kind ?? ''} ${who}`;
}

/** Whether one rule allows the access. */
export function covers(rule: PolicyRule, access: AccessAttributes): boolean {
  const verbs = rule.verbs ?? [];
  if (!verbs.includes('*') && !verbs.includes(access.verb)) return false;
  if (access.resource === undefined)
    return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, access.path ?? ''));
  const { group, resource, subresource, name } = access.resource;
  const groups = rule.apiGroups ?? [];
  if (!groups.includes('*') && !groups.includes(group)) return false;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const resources = rule.resources ?? [];
  const named =
    resources.includes('*') ||
    resources.includes(full) ||
    (subresource !== '' && resources.includes(`*/${subresource}`));
  if (!named) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || names.includes(name);
}

function urlMatches(rule: string, path: string): boolean {
  if (rule === '*' || rule === path) return true;
  return rule.endsWith('*') && path.startsWith(rule.slice(0, -1));
}
