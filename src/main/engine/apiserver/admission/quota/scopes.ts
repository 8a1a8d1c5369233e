/** Which objects a quota with scopes is about. Source: Kubernetes documentation, "Resource Quotas", quota scopes. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { qosClass } from '../../kinds/pods/qos.ts';

/** A pod that ends by itself is counted apart from one that goes on. */
export function isTerminating({ spec }: KubeObject): boolean {
  return typeof spec?.activeDeadlineSeconds === 'number' && spec.activeDeadlineSeconds >= 0;
}

interface Requirement {
  scopeName: string;
  operator: string;
  values?: string[];
}

/** `resource` is the plural, of the core group or of another (which has no scopes). */
export function inScope(quota: KubeObject, resource: string, object: KubeObject): boolean {
  return requirementsOf(quota).every((requirement) => matches(requirement, resource, object));
}

function requirementsOf(quota: KubeObject): Requirement[] {
  const scopes: string[] = quota.spec?.scopes ?? [];
  const selected: Requirement[] = quota.spec?.scopeSelector?.matchExpressions ?? [];
  return [...scopes.map((scopeName) => ({ scopeName, operator: 'Exists' })), ...selected];
}

function matches({ scopeName, operator, values = [] }: Requirement, resource: string, object: KubeObject): boolean {
  const spec: Json = object.spec ?? {};
  if (scopeName === 'VolumeAttributesClass')
    return resource === 'persistentvolumeclaims' && selects(operator, values, spec.volumeAttributesClassName);
  if (resource !== 'pods') return false;
  switch (scopeName) {
    case 'Terminating':
      return isTerminating(object);
    case 'NotTerminating':
      return !isTerminating(object);
    case 'BestEffort':
      return qosClass(spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClass(spec) !== 'BestEffort';
    case 'PriorityClass':
      return selects(operator, values, spec.priorityClassName);
    case 'CrossNamespacePodAffinity':
      return affinityTerms(spec.affinity).some(
        (term) => (term.namespaces ?? []).length > 0 || term.namespaceSelector !== undefined,
      );
    default:
      return false;
  }
}

function selects(operator: string, values: readonly string[], value: string | undefined): boolean {
  const set = value !== undefined && value !== '';
  switch (operator) {
    case 'Exists':
      return set;
    case 'DoesNotExist':
      return !set;
    case 'In':
      return set && values.includes(value);
    case 'NotIn':
      return !set || !values.includes(value);
    default:
      return false;
  }
}

function affinityTerms(affinity: Json): Json[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((each) => [
    ...(each?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(each?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term: Json) => term.podAffinityTerm ?? {}),
  ]);
}
