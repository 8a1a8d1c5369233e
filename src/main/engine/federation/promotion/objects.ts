/**
 * The objects a promotion writes: template, policy and, where members differ, an override policy. Pure. Names and shapes
 * are those of `karmadactl promote`, so that either may be used on what the other has made.
 */
import jsonPatch from 'fast-json-patch';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { KEYS, type OverridePolicy, type PropagationPolicy } from '../api.ts';
import { withoutMarks } from '../controllers/desired.ts';
import { prune } from '../interpreter/index.ts';
import { generatedPolicyName } from '../naming.ts';

const POLICY_API = 'policy.karmada.io/v1alpha1';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** A copy of the object in one member. */
export interface Copy {
  cluster: string;
  object: KubeObject;
  /** Null for kinds whose replicas are not counted. */
  replicas: number | null;
}

/** The first member's object, fit for the federation; several members together have the sum of their replicas. */
export function templateFrom(
  copies: readonly Copy[],
  revise: (object: KubeObject, replicas: number) => KubeObject,
): KubeObject {
  const [base] = copies as [Copy, ...Copy[]];
  let template = withoutMarks(prune(base.object));
  // Each member was given a text of its own: it is nobody's once they are one.
  if (copies.length > 1) delete template.metadata.annotations?.[LAST_APPLIED];
  if (copies.length > 1 && base.replicas !== null)
    template = revise(
      template,
      copies.reduce((sum, { replicas }) => sum + (replicas ?? 0), 0),
    );
  template.metadata.annotations = { ...template.metadata.annotations, [KEYS.conflictResolution]: 'overwrite' };
  return template;
}

/** Places everything exactly where it is: weights are the replicas that run now. */
export function policyFor(
  template: KubeObject,
  copies: readonly Copy[],
  options: { propagateDeps: boolean; name?: string | undefined },
): PropagationPolicy {
  const { namespace } = template.metadata;
  return {
    apiVersion: POLICY_API,
    kind: namespace ? 'PropagationPolicy' : 'ClusterPropagationPolicy',
    metadata: { name: options.name ?? policyNameOf(template), ...(namespace ? { namespace } : {}) },
    spec: {
      resourceSelectors: [selectorOf(template)],
      placement: {
        clusterAffinity: { clusterNames: copies.map(({ cluster }) => cluster) },
        ...divisionFor(copies),
      },
      conflictResolution: 'Overwrite',
      preserveResourcesOnDeletion: true,
      ...(options.propagateDeps ? { propagateDeps: true } : {}),
    },
  };
}

function divisionFor(copies: readonly Copy[]): Json {
  const counted = copies.filter(({ replicas }) => replicas !== null && replicas > 0);
  if (copies.length === 1 || counted.length === 0) return {};
  return {
    replicaScheduling: {
      replicaSchedulingType: 'Divided',
      replicaDivisionPreference: 'Weighted',
      weightPreference: {
        staticWeightList: counted.map(({ cluster, replicas }) => ({
          targetCluster: { clusterNames: [cluster] },
          weight: replicas ?? 1,
        })),
      },
    },
  };
}

/** Null where every member has what the template says. */
export function overrideFor(template: KubeObject, copies: readonly Copy[]): OverridePolicy | null {
  const base = contentOf(template, template);
  const rules = copies.slice(1).flatMap(({ cluster, object }) => {
    const steps = jsonPatch.compare(base, contentOf(withoutMarks(prune(object)), template));
    if (steps.length === 0) return [];
    const plaintext = steps.map((step) => ({
      path: step.path,
      operator: step.op,
      ...('value' in step ? { value: step.value } : {}),
    }));
    return [{ targetCluster: { clusterNames: [cluster] }, overriders: { plaintext } }];
  });
  if (rules.length === 0) return null;
  const { namespace } = template.metadata;
  return {
    apiVersion: POLICY_API,
    kind: namespace ? 'OverridePolicy' : 'ClusterOverridePolicy',
    metadata: { name: policyNameOf(template), ...(namespace ? { namespace } : {}) },
    spec: { resourceSelectors: [selectorOf(template)], overrideRules: rules },
  };
}

/** What may differ: everything but status, number of replicas, and marks that only one member carries. */
function contentOf(object: KubeObject, template: KubeObject): Json {
  const { metadata, status: _, apiVersion: __, kind: ___, ...rest } = structuredClone(object);
  for (const field of ['replicas', 'parallelism']) if (rest['spec'] !== undefined) delete rest['spec'][field];
  const marks = (field: 'labels' | 'annotations'): Record<string, string> => {
    const ours = Object.keys(template.metadata[field] ?? {}).filter((key) => key !== KEYS.conflictResolution);
    const values = metadata[field] ?? {};
    return Object.fromEntries(ours.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key]]])));
  };
  return { metadata: { labels: marks('labels'), annotations: marks('annotations') }, ...rest };
}

export function policyNameOf(template: KubeObject): string {
  const { namespace = '', name = '' } = template.metadata;
  const slash = template.apiVersion.indexOf('/');
  const gvk = `${slash < 0 ? '' : template.apiVersion.slice(0, slash)}/${template.apiVersion.slice(slash + 1)}, Kind=${template.kind}`;
  return generatedPolicyName(namespace, name, gvk);
}

function selectorOf({ apiVersion, kind, metadata }: KubeObject) {
  const { namespace, name = '' } = metadata;
  return { apiVersion, kind, name, ...(namespace ? { namespace } : {}) };
}
