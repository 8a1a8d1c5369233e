/**
 * What kube-proxy answers of itself and of Services: whether a node has endpoints of one whose traffic stays on its node
 * (`healthCheckNodePort`), and its own pages. Source: pkg/proxy/healthcheck, cmd/kube-proxy.
 */

import { nameOf, namespaceOf, timeText } from '../sim/objects.ts';
import type { World } from '../sim/world.ts';
import { type Client, lookup } from './names.ts';
import { endpointsOf } from './service-routes.ts';

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Where a load balancer asks whether the node wants traffic; null: no such port is open there. */
export function nodeHealth(world: World, host: string, port: number, from: Client): Answer | null {
  const service = world.caches.services
    .list()
    .find(({ spec }) => spec?.healthCheckNodePort === port && spec.externalTrafficPolicy === 'Local');
  if (service === undefined) return null;
  const [address = ''] = lookup(world, host, from)?.addresses ?? [];
  const machine = world.machines.list().find(({ ip }) => ip === address);
  if (machine === undefined) return null;
  const here = endpointsOf(world.caches, service).filter(({ ready, node }) => ready && node === machine.name);
  const count = new Set(here.map((one) => one.address)).size;
  const told = {
    service: { namespace: namespaceOf(service), name: nameOf(service) },
    localEndpoints: count,
    serviceProxyHealthy: true,
  };
  return {
    status: count > 0 ? 200 : 503,
    headers: {
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'x-load-balancing-endpoint-weight': String(count),
    },
    body: JSON.stringify(told, null, '\t'),
  };
}

/** Pages of the agent's own: `10249` tells people, `10256` load balancers. Null: there is none of that name. */
export function kubeProxyPage(path: string, port: number, now: number): Answer | null {
  const text = (body: string) => ({ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body });
  if (port === 10249) return path === '/healthz' ? text('ok') : path === '/proxyMode' ? text('iptables') : null;
  if (path !== '/healthz' && path !== '/livez') return null;
  const time = `${timeText(now).replace(/Z$/, '')} +0000 UTC`.replace('T', ' ');
  const body = `{"lastUpdated": "${time}","currentTime": "${time}", "nodeEligible": true}`;
  return { status: 200, headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' }, body };
}
