/** CustomResourceDefinition: what is filled in and what is refused. Source: API reference apiextensions.k8s.io/v1. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../types.ts';

export function prepareDefinition(object: KubeObject, _old: KubeObject | null): void {
  const names = object.spec?.names;
  if (names) {
    names.singular ||= String(names.kind ?? '').toLowerCase();
    names.listKind ||= `${names.kind ?? ''}List`;
  }
  if (object.spec) object.spec.conversion ??= { strategy: 'None' };
}

export function validateDefinition(_object: KubeObject, _old: KubeObject | null): FieldError[] {
  return [];
}
