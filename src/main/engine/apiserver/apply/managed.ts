/** managedFields: who owns which field. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { KindDefinition } from '../types.ts';

export function recordUpdate(
  _kind: KindDefinition,
  _old: KubeObject | null,
  _next: KubeObject,
  _manager: string,
  _subresource: string,
): void {}
