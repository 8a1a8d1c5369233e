/**
 * Endpoints and ports of slices, and of the older Endpoints. Source: API reference discovery.k8s.io/v1 EndpointSlice, core/v1
 * Endpoints; texts of the server's validation.
 */
import { isIP } from 'node:net';
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../types.ts';
import { isPort } from '../pods/spec/ports.ts';
import { plainIp } from '../warnings/addresses.ts';
import { duplicate, eachAt, invalidAll, invalidValue, notSupported, required, tooMany } from './field.ts';
import { labelName, labelValue, qualifiedName, subdomainName } from './meta.ts';
import { ipProblems, isIp, validateIp, withoutZeros } from './net.ts';

const ENDPOINTS_MOST = 1000;
const ADDRESSES_MOST = 100;
const PORTS_MOST = 20_000;
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

/** Addresses of endpoints that were there `before` are not judged again. */
export function validateEndpoints(endpoints: Json[], type: string, at: string, before: Json[] = []): FieldError[] {
  if (endpoints.length > ENDPOINTS_MOST) return [tooMany(at, endpoints.length, ENDPOINTS_MOST)];
  const known = new Set(before.map((endpoint) => JSON.stringify(endpoint.addresses)));
  return eachAt(endpoints, at, ({ addresses: given, hostname, nodeName, hints }, where) => {
    const addresses: string[] = given ?? [];
    const errors: FieldError[] = [];
    const list = `${where}.addresses`;
    if (addresses.length === 0) errors.push(required(list, 'must contain at least 1 address'));
    else if (addresses.length > ADDRESSES_MOST) errors.push(tooMany(list, addresses.length, ADDRESSES_MOST));
    if (!known.has(JSON.stringify(addresses)))
      errors.push(...eachAt(addresses, list, (address: string, place) => validateAddress(address, type, place)));
    if (hostname !== undefined) errors.push(...invalidAll(`${where}.hostname`, hostname, labelName(hostname)));
    if (nodeName !== undefined) errors.push(...invalidAll(`${where}.nodeName`, nodeName, subdomainName(nodeName)));
    errors.push(
      ...validateHints(hints?.forZones, `${where}.hints.forZones`, labelValue),
      ...validateHints(hints?.forNodes, `${where}.hints.forNodes`, subdomainName),
    );
    return errors;
  });
}

const HINTS_MOST = 8;

function validateHints(hints: Json, at: string, rule: (name: string) => string[]): FieldError[] {
  if ((hints ?? []).length > HINTS_MOST) return [tooMany(at, hints.length, HINTS_MOST)];
  const names = new Set<string>();
  return eachAt(hints, at, ({ name = '' }, where) => {
    const again = names.has(name) ? [duplicate(`${where}.name`, name)] : [];
    names.add(name);
    return [...again, ...invalidAll(`${where}.name`, name, rule(name))];
  });
}

/** Addresses of types nobody knows are somebody's own matter. */
function validateAddress(address: string, type: string, at: string): FieldError[] {
  if (type === 'FQDN') return validateDomain(address, at);
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  if (ipProblems(address).length > 0) return validateIp(address, at);
  const canonical = type === 'IPv6' && isIP(address) === 6 ? plainIp(address) : address;
  if (canonical !== address) return [invalidValue(at, address, `must be in canonical form ("${canonical}")`)];
  // The place without its index is the server's own.
  const errors =
    isIP(address) === Number(type.at(-1))
      ? []
      : [invalidValue(at.replace(/\[\d+\]$/, ''), address, `must be an ${type} address`)];
  return [...errors, ...invalidAll(at, address, specialAddress(address))];
}

/** Addresses that mean this machine or this wire cannot be endpoints of others. */
export function specialAddress(given: string, shown = given.toLowerCase()): string[] {
  const address = given.toLowerCase();
  if (/^0(\.0){3}$|^[0:]+$/.test(address)) return [`may not be unspecified (${shown})`];
  if (/^127\.|^(0*:)*:?0*1$/.test(address)) return ['may not be in the loopback range (127.0.0.0/8, ::1/128)'];
  if (/^169\.254\.|^fe[89ab]/.test(address)) return ['may not be in the link-local range (169.254.0.0/16, fe80::/10)'];
  if (/^224\.0\.0\.|^ff.2:/.test(address))
    return ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'];
  return [];
}

function validateDomain(given: string, at: string): FieldError[] {
  if (given === '') return [required(at)];
  const name = given.endsWith('.') ? given.slice(0, -1) : given;
  const problems = subdomainName(name);
  if (problems.length > 0) return invalidAll(at, name, problems);
  if (!name.includes('.'))
    return [invalidValue(at, name, 'should be a domain with at least two segments separated by dots')];
  return name.split('.').flatMap((label) => invalidAll(at, label, labelName(label)));
}

export function validateEndpointPorts(ports: Json[], at: string): FieldError[] {
  if (ports.length > PORTS_MOST) return [tooMany(at, ports.length, PORTS_MOST)];
  const names = new Set<string>();
  return eachAt(ports, at, ({ name = '', protocol, appProtocol }, where) => {
    const errors = name === '' ? [] : invalidAll(`${where}.name`, name, labelName(name));
    if (names.has(name)) errors.push(duplicate(`${where}.name`, name));
    names.add(name);
    if (protocol === undefined) errors.push(required(`${where}.protocol`));
    else if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(`${where}.protocol`, protocol, PROTOCOLS));
    if (appProtocol !== undefined)
      errors.push(...invalidAll(`${where}.appProtocol`, appProtocol, qualifiedName(appProtocol)));
    return errors;
  });
}

/** One of the `subsets` of an Endpoints object. */
export function validateSubset({ addresses = [], notReadyAddresses = [], ports = [] }: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (addresses.length + notReadyAddresses.length === 0)
    errors.push(required(at, 'must specify `addresses` or `notReadyAddresses`'));
  return [
    ...errors,
    ...eachAt(addresses, `${at}.addresses`, validateSubsetAddress),
    ...eachAt(notReadyAddresses, `${at}.notReadyAddresses`, validateSubsetAddress),
    ...eachAt(ports, `${at}.ports`, (port, where) => validateSubsetPort(port, where, ports.length > 1)),
  ];
}

function validateSubsetAddress({ ip = '', hostname, nodeName }: Json, at: string): FieldError[] {
  const where = `${at}.ip`;
  const errors = validateIp(ip, where);
  // What an address means is judged as those read it who do not mind zeros before a number.
  const read = withoutZeros(ip);
  if (hostname) errors.push(...invalidAll(`${at}.hostname`, hostname, labelName(hostname)));
  if (nodeName !== undefined) errors.push(...invalidAll(`${at}.nodeName`, nodeName, subdomainName(nodeName)));
  return [...errors, ...invalidAll(where, ip, isIp(read) ? specialAddress(read, ip) : ['must be a valid IP address'])];
}

function validateSubsetPort(
  { name = '', port, protocol, appProtocol }: Json,
  at: string,
  named: boolean,
): FieldError[] {
  const errors =
    name === '' ? (named ? [required(`${at}.name`)] : []) : invalidAll(`${at}.name`, name, labelName(name));
  if (!isPort(port)) errors.push(invalidValue(`${at}.port`, port ?? 0, 'must be between 1 and 65535, inclusive'));
  if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(`${at}.protocol`, protocol, PROTOCOLS));
  if (appProtocol !== undefined)
    errors.push(...invalidAll(`${at}.appProtocol`, appProtocol, qualifiedName(appProtocol)));
  return errors;
}
