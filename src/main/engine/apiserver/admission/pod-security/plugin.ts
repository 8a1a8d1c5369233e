/**
 * PodSecurity: refuses pods below the level their namespace enforces, warns about workloads whose pods would be, and says
 * which pods violate a level that a namespace is about to enforce. Source: Kubernetes documentation, "Pod Security Admission".
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { forbidden, invalid } from '../../status.ts';
import type { ObjectStore } from '../../storage/store.ts';
import type { AdmissionPlugin, AdmissionRequest, UserInfo } from '../../types.ts';
import { containersOf, type PodLike } from './checks.ts';
import {
  findingsText,
  type LevelVersion,
  type PodSecurityPolicy,
  PRIVILEGED,
  policyOf,
  policyText,
  sameLevel,
  strictness,
  violations,
} from './policy.ts';

/** Source: PodSecurityConfiguration, exemptions. */
export interface PodSecurityExemptions {
  namespaces?: readonly string[];
  usernames?: readonly string[];
  runtimeClasses?: readonly string[];
}

/** Where workloads keep the pods they make. */
const TEMPLATES: Record<string, (object: KubeObject) => Json> = {
  '/podtemplates': (object) => object.template,
  '/replicationcontrollers': (object) => object.spec?.template,
  'apps/daemonsets': (object) => object.spec?.template,
  'apps/deployments': (object) => object.spec?.template,
  'apps/replicasets': (object) => object.spec?.template,
  'apps/statefulsets': (object) => object.spec?.template,
  'batch/cronjobs': (object) => object.spec?.jobTemplate?.spec?.template,
  'batch/jobs': (object) => object.spec?.template,
};
/** Writes to these do not change what runs. */
const HARMLESS = new Set(['binding', 'eviction', 'exec', 'attach', 'log', 'portforward', 'proxy', 'status']);
const ANNOTATION = 'pod-security.kubernetes.io/';
const MAX_PODS_CHECKED = 3000;

export function podSecurity(store: ObjectStore, exemptions: PodSecurityExemptions = {}): AdmissionPlugin {
  const namespaces = store.collection('/namespaces');
  const policyIn = (namespace: string) => policyOf(namespaces.latest(namespace)?.object.metadata.labels);
  const exempt = (namespace: string, user: UserInfo): string | null => {
    if (exemptions.namespaces?.includes(namespace)) return 'namespace';
    return exemptions.usernames?.includes(user.username) ? 'user' : null;
  };
  return {
    name: 'PodSecurity',
    matches: (kind, operation, subresource) =>
      operation !== 'DELETE' &&
      (kind.group === '' && kind.resource === 'pods'
        ? !HARMLESS.has(subresource)
        : subresource === '' &&
          ((kind.group === '' && kind.resource === 'namespaces') ||
            TEMPLATES[`${kind.group}/${kind.resource}`] !== undefined)),
    validate: (request) => {
      const { kind, namespace, object, old, user, notes } = request;
      if (kind.group === '' && kind.resource === 'namespaces') {
        checkNamespace(request);
        return;
      }
      const by = exempt(namespace, user);
      if (by !== null) {
        notes.annotations[`${ANNOTATION}exempt`] = by;
        return;
      }
      const { policy, errors } = policyIn(namespace);
      const isPod = kind.group === '' && kind.resource === 'pods';
      if (policy === PRIVILEGED && errors.length === 0) {
        if (isPod) notes.annotations[`${ANNOTATION}enforce-policy`] = policyText(policy.enforce);
        return;
      }
      const pod: PodLike | undefined = isPod ? object! : TEMPLATES[`${kind.group}/${kind.resource}`]!(object!);
      if (pod?.spec === undefined || (isPod && old !== null && !changesImages(object!, old))) return;
      if (exemptions.runtimeClasses?.includes(pod.spec.runtimeClassName)) {
        notes.annotations[`${ANNOTATION}exempt`] = 'runtimeClass';
        return;
      }
      if (errors.length > 0)
        notes.annotations[`${ANNOTATION}error`] =
          `Failed to parse policy: ${errors.map((e) => `${e.field}: ${e.message}`).join(', ')}`;
      evaluate(request, policy, { metadata: pod.metadata ?? {}, spec: pod.spec }, isPod);
    },
  };

  function checkNamespace({ kind, name, object, old, notes }: AdmissionRequest): void {
    const { policy, errors } = policyOf(object!.metadata.labels);
    const before = old === null ? null : policyOf(old.metadata.labels);
    const known = before?.errors.map((error) => error.message).join() ?? '';
    if (errors.length > 0 && errors.map((error) => error.message).join() !== known) throw invalid(kind, name, errors);
    if (before === null || sameLevel(policy.enforce, before.policy.enforce)) return;
    if (policy.enforce.level === 'privileged' || exemptions.namespaces?.includes(name)) return;
    const relaxed = strictness(policy.enforce.level) <= strictness(before.policy.enforce.level);
    if (relaxed && policy.enforce.version === before.policy.enforce.version) return;
    notes.warnings.push(...warningsForPods(name, policy.enforce));
  }

  function warningsForPods(namespace: string, enforce: LevelVersion): string[] {
    const pods = store.collection('/pods');
    const keys = pods.keys(`${namespace}/`);
    const byReason = new Map<string, string[]>();
    for (const pod of oncePerController(keys.map((key) => pods.items.get(key)!.object)).slice(0, MAX_PODS_CHECKED)) {
      if (exemptions.runtimeClasses?.includes(pod.spec?.runtimeClassName)) continue;
      const found = violations(enforce, pod);
      if (found.length === 0) continue;
      const reasons = found.map(({ reason }) => reason).join(', ');
      byReason.set(reasons, [...(byReason.get(reasons) ?? []), pod.metadata.name ?? '']);
    }
    const warnings: string[] = [];
    if (keys.length > MAX_PODS_CHECKED)
      warnings.push(
        `new PodSecurity enforce level only checked against the first ${MAX_PODS_CHECKED} of ${keys.length} existing pods`,
      );
    if (byReason.size > 0)
      warnings.push(
        `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${policyText(enforce)}"`,
      );
    return [...warnings, ...[...byReason].map(([reasons, names]) => `${podsText(names)}: ${reasons}`).sort()];
  }
}

function evaluate(
  { kind, name, notes }: AdmissionRequest,
  policy: PodSecurityPolicy,
  pod: PodLike,
  enforce: boolean,
): void {
  const would = (asked: LevelVersion): string | null => {
    const found = violations(asked, pod);
    return found.length === 0 ? null : `violate PodSecurity "${policyText(asked)}": ${findingsText(found)}`;
  };
  const audit = would(policy.audit);
  if (audit !== null) notes.annotations[`${ANNOTATION}audit-violations`] = `would ${audit}`;
  if (enforce) {
    notes.annotations[`${ANNOTATION}enforce-policy`] = policyText(policy.enforce);
    const found = violations(policy.enforce, pod);
    if (found.length > 0)
      throw forbidden(kind, name, `violates PodSecurity "${policyText(policy.enforce)}": ${findingsText(found)}`);
  }
  const warning = would(policy.warn);
  if (warning !== null) notes.warnings.push(`would ${warning}`);
}

/** Only new containers and images can make a running pod worse. */
function changesImages(pod: KubeObject, old: KubeObject): boolean {
  const images = (object: KubeObject) => containersOf(object).map((each) => `${each.name} ${each.image}`);
  const before = new Set(images(old));
  const now = images(pod);
  return now.length !== before.size || now.some((each) => !before.has(each));
}

/** One pod of each controller comes first: the others are the same. */
function oncePerController(pods: readonly KubeObject[]): KubeObject[] {
  const seen = new Set<string>();
  const first: KubeObject[] = [];
  const rest: KubeObject[] = [];
  for (const pod of pods) {
    const uid = pod.metadata.ownerReferences?.find((owner) => owner.controller)?.uid;
    if (uid !== undefined && seen.has(uid)) rest.push(pod);
    else first.push(pod);
    if (uid !== undefined) seen.add(uid);
  }
  return [...first, ...rest];
}

function podsText(names: readonly string[]): string {
  const first = [...names].sort()[0] ?? '';
  if (names.length === 1) return first;
  return `${first} (and ${names.length - 1} other ${names.length === 2 ? 'pod' : 'pods'})`;
}
