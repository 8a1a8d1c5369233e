/** Labels of nodes that have another name by now. Source: texts of the real server's warnings; "Well-Known Labels". */
import type { Json } from '#shared/kubernetes/types.ts';
import { labelValue } from '../validation/meta.ts';

const DEPRECATED: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
};

/** What is to be said of a label; undefined: nothing. */
export function deprecatedLabel(name: string): string | undefined {
  return Object.hasOwn(DEPRECATED, name) ? DEPRECATED[name] : undefined;
}

/** Of a map of labels: `where` tells the place of one of them. */
export function labelWarnings(labels: Json, where: (name: string) => string): string[] {
  return Object.keys(labels ?? {}).flatMap((name) => {
    const text = deprecatedLabel(name);
    return text === undefined ? [] : [`${where(name)}: ${text}`];
  });
}

/** Of the expressions of a selector at `at`; of a preference the values are looked at, too, which are not judged there. */
export function expressionWarnings(selector: Json, at: string, preference = false): string[] {
  return ((selector?.matchExpressions ?? []) as Json[]).flatMap(({ key = '', values = [] }, index) => {
    const where = `${at}.matchExpressions[${index}]`;
    const text = deprecatedLabel(key);
    const warnings = text === undefined ? [] : [`${where}.key: ${key} is ${text}`];
    if (!preference) return warnings;
    const strange = (values as string[]).flatMap((value, place) =>
      labelValue(value).map((problem) => `${where}.values[${place}]: ${value} is invalid, ${problem}`),
    );
    return [...warnings, ...strange];
  });
}
