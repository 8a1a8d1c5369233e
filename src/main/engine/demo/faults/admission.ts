/**
 * Refuses a behaviour annotation that nothing follows, in words that say what there is: what is mistyped would be
 * waited for in vain. Looks at what is new on an object only, so that nothing old is in anybody's way.
 */
import { type AdmissionPlugin, type FieldError, invalid } from '#engine/apiserver/index.ts';
import { AppError } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { INCIDENTS } from '../controllers/node-incidents.ts';
import {
  BEHAVIOUR_ANNOTATION,
  behaviourNamed,
  CLUSTER_NAMESPACE,
  partsOf,
  probeNeeded,
  WORKLOAD_BEHAVIOURS,
} from '../kubelet/behaviour.ts';
import { PULL_BEHAVIOURS } from '../kubelet/images.ts';
import { PRESSURES, PROBLEMS, UNREADY } from '../profiles/node-conditions.ts';
import { annotationOf } from './annotate.ts';
import { FAULTS } from './catalogue/index.ts';
import { clusterFault } from './on-cluster.ts';
import { claimProblem, containersOf, probeProblem, problemOfClusterNamespace } from './sense.ts';

const ON_WORKLOADS = [...WORKLOAD_BEHAVIOURS, ...PULL_BEHAVIOURS];
const ON_OTHERS: Readonly<Record<string, readonly string[]>> = {
  Node: [
    'down',
    'ignores-pods',
    'kubelet-unhealthy',
    'sandbox-fails',
    ...Object.keys(PRESSURES).map((pressure) => `${pressure}-pressure`),
    ...Object.keys(UNREADY),
    ...Object.keys(PROBLEMS),
    ...INCIDENTS,
  ],
  StorageClass: ['provisioning-fails'],
  PersistentVolumeClaim: ['provisioning-fails'],
  Service: ['load-balancer-fails'],
};
const WORKLOADS = new Set([
  'Pod',
  'ReplicaSet',
  'ReplicationController',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
]);

/** `podsIn`: what a namespace has. */
export function behaviourAdmission(podsIn: (namespace: string) => readonly KubeObject[]): AdmissionPlugin {
  return {
    name: 'DemoBehaviour',
    matches: ({ kind }, operation, subresource) =>
      subresource === '' &&
      (operation === 'CREATE' || operation === 'UPDATE') &&
      (WORKLOADS.has(kind) || kind === 'Namespace' || Object.hasOwn(ON_OTHERS, kind)),
    validate({ kind, object, old, name }) {
      if (object === null) return;
      const errors = behaviourErrors(kind.kind, object, old, podsIn);
      if (errors.length > 0) throw invalid(kind, name, errors);
    },
  };
}

export function behaviourErrors(
  kind: string,
  object: KubeObject,
  old: KubeObject | null,
  podsIn: (namespace: string) => readonly KubeObject[] = () => [],
): FieldError[] {
  const places =
    WORKLOADS.has(kind) && kind !== 'Pod' && kind !== 'CronJob'
      ? (['object', 'template'] as const)
      : (['object'] as const);
  return places.flatMap((place) => {
    const text = annotationOf(object, place);
    if (text === '' || (old !== null && text === annotationOf(old, place))) return [];
    const field = `${place === 'object' ? '' : 'spec.template.'}metadata.annotations[${BEHAVIOUR_ANNOTATION}]`;
    return partsOf(text).flatMap((part) => {
      const why = problem(kind, object, part, podsIn);
      return why === null
        ? []
        : [{ type: 'FieldValueInvalid' as const, field, message: `Invalid value: ${JSON.stringify(part)}: ${why}` }];
    });
  });
}

function problem(
  kind: string,
  object: KubeObject,
  part: string,
  podsIn: (namespace: string) => readonly KubeObject[],
): string | null {
  if (kind === 'Namespace') return problemOfNamespace(object, part, podsIn);
  const known = WORKLOADS.has(kind) ? ON_WORKLOADS : (ON_OTHERS[kind] ?? []);
  const behaviour = behaviourNamed(part);
  if (!known.includes(behaviour)) return `${kind}s follow ${known.join(', ')}`;
  const [, container] = part.split(':');
  if (kind === 'PersistentVolumeClaim' && claimProblem(object) !== null) return claimProblem(object);
  if (!WORKLOADS.has(kind)) return container === undefined ? null : `${behaviour} takes no value`;
  const probe = probeNeeded(behaviour);
  const unprobed = probe === null ? null : probeProblem([object], probe);
  if (unprobed !== null || container === undefined) return unprobed;
  const names: string[] = containersOf(object).map((one) => one.name);
  return names.includes(container) ? null : `there is no container ${container}; there are ${names.join(', ')}`;
}

/** What a namespace has is what all its pods have; that which stands for the cluster has the faults of the cluster. */
function problemOfNamespace(
  namespace: KubeObject,
  part: string,
  podsIn: (namespace: string) => readonly KubeObject[],
): string | null {
  const behaviour = behaviourNamed(part);
  const name = namespace.metadata.name ?? '';
  if (name === CLUSTER_NAMESPACE)
    return ON_WORKLOADS.includes(behaviour) ? problemOfClusterNamespace(part) : problemOfCluster(part);
  if (CLUSTER_FAULTS.includes(part.split(':')[0] ?? ''))
    return `faults of the whole cluster are annotated on the namespace ${CLUSTER_NAMESPACE}`;
  if (!ON_WORKLOADS.includes(behaviour)) return `Namespaces follow ${ON_WORKLOADS.join(', ')}`;
  const probe = probeNeeded(behaviour);
  return probe === null ? null : probeProblem(podsIn(name), probe, `namespace/${name}`);
}

const CLUSTER_FAULTS: readonly string[] = FAULTS.filter(({ scope }) => scope === 'cluster').map(({ id }) => id);

function problemOfCluster(part: string): string | null {
  try {
    if (clusterFault(part) !== null) return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.message;
  }
  return `the cluster follows ${CLUSTER_FAULTS.join(', ')}, with values such as api-slow:delay=3000`;
}
