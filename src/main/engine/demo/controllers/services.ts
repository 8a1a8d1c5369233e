/**
 * Load balancers of Services, as the cloud's controller keeps them: made and told of, held by a finalizer as long as they
 * are there, removed with the Service or when it is of another type.
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { behavioursOf } from '../kubelet/behaviour.ts';
import { PROVIDERS, type Provider } from '../profiles/providers.ts';
import { runController } from '../sim/controller.ts';
import { isDeleting, sameValue, uidOf } from '../sim/objects.ts';
import { createRandom, HEX } from '../sim/random.ts';
import { SERVICES } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';

const COMPONENT = 'service-controller';
const CLEANUP = 'service.kubernetes.io/load-balancer-cleanup';
/** A cloud that refused is asked again after so long. */
const RETRY_MS = 30_000;

export function runServices(world: World): Controller {
  const { caches } = world;
  /** When a load balancer asked for will be there, by uid of its service. */
  const building = new Map<string, number>();
  /** Services whose load balancer is not what they ask for any more, by uid. */
  const stale = new Set<string>();

  async function reconcile(key: string): Promise<number | undefined> {
    const service = caches.services.get(key);
    // With a class, it is the business of another controller (KEP-1959).
    if (service === undefined || service.spec?.loadBalancerClass !== undefined) return undefined;
    const ingress: Json[] = service.status?.loadBalancer?.ingress ?? [];
    if (service.spec?.type !== 'LoadBalancer' || isDeleting(service)) {
      building.delete(uidOf(service));
      stale.delete(uidOf(service));
      if (isHeld(service)) await remove(service);
      return undefined;
    }
    if (ingress.length > 0 && !stale.has(uidOf(service))) {
      if (!isHeld(service)) await hold(service, [...(service.metadata.finalizers ?? []), CLEANUP]);
      return undefined;
    }
    if (behavioursOf(service).includes('load-balancer-fails')) {
      tell(
        service,
        'SyncLoadBalancerFailed',
        'Error syncing load balancer: failed to ensure load balancer: quota of load balancers exceeded',
        'Warning',
      );
      return RETRY_MS * Math.max(world.pace, SLOWEST_PACE);
    }
    const now = world.now();
    let due = building.get(uidOf(service));
    if (due === undefined) {
      due = now + world.random.between(2000, 5000) * world.pace;
      building.set(uidOf(service), due);
      tell(service, 'EnsuringLoadBalancer', 'Ensuring load balancer');
    }
    if (!isHeld(service)) {
      await hold(service, [...(service.metadata.finalizers ?? []), CLEANUP]);
      return 0;
    }
    if (due > now) return due - now;
    if (ingress.length === 0) await write(service, { ingress: [loadBalancerAddress(world, service)] });
    building.delete(uidOf(service));
    stale.delete(uidOf(service));
    tell(service, 'EnsuredLoadBalancer', 'Ensured load balancer');
    return undefined;
  }

  async function remove(service: KubeObject): Promise<void> {
    tell(service, 'DeletingLoadBalancer', 'Deleting load balancer');
    await write(service, {});
    const latest = caches.services.get(objectKey(service)) ?? service;
    await hold(
      latest,
      (latest.metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLEANUP),
    );
    tell(service, 'DeletedLoadBalancer', 'Deleted load balancer');
  }

  async function hold(service: KubeObject, finalizers: string[]): Promise<void> {
    const held = { ...service, metadata: { ...service.metadata, finalizers } };
    try {
      caches.services.wrote(await world.clients.manager.update(SERVICES, held));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async function write(service: KubeObject, loadBalancer: Json): Promise<void> {
    const status = { ...service.status, loadBalancer };
    if (sameValue(status, service.status)) return;
    await updateStatus(world.clients.manager, SERVICES, caches.services, service, status);
  }

  function tell(service: KubeObject, reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    world.events.record(service, { component: COMPONENT, type, reason, message });
  }

  return runController(world, {
    name: COMPONENT,
    reconcile,
    watch: [
      {
        cache: caches.services,
        on: (service, previous, deleted) => {
          const [type, before] = [service.spec?.type, previous?.spec?.type];
          if (before !== undefined && type !== before && [type, before].includes('LoadBalancer'))
            tell(service, 'Type', `${before} -> ${type}`);
          if (previous !== undefined && type === before && needsUpdate(service, previous)) stale.add(uidOf(service));
          if (!deleted) return objectKey(service);
          building.delete(uidOf(service));
          stale.delete(uidOf(service));
          return undefined;
        },
      },
    ],
  });
}

/** What a cloud's load balancer is made from. */
const BALANCED = [
  'loadBalancerSourceRanges',
  'sessionAffinity',
  'sessionAffinityConfig',
  'loadBalancerIP',
  'externalIPs',
  'externalTrafficPolicy',
  'healthCheckNodePort',
] as const;

/** Whether the load balancer of a service has to be made anew. Where the pods listen is not its business. */
export function needsUpdate(service: KubeObject, previous: KubeObject): boolean {
  const ports = ({ spec }: KubeObject) =>
    (spec?.ports ?? []).map(({ name, protocol, port, nodePort }: Json) => [name, protocol, port, nodePort]);
  const families = ({ spec }: KubeObject) => spec?.ipFamilies?.length ?? 0;
  return !(
    BALANCED.every((field) => sameValue(service.spec?.[field], previous.spec?.[field])) &&
    sameValue(ports(service), ports(previous)) &&
    sameValue(service.metadata.annotations ?? {}, previous.metadata.annotations ?? {}) &&
    families(service) === families(previous)
  );
}

function isHeld({ metadata }: KubeObject): boolean {
  return (metadata.finalizers ?? []).includes(CLEANUP);
}

/** Documentation ranges (RFC 5737) and example names: nobody's real address. */
export function loadBalancerAddress(world: Pick<World, 'profile'>, service: KubeObject): Json {
  const random = createRandom('load-balancer', world.profile.seed, world.profile.index, uidOf(service));
  const provider: Provider = PROVIDERS[world.profile.providerKey];
  if (provider.loadBalancer === 'hostname') {
    return { hostname: `${random.text(32, HEX)}-${random.integer(1e8, 9e8)}.${world.profile.region}.elb.example.com` };
  }
  const network = random.pick(['203.0.113', '198.51.100', '192.0.2']);
  return { ip: `${network}.${random.integer(2, 254)}`, ipMode: 'VIP' };
}
