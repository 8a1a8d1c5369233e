/**
 * What the author of a policy is told in Warning headers when it is accepted: upstream accepts a misspelt cluster or
 * template in silence, and its user waits for what never comes. Reads the API server itself, so that what was written
 * just before counts.
 */
import type { AppErrorShape } from '#shared/errors.ts';
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import type { KubeClient } from '../../kube/index.ts';
import {
  CLUSTERS,
  type ClusterObject,
  type OverridePolicy,
  type PropagationPolicy,
  type ResourceSelector,
} from '../api.ts';
import { selectorPriority } from '../matching/selectors.ts';
import { nothingSelected, overrideWarnings, placementWarnings } from '../warnings.ts';

/** What a control plane that runs knows. */
export interface Known {
  client: KubeClient;
  /** Undefined for a kind that is not served, or of which nothing is ever distributed. */
  refOf(apiVersion: string, kind: string): ResourceRef | undefined;
  failover: boolean;
}

export async function policyAdvice(policy: PropagationPolicy, known: Known): Promise<string[]> {
  return texts([
    ...(await emptySelectors(policy, known)),
    ...placementWarnings(policy, await members(known), known.failover),
  ]);
}

export async function overrideAdvice(policy: OverridePolicy, known: Known): Promise<string[]> {
  return texts(overrideWarnings(policy, await members(known)));
}

async function members({ client }: Known): Promise<ClusterObject[]> {
  return (await client.list<ClusterObject>(CLUSTERS)).items;
}

async function emptySelectors(policy: PropagationPolicy, known: Known): Promise<AppErrorShape[]> {
  const empty: AppErrorShape[] = [];
  for (const [index, selector] of (policy.spec.resourceSelectors ?? []).entries()) {
    if (!(await selectsAny(selector, known))) empty.push(nothingSelected(policy, index, inWords(selector)));
  }
  return empty;
}

async function selectsAny(selector: ResourceSelector, { client, refOf }: Known): Promise<boolean> {
  const ref = refOf(selector.apiVersion, selector.kind);
  if (ref === undefined) return false;
  const where = selector.namespace ? { namespace: selector.namespace } : {};
  if (selector.name && selector.namespace) return (await client.find(ref, selector.name, where)) !== null;
  const { items } = await client.list(ref, where);
  const { apiVersion, kind } = selector;
  return items.some((item) => selectorPriority({ ...item, apiVersion, kind }, selector) > 0);
}

/** `Deployment "default/nginx"`, `ConfigMap with its labels in namespace "default"`. */
function inWords({ kind, namespace, name, labelSelector }: ResourceSelector): string {
  if (name) return `${kind} "${namespace ? `${namespace}/` : ''}${name}"`;
  return `${kind}${labelSelector ? ' with its labels' : ''}${namespace ? ` in namespace "${namespace}"` : ''}`;
}

function texts(warnings: readonly AppErrorShape[]): string[] {
  return warnings.map(({ message }) => message);
}
