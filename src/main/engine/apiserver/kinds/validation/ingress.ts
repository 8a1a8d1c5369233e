/** Ingress and IngressClass. Source: API reference networking.k8s.io/v1; texts of the server's validation. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../types.ts';
import { isPort, portName } from '../pods/spec/ports.ts';
import {
  eachAt,
  forbiddenField,
  immutable,
  invalidAll,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from './field.ts';
import { validateIngressStatus } from './load-balancer.ts';
import { domainPath, labelName, pathSegmentName, subdomainName } from './meta.ts';
import { isIp } from './net.ts';

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const MOST_CONTROLLER = 250;
const SCOPES = ['Cluster', 'Namespace'];
const NO_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const NO_ENDS = ['/..', '/.'];
const WILDCARD =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

function wildcardName(host: string): string[] {
  const long = host.length > 253 ? ['must be no more than 253 characters'] : [];
  const rest = host.startsWith('*.')
    ? subdomainName(host.slice(2)).filter((text) => !text.startsWith('must be no more'))
    : [''];
  return rest.length === 0 ? long : [...long, WILDCARD];
}

function validateReference({ apiGroup, kind = '', name = '' }: Json, at: string): FieldError[] {
  return [
    ...(apiGroup ? invalidAll(`${at}.apiGroup`, apiGroup, subdomainName(apiGroup)) : []),
    ...(kind === '' ? [required(`${at}.kind`)] : invalidAll(`${at}.kind`, kind, pathSegmentName(kind))),
    ...(name === '' ? [required(`${at}.name`)] : invalidAll(`${at}.name`, name, pathSegmentName(name))),
  ];
}

function validateBackend(backend: Json, at: string): FieldError[] {
  const { service, resource } = backend ?? {};
  if (service && resource) return [invalidValue(at, '', 'cannot set both resource and service backends')];
  if (resource) return validateReference(resource, `${at}.resource`);
  if (!service) return [invalidValue(at, '', 'resource or service backend is required')];
  const errors = service.name
    ? invalidAll(`${at}.service.name`, service.name, labelName(service.name))
    : [required(`${at}.service.name`)];
  const { name, number } = service.port ?? {};
  if (name && number) return [...errors, invalidValue(at, '', 'cannot set both port name & port number')];
  if (name) return [...errors, ...invalidAll(`${at}.service.port.name`, name, portName(name))];
  if (!number) return [...errors, required(at, 'port name or number is required')];
  if (isPort(number)) return errors;
  return [...errors, invalidValue(`${at}.service.port.number`, number, 'must be between 1 and 65535, inclusive')];
}

function validateHost(host: string, at: string): FieldError[] {
  if (isIp(host)) return [invalidValue(at, host, 'must be a DNS name, not an IP address')];
  if (host.includes('*')) return invalidAll(at, host, wildcardName(host));
  return invalidAll(at, host, subdomainName(host));
}

function validatePath(path: Json, at: string): FieldError[] {
  if ((path.pathType ?? null) === null) return [required(`${at}.pathType`, 'pathType must be specified')];
  const errors: FieldError[] = [];
  const where = `${at}.path`;
  const text: string = path.path ?? '';
  const absolute = text.startsWith('/');
  if (!PATH_TYPES.includes(path.pathType)) errors.push(notSupported(`${at}.pathType`, path.pathType, PATH_TYPES));
  else if (path.pathType === 'ImplementationSpecific') {
    if (text !== '' && !absolute) errors.push(invalidValue(where, text, 'must be an absolute path'));
  } else if (absolute) {
    for (const bad of NO_SEQUENCES)
      if (text.includes(bad)) errors.push(invalidValue(where, text, `must not contain '${bad}'`));
    for (const bad of NO_ENDS)
      if (text.endsWith(bad)) errors.push(invalidValue(where, text, `cannot end with '${bad}'`));
  } else errors.push(invalidValue(where, text, 'must be an absolute path'));
  return [...errors, ...validateBackend(path.backend, `${at}.backend`)];
}

function validateRule(rule: Json, at: string): FieldError[] {
  const errors = rule.host ? validateHost(rule.host, `${at}.host`) : [];
  if (!rule.http) return errors;
  if ((rule.http.paths ?? []).length === 0) return [...errors, required(`${at}.http.paths`)];
  return [...errors, ...eachAt(rule.http.paths, `${at}.http.paths`, validatePath)];
}

function validateTls({ hosts = [], secretName = '' }: Json, at: string): FieldError[] {
  const errors = eachAt(hosts, `${at}.hosts`, (host: string, where) =>
    invalidAll(where, host, host.includes('*') ? wildcardName(host) : subdomainName(host)),
  );
  if (secretName !== '') errors.push(...invalidAll(`${at}.secretName`, secretName, subdomainName(secretName)));
  return errors;
}

export function validateIngress(object: KubeObject, old: KubeObject | null, subresource = ''): FieldError[] {
  if (subresource === 'status') return validateIngressStatus(object, old);
  const spec = object.spec ?? {};
  const errors: FieldError[] = [];
  if ((spec.rules ?? []).length === 0 && !spec.defaultBackend)
    errors.push(invalidValue('spec', null, 'either `defaultBackend` or `rules` must be specified'));
  if (spec.defaultBackend) errors.push(...validateBackend(spec.defaultBackend, 'spec.defaultBackend'));
  errors.push(...eachAt(spec.rules, 'spec.rules', validateRule), ...eachAt(spec.tls, 'spec.tls', validateTls));
  const name = spec.ingressClassName;
  if (name !== undefined) errors.push(...invalidAll('spec.ingressClassName', name, subdomainName(name)));
  const noted = object.metadata.annotations?.[CLASS_ANNOTATION];
  if (old === null && noted !== undefined && name !== undefined && noted !== name) {
    const text = 'must match `ingressClassName` when both are specified';
    errors.push(invalidValue(`annotations.${CLASS_ANNOTATION}`, noted, text));
  }
  return errors;
}

export function validateIngressClass(object: KubeObject, old: KubeObject | null): FieldError[] {
  const { controller = '', parameters } = object.spec ?? {};
  const errors: FieldError[] = [];
  const at = 'spec.controller';
  if (controller.length > MOST_CONTROLLER) errors.push(tooLong(at, MOST_CONTROLLER));
  errors.push(...domainPath(controller, at));
  if (parameters) errors.push(...validateParameters(parameters, 'spec.parameters'));
  return old === null ? errors : [...errors, ...immutable(at, controller, old.spec?.controller)];
}

function validateParameters(parameters: Json, at: string): FieldError[] {
  const { scope, namespace } = parameters;
  const { apiGroup } = parameters;
  // A group that is empty is none here.
  const errors = apiGroup === '' ? invalidAll(`${at}.apiGroup`, '', subdomainName('')) : [];
  errors.push(...validateReference(parameters, at));
  if (scope === undefined) return [...errors, required(`${at}.scope`)];
  if (!SCOPES.includes(scope)) errors.push(notSupported(`${at}.scope`, scope, SCOPES));
  const where = `${at}.namespace`;
  if (scope === 'Namespace') {
    if (namespace === undefined) return [...errors, required(where, "`parameters.scope` is set to 'Namespace'")];
    return [...errors, ...invalidAll(where, namespace, labelName(namespace))];
  }
  if (scope === 'Cluster' && namespace !== undefined)
    errors.push(forbiddenField(where, "`parameters.scope` is set to 'Cluster'"));
  return errors;
}
