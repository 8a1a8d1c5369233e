/**
 * Roles and bindings every cluster has. Source: Kubernetes documentation, "Using RBAC Authorization", default roles and role
 * bindings. At each start what is missing of them comes back, unless it is annotated autoupdate "false".
 */
import { randomUUID } from 'node:crypto';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { recordUpdate } from '../../apply/managed.ts';
import { SERVER_MANAGER } from '../../bootstrap/owners.ts';
import { timestamp } from '../../core.ts';
import { cloneJson, equalJson } from '../../json.ts';
import type { KindDefinition } from '../../types.ts';
import type { PolicyRule } from '../authorize.ts';
import { uncovered } from '../escalation.ts';
import { componentRoles } from './components.ts';
import { controllerRoles } from './controllers.ts';
import { userRoles } from './users.ts';

const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

export function presetRoles(): KubeObject[] {
  return [...userRoles(), ...componentRoles(), ...controllerRoles()];
}

/**
 * A preset as creating it would store it. There are so many that a server's first start would spend a good part of its
 * time on finding out again that they are right.
 */
export function presetObject(kind: KindDefinition, preset: KubeObject, now: number): KubeObject {
  const { kind: name, apiVersion, metadata, ...rest } = preset;
  const { labels, annotations, ...names } = metadata;
  const object: KubeObject = {
    kind: name,
    apiVersion,
    metadata: { ...names, uid: randomUUID(), creationTimestamp: timestamp(now), labels, annotations },
    ...rest,
  };
  recordUpdate(kind, null, object, SERVER_MANAGER, '');
  // No rules are null once it is known that somebody said so.
  if (Array.isArray(object.rules) && object.rules.length === 0) object.rules = null;
  return object;
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
