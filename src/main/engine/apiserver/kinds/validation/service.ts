/** Service. Source: API reference core/v1 Service; texts of the server's validation. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../types.ts';
import { isPort, validatePortReference } from '../pods/spec/ports.ts';
import { specialAddress } from './endpoints.ts';
import { validateFamilies } from './families.ts';
import { duplicate, eachAt, forbiddenField, invalidAll, invalidValue, notSupported, required } from './field.ts';
import { validateServiceStatus } from './load-balancer.ts';
import { labelName, qualifiedName, subdomainName, validateLabels } from './meta.ts';
import { validateCidr, validateIp } from './net.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const POLICIES = ['Cluster', 'Local'];
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const PORT_TEXT = 'must be between 1 and 65535, inclusive';
const MAX_AFFINITY_SECONDS = 86_400;

const isHeadless = (spec: Json): boolean => spec.clusterIPs?.[0] === 'None' || spec.clusterIP === 'None';

/** Nodes have to be asked which of them a load balancer may send to. */
const needsHealthCheck = (spec: Json): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

export function validateService(object: KubeObject, old: KubeObject | null, subresource = ''): FieldError[] {
  if (subresource === 'status') return validateServiceStatus(object, old);
  const spec = object.spec ?? {};
  const errors = old === null ? [] : validateServiceUpdate(spec, old.spec ?? {});
  if ((spec.ports ?? []).length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName')
    errors.push(required('spec.ports'));
  if (isHeadless(spec) && (spec.type === 'LoadBalancer' || spec.type === 'NodePort'))
    errors.push(invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`));
  if (spec.type === 'ExternalName') errors.push(...validateExternalName(spec));
  return [
    ...errors,
    ...validatePorts(spec),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(spec),
    ...validateFamilies(spec),
    ...validateExternalAddresses(spec.externalIPs, 'spec.externalIPs', old?.spec?.externalIPs ?? []),
    ...validateType(spec),
    ...validateSourceRanges(object),
    ...validateLoadBalancer(spec),
    ...validateTraffic(spec),
  ];
}

function validateExternalName(spec: Json): FieldError[] {
  const errors: FieldError[] = [];
  const text = 'may not be set for ExternalName services';
  for (const field of ['clusterIPs', 'ipFamilies'])
    if ((spec[field] ?? []).length > 0) errors.push(forbiddenField(`spec.${field}`, text));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbiddenField('spec.ipFamilyPolicy', text));
  const name = String(spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') return [...errors, required('spec.externalName')];
  return [...errors, ...invalidAll('spec.externalName', name, subdomainName(name))];
}

function validatePorts(spec: Json): FieldError[] {
  const ports: Json[] = spec.ports ?? [];
  const names = new Set<string>();
  const errors = eachAt(ports, 'spec.ports', (port, at) => {
    const found: FieldError[] = [];
    const { name = '', protocol, appProtocol, targetPort } = port;
    if (name === '' && ports.length > 1) found.push(required(`${at}.name`));
    else if (name !== '') {
      found.push(...invalidAll(`${at}.name`, name, labelName(name)));
      if (names.has(name)) found.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    if (!isPort(port.port)) found.push(invalidValue(`${at}.port`, port.port ?? 0, PORT_TEXT));
    if (!PROTOCOLS.includes(protocol)) found.push(notSupported(`${at}.protocol`, protocol, PROTOCOLS));
    found.push(...validatePortReference(targetPort, `${at}.targetPort`));
    if (appProtocol !== undefined)
      found.push(...invalidAll(`${at}.appProtocol`, appProtocol, qualifiedName(appProtocol)));
    return found;
  });
  if (spec.type === 'ClusterIP')
    ports.forEach((port, index) => {
      if (port.nodePort)
        errors.push(forbiddenField(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    });
  return [...errors, ...validateDistinct(ports)];
}

/** A number serves once for each protocol. */
function validateDistinct(ports: Json[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  ports.forEach(({ protocol, nodePort }, index) => {
    if (!nodePort) return;
    const id = `${protocol}/node/${nodePort}`;
    if (seen.has(id)) errors.push(duplicate(`spec.ports[${index}].nodePort`, nodePort));
    seen.add(id);
  });
  ports.forEach(({ protocol, port }, index) => {
    const id = `${protocol}/${port}`;
    if (seen.has(id)) {
      const key = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
      errors.push(duplicate(`spec.ports[${index}]`, key));
    }
    seen.add(id);
  });
  return errors;
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig: config }: Json): FieldError[] {
  if (sessionAffinity === 'None')
    return config
      ? [forbiddenField('spec.sessionAffinityConfig', 'must not be set when session affinity is None')]
      : [];
  if (sessionAffinity !== 'ClientIP')
    return [notSupported('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None'])];
  const at = 'spec.sessionAffinityConfig';
  if (!config) return [required(at, 'when session affinity type is ClientIP')];
  const seconds = config.clientIP?.timeoutSeconds;
  if (seconds === undefined) return [required(`${at}.clientIP`, 'when session affinity type is ClientIP')];
  const text = `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`;
  return seconds > 0 && seconds <= MAX_AFFINITY_SECONDS
    ? []
    : [invalidValue(`${at}.clientIP.timeoutSeconds`, seconds, text)];
}

/** Addresses that are there already may be of a form that nobody takes any more. */
function validateExternalAddresses(addresses: Json, at: string, known: readonly string[]): FieldError[] {
  return eachAt(addresses, at, (address: string, where) => {
    const errors = known.includes(address) ? [] : validateIp(address, where);
    return errors.length > 0 ? errors : invalidAll(where, address, specialAddress(address));
  });
}

function validateType({ type }: Json): FieldError[] {
  return TYPES.includes(type) ? [] : [notSupported('spec.type', type, TYPES)];
}

function validateSourceRanges({ spec, metadata }: KubeObject): FieldError[] {
  const only = "may only be used when `type` is 'LoadBalancer'";
  const ranges: string[] = spec?.loadBalancerSourceRanges ?? [];
  const misplaced = spec?.type !== 'LoadBalancer';
  if (ranges.length > 0) {
    const at = 'spec.LoadBalancerSourceRanges';
    const errors = misplaced ? [forbiddenField(at, only)] : [];
    return [...errors, ...ranges.flatMap((range, index) => validateCidr(range.trim(), `${at}[${index}]`))];
  }
  const noted = metadata.annotations?.[SOURCE_RANGES];
  if (noted === undefined) return [];
  const at = `metadata.annotations[${SOURCE_RANGES}]`;
  const errors = misplaced ? [forbiddenField(at, only)] : [];
  if (noted.trim() === '') return errors;
  return [...errors, ...noted.split(',').flatMap((range) => validateCidr(range.trim(), at))];
}

const BALANCED_ONLY = "may only be used when `type` is 'LoadBalancer'";

function validateLoadBalancer(spec: Json): FieldError[] {
  const misplaced = spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== 'LoadBalancer';
  const errors = misplaced ? [forbiddenField('spec.allocateLoadBalancerNodePorts', BALANCED_ONLY)] : [];
  return [...errors, ...validateClass(spec, null)];
}

/** Looked at twice when a service is updated, as a change and as it is. */
function validateClass({ type, loadBalancerClass: name = null }: Json, old: Json): FieldError[] {
  const at = 'spec.loadBalancerClass';
  const balanced = type === 'LoadBalancer';
  const errors: FieldError[] = [];
  if (old?.type === 'LoadBalancer' && balanced && name !== (old.loadBalancerClass ?? null))
    errors.push(invalidValue(at, name, 'may not change once set'));
  if (name === null) return errors;
  return [...errors, ...(balanced ? invalidAll(at, name, qualifiedName(name)) : [forbiddenField(at, BALANCED_ONLY)])];
}

function validateTraffic(spec: Json): FieldError[] {
  const errors: FieldError[] = [];
  const reachable =
    ['LoadBalancer', 'NodePort'].includes(spec.type) ||
    (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);
  const policy: string = spec.externalTrafficPolicy ?? '';
  const at = 'spec.externalTrafficPolicy';
  if (!reachable) {
    if (policy !== '') errors.push(invalidValue(at, policy, 'may only be set for externally-accessible services'));
  } else if (policy === '') errors.push(required(at));
  else if (!POLICIES.includes(policy)) errors.push(notSupported(at, policy, POLICIES));
  const port: number = spec.healthCheckNodePort ?? 0;
  if (!needsHealthCheck(spec)) {
    const text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    if (port !== 0) errors.push(invalidValue('spec.healthCheckNodePort', port, text));
  } else if (port !== 0 && !isPort(port)) errors.push(invalidValue('spec.healthCheckNodePort', port, PORT_TEXT));
  const internal = spec.internalTrafficPolicy;
  if (internal !== undefined && !POLICIES.includes(internal))
    errors.push(notSupported('spec.internalTrafficPolicy', internal, POLICIES));
  const near = spec.trafficDistribution;
  if (near !== undefined && near !== null && !DISTRIBUTIONS.includes(near))
    errors.push(notSupported('spec.trafficDistribution', near, DISTRIBUTIONS));
  return errors;
}

function validateServiceUpdate(spec: Json, old: Json): FieldError[] {
  const errors: FieldError[] = [];
  const stays = old.type !== 'ExternalName' && spec.type !== 'ExternalName';
  if (stays && old.clusterIP && spec.clusterIP !== old.clusterIP)
    errors.push(invalidValue('spec.clusterIPs[0]', spec.clusterIPs ?? [], 'may not change once set'));
  const [family, before] = [spec.ipFamilies?.[0], old.ipFamilies?.[0]];
  if (stays && family !== undefined && before !== undefined && family !== before)
    errors.push(invalidValue('spec.ipFamilies[0]', spec.ipFamilies, 'may not change once set'));
  errors.push(...validateClass(spec, old));
  if (needsHealthCheck(old) && needsHealthCheck(spec) && spec.healthCheckNodePort !== old.healthCheckNodePort)
    errors.push(forbiddenField('spec.healthCheckNodePort', 'field is immutable'));
  return errors;
}
