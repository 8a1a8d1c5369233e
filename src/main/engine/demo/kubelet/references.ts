/** ConfigMaps and Secrets a pod cannot start without. Messages as kubelet's volume manager writes them. */
import type { KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { namespaceOf } from '../sim/objects.ts';
import { CONFIG_MAPS, SECRETS } from '../sim/refs.ts';

export interface MissingReference {
  reason: string;
  message: string;
}

/** The first reference that leads nowhere, or null. */
export async function missingReference(client: KubeClient, pod: KubeObject): Promise<MissingReference | null> {
  const namespace = namespaceOf(pod);
  for (const { kind, name, volume } of references(pod)) {
    const found = await client.find(kind === 'configmap' ? CONFIG_MAPS : SECRETS, name, { namespace });
    if (found !== null) continue;
    const missing = `${kind} "${name}" not found`;
    return volume === null
      ? { reason: 'Failed', message: `Error: ${missing}` }
      : { reason: 'FailedMount', message: `MountVolume.SetUp failed for volume "${volume}" : ${missing}` };
  }
  return null;
}

interface Reference {
  kind: 'configmap' | 'secret';
  name: string;
  volume: string | null;
}

function references(pod: KubeObject): Reference[] {
  const out: Reference[] = [];
  const put = (kind: Reference['kind'], source: Json, name: string | undefined, volume: string | null) => {
    if (source !== undefined && source !== null && source.optional !== true && name) out.push({ kind, name, volume });
  };
  for (const volume of pod.spec?.volumes ?? []) {
    put('configmap', volume.configMap, volume.configMap?.name, volume.name);
    put('secret', volume.secret, volume.secret?.secretName, volume.name);
  }
  for (const container of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]) {
    for (const source of container.envFrom ?? []) {
      put('configmap', source.configMapRef, source.configMapRef?.name, null);
      put('secret', source.secretRef, source.secretRef?.name, null);
    }
    for (const variable of container.env ?? []) {
      const from = variable.valueFrom;
      put('configmap', from?.configMapKeyRef, from?.configMapKeyRef?.name, null);
      put('secret', from?.secretKeyRef, from?.secretKeyRef?.name, null);
    }
  }
  return out;
}
