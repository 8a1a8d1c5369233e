/**
 * What Ingress controllers do that can be seen: ingress-nginx writes the addresses it was told to publish, the controller of
 * multi-cluster Ingresses tells when a member cluster behind one has nothing ready. Traffic is not simulated here.
 * Sources: ingress-nginx, "Command line arguments" (`--publish-status-address`, `--publish-service`); Karmada,
 * "Multi-cluster Service" (annotation of imported EndpointSlices).
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { runController } from '../sim/controller.ts';
import { isDeleting, nameOf, namespaceOf, sameValue } from '../sim/objects.ts';
import { isReady } from '../sim/pods.ts';
import { INGRESSES } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';

const NGINX = 'k8s.io/ingress-nginx';
const NGINX_LABEL = 'ingress-nginx';
/** Which member a slice was brought from. */
export const PROVISION_CLUSTER = 'endpointslice.karmada.io/provision-cluster';

export function runIngresses(world: World): Controller {
  const { caches } = world;

  async function reconcile(key: string): Promise<undefined> {
    const ingress = caches.ingresses.get(key);
    if (ingress === undefined || isDeleting(ingress)) return undefined;
    for (const cluster of silentClusters(ingress))
      world.events.record(ingress, {
        component: 'multiclusteringress-controller',
        type: 'Warning',
        reason: 'ClusterNotReady',
        message: `cluster ${cluster} is not ready, its endpoints were taken out of the traffic`,
      });
    const published = addressesFor(ingress);
    if (published === undefined || sameValue(ingress.status?.loadBalancer?.ingress, published)) return undefined;
    const status = { ...ingress.status, loadBalancer: { ingress: published } };
    await updateStatus(world.clients.manager, INGRESSES, caches.ingresses, ingress, status);
    return undefined;
  }

  /** Undefined where no controller that runs was told what to publish. */
  function addressesFor(ingress: KubeObject): Json[] | undefined {
    const chosen = caches.ingressClasses.get(String(ingress.spec?.ingressClassName ?? ''));
    if (chosen?.spec?.controller !== NGINX) return undefined;
    const controllers = caches.pods.byIndex('namespace', namespaceOf(ingress)).filter(isController).filter(isReady);
    const args: string[] = controllers.flatMap((pod) =>
      (pod.spec?.containers ?? []).flatMap((container: Json) => container.args ?? []),
    );
    const value = (flag: string): string | undefined =>
      args.find((arg) => arg.startsWith(`--${flag}=`))?.slice(flag.length + 3);
    const fixed = value('publish-status-address');
    if (fixed !== undefined) return fixed.split(',').map((ip) => ({ ip }));
    const found: Json[] = caches.services.get(value('publish-service') ?? '')?.status?.loadBalancer?.ingress ?? [];
    return found.length === 0 ? undefined : found;
  }

  /** Members that something was brought from, none of which is ready. */
  function silentClusters(ingress: KubeObject): string[] {
    const ready = new Map<string, boolean>();
    for (const service of servicesOf(ingress))
      for (const slice of caches.endpointSlices.byIndex('service', `${namespaceOf(ingress)}/${service}`)) {
        const cluster = slice.metadata.annotations?.[PROVISION_CLUSTER];
        if (cluster === undefined) continue;
        const has = (slice.endpoints ?? []).some((one: Json) => one.conditions?.ready !== false);
        ready.set(cluster, has || ready.get(cluster) === true);
      }
    return [...ready].filter(([, has]) => !has).map(([cluster]) => cluster);
  }

  const around = (namespace: string): string[] => caches.ingresses.byIndex('namespace', namespace).map(objectKey);
  return runController(world, {
    name: 'ingress-controller',
    reconcile,
    watch: [
      { cache: caches.ingresses, on: (ingress, _previous, deleted) => (deleted ? undefined : objectKey(ingress)) },
      {
        cache: caches.ingressClasses,
        on: (chosen) =>
          caches.ingresses
            .list()
            .filter(({ spec }) => spec?.ingressClassName === nameOf(chosen))
            .map(objectKey),
      },
      { cache: caches.pods, on: (pod) => (isController(pod) ? around(namespaceOf(pod)) : undefined) },
      {
        cache: caches.services,
        on: (service) => (service.spec?.type === 'LoadBalancer' ? around(namespaceOf(service)) : undefined),
      },
      {
        cache: caches.endpointSlices,
        on: (slice) =>
          slice.metadata.annotations?.[PROVISION_CLUSTER] === undefined ? undefined : around(namespaceOf(slice)),
      },
    ],
  });
}

function isController({ metadata }: KubeObject): boolean {
  return metadata.labels?.['app.kubernetes.io/name'] === NGINX_LABEL;
}

function servicesOf({ spec }: KubeObject): Set<string> {
  const backends: Json[] = [
    spec?.defaultBackend,
    ...(spec?.rules ?? []).flatMap((rule: Json) => (rule.http?.paths ?? []).map((one: Json) => one.backend)),
  ];
  return new Set(backends.flatMap((backend) => backend?.service?.name ?? []));
}
