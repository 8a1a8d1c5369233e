/**
 * ConfigMaps and Secrets a pod cannot start without. Those of volumes keep the whole pod waiting, those of variables the
 * container that has them, once its image is there; so does a part of a volume that cannot be named. Messages as kubelet's volume manager and its runtime manager write them.
 */
import type { KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { subPathOf } from '../runtime/mounts.ts';
import { namespaceOf } from '../sim/objects.ts';
import { CONFIG_MAPS, SECRETS } from '../sim/refs.ts';
import { nonRootRefusal } from './identity.ts';

export interface MissingReference {
  reason: string;
  message: string;
}

interface Reference {
  kind: 'configmap' | 'secret';
  name: string;
  /** That have to be in it. */
  keys: string[];
}

/** The first volume that cannot be set up, or null. */
export async function missingReference(client: KubeClient, pod: KubeObject): Promise<MissingReference | null> {
  for (const volume of (pod.spec?.volumes ?? []) as Json[]) {
    for (const reference of ofVolume(volume)) {
      const found = await read(client, pod, reference);
      const absent = found === null ? undefined : reference.keys.find((key) => !found.has(key));
      if (found !== null && absent === undefined) continue;
      const why =
        found === null
          ? `${reference.kind} "${reference.name}" not found`
          : `references non-existent ${reference.kind === 'secret' ? 'secret' : 'config'} key: ${absent}`;
      return { reason: 'FailedMount', message: `MountVolume.SetUp failed for volume "${volume.name}" : ${why}` };
    }
  }
  return null;
}

/**
 * Why kubelet cannot write down the variables of a container or what it mounts, by the container's name. `variables`: those
 * of a container that has them all.
 */
export async function brokenSettings(
  client: KubeClient,
  pod: KubeObject,
  variables: (container: Json) => Promise<ReadonlyMap<string, string>>,
): Promise<ReadonlyMap<string, string>> {
  const broken = new Map<string, string>();
  for (const container of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])] as Json[]) {
    for (const reference of ofContainer(container)) {
      const found = await read(client, pod, reference);
      const [key] = reference.keys;
      const kind = reference.kind === 'secret' ? 'Secret' : 'ConfigMap';
      if (found === null) broken.set(container.name, `${reference.kind} "${reference.name}" not found`);
      else if (key !== undefined && !found.has(key))
        broken.set(container.name, `couldn't find key ${key} in ${kind} ${namespaceOf(pod)}/${reference.name}`);
      if (broken.has(container.name)) break;
    }
    const refusal = broken.has(container.name) ? null : nonRootRefusal(pod, container);
    if (refusal !== null) broken.set(container.name, refusal);
    const mounts = ((container.volumeMounts ?? []) as Json[]).filter(({ subPathExpr }) => subPathExpr);
    if (mounts.length === 0 || broken.has(container.name)) continue;
    const env = await variables(container);
    for (const mount of mounts) {
      const part = subPathOf(mount, env);
      if ('error' in part && !broken.has(container.name)) broken.set(container.name, part.error);
    }
  }
  return broken;
}

/** What kubelet says before a pull of a pod whose pull secrets are not all there, or null. */
export async function missingPullSecrets(client: KubeClient, pod: KubeObject): Promise<MissingReference | null> {
  const missing: string[] = [];
  for (const { name } of (pod.spec?.imagePullSecrets ?? []) as Json[])
    if (name && (await client.find(SECRETS, name, { namespace: namespaceOf(pod) })) === null) missing.push(name);
  if (missing.length === 0) return null;
  return {
    reason: 'FailedToRetrieveImagePullSecret',
    message: `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`,
  };
}

/** Keys of what is referred to; null: it is not there. */
async function read(client: KubeClient, pod: KubeObject, { kind, name }: Reference): Promise<Set<string> | null> {
  const found = await client.find(kind === 'configmap' ? CONFIG_MAPS : SECRETS, name, { namespace: namespaceOf(pod) });
  return found === null ? null : new Set(Object.keys({ ...found.data, ...found.binaryData }));
}

function reference(kind: Reference['kind'], source: Json, name: string | undefined, keys: string[] = []): Reference[] {
  return source === undefined || source === null || source.optional === true || !name ? [] : [{ kind, name, keys }];
}

function ofVolume(volume: Json): Reference[] {
  const keys = (source: Json): string[] => (source?.items ?? []).map((item: Json) => item.key);
  const one = ({ configMap, secret }: Json, name: string): Reference[] => [
    ...reference('configmap', configMap, configMap?.name, keys(configMap)),
    ...reference('secret', secret, secret?.[name], keys(secret)),
  ];
  const projected: Json[] = volume.projected?.sources ?? [];
  return [...one(volume, 'secretName'), ...projected.flatMap((source) => one(source, 'name'))];
}

function ofContainer(container: Json): Reference[] {
  return [
    ...((container.envFrom ?? []) as Json[]).flatMap(({ configMapRef, secretRef }) => [
      ...reference('configmap', configMapRef, configMapRef?.name),
      ...reference('secret', secretRef, secretRef?.name),
    ]),
    ...((container.env ?? []) as Json[]).flatMap(({ valueFrom }) => [
      ...reference('configmap', valueFrom?.configMapKeyRef, valueFrom?.configMapKeyRef?.name, [
        valueFrom?.configMapKeyRef?.key,
      ]),
      ...reference('secret', valueFrom?.secretKeyRef, valueFrom?.secretKeyRef?.name, [valueFrom?.secretKeyRef?.key]),
    ]),
  ];
}
