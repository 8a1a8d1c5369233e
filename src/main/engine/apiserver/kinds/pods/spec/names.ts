/** How a pod finds others by name: DNS and aliases. Source: API reference core/v1 PodDNSConfig, HostAlias; "DNS for Services and Pods". */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { eachAt, invalidAll, invalidValue, notSupported, required } from '../../validation/field.ts';
import { subdomainName } from '../../validation/meta.ts';
import { validateIp } from '../../validation/net.ts';

const POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const SERVERS_MOST = 3;
const SEARCHES_MOST = 32;
const SEARCHES_LENGTH = 2048;
const SEARCH = /^_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/;
const SEARCH_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";

/** `at` is the path of the pod's spec. */
export function validateDns(spec: Json, at: string): FieldError[] {
  const { dnsPolicy = '', dnsConfig } = spec;
  const where = `${at}.dnsConfig`;
  const errors: FieldError[] = [];
  if (dnsPolicy === '') errors.push(required(`${at}.dnsPolicy`));
  else if (!POLICIES.includes(dnsPolicy)) errors.push(notSupported(`${at}.dnsPolicy`, dnsPolicy, POLICIES));
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return [...errors, required(where, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if ((dnsConfig.nameservers ?? []).length === 0) {
      const text = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      return [...errors, required(`${where}.nameservers`, text)];
    }
  }
  return dnsConfig ? [...errors, ...validateConfig(dnsConfig, where)] : errors;
}

function validateConfig({ nameservers = [], searches = [], options }: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (nameservers.length > SERVERS_MOST)
    errors.push(invalidValue(`${at}.nameservers`, nameservers, `must not have more than ${SERVERS_MOST} nameservers`));
  errors.push(...eachAt(nameservers, `${at}.nameservers`, validateIp));
  const where = `${at}.searches`;
  if (searches.length > SEARCHES_MOST)
    errors.push(invalidValue(where, searches, `must not have more than ${SEARCHES_MOST} search paths`));
  if (searches.join(' ').length > SEARCHES_LENGTH) {
    const text = `must not have more than ${SEARCHES_LENGTH} characters (including spaces) in the search list`;
    errors.push(invalidValue(where, searches, text));
  }
  return [
    ...errors,
    ...eachAt(searches, where, validateSearch),
    ...eachAt(options, `${at}.options`, ({ name = '' }, place) =>
      name === '' ? [required(place, 'must not be empty')] : [],
    ),
  ];
}

function validateSearch(given: string, at: string): FieldError[] {
  if (given === '.') return [];
  const search = given.endsWith('.') ? given.slice(0, -1) : given;
  const errors = search.length > 253 ? [invalidValue(at, search, 'must be no more than 253 characters')] : [];
  return SEARCH.test(search) ? errors : [...errors, invalidValue(at, search, SEARCH_TEXT)];
}

export function validateHostAliases(aliases: Json, at: string): FieldError[] {
  return eachAt(aliases, at, ({ ip = '', hostnames }, where) => [
    ...validateIp(ip, `${where}.ip`),
    ...eachAt(hostnames, `${where}.hostnames`, (name: string, place) => invalidAll(place, name, subdomainName(name))),
  ]);
}
