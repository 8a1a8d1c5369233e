/** What the status endpoint lets through of the metadata. Source: the kinds' strategies in kube-apiserver. */
import type { KindDefinition } from './types.ts';

const METADATA = ['annotations', 'finalizers', 'labels', 'ownerReferences'] as const;

/** Kinds of which it takes the status alone. */
const ALONE = new Set(['apiregistration.k8s.io', 'flowcontrol.apiserver.k8s.io', 'resource.k8s.io']);
const ALONE_KINDS = new Set(['servicecidrs', 'validatingadmissionpolicies', 'volumeattachments']);

/** The fields in question that a write to the status may change. */
export function statusMetadata({ custom, group, resource }: KindDefinition): readonly (typeof METADATA)[number][] {
  if (custom !== undefined || ALONE.has(group) || ALONE_KINDS.has(resource)) return [];
  const kept = { pods: 'ownerReferences', deployments: 'labels' }[resource];
  return METADATA.filter((field) => field !== kept);
}
