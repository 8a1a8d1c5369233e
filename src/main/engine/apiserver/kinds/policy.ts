/** policy/v1: PodDisruptionBudget. Evictions are a subresource of pods. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, text } from '../table/cells.ts';
import type { FieldError, KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';
import { invalidValue, notSupported } from './validation/field.ts';
import { pathSegmentName } from './validation/meta.ts';
import { validateAtMostAll, validateCountOrPercent } from './validation/rollout.ts';
import { validateSelector } from './validation/selector.ts';

const budget = (value: Json): string => (value === undefined || value === null ? 'N/A' : String(value));

export const policy: KindDefinition[] = defineKinds('policy', 'v1', 'io.k8s.api.policy.v1', [
  {
    kind: 'PodDisruptionBudget',
    // Of a name that is made up, only what comes of it is judged.
    nameRule: (name, prefix) => (prefix ? [] : pathSegmentName(name)),
    metaChecks: 'none',
    needsVersion: true,
    resource: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    subresources: ['status'],
    generation: 'spec',
    prepare: (object, old) => {
      object.status = old?.status ?? {
        disruptionsAllowed: 0,
        currentHealthy: 0,
        desiredHealthy: 0,
        expectedPods: 0,
      };
    },
    validate,
    columns: [
      text('Min Available', (object) => budget(object.spec?.minAvailable)),
      text('Max Unavailable', (object) => budget(object.spec?.maxUnavailable)),
      text('Allowed Disruptions', (object) => object.status?.disruptionsAllowed ?? 0, { type: 'integer' }),
      age,
    ],
  },
]);

function validate(object: KubeObject): FieldError[] {
  const spec = object.spec ?? {};
  const errors: FieldError[] = [];
  if (spec.minAvailable != null && spec.maxUnavailable != null) {
    const value = {
      MinAvailable: spec.minAvailable,
      Selector: spec.selector ?? null,
      MaxUnavailable: spec.maxUnavailable,
      UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null,
    };
    errors.push(invalidValue('spec', value, 'minAvailable and maxUnavailable cannot be both set'));
  }
  for (const field of ['minAvailable', 'maxUnavailable'])
    errors.push(
      ...validateCountOrPercent(spec[field], `spec.${field}`),
      ...validateAtMostAll(spec[field], `spec.${field}`),
    );
  errors.push(...validateSelector(spec.selector, 'spec.selector'));
  const policyName = spec.unhealthyPodEvictionPolicy;
  const known = ['AlwaysAllow', 'IfHealthyBudget'];
  if (policyName != null && !known.includes(policyName))
    errors.push(notSupported('spec.unhealthyPodEvictionPolicy', policyName, known));
  return errors;
}
