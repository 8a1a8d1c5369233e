/** Services, endpoints, ingresses, network policies. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, joined, type KindDefinition, type Level, list, selectorText, str, strings, text } from './define.ts';

function externalAddresses(service: KubeObject): string | null {
  const balancer = list(service.status?.loadBalancer?.ingress).map((item) => str(item.ip) ?? str(item.hostname) ?? '');
  const given = strings(service.spec?.externalIPs);
  switch (service.spec?.type) {
    case 'ExternalName':
      return str(service.spec.externalName);
    case 'LoadBalancer':
      return joined([...balancer.filter((item) => item !== ''), ...given]) ?? '<pending>';
    default:
      return joined(given);
  }
}

function ports(values: Json): string | null {
  return joined(
    list(values).map((port) => {
      const target = port.nodePort === undefined || port.nodePort === 0 ? port.port : `${port.port}:${port.nodePort}`;
      return `${target}/${port.protocol ?? 'TCP'}`;
    }),
    10,
  );
}

export const services: KindDefinition = {
  resource: 'services',
  columns: [
    text('type', 'Type', (service) => str(service.spec?.type) ?? 'ClusterIP'),
    text('clusterIp', 'Cluster-IP', (service) => str(service.spec?.clusterIP)),
    text('externalIp', 'External-IP', externalAddresses),
    text('ports', 'Port(s)', (service) => ports(service.spec?.ports)),
    text('selector', 'Selector', (service) => selectorText(service.spec?.selector), 1),
    age,
  ],
  level(service): Level {
    if (service.spec?.type !== 'LoadBalancer') return 'none';
    return list(service.status?.loadBalancer?.ingress).length > 0 ? 'ok' : 'progressing';
  },
};

export const endpointSlices: KindDefinition = {
  resource: 'endpointslices.discovery.k8s.io',
  columns: [
    text('addressType', 'AddressType', (slice) => str(slice.addressType)),
    text('ports', 'Ports', (slice) => joined(list(slice.ports).map((port) => String(port.port ?? '*')))),
    text('endpoints', 'Endpoints', (slice) =>
      joined(list(slice.endpoints).flatMap((endpoint) => strings(endpoint.addresses))),
    ),
    text('service', 'Service', (slice) => str(slice.metadata.labels?.['kubernetes.io/service-name']), 1),
    age,
  ],
};

export const endpoints: KindDefinition = {
  resource: 'endpoints',
  columns: [
    text('endpoints', 'Endpoints', (object) =>
      joined(
        list(object.subsets).flatMap((subset) => {
          const all = list(subset.ports);
          return list(subset.addresses).flatMap((address) =>
            all.length === 0 ? [String(address.ip)] : all.map((port) => `${address.ip}:${port.port}`),
          );
        }),
      ),
    ),
    age,
  ],
};

export const ingresses: KindDefinition = {
  resource: 'ingresses.networking.k8s.io',
  columns: [
    text('class', 'Class', (ingress) => str(ingress.spec?.ingressClassName)),
    text('hosts', 'Hosts', (ingress) => joined(list(ingress.spec?.rules).map((rule) => str(rule.host) ?? '*'))),
    text('address', 'Address', (ingress) =>
      joined(list(ingress.status?.loadBalancer?.ingress).map((item) => str(item.ip) ?? str(item.hostname) ?? '')),
    ),
    text('ports', 'Ports', (ingress) => (list(ingress.spec?.tls).length > 0 ? '80, 443' : '80')),
    age,
  ],
};

export const ingressClasses: KindDefinition = {
  resource: 'ingressclasses.networking.k8s.io',
  columns: [text('controller', 'Controller', (object) => str(object.spec?.controller)), age],
};

export const networkPolicies: KindDefinition = {
  resource: 'networkpolicies.networking.k8s.io',
  columns: [
    text('podSelector', 'Pod-Selector', (policy) => selectorText(policy.spec?.podSelector) ?? '<none>'),
    text('types', 'Policy Types', (policy) => joined(strings(policy.spec?.policyTypes))),
    age,
  ],
};
