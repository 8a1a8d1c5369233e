/** networking.k8s.io/v1: Ingress, IngressClass, NetworkPolicy, IPAddress, ServiceCIDR. Source: API reference. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, firstOf, selectorText, text } from '../table/cells.ts';
import type { FieldError, KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';
import { portName } from './pods/spec/ports.ts';
import { forbiddenField, immutable, invalidValue, notSupported, required } from './validation/field.ts';
import { label1035Name, subdomainName } from './validation/meta.ts';
import { isCidr, isIp } from './validation/net.ts';
import { validateSelector } from './validation/selector.ts';

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

function validateBackend(backend: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { service, resource } = backend ?? {};
  if (service && resource) return [invalidValue(at, '', 'cannot set both resource and service backends')];
  if (!service && !resource) return errors;
  if (!service) return errors;
  if (!service.name) errors.push(required(`${at}.service.name`));
  else
    for (const detail of label1035Name(service.name))
      errors.push(invalidValue(`${at}.service.name`, service.name, detail));
  const { name, number } = service.port ?? {};
  if (name && number) errors.push(invalidValue(at, '', 'cannot set both port name & port number'));
  else if (name)
    for (const detail of portName(name)) errors.push(invalidValue(`${at}.service.port.name`, name, detail));
  else if (number !== undefined && !(number >= 1 && number <= 65535))
    errors.push(invalidValue(`${at}.service.port.number`, number, 'must be between 1 and 65535, inclusive'));
  else if (number === undefined) errors.push(required(at, 'port name or number is required'));
  return errors;
}

function validateHost(host: string, at: string): FieldError[] {
  if (isIp(host)) return [invalidValue(at, host, 'must be a DNS name, not an IP address')];
  if (!host.includes('*')) return subdomainName(host).map((detail) => invalidValue(at, host, detail));
  const fits = host.startsWith('*.') && subdomainName(host.slice(2)).length === 0;
  const rule =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  return fits ? [] : [invalidValue(at, host, rule)];
}

function validatePath(path: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!path.pathType) return [required(`${at}.pathType`, 'pathType must be specified')];
  if (!PATH_TYPES.includes(path.pathType)) errors.push(notSupported(`${at}.pathType`, path.pathType, PATH_TYPES));
  else if (path.pathType !== 'ImplementationSpecific' || path.path) {
    if (!String(path.path ?? '').startsWith('/'))
      errors.push(invalidValue(`${at}.path`, path.path ?? '', 'must be an absolute path'));
    else if (path.pathType !== 'ImplementationSpecific')
      for (const bad of ['//', '/./', '/../', '%2f', '%2F'])
        if (path.path.includes(bad)) errors.push(invalidValue(`${at}.path`, path.path, `must not contain '${bad}'`));
  }
  errors.push(...validateBackend(path.backend, `${at}.backend`));
  return errors;
}

function validateIngress(object: KubeObject): FieldError[] {
  const spec = object.spec ?? {};
  const errors: FieldError[] = [];
  const rules: Json[] = spec.rules ?? [];
  if (rules.length === 0 && !spec.defaultBackend)
    errors.push(invalidValue('spec', null, 'either `defaultBackend` or `rules` must be specified'));
  if (spec.defaultBackend) errors.push(...validateBackend(spec.defaultBackend, 'spec.defaultBackend'));
  rules.forEach((rule, index) => {
    const at = `spec.rules[${index}]`;
    if (rule.host) errors.push(...validateHost(rule.host, `${at}.host`));
    if (!rule.http) return;
    const paths: Json[] = rule.http.paths ?? [];
    if (paths.length === 0) errors.push(required(`${at}.http.paths`));
    paths.forEach((path, position) => {
      errors.push(...validatePath(path, `${at}.http.paths[${position}]`));
    });
  });
  ((spec.tls ?? []) as Json[]).forEach((tls, index) => {
    ((tls.hosts ?? []) as string[]).forEach((host, position) => {
      errors.push(...validateHost(host, `spec.tls[${index}].hosts[${position}]`));
    });
  });
  if (spec.ingressClassName)
    for (const detail of subdomainName(spec.ingressClassName))
      errors.push(invalidValue('spec.ingressClassName', spec.ingressClassName, detail));
  return errors;
}

function addresses(object: KubeObject): string {
  const ingress: Json[] = object.status?.loadBalancer?.ingress ?? [];
  return ingress
    .map((each) => each.ip || each.hostname || '')
    .filter((each) => each !== '')
    .join(',');
}

function hosts(object: KubeObject): string {
  const list = ((object.spec?.rules ?? []) as Json[]).map((rule) => rule.host).filter((host) => host);
  return firstOf(list, 3, '*');
}

function defaultNetworkPolicy(object: KubeObject): void {
  object.spec ??= {};
  const { spec } = object;
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])])
    for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
  if ((spec.policyTypes ?? []).length === 0)
    spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

function validatePeers(peers: Json[], at: string): FieldError[] {
  return peers.flatMap((peer, index) => {
    const where = `${at}[${index}]`;
    const errors: FieldError[] = [];
    const { podSelector, namespaceSelector, ipBlock } = peer;
    if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(where, 'must specify a peer'));
    if (ipBlock && (podSelector || namespaceSelector))
      errors.push(forbiddenField(where, 'may not specify both ipBlock and another peer'));
    errors.push(...validateSelector(podSelector, `${where}.podSelector`));
    errors.push(...validateSelector(namespaceSelector, `${where}.namespaceSelector`));
    if (!ipBlock) return errors;
    if (!ipBlock.cidr) errors.push(required(`${where}.ipBlock.cidr`));
    else if (!isCidr(ipBlock.cidr)) errors.push(invalidValue(`${where}.ipBlock.cidr`, ipBlock.cidr, CIDR_TEXT));
    return errors;
  });
}

const CIDR_TEXT = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

function validatePolicyPorts(ports: Json[], at: string): FieldError[] {
  return ports.flatMap((port, index) => {
    const where = `${at}[${index}]`;
    const errors: FieldError[] = [];
    if (port.protocol && !['SCTP', 'TCP', 'UDP'].includes(port.protocol))
      errors.push(notSupported(`${where}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']));
    if (port.port === undefined) {
      if (port.endPort !== undefined)
        errors.push(
          invalidValue(`${where}.endPort`, port.endPort, 'may not be specified when `port` is not specified'),
        );
    } else if (typeof port.port === 'number') {
      if (!(port.port >= 1 && port.port <= 65535))
        errors.push(invalidValue(`${where}.port`, port.port, 'must be between 1 and 65535, inclusive'));
      if (port.endPort !== undefined && port.endPort < port.port)
        errors.push(invalidValue(`${where}.endPort`, port.endPort, 'must be greater than or equal to `port`'));
    } else for (const detail of portName(port.port)) errors.push(invalidValue(`${where}.port`, port.port, detail));
    return errors;
  });
}

function validateNetworkPolicy(object: KubeObject): FieldError[] {
  const spec = object.spec ?? {};
  const errors = validateSelector(spec.podSelector, 'spec.podSelector');
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const)
    ((spec[direction] ?? []) as Json[]).forEach((rule, index) => {
      const at = `spec.${direction}[${index}]`;
      errors.push(...validatePolicyPorts(rule.ports ?? [], `${at}.ports`));
      errors.push(...validatePeers(rule[peers] ?? [], `${at}.${peers}`));
    });
  const types: string[] = spec.policyTypes ?? [];
  if (types.length > 2)
    errors.push(invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes'));
  types.forEach((type, index) => {
    if (type !== 'Ingress' && type !== 'Egress')
      errors.push(notSupported(`spec.policyTypes[${index}]`, type, ['Ingress', 'Egress']));
  });
  return errors;
}

export const networking: KindDefinition[] = defineKinds('networking.k8s.io', 'v1', 'io.k8s.api.networking.v1', [
  {
    kind: 'IngressClass',
    resource: 'ingressclasses',
    namespaced: false,
    generation: 'spec',
    validate: (object, old) => {
      const errors: FieldError[] = [];
      const controller: string = object.spec?.controller ?? '';
      if (controller === '') errors.push(required('spec.controller'));
      else if (!controller.includes('/'))
        errors.push(
          invalidValue('spec.controller', controller, 'must be a domain-prefixed path (such as "acme.io/foo")'),
        );
      if (old !== null) errors.push(...immutable('spec.controller', controller, old.spec?.controller));
      return errors;
    },
    columns: [
      text('Controller', (object) => object.spec?.controller ?? '', {
        description: 'Controller that is responsible for handling this class',
      }),
      text(
        'Parameters',
        (object) => {
          const parameters = object.spec?.parameters;
          if (!parameters) return '<none>';
          const kind = parameters.apiGroup ? `${parameters.kind}.${parameters.apiGroup}` : parameters.kind;
          return `${kind}/${parameters.name}`;
        },
        { description: 'A reference to a resource with additional parameters' },
      ),
      age,
    ],
  },
  {
    kind: 'Ingress',
    resource: 'ingresses',
    shortNames: ['ing'],
    subresources: ['status'],
    generation: 'spec',
    prepare: (object, old) => {
      object.status = old?.status ?? { loadBalancer: {} };
    },
    validate: validateIngress,
    columns: [
      text('Class', (object) => object.spec?.ingressClassName ?? '<none>', {
        description: 'The name of the IngressClass resource that should be used for additional configuration',
      }),
      text('Hosts', hosts, { description: 'Hosts that incoming requests are matched against before the ingress rule' }),
      text('Address', addresses, { description: 'Address is a list containing ingress points for the load-balancer' }),
      text('Ports', (object) => ((object.spec?.tls ?? []).length > 0 ? '80, 443' : '80'), {
        description: 'Ports of TLS configurations that open',
      }),
      age,
    ],
  },
  {
    kind: 'IPAddress',
    resource: 'ipaddresses',
    shortNames: ['ip'],
    namespaced: false,
    columns: [
      text('ParentRef', (object) => {
        const ref = object.spec?.parentRef ?? {};
        const resource = ref.group ? `${ref.resource}.${ref.group}` : (ref.resource ?? '');
        return `${resource}/${ref.namespace ? `${ref.namespace}/` : ''}${ref.name ?? ''}`;
      }),
      age,
    ],
  },
  {
    kind: 'NetworkPolicy',
    resource: 'networkpolicies',
    shortNames: ['netpol'],
    generation: 'spec',
    defaults: defaultNetworkPolicy,
    validate: validateNetworkPolicy,
    columns: [text('Pod-Selector', (object) => selectorText(object.spec?.podSelector)), age],
  },
  {
    kind: 'ServiceCIDR',
    resource: 'servicecidrs',
    namespaced: false,
    subresources: ['status'],
    columns: [text('CIDRs', (object) => (object.spec?.cidrs ?? []).join(',')), age],
  },
]);
