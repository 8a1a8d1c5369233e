/**
 * What the expressions of a validating policy get wrong about the kinds that the policy names, for its status: a field that
 * is none is no reason to refuse the policy. Source: KEP-3488, "Type checking"; texts of the API server's type checker.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { compileAdmission, type Declared } from '../../cel/admission.ts';
import { type CelType, DYN } from '../../cel/types.ts';
import type { KindDefinition, KindRegistry } from '../../types.ts';
import { typeOfKind } from './types.ts';

/** Kinds that are looked at for one rule at most. */
const MAX_KINDS = 10;

/** API reference, ExpressionWarning. */
export interface ExpressionWarning {
  fieldRef: string;
  warning: string;
}

export function typeWarnings({ spec = {} }: KubeObject, registry: KindRegistry): ExpressionWarning[] {
  const kinds = kindsOf(spec.matchConstraints?.resourceRules ?? [], registry);
  const params = spec.paramKind ? registry.findKind(spec.paramKind.apiVersion, spec.paramKind.kind) : undefined;
  const paramType = params === undefined ? null : typeOfKind(params);
  const checks = kinds.map(({ kind, type }) => ({
    kind,
    declared: declaredFor(spec.variables ?? [], type, paramType),
  }));
  const warnings: ExpressionWarning[] = [];
  const check = (text: string, fieldRef: string) => {
    const found = checks.flatMap(({ kind, declared }) => {
      const outcome = compileAdmission(text, declared, null);
      return 'problem' in outcome ? [`${nameOf(kind)}: ${outcome.problem.replace(/^compilation failed: /, '')}\n`] : [];
    });
    if (found.length > 0) warnings.push({ fieldRef, warning: found.join('\n') });
  };
  ((spec.validations ?? []) as Json[]).forEach(({ expression, messageExpression }, index) => {
    check(String(expression), `spec.validations[${index}].expression`);
    if (messageExpression) check(String(messageExpression), `spec.validations[${index}].messageExpression`);
  });
  return warnings;
}

/** Variables have the types that they come to for the kind. */
function declaredFor(variables: readonly Json[], object: CelType, params: CelType | null): Declared {
  const base = { params: params !== null, authorizer: true, types: { object, params: params ?? DYN } };
  const types = new Map<string, CelType>();
  for (const { name, expression } of variables) {
    const outcome = compileAdmission(String(expression), { ...base, variables: new Map(types) }, null);
    types.set(String(name), 'expression' in outcome ? outcome.expression.type : DYN);
  }
  return { ...base, variables: variables.length === 0 ? null : types };
}

/** `apps/v1, Kind=Deployment`. */
function nameOf({ group, version, kind }: KindDefinition): string {
  return `${group}/${version}, Kind=${kind}`;
}

/** Kinds that the rules name; what they name with stars is not looked at. */
function kindsOf(rules: readonly Json[], registry: KindRegistry): { kind: KindDefinition; type: CelType }[] {
  const found = new Map<string, { kind: KindDefinition; type: CelType }>();
  for (const rule of rules) {
    const [groups, versions] = [rule.apiGroups ?? [], rule.apiVersions ?? []] as string[][];
    if ([...groups!, ...versions!].some((name) => name.includes('*'))) continue;
    const resources = ((rule.resources ?? []) as string[]).filter((name) => !/[*/]/.test(name));
    let left = MAX_KINDS;
    for (const group of groups!)
      for (const version of versions!)
        for (const resource of resources) {
          const kind = registry.find(group, version, resource);
          if (kind === undefined || left === 0) continue;
          left -= 1;
          const type = typeOfKind(kind);
          if (type !== null) found.set(`${apiVersionOf(kind)} ${kind.kind}`, { kind, type });
        }
  }
  const order = ({ kind }: { kind: KindDefinition }) => `${kind.group} ${kind.version} ${kind.kind}`;
  return [...found.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}
