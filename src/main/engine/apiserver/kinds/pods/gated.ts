/**
 * Fields of pods that clients know and the server does not yet: they are behind gates that are off by default, and
 * dropped when they are written. Source: "Feature Gates", Kubernetes 1.36.
 */
import type { Json } from '#shared/kubernetes/types.ts';

const CONTAINERS = ['initContainers', 'containers', 'ephemeralContainers'];

/** Of a pod's spec and of templates, in place. */
export function dropGated(spec: Json): void {
  if (spec === null || typeof spec !== 'object') return;
  // GenericWorkload.
  delete spec.schedulingGroup;
  // ContainerStopSignals.
  for (const list of CONTAINERS) for (const container of spec[list] ?? []) delete container?.lifecycle?.stopSignal;
  // ClusterTrustBundleProjection, PodCertificateRequest.
  for (const volume of spec.volumes ?? [])
    for (const source of volume?.projected?.sources ?? []) {
      delete source?.clusterTrustBundle;
      delete source?.podCertificate;
    }
}
