/** networking.k8s.io/v1: Ingress, IngressClass, NetworkPolicy, IPAddress, ServiceCIDR. Source: API reference. */

import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, firstOf, selectorText, text } from '../table/cells.ts';
import type { FieldError, KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';
import { isPort, portName } from './pods/spec/ports.ts';
import {
  eachAt,
  forbiddenField,
  immutable,
  immutableField,
  invalidAll,
  invalidValue,
  notSupported,
  required,
} from './validation/field.ts';
import { validateIngress, validateIngressClass } from './validation/ingress.ts';
import { pathSegmentName, subdomainName } from './validation/meta.ts';
import { ipProblems, isCidr, isStrictSubset, validateCidr } from './validation/net.ts';
import { validateSelector } from './validation/selector.ts';
import { cidrWarnings } from './warnings/addresses.ts';

/** An address is somebody's. */
function validateAddress(object: KubeObject, old: KubeObject | null): FieldError[] {
  const ref = object.spec?.parentRef;
  const at = 'spec.parentRef';
  const errors: FieldError[] = [];
  if (!ref) errors.push(required(at));
  else {
    if (ref.group) errors.push(...invalidAll(`${at}.group`, ref.group, subdomainName(ref.group)));
    for (const field of ['resource', 'name'])
      errors.push(
        ...(ref[field]
          ? invalidAll(`${at}.${field}`, ref[field], pathSegmentName(ref[field]))
          : [required(`${at}.${field}`)]),
      );
    if (ref.namespace) errors.push(...invalidAll(`${at}.namespace`, ref.namespace, pathSegmentName(ref.namespace)));
  }
  return old === null
    ? errors
    : [...errors, ...immutableField('networking.IPAddressSpec', 'parentRef', at, object.spec, old.spec)];
}

/** One range of each family; a second one may be added later, and none is ever changed. */
function validateRange(object: KubeObject, old: KubeObject | null): FieldError[] {
  const at = 'spec.cidrs';
  const given: string[] = object.spec?.cidrs ?? [];
  if (old === null) return validateRanges(given, at);
  const before: string[] = old.spec?.cidrs ?? [];
  const same = eachAt(before, at, (range: string, where, index) => immutable(where, given[index], range));
  if (given.length === before.length) return same;
  if (before.length !== 1 || given.length !== 2)
    return [invalidValue(at, object.spec?.cidrs ?? null, 'field is immutable')];
  return [...same, ...validateRanges(given, at)];
}

function validateRanges(ranges: string[], at: string): FieldError[] {
  if (ranges.length === 0) return [required(at, 'at least one CIDR required')];
  if (ranges.length > 2) return [invalidValue(at, { CIDRs: ranges }, 'may only hold up to 2 values')];
  const errors = eachAt(ranges, at, (range: string, where) => validateCidr(range, where));
  const families = ranges.filter(isCidr).map((range) => range.includes(':'));
  if (families.length === 2 && families[0] === families[1]) {
    const text = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
    errors.push(invalidValue(at, ranges, text));
  }
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
    errors.push(...validateSelector(podSelector, `${where}.podSelector`));
    errors.push(...validateSelector(namespaceSelector, `${where}.namespaceSelector`));
    if (!ipBlock) return errors;
    if (!ipBlock.cidr) errors.push(required(`${where}.ipBlock.cidr`));
    else errors.push(...validateCidr(ipBlock.cidr, `${where}.ipBlock.cidr`));
    if (isCidr(ipBlock.cidr ?? ''))
      errors.push(
        ...eachAt(ipBlock.except, `${where}.ipBlock.except`, (range: string, place) => {
          const found = validateCidr(range, place);
          if (isCidr(range) && !isStrictSubset(range, ipBlock.cidr))
            found.push(invalidValue(place, range, 'must be a strict subset of `cidr`'));
          return found;
        }),
      );
    if (podSelector || namespaceSelector)
      errors.push(forbiddenField(where, 'may not specify both ipBlock and another peer'));
    return errors;
  });
}

/** In the order in which the server names them. */
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

function validatePolicyPorts(ports: Json[], at: string): FieldError[] {
  return ports.flatMap((port, index) => {
    const where = `${at}[${index}]`;
    const errors: FieldError[] = [];
    if (port.protocol !== undefined && !PROTOCOLS.includes(port.protocol))
      errors.push(notSupported(`${where}.protocol`, port.protocol, PROTOCOLS));
    if (port.port === undefined) {
      if (port.endPort !== undefined)
        errors.push(
          invalidValue(`${where}.endPort`, port.endPort, 'may not be specified when `port` is not specified'),
        );
    } else if (typeof port.port === 'number') {
      if (!(port.port >= 1 && port.port <= 65535))
        errors.push(invalidValue(`${where}.port`, port.port, 'must be between 1 and 65535, inclusive'));
      if (port.endPort !== undefined && port.endPort < port.port)
        // The server shows the other end.
        errors.push(invalidValue(`${where}.endPort`, port.port, 'must be greater than or equal to `port`'));
      if (port.endPort !== undefined && !isPort(port.endPort))
        errors.push(invalidValue(`${where}.endPort`, port.endPort, 'must be between 1 and 65535, inclusive'));
    } else {
      if (port.endPort !== undefined)
        errors.push(invalidValue(`${where}.endPort`, port.endPort, 'may not be specified when `port` is non-numeric'));
      errors.push(...invalidAll(`${where}.port`, port.port, portName(port.port)));
    }
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
    return [...errors, invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes')];
  types.forEach((type, index) => {
    if (type !== 'Ingress' && type !== 'Egress')
      errors.push(notSupported(`spec.policyTypes[${index}]`, type, ['Ingress', 'Egress']));
  });
  return errors;
}

const CLASS = 'kubernetes.io/ingress.class';

/** A new one that names its class in the old way. */
function ingressWarnings({ metadata, spec }: KubeObject, old: KubeObject | null): string[] {
  const olden = old === null && metadata.annotations?.[CLASS] !== undefined && spec?.ingressClassName === undefined;
  return olden ? [`annotation "${CLASS}" is deprecated, please use 'spec.ingressClassName' instead`] : [];
}

function policyWarnings({ spec = {} }: KubeObject): string[] {
  const sides = { ingress: 'from', egress: 'to' };
  return Object.entries(sides).flatMap(([side, peers]) =>
    ((spec[side] ?? []) as Json[]).flatMap((rule, index) =>
      ((rule?.[peers] ?? []) as Json[]).flatMap(({ ipBlock }, place) => {
        if (!ipBlock) return [];
        const at = `spec.${side}[${index}].${peers}[${place}].ipBlock`;
        const except = (ipBlock.except ?? []) as string[];
        return [
          ...cidrWarnings(ipBlock.cidr ?? '', `${at}.cidr`),
          ...except.flatMap((range, position) => cidrWarnings(range, `${at}.except[${position}]`)),
        ];
      }),
    ),
  );
}

export const networking: KindDefinition[] = defineKinds('networking.k8s.io', 'v1', 'io.k8s.api.networking.v1', [
  {
    kind: 'IngressClass',
    metaChecks: 'both',
    resource: 'ingressclasses',
    namespaced: false,
    generation: 'spec',
    defaults: (object) => {
      if (object.spec?.parameters) object.spec.parameters.scope ??= 'Cluster';
    },
    validate: validateIngressClass,
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
    warnings: ingressWarnings,
    metaChecks: 'both',
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
    metaChecks: 'both',
    resource: 'ipaddresses',
    nameRule: (name) => ipProblems(name),
    validate: validateAddress,
    shortNames: ['ip'],
    namespaced: false,
    columns: [
      text('ParentRef', (object) => {
        const ref = object.spec?.parentRef ?? {};
        const resource = ref.group ? `${ref.resource}.${ref.group}` : (ref.resource ?? '');
        return `${resource}/${ref.namespace ? `${ref.namespace}/` : ''}${ref.name ?? ''}`;
      }),
    ],
  },
  {
    kind: 'NetworkPolicy',
    warnings: policyWarnings,
    resource: 'networkpolicies',
    shortNames: ['netpol'],
    generation: 'spec',
    countsEmpty: true,
    defaults: defaultNetworkPolicy,
    validate: validateNetworkPolicy,
    columns: [text('Pod-Selector', (object) => selectorText(object.spec?.podSelector)), age],
  },
  {
    kind: 'ServiceCIDR',
    resource: 'servicecidrs',
    validate: validateRange,
    namespaced: false,
    subresources: ['status'],
    columns: [text('CIDRs', (object) => (object.spec?.cidrs ?? []).join(',')), age],
  },
]);
