/** What validating and mutating policies have in common: their head, and which of them a request meets with which parameters. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { Declared } from '../../cel/admission.ts';
import type { AdmissionRequest, KindDefinition } from '../../types.ts';
import { type MatchCondition, matchConditionsOf } from '../webhooks/conditions.ts';
import { type Expression, variablesOf } from './expressions.ts';
import type { PolicyWithBindings } from './list.ts';
import { paramKindOf, paramsOf, versionMatched } from './match.ts';
import type { PolicyOptions } from './request.ts';

export interface PolicyHead {
  name: string;
  ignoresFailures: boolean;
  match: Json;
  paramKind: Json | undefined;
  conditions: readonly MatchCondition[];
  variables: ReadonlyMap<string, Expression>;
}

/** `declared`: what the expressions of the policy itself can look at. */
export function headOf({ metadata, spec = {} }: KubeObject): { head: PolicyHead; declared: Declared } {
  const params = Boolean(spec.paramKind);
  const { variables, declared } = variablesOf(spec.variables ?? [], { params, authorizer: true });
  const head: PolicyHead = {
    name: metadata.name ?? '',
    ignoresFailures: spec.failurePolicy === 'Ignore',
    match: spec.matchConstraints,
    paramKind: spec.paramKind,
    conditions: matchConditionsOf(spec.matchConditions ?? [], { ...declared, variables: null }),
    variables,
  };
  return { head, declared };
}

/** One run of a policy for a request. */
export interface Invocation<Policy> {
  policy: Policy;
  binding: KubeObject;
  /** The version in which the policy sees the objects. */
  kind: KindDefinition;
  param: KubeObject | null;
}

/** A policy (`binding` null) or a binding that cannot be used as it is. */
export interface Misconfiguration<Policy> {
  policy: Policy;
  binding: KubeObject | null;
  problem: string;
}

export function* invocationsOf<Policy extends PolicyHead>(
  policies: Iterable<PolicyWithBindings<Policy>>,
  request: AdmissionRequest,
  { store, registry }: PolicyOptions,
  namespaceOf: (name: string) => KubeObject | undefined,
): Generator<Invocation<Policy> | Misconfiguration<Policy>, void> {
  for (const { policy, bindings } of policies) {
    const kind = versionMatched(policy.match, request, registry, namespaceOf);
    if (kind === null) continue;
    if (policy.paramKind && paramKindOf(policy.paramKind, registry) === undefined) {
      const { apiVersion, kind: named } = policy.paramKind;
      const problem = `failed to find resource referenced by paramKind: '${apiVersion}, Kind=${named}'`;
      yield { policy, binding: null, problem: `failed to configure policy: ${problem}` };
      continue;
    }
    for (const binding of bindings) {
      if (versionMatched(binding.spec?.matchResources, request, registry, namespaceOf) === null) continue;
      let params: (KubeObject | null)[];
      try {
        params = paramsOf(policy.paramKind, binding.spec?.paramRef, request.namespace, registry, store);
      } catch (error) {
        yield { policy, binding, problem: `failed to configure binding: ${(error as Error).message}` };
        continue;
      }
      for (const param of params) yield { policy, binding, kind, param };
    }
  }
}
