/** What Karmada's webhooks refuse. Every problem is reported, not only the first. Source: Karmada's validation rules. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type FieldError, labelValue, qualifiedName } from '../../apiserver/index.ts';
import type { PolicySpec } from '../api.ts';
import { KEYS } from '../api.ts';
import { bad, eachBad, ownNamespaceOnly, required, unsupported, validateClusterName } from './field-errors.ts';
import { validateModels } from './validate-models.ts';
import { validatePlacement } from './validate-placement.ts';

/** As it is called now, and up to 1.12. */
const GRACEFUL = ['Gracefully', 'Graciously'];
const PROXY_SCHEMES = ['http:', 'https:', 'socks5:'];

export function validatePolicy(policy: KubeObject, old: KubeObject | null): FieldError[] {
  const spec: PolicySpec = policy.spec ?? {};
  const errors = ownNamespaceOnly(policy, spec.resourceSelectors);
  if (!spec.resourceSelectors?.length) errors.push(required('spec.resourceSelectors', 'must select at least one kind'));
  for (const [index, selector] of (spec.resourceSelectors ?? []).entries()) {
    const field = `spec.resourceSelectors[${index}]`;
    if (spec.preemption === 'Always' && !selector.name)
      errors.push(bad(`${field}.name`, '', 'must be given when preemption is Always'));
  }
  if (spec.failover?.application && spec.propagateDeps !== true)
    errors.push(
      bad('spec.propagateDeps', spec.propagateDeps ?? false, 'application failover is set, propagateDeps must be true'),
    );
  errors.push(...validateFailover(spec));
  if (spec.suspension?.dispatching && spec.suspension.dispatchingOnClusters?.clusterNames?.length)
    errors.push(bad('spec.suspension', '', 'dispatching and dispatchingOnClusters are mutually exclusive'));
  if (old !== null) errors.push(...immutable(policy, old));
  return [...errors, ...validatePlacement(spec.placement ?? {}, 'spec.placement')];
}

function validateFailover({ failover }: PolicySpec): FieldError[] {
  const errors: FieldError[] = [];
  const application = failover?.application;
  const path = 'spec.failover';
  if (application) {
    const { decisionConditions, purgeMode, gracePeriodSeconds: grace } = application;
    const wait = decisionConditions?.tolerationSeconds ?? 0;
    const field = `${path}.application.gracePeriodSeconds`;
    if (wait < 0)
      errors.push(
        bad(`${path}.application.decisionConditions.tolerationSeconds`, wait, 'must be greater than or equal to 0'),
      );
    if (grace !== undefined && !GRACEFUL.includes(purgeMode ?? 'Gracefully'))
      errors.push(bad(field, grace, 'only takes effect when purgeMode is gracefully'));
    if (grace !== undefined && grace <= 0) errors.push(bad(field, grace, 'must be greater than 0'));
  }
  for (const part of ['application', 'cluster'] as const)
    for (const [index, { aliasLabelName }] of (failover?.[part]?.statePreservation?.rules ?? []).entries()) {
      const field = `${path}.${part}.statePreservation.rules[${index}].aliasLabelName`;
      errors.push(...eachBad(field, aliasLabelName, qualifiedName(aliasLabelName)));
    }
  return errors;
}

function immutable(policy: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  if (old.spec?.schedulerName !== undefined && policy.spec?.schedulerName !== old.spec.schedulerName)
    errors.push(bad('spec.schedulerName', policy.spec?.schedulerName, 'the schedulerName should not be updated'));
  for (const key of [KEYS.ppId, KEYS.cppId]) {
    const before = old.metadata.labels?.[key];
    if (before !== undefined && policy.metadata.labels?.[key] !== before)
      errors.push(bad(`metadata.labels[${key}]`, policy.metadata.labels?.[key], 'the permanent id is immutable'));
  }
  return errors;
}

export function validateCluster(cluster: KubeObject): FieldError[] {
  const name = cluster.metadata.name ?? '';
  const errors = validateClusterName(name, 'metadata.name');
  const { provider, region, zone, zones = [] } = cluster.spec ?? {};
  for (const [field, value] of [
    ['provider', provider],
    ['region', region],
    ...zones.map((zone: string, index: number) => [`zones[${index}]`, zone]),
  ] as [string, string | undefined][])
    errors.push(...eachBad(`spec.${field}`, value ?? '', labelValue(value ?? '')));
  if (zone && zones.length > 0) errors.push(bad('spec.zone', zone, 'zone and zones cannot be given at the same time'));
  errors.push(...validateAddresses(cluster));
  errors.push(...validateModels(cluster.spec?.resourceModels ?? [], 'spec.resourceModels'));
  const seen = new Set<string>();
  for (const [index, { key, value = '', effect }] of (cluster.spec?.taints ?? []).entries()) {
    const field = `spec.taints[${index}]`;
    errors.push(...eachBad(`${field}.key`, key, qualifiedName(key)));
    errors.push(...eachBad(`${field}.value`, value, labelValue(value)));
    if (effect !== 'NoSchedule' && effect !== 'NoExecute')
      errors.push(unsupported(`${field}.effect`, effect, ['NoSchedule', 'NoExecute']));
    if (seen.has(`${key}:${effect}`))
      errors.push(bad(field, `${key}:${effect}`, 'taints must be unique by key and effect pair'));
    seen.add(`${key}:${effect}`);
  }
  return errors;
}

function validateAddresses({ spec }: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const { apiEndpoint, proxyURL } = spec ?? {};
  const server = parsed(apiEndpoint);
  // No user in it: who reads Clusters must not read passwords.
  if (apiEndpoint && (server === null || server.username || server.hash || server.search))
    errors.push(bad('spec.apiEndpoint', apiEndpoint, 'must be a URL without user, query and fragment'));
  if (proxyURL && !PROXY_SCHEMES.includes(parsed(proxyURL)?.protocol ?? ''))
    errors.push(bad('spec.proxyURL', proxyURL, 'must be a URL of http, https or socks5'));
  return errors;
}

function parsed(url: unknown): URL | null {
  return typeof url === 'string' ? URL.parse(url) : null;
}
