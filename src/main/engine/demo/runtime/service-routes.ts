/**
 * Where the traffic of a Service goes: the endpoints among which a node's kube-proxy chooses. Pure but for the caches it
 * reads. Source: pkg/proxy (CategorizeEndpoints, the rules of the iptables proxier), Kubernetes documentation "Virtual IPs
 * and Service Proxies".
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf, namespaceOf } from '../sim/objects.ts';
import type { Caches } from '../sim/world.ts';

/** An endpoint as the slices of its Service have it. */
export interface ServiceEndpoint {
  address: string;
  hostname: string | undefined;
  /** The pod's name, where the endpoint says it. */
  target: string | undefined;
  node: string | undefined;
  ports: Json[];
  ready: boolean;
  serving: boolean;
  terminating: boolean;
  /** False in a slice that the cluster's kube-proxies leave to others. */
  proxied: boolean;
  /** Nodes and zones that it is meant for. */
  forNodes: string[];
  forZones: string[];
}

/** The node whose kube-proxy decides. */
export interface Place {
  node: string;
  zone: string | undefined;
}

/** Of a Service that no kube-proxy of the cluster looks after. */
const OTHER_PROXY = ['service.kubernetes.io/service-proxy-name', 'service.kubernetes.io/headless'];

export function endpointsOf(caches: Pick<Caches, 'endpointSlices'>, service: KubeObject): ServiceEndpoint[] {
  const slices = caches.endpointSlices.byIndex('service', `${namespaceOf(service)}/${nameOf(service)}`);
  return slices.flatMap((slice: Json) =>
    ((slice.endpoints ?? []) as Json[]).map(({ addresses, hostname, targetRef, nodeName, conditions, hints }) => {
      const ready = conditions?.ready !== false;
      return {
        address: addresses?.[0] ?? '',
        hostname,
        target: targetRef?.name,
        node: nodeName,
        ports: slice.ports ?? [],
        ready,
        serving: conditions?.serving ?? ready,
        terminating: conditions?.terminating === true,
        proxied: !hasOtherProxy(slice as KubeObject),
        forNodes: namesIn(hints?.forNodes),
        forZones: namesIn(hints?.forZones),
      };
    }),
  );
}

function namesIn(hints: Json[] | undefined): string[] {
  return (hints ?? []).map(({ name }) => String(name));
}

export function hasOtherProxy({ metadata }: KubeObject): boolean {
  return OTHER_PROXY.some((label) => metadata.labels?.[label] !== undefined);
}

/** Of the endpoints those that get traffic: `Local` of the node alone, `Cluster` of all nodes, as hints have it. */
export function usableEndpoints(
  endpoints: readonly ServiceEndpoint[],
  policy: 'Cluster' | 'Local',
  place: Place,
): ServiceEndpoint[] {
  const here = policy === 'Local' ? endpoints.filter(({ node }) => node === place.node) : endpoints;
  const ready = here.filter((one) => one.ready);
  // The last ones that are still there are better than none.
  if (ready.length === 0) return here.filter(({ serving, terminating }) => serving && terminating);
  return policy === 'Local' ? ready : near(ready, place);
}

/** Hints hold where every endpoint has one and one of them is for this place. */
function near(ready: readonly ServiceEndpoint[], { node, zone }: Place): ServiceEndpoint[] {
  const meant = (of: (one: ServiceEndpoint) => string[], place: string | undefined) =>
    place !== undefined && ready.every((one) => of(one).length > 0)
      ? ready.filter((one) => of(one).includes(place))
      : [];
  const ofNode = meant(({ forNodes }) => forNodes, node);
  if (ofNode.length > 0) return ofNode;
  const ofZone = meant(({ forZones }) => forZones, zone);
  return ofZone.length > 0 ? ofZone : [...ready];
}
