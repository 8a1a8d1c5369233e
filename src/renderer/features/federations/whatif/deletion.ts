/** A deletion in a federation as a change that can be supposed. Pure. */
import type { SupposedChange } from '#shared/contract/federation-what-if.ts';
import { isOverride, policyKinds } from '../policies/ref.ts';

/** An object that is going to be deleted; `namespace` is empty for cluster-scoped ones. */
export interface Doomed {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
}

/** Which kind of policy it is; undefined for everything else. */
export function policyKindOf({ apiVersion, kind }: Pick<Doomed, 'apiVersion' | 'kind'>) {
  return apiVersion.startsWith('policy.karmada.io/') ? policyKinds.find((each) => each === kind) : undefined;
}

/** Null for what decides nothing about where things run: overrides, and what the federation itself keeps. */
export function deletionOf({ apiVersion, kind, namespace, name }: Doomed): SupposedChange | null {
  const policy = policyKindOf({ apiVersion, kind });
  if (policy !== undefined)
    return isOverride(policy) ? null : { kind: 'deletePolicy', key: namespace === '' ? name : `${namespace}/${name}` };
  if (/(^|\.)karmada\.io\//.test(apiVersion)) return null;
  return { kind: 'deleteTemplate', object: { apiVersion, kind, namespace, name } };
}
