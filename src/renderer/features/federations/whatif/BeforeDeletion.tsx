/** What deleting an object of a federation does in its members, for whoever deletes objects of any kind. */
import type { SupposedChange } from '#shared/contract/federation-what-if.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { OverrideEffects, useOverridePreview } from '../policies/OverrideEffects.tsx';
import { isOverride, policyKinds } from '../policies/ref.ts';
import { Before } from './Before.tsx';

export function BeforeDeletion({ federationId, object }: { federationId: string; object: KubeObject }) {
  const { apiVersion, kind, metadata } = object;
  const { namespace = '', name = '' } = metadata;
  const policy = apiVersion.startsWith('policy.karmada.io/') ? policyKinds.find((each) => each === kind) : undefined;
  const override = policy !== undefined && isOverride(policy);
  const preview = useOverridePreview(federationId, override ? { kind: 'delete', policy, namespace, name } : null);
  if (override) return <OverrideEffects preview={preview} />;
  if (policy === undefined && /(^|\.)karmada\.io\//.test(apiVersion)) return null;
  const change: SupposedChange =
    policy === undefined
      ? { kind: 'deleteTemplate', object: { apiVersion, kind, namespace, name } }
      : { kind: 'deletePolicy', key: namespace === '' ? name : `${namespace}/${name}` };
  return <Before federation={{ id: federationId }} changes={[change]} />;
}
