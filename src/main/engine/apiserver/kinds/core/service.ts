/** Service and Endpoints. Cluster IPs and node ports are allocated by the server's storage side, not here. */

import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, firstOf, labelsText, text, wide } from '../../table/cells.ts';
import type { KindSpec } from '../define.ts';
import { validateSubset } from '../validation/endpoints.ts';
import { eachAt } from '../validation/field.ts';
import { labelName } from '../validation/meta.ts';
import { validateService } from '../validation/service.ts';
import { cidrWarnings, ipWarnings } from '../warnings/addresses.ts';

function defaultService(object: KubeObject): void {
  object.spec ??= {};
  const { spec } = object;
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP') {
    spec.sessionAffinityConfig ??= {};
    spec.sessionAffinityConfig.clientIP ??= {};
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= 10800;
  }
  spec.type ||= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP';
    if (port.targetPort === undefined || port.targetPort === '' || port.targetPort === 0)
      port.targetPort = port.port ?? 0;
  }
  const isReachable = spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0;
  if (isReachable || spec.type === 'NodePort' || spec.type === 'LoadBalancer') spec.externalTrafficPolicy ||= 'Cluster';
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
}

function externalAddress(service: KubeObject): string {
  const spec = service.spec ?? {};
  const external: string[] = spec.externalIPs ?? [];
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  if (spec.type !== 'LoadBalancer') return external.length > 0 ? external.join(',') : '<none>';
  const ingress = (service.status?.loadBalancer?.ingress ?? []).map((each: Json) => each.ip || each.hostname || '');
  const all = [...ingress.filter((each: string) => each !== ''), ...external];
  return all.length > 0 ? all.join(',') : '<pending>';
}

function portsText(service: KubeObject): string {
  const ports: Json[] = service.spec?.ports ?? [];
  if (ports.length === 0) return '<none>';
  return ports.map((port) => `${port.port}${port.nodePort ? `:${port.nodePort}` : ''}/${port.protocol}`).join(',');
}

function endpointsText(endpoints: KubeObject): string {
  const all: string[] = [];
  for (const subset of endpoints.subsets ?? []) {
    const ports: Json[] = subset.ports ?? [];
    for (const address of subset.addresses ?? []) {
      if (ports.length === 0) all.push(address.ip);
      for (const port of ports) all.push(`${address.ip}:${port.port}`);
    }
  }
  return firstOf(all, 3);
}

const HINTS = 'service.kubernetes.io/topology-aware-hints';

function serviceWarnings({ metadata, spec = {} }: KubeObject): string[] {
  const warnings: string[] = [];
  if (metadata.annotations?.[HINTS] !== undefined)
    warnings.push(`annotation ${HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`);
  const each = (list: 'clusterIPs' | 'externalIPs') =>
    ((spec[list] ?? []) as string[]).flatMap((address, index) => ipWarnings(address, `spec.${list}[${index}]`));
  if (spec.clusterIP && spec.clusterIP !== 'None') warnings.push(...each('clusterIPs'));
  const external = (spec.externalIPs ?? []).length > 0;
  const headless = spec.type === 'ClusterIP' && spec.clusterIP === 'None';
  if (headless) {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services');
    if (external) warnings.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity && spec.sessionAffinity !== 'None')
      warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  warnings.push(...each('externalIPs'));
  if (external && !headless && spec.type !== 'ExternalName')
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  if (spec.loadBalancerIP) warnings.push(...ipWarnings(spec.loadBalancerIP, 'spec.loadBalancerIP'));
  for (const [index, range] of ((spec.loadBalancerSourceRanges ?? []) as string[]).entries())
    warnings.push(...cidrWarnings(range.trim(), `spec.loadBalancerSourceRanges[${index}]`));
  if (external && spec.type === 'ExternalName')
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (spec.externalName && spec.type !== 'ExternalName')
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (spec.trafficDistribution === 'PreferClose')
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  return warnings;
}

/** What its controller writes is in order. */
function endpointsWarnings({ metadata, subsets }: KubeObject): string[] {
  if (metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return [];
  return ((subsets ?? []) as Json[]).flatMap((subset, index) =>
    ['addresses', 'notReadyAddresses'].flatMap((list) =>
      ((subset[list] ?? []) as Json[]).flatMap(({ ip = '' }, place) =>
        ipWarnings(ip, `subsets[${index}].${list}[${place}].ip`),
      ),
    ),
  );
}

export const serviceKinds: KindSpec[] = [
  {
    kind: 'Endpoints',
    madeByUpdate: true,
    metaChecks: 'both',
    resource: 'endpoints',
    shortNames: ['ep'],
    defaults: (object) => {
      for (const subset of object.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ||= 'TCP';
    },
    validate: (object) => eachAt(object.subsets, 'subsets', validateSubset),
    warnings: endpointsWarnings,
    deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
    columns: [text('Endpoints', endpointsText), age],
  },
  {
    kind: 'Service',
    madeByUpdate: true,
    resource: 'services',
    shortNames: ['svc'],
    categories: ['all'],
    subresources: ['proxy', 'status'],
    nameRule: labelName,
    selectableFields: {
      'spec.clusterIP': (service) => service.spec?.clusterIP ?? '',
      'spec.type': (service) => service.spec?.type ?? '',
    },
    defaults: defaultService,
    statusDefaults: ({ spec, status }) => {
      if (spec?.type !== 'LoadBalancer') return;
      for (const ingress of status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP';
    },
    prepare: (object, old) => {
      object.status = old?.status ?? { loadBalancer: {} };
    },
    validate: validateService,
    warnings: serviceWarnings,
    columns: [
      text('Type', (service) => service.spec?.type ?? '', { from: ['core.ServiceSpec', 'type'] }),
      text('Cluster-IP', (service) => service.spec?.clusterIP || '<none>', { from: ['core.ServiceSpec', 'clusterIP'] }),
      text('External-IP', externalAddress, { from: ['core.ServiceSpec', 'externalIPs'] }),
      text('Port(s)', portsText, { from: ['core.ServiceSpec', 'ports'] }),
      age,
      wide('Selector', (service) => labelsText(service.spec?.selector), { from: ['core.ServiceSpec', 'selector'] }),
    ],
  },
];
