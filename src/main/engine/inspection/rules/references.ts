/** Which ConfigMaps, Secrets and claims something refers to: workloads, ServiceAccounts, Ingresses. Made once for a world. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { PodSubject, World } from '../types.ts';
import { allContainers, volumesOf } from '../workloads.ts';

const known = new WeakMap<World, ReadonlySet<string>>();

/** Whether anything needs it. What others made and look after, or look up by its label, counts as used. */
export function isUsed({ kind, metadata }: KubeObject, world: World): boolean {
  const { name = '', namespace = '', labels = {}, annotations = {}, ownerReferences = [] } = metadata;
  if (namespace.startsWith('kube-') || ownerReferences.length > 0) return true;
  if (GENERATED.test(name) || Object.keys({ ...labels, ...annotations }).some((key) => LOOKED_UP.test(key)))
    return true;
  let references = known.get(world);
  if (references === undefined) {
    references = referencesIn(world);
    known.set(world, references);
  }
  return references.has(`${kind}/${namespace}/${name}`);
}

/** The root certificate in every namespace, releases of Helm, tokens of ServiceAccounts. */
const GENERATED = /^(kube-root-ca\.crt|istio-ca-root-cert|sh\.helm\.release\.v1\..*|.*-token-[a-z0-9]{5})$/;
/** Read over the API by who watches for it: dashboards, certificates, GitOps, federations. */
const LOOKED_UP =
  /^(grafana_|owner$|cert-manager\.io\/|argocd\.argoproj\.io\/|kubernetes\.io\/service-account|work\.karmada\.io\/|.*\.toolkit\.fluxcd\.io\/)/;

function referencesIn(world: World): Set<string> {
  const found = new Set<string>();
  for (const pod of world.pods) for (const reference of inPod(pod)) found.add(reference);
  for (const { kind, metadata, placement } of world.ofKind('Pod'))
    if (kind === 'Pod')
      for (const claim of placement?.claims ?? [])
        found.add(`PersistentVolumeClaim/${metadata.namespace ?? ''}/${claim}`);
  for (const { metadata, spec } of world.ofKind('StatefulSet')) {
    const templates = ((spec?.volumeClaimTemplates ?? []) as KubeObject[]).map((one) => one.metadata?.name ?? '');
    // Claims of copies that are scaled away are kept on purpose.
    for (const claim of world.inNamespace('PersistentVolumeClaim', metadata.namespace ?? ''))
      if (templates.some((name) => claim.metadata.name?.startsWith(`${name}-${metadata.name}-`)))
        found.add(`PersistentVolumeClaim/${metadata.namespace ?? ''}/${claim.metadata.name}`);
  }
  for (const { metadata, secrets, imagePullSecrets } of world.ofKind('ServiceAccount'))
    for (const { name } of [...(secrets ?? []), ...(imagePullSecrets ?? [])])
      found.add(`Secret/${metadata.namespace ?? ''}/${name}`);
  for (const { metadata, spec } of world.ofKind('Ingress'))
    for (const { secretName } of spec?.tls ?? []) found.add(`Secret/${metadata.namespace ?? ''}/${secretName}`);
  return found;
}

function* inPod(pod: PodSubject): Generator<string> {
  const namespace = pod.object.metadata.namespace ?? '';
  const reference = (kind: string, name: unknown): string => `${kind}/${namespace}/${String(name)}`;
  for (const { name } of pod.spec.imagePullSecrets ?? []) yield reference('Secret', name);
  for (const volume of volumesOf(pod.spec)) {
    const sources: Json[] = [volume, ...(volume.projected?.sources ?? [])];
    for (const { configMap, secret } of sources) {
      if (configMap !== undefined) yield reference('ConfigMap', configMap?.name);
      if (secret !== undefined) yield reference('Secret', secret?.secretName ?? secret?.name);
    }
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined) yield reference('PersistentVolumeClaim', claim);
    const credentials = volume.csi?.nodePublishSecretRef?.name;
    if (credentials !== undefined) yield reference('Secret', credentials);
  }
  for (const { container } of allContainers(pod)) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      if (configMapRef !== undefined) yield reference('ConfigMap', configMapRef?.name);
      if (secretRef !== undefined) yield reference('Secret', secretRef?.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      if (valueFrom?.configMapKeyRef !== undefined) yield reference('ConfigMap', valueFrom.configMapKeyRef?.name);
      if (valueFrom?.secretKeyRef !== undefined) yield reference('Secret', valueFrom.secretKeyRef?.name);
    }
  }
}
