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
  for (const pod of world.pods)
    for (const { kind, name } of referencesOf(pod)) found.add(`${kind}/${pod.object.metadata.namespace ?? ''}/${name}`);
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

export interface Reference {
  kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim' | 'ServiceAccount';
  name: string;
  /** Inside the pod's spec. */
  field: string;
  /** The pod starts without it. */
  optional: boolean;
}

/** What a workload names, with the place where it does. */
export function referencesOf(pod: PodSubject): Reference[] {
  const found: Reference[] = [];
  const add = (kind: Reference['kind'], name: unknown, field: string, optional: unknown = false): void => {
    if (typeof name === 'string' && name !== '') found.push({ kind, name, field, optional: optional === true });
  };
  const { spec, path } = pod;
  add('ServiceAccount', spec.serviceAccountName ?? spec.serviceAccount, 'serviceAccountName');
  // A pod starts without them where the image needs none.
  for (const [index, one] of ((spec.imagePullSecrets ?? []) as Json[]).entries())
    add('Secret', one?.name, `imagePullSecrets[${index}]`, true);
  for (const [index, volume] of volumesOf(spec).entries()) {
    const sources: Json[] = [volume, ...(volume.projected?.sources ?? [])];
    for (const { configMap, secret } of sources) {
      if (configMap !== undefined) add('ConfigMap', configMap?.name, `volumes[${index}]`, configMap?.optional);
      if (secret !== undefined)
        add('Secret', secret?.secretName ?? secret?.name, `volumes[${index}]`, secret?.optional);
    }
    add('PersistentVolumeClaim', volume.persistentVolumeClaim?.claimName, `volumes[${index}]`);
    add('Secret', volume.csi?.nodePublishSecretRef?.name, `volumes[${index}]`);
  }
  for (const { container, path: place } of allContainers(pod)) {
    const inside = place.slice(path.length + 1);
    for (const [index, one] of ((container.envFrom ?? []) as Json[]).entries()) {
      const { configMapRef, secretRef } = one ?? {};
      add('ConfigMap', configMapRef?.name, `${inside}.envFrom[${index}]`, configMapRef?.optional);
      add('Secret', secretRef?.name, `${inside}.envFrom[${index}]`, secretRef?.optional);
    }
    for (const [index, one] of ((container.env ?? []) as Json[]).entries()) {
      const { configMapKeyRef, secretKeyRef } = one?.valueFrom ?? {};
      add('ConfigMap', configMapKeyRef?.name, `${inside}.env[${index}]`, configMapKeyRef?.optional);
      add('Secret', secretKeyRef?.name, `${inside}.env[${index}]`, secretKeyRef?.optional);
    }
  }
  return found;
}
