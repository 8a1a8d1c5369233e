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
  for (const list of CONTAINERS) for (const container of spec[list] ?? []) dropStopSignal(container);
  // ClusterTrustBundleProjection, PodCertificateRequest.
  for (const volume of spec.volumes ?? [])
    for (const source of volume?.projected?.sources ?? []) {
      delete source?.clusterTrustBundle;
      delete source?.podCertificate;
    }
}

/** A lifecycle that said nothing else goes with it. */
function dropStopSignal(container: Json): void {
  if (container?.lifecycle?.stopSignal === undefined) return;
  delete container.lifecycle.stopSignal;
  if (Object.keys(container.lifecycle).length === 0) delete container.lifecycle;
}
