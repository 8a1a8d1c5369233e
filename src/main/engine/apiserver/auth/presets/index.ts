/**
 * Roles and bindings every cluster has. Source: Kubernetes documentation, "Using RBAC Authorization", default roles and role
 * bindings. At each start what is missing of them comes back, unless it is annotated autoupdate "false".
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { cloneJson, equalJson } from '../../json.ts';
import type { PolicyRule } from '../authorize.ts';
import { uncovered } from '../escalation.ts';
import { componentRoles } from './components.ts';
import { controllerRoles } from './controllers.ts';
import { userRoles } from './users.ts';

const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

export function presetRoles(): KubeObject[] {
  return [...userRoles(), ...componentRoles(), ...controllerRoles()];
}

/** The stored object with what it lacks of the preset; what people added stays. Null when there is nothing to do. */
export function reconciled(preset: KubeObject, stored: KubeObject): KubeObject | null {
  if (stored.metadata.annotations?.[AUTO_UPDATE] === 'false') return null;
  const next = cloneJson(stored);
  next.metadata.labels = { ...preset.metadata.labels, ...stored.metadata.labels };
  next.metadata.annotations = { ...preset.metadata.annotations, ...stored.metadata.annotations };
  if (preset.roleRef !== undefined) {
    const present: unknown[] = stored.subjects ?? [];
    const missing = (preset.subjects ?? []).filter((each: unknown) => !present.some((known) => equalJson(known, each)));
    if (missing.length > 0) next.subjects = [...present, ...missing];
  } else if (preset.aggregationRule !== undefined) {
    next.aggregationRule ??= cloneJson(preset.aggregationRule);
  } else {
    const rules = (stored.rules ?? []) as PolicyRule[];
    const missing = uncovered(rules, preset.rules as PolicyRule[]);
    if (missing.length > 0) next.rules = [...rules, ...missing];
  }
  return equalJson(next, stored) ? null : next;
}
