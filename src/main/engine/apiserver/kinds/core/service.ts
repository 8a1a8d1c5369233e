/** Service and Endpoints. Cluster IPs and node ports are allocated by the server's storage side, not here. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, firstOf, labelsText, text, wide } from '../../table/cells.ts';
import type { FieldError } from '../../types.ts';
import type { KindSpec } from '../define.ts';
import { duplicate, forbiddenField, invalidValue, notSupported, required } from '../validation/field.ts';
import { labelName, subdomainName, validateLabels } from '../validation/meta.ts';
import { isIp } from '../validation/net.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PORT_TEXT = 'must be between 1 and 65535, inclusive';

function defaultService(object: KubeObject): void {
  object.spec ??= {};
  const { spec } = object;
  spec.sessionAffinity ||= 'None';
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
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') spec.externalTrafficPolicy ||= 'Cluster';
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ||= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
}

function validateService(object: KubeObject, old: KubeObject | null): FieldError[] {
  const spec = object.spec ?? {};
  const errors: FieldError[] = [];
  const ports: Json[] = spec.ports ?? [];
  if (ports.length === 0 && spec.type !== 'ExternalName' && spec.clusterIP !== 'None')
    errors.push(required('spec.ports'));
  if (!TYPES.includes(spec.type)) errors.push(notSupported('spec.type', spec.type, TYPES));
  if (spec.type === 'ExternalName' && !spec.externalName) errors.push(required('spec.externalName'));
  errors.push(...validateServiceMore(spec));
  const names = new Set<string>();
  const numbers = new Set<string>();
  ports.forEach((port, index) => {
    const at = `spec.ports[${index}]`;
    if (port.name) {
      for (const text of labelName(port.name)) errors.push(invalidValue(`${at}.name`, port.name, text));
      if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    const id = `${port.protocol}/${port.port}`;
    if (numbers.has(id)) {
      const key = { Name: '', Protocol: port.protocol, AppProtocol: null, Port: port.port, TargetPort: 0, NodePort: 0 };
      errors.push(duplicate(at, key));
    }
    numbers.add(id);
    if (ports.length > 1 && !port.name) errors.push(required(`${at}.name`));
    if (!(port.port >= 1 && port.port <= 65535)) errors.push(invalidValue(`${at}.port`, port.port ?? 0, PORT_TEXT));
    if (typeof port.targetPort === 'number' && !(port.targetPort >= 1 && port.targetPort <= 65535))
      errors.push(invalidValue(`${at}.targetPort`, port.targetPort, PORT_TEXT));
    if (!['TCP', 'UDP', 'SCTP'].includes(port.protocol))
      errors.push(notSupported(`${at}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']));
  });
  const before: string = old?.spec?.clusterIP ?? '';
  const stays = old !== null && old.spec?.type !== 'ExternalName' && spec.type !== 'ExternalName';
  if (stays && before !== '' && spec.clusterIP !== before)
    errors.push(invalidValue('spec.clusterIPs[0]', spec.clusterIPs ?? [], 'may not change once set'));
  return errors;
}

const EXTERNAL = new Set(['LoadBalancer', 'NodePort']);
const MAX_AFFINITY_SECONDS = 86_400;

function validateServiceMore(spec: Json): FieldError[] {
  const errors = validateLabels(spec.selector, 'spec.selector');
  if (spec.clusterIP === 'None' && EXTERNAL.has(spec.type))
    errors.push(invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`));
  if (!['ClientIP', 'None'].includes(spec.sessionAffinity))
    errors.push(notSupported('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']));
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (typeof seconds === 'number' && (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS)) {
    const text = `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`;
    errors.push(invalidValue('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, text));
  }
  if (spec.type === 'ExternalName' && spec.externalName)
    for (const text of subdomainName(spec.externalName.replace(/\.$/, '')))
      errors.push(invalidValue('spec.externalName', spec.externalName, text));
  ((spec.externalIPs ?? []) as string[]).forEach((address, index) => {
    if (!isIp(address))
      errors.push(
        invalidValue(
          `spec.externalIPs[${index}]`,
          address,
          'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        ),
      );
  });
  const policy = spec.externalTrafficPolicy;
  if (policy && !EXTERNAL.has(spec.type) && (spec.externalIPs ?? []).length === 0)
    errors.push(
      invalidValue('spec.externalTrafficPolicy', policy, 'may only be set for externally-accessible services'),
    );
  else if (policy && !['Cluster', 'Local'].includes(policy))
    errors.push(notSupported('spec.externalTrafficPolicy', policy, ['Cluster', 'Local']));
  if ((spec.loadBalancerSourceRanges ?? []).length > 0 && spec.type !== 'LoadBalancer')
    errors.push(forbiddenField('spec.LoadBalancerSourceRanges', "may only be used when `type` is 'LoadBalancer'"));
  return errors;
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

export const serviceKinds: KindSpec[] = [
  {
    kind: 'Endpoints',
    resource: 'endpoints',
    shortNames: ['ep'],
    defaults: (object) => {
      for (const subset of object.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ||= 'TCP';
    },
    warnings: () => ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
    columns: [text('Endpoints', endpointsText), age],
  },
  {
    kind: 'Service',
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
    prepare: (object, old) => {
      object.status = old?.status ?? { loadBalancer: {} };
    },
    validate: validateService,
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
