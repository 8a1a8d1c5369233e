/**
 * ResourceQuota: refuses what would go beyond the quotas of a namespace, and charges them with what it lets through.
 * Charge and write happen in one turn of the event loop and so in one transaction: however many creates run at once, the
 * sum never exceeds a quota. Limits come from status.hard, which the quota controller keeps; without it nothing is
 * limited. Source: Kubernetes documentation, "Resource Quotas"; admission plugin ResourceQuota.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { cloneJson, equalJson } from '../../json.ts';
import { compareQuantities } from '../../kinds/validation/quantity.ts';
import { forbidden } from '../../status.ts';
import type { ObjectStore } from '../../storage/store.ts';
import type { AdmissionPlugin, AdmissionRequest, KindDefinition } from '../../types.ts';
import type { ResourceAmounts } from '../pod-resources.ts';
import { inScope, isTerminating } from './scopes.ts';
import { amountsText, combine, growth, mask, missingRequests, usageOf } from './usage.ts';

/** Kinds whose updates can ask for more. */
const GROWING = ['pods', 'services', 'persistentvolumeclaims'];

export function resourceQuota(store: ObjectStore, onError: (error: unknown, where: string) => void): AdmissionPlugin {
  const quotas = store.collection('/resourcequotas');
  return {
    name: 'ResourceQuota',
    matches: (kind, operation, subresource) =>
      kind.namespaced &&
      (subresource === ''
        ? operation === 'CREATE' || (operation === 'UPDATE' && kind.group === '' && GROWING.includes(kind.resource))
        : subresource === 'resize' && operation === 'UPDATE'),
    commit: (request) => {
      const { namespace, kind, name, old } = request;
      const keys = quotas.keys(`${namespace}/`);
      if (keys.length === 0) return;
      const isPodUpdate = old !== null && kind.resource === 'pods' && request.subresource === '';
      if (isPodUpdate && isTerminating(old) === isTerminating(request.object!)) return;
      const usage = usageOf(kind, request.object!);
      const growing = old === null ? usage : combine(usage, usageOf(kind, old), -1);
      const charges: [string, KubeObject][] = [];
      for (const key of keys) {
        const quota = quotas.latest(key)?.object;
        if (quota === undefined) continue;
        // What moves from the scope of one quota into that of another is new to that one.
        const isNew = old !== null && !inScope(quota, kind.group === '' ? kind.resource : '', old);
        const charged = charge(quota, request, isNew ? usage : growing);
        if (charged !== null) charges.push([key, charged]);
      }
      if (request.dryRun) return;
      for (const [key, charged] of charges)
        store.put(quotas, key, charged).catch((error) => onError(error, `quota ${namespace} for ${name}`));
    },
  };
}

/** The quota with what is asked for added; null when it is not concerned. Throws 403. */
function charge(quota: KubeObject, request: AdmissionRequest, delta: ResourceAmounts): KubeObject | null {
  const { kind, name, object } = request;
  if (!inScope(quota, kind.group === '' ? kind.resource : '', object!)) return null;
  const hard: ResourceAmounts = quota.status?.hard ?? {};
  const limited = Object.keys(hard);
  const refuse = (text: string) => forbidden(subject(kind), name, text);
  const quotaName = quota.metadata.name ?? '';
  if (request.subresource === '' && kind.group === '' && kind.resource === 'pods') {
    const missing = missingRequests(object!.spec, limited);
    if (missing !== null) throw refuse(`failed quota: ${quotaName}: ${missing}`);
  }
  const asked = growth(mask(delta, limited));
  if (asked === null) return null;
  const used: ResourceAmounts = quota.status?.used ?? {};
  const unknown = Object.keys(asked).filter((each) => used[each] === undefined);
  if (unknown.length > 0)
    throw refuse(`status unknown for quota: ${quotaName}, resources: ${unknown.sort().join(',')}`);
  const after = combine(used, asked);
  const exceeded = Object.keys(asked).filter((each) => compareQuantities(after[each], hard[each]) > 0);
  if (exceeded.length > 0)
    throw refuse(
      `exceeded quota: ${quotaName}, requested: ${amountsText(mask(asked, exceeded))}, used: ${amountsText(mask(used, exceeded))}, limited: ${amountsText(mask(hard, exceeded))}`,
    );
  if (equalJson(after, used)) return null;
  const charged = cloneJson(quota);
  charged.status = { ...charged.status, used: after };
  return charged;
}

function subject(kind: KindDefinition): Pick<KindDefinition, 'group' | 'resource' | 'kind'> {
  return { group: kind.group, resource: kind.resource, kind: kind.kind };
}
