/**
 * IP families of a service: what they may be, and what they become where a service leaves them open. This server hands out
 * IPv4 alone. Source: "IPv4/IPv6 dual-stack", API reference core/v1 Service; texts of the server's allocator.
 */
import { isIP } from 'node:net';
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../types.ts';
import { duplicate, invalidValue, notSupported, required, sameJson } from './field.ts';
import { validateIp } from './net.ts';

const FAMILIES = ['IPv4', 'IPv6'];
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const AT_POLICY = 'spec.ipFamilyPolicy';
const AT_ADDRESSES = 'spec.clusterIPs';

const isHeadless = (spec: Json): boolean => spec.clusterIPs?.[0] === 'None' || spec.clusterIP === 'None';
const familyOf = (address: string): string => (isIP(address) === 6 ? 'IPv6' : 'IPv4');

/** Addresses and families, each for itself. */
export function validateFamilies(spec: Json): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  const errors: FieldError[] = [];
  const families: string[] = spec.ipFamilies ?? [];
  const addresses: string[] = spec.clusterIPs ?? [];
  if (!spec.clusterIP && addresses.length > 0)
    errors.push(invalidValue(AT_ADDRESSES, addresses, 'must be empty when `clusterIP` is not specified'));
  else if (spec.clusterIP && addresses.length === 0) errors.push(required(AT_ADDRESSES));
  else if (spec.clusterIP && addresses[0] !== spec.clusterIP)
    errors.push(invalidValue(AT_ADDRESSES, addresses, 'first value must match `clusterIP`'));
  families.forEach((family, index) => {
    if (!FAMILIES.includes(family)) errors.push(notSupported(`spec.ipFamilies[${index}]`, family, FAMILIES));
    if (families.indexOf(family) < index) errors.push(duplicate(`spec.ipFamilies[${index}]`, family));
  });
  if (spec.ipFamilyPolicy !== undefined && !POLICIES.includes(spec.ipFamilyPolicy))
    errors.push(notSupported(AT_POLICY, spec.ipFamilyPolicy, POLICIES));
  const wrong = addresses.flatMap((address, index) => {
    if (index > 0 || address !== 'None') return validateIp(address, `${AT_ADDRESSES}[${index}]`);
    const alone = "'None' must be the first and only value";
    return addresses.length > 1 ? [invalidValue(AT_ADDRESSES, addresses, alone)] : [];
  });
  errors.push(...wrong);
  if (addresses.length > 2) errors.push(invalidValue(AT_ADDRESSES, addresses, 'may only hold up to 2 values'));
  if (wrong.length > 0) return errors;
  if (addresses.length > new Set(addresses.map(familyOf)).size)
    errors.push(invalidValue(AT_ADDRESSES, addresses, 'may specify no more than one IP for each IP family'));
  if (isHeadless(spec)) return errors;
  addresses.slice(0, families.length).forEach((address, index) => {
    const family = families[index]!;
    if (!FAMILIES.includes(family) || family === familyOf(address)) return;
    const text = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    errors.push(invalidValue(`${AT_ADDRESSES}[${index}]`, address, text));
  });
  return errors;
}

/** Fills in families and policy; what cannot be is returned, and then nothing else is said about the service. */
export function settleFamilies(spec: Json, old: Json): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  const same = (field: string): boolean => sameJson(spec[field] ?? [], old?.[field] ?? []);
  const preferred = spec.ipFamilyPolicy === 'PreferDualStack' && old?.ipFamilyPolicy === 'PreferDualStack';
  if (preferred && old.type === spec.type && same('clusterIPs') && same('ipFamilies')) return [];
  // Somebody else says where such a service leads, so it may lead anywhere.
  const free = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (free ? 'RequireDualStack' : 'SingleStack');
  const wrong = validateFamilies(spec);
  if (wrong.length > 0) return wrong;
  const errors = old ? settleReduced(spec, old, same) : [];
  if (spec.ipFamilyPolicy === 'SingleStack') {
    const text = (what: string) =>
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
    if ((spec.clusterIPs ?? []).length === 2)
      errors.push(invalidValue(AT_POLICY, spec.ipFamilyPolicy, text('cluster IPs')));
    if ((spec.ipFamilies ?? []).length === 2)
      errors.push(invalidValue(AT_POLICY, spec.ipFamilyPolicy, text('IP families')));
  }
  errors.push(...inferFamilies(spec));
  if (errors.length > 0) return errors;
  if (free) {
    spec.ipFamilies ??= ['IPv4'];
    const [first] = spec.ipFamilies;
    if (spec.ipFamilies.length < 2 && spec.ipFamilyPolicy !== 'SingleStack')
      spec.ipFamilies = [first, first === 'IPv4' ? 'IPv6' : 'IPv4'];
    return [];
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack')
    errors.push(invalidValue(AT_POLICY, spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'));
  ((spec.ipFamilies ?? []) as string[]).forEach((family, index) => {
    if (family !== 'IPv4')
      errors.push(invalidValue(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
  });
  if (errors.length === 0 && (spec.ipFamilies ?? []).length === 0) spec.ipFamilies = ['IPv4'];
  return errors;
}

/** A second address or family goes with the policy; without the policy it does not. */
function settleReduced(spec: Json, old: Json, same: (field: string) => boolean): FieldError[] {
  if (spec.ipFamilyPolicy === 'SingleStack') {
    for (const field of ['clusterIPs', 'ipFamilies'])
      if (same(field) && (spec[field] ?? []).length > 1) spec[field] = spec[field].slice(0, 1);
    return [];
  }
  const reduced = (field: string): boolean => {
    const [before, now]: [string[], string[]] = [old[field] ?? [], spec[field] ?? []];
    return now.length > 0 && before.length === 2 && now.length === 1 && before[0] === now[0];
  };
  const text = (what: string) => `must be 'SingleStack' to release the secondary ${what}`;
  return [
    ...(reduced('clusterIPs') ? [invalidValue(AT_POLICY, spec.ipFamilyPolicy, text('cluster IP'))] : []),
    ...(reduced('ipFamilies') ? [invalidValue(AT_POLICY, spec.ipFamilyPolicy, text('IP family'))] : []),
  ];
}

/** Families follow from the addresses that are asked for. */
function inferFamilies(spec: Json): FieldError[] {
  const errors: FieldError[] = [];
  if (isHeadless(spec)) return errors;
  ((spec.clusterIPs ?? []) as string[]).forEach((address, index) => {
    if (index < (spec.ipFamilies ?? []).length) return;
    const family = familyOf(address);
    if (family === 'IPv4') spec.ipFamilies = [...(spec.ipFamilies ?? []), family];
    else
      errors.push(
        invalidValue(`${AT_ADDRESSES}[${index}]`, spec.clusterIPs, `${family} is not configured on this cluster`),
      );
  });
  return errors;
}
