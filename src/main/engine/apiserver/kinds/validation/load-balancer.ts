/** Where a load balancer is reached, as it writes it into a status. Source: core validation, ValidateLoadBalancerStatus. */
import { isIP } from 'node:net';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../types.ts';
import { eachAt, forbiddenField, invalidAll, invalidValue, notSupported, required } from './field.ts';
import { subdomainName } from './meta.ts';
import { validateIp } from './net.ts';

const AT = 'status.loadBalancer.ingress';
const MODES = ['Proxy', 'VIP'];

const ingressOf = (object: KubeObject | null): Json[] => object?.status?.loadBalancer?.ingress ?? [];

export function validateServiceStatus(service: KubeObject, old: KubeObject | null): FieldError[] {
  const ingress = ingressOf(service);
  if (service.spec?.type !== 'LoadBalancer')
    return ingress.length === 0 ? [] : [forbiddenField(AT, "may only be used when `spec.type` is 'LoadBalancer'")];
  const known = ingressOf(old).map(({ ip }) => ip);
  return eachAt(ingress, AT, ({ ip = '', ipMode, hostname = '' }, at) => [
    ...(ip === '' || known.includes(ip) ? [] : validateIp(ip, `${at}.ip`)),
    ...validateMode(ip, ipMode, `${at}.ipMode`),
    ...validateHostname(hostname, `${at}.hostname`),
  ]);
}

export function validateIngressStatus(ingress: KubeObject, old: KubeObject | null): FieldError[] {
  const known = ingressOf(old).map(({ ip }) => ip);
  return eachAt(ingressOf(ingress), AT, ({ ip = '', hostname = '' }, at) => [
    ...(ip === '' || known.includes(ip) ? [] : validateIp(ip, `${at}.ip`)),
    ...validateHostname(hostname, `${at}.hostname`),
  ]);
}

function validateMode(ip: string, mode: string | undefined, at: string): FieldError[] {
  if (mode === undefined) return ip === '' ? [] : [required(at, 'must be specified when `ip` is set')];
  if (ip === '') return [forbiddenField(at, 'may not be specified when `ip` is not set')];
  return MODES.includes(mode) ? [] : [notSupported(at, mode, MODES)];
}

function validateHostname(hostname: string, at: string): FieldError[] {
  if (hostname === '') return [];
  const errors = invalidAll(at, hostname, subdomainName(hostname));
  if (isIP(hostname) > 0) errors.push(invalidValue(at, hostname, 'must be a DNS name, not an IP address'));
  return errors;
}
