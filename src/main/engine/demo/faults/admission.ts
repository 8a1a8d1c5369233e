/**
 * Refuses a behaviour annotation that nothing follows, in words that say what there is: what is mistyped would be
 * waited for in vain. Looks at what is new on an object only, so that nothing old is in anybody's way.
 */
import { type AdmissionPlugin, type FieldError, invalid } from '#engine/apiserver/index.ts';
import { AppError } from '#shared/errors.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { INCIDENTS } from '../controllers/node-incidents.ts';
import {
  BEHAVIOUR_ANNOTATION,
  behaviourNamed,
  partsOf,
  probeNeeded,
  WORKLOAD_BEHAVIOURS,
} from '../kubelet/behaviour.ts';
import { PULL_BEHAVIOURS } from '../kubelet/images.ts';
import { PRESSURES, PROBLEMS, UNREADY } from '../profiles/node-conditions.ts';
import { annotationOf } from './annotate.ts';
import { FAULTS } from './catalogue/index.ts';
import { CLUSTER_NAMESPACE, clusterFault } from './on-cluster.ts';

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
const WORKLOADS = new Set(['Pod', 'ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job']);

export const behaviourAdmission: AdmissionPlugin = {
  name: 'DemoBehaviour',
  matches: ({ kind }, operation, subresource) =>
    subresource === '' &&
    (operation === 'CREATE' || operation === 'UPDATE') &&
    (WORKLOADS.has(kind) || kind === 'Namespace' || Object.hasOwn(ON_OTHERS, kind)),
  validate({ kind, object, old, name }) {
    if (object === null) return;
    const errors = behaviourErrors(kind.kind, object, old);
    if (errors.length > 0) throw invalid(kind, name, errors);
  },
};

/** Pure. */
export function behaviourErrors(kind: string, object: KubeObject, old: KubeObject | null): FieldError[] {
  const places = WORKLOADS.has(kind) && kind !== 'Pod' ? (['object', 'template'] as const) : (['object'] as const);
  return places.flatMap((place) => {
    const text = annotationOf(object, place);
    if (text === '' || (old !== null && text === annotationOf(old, place))) return [];
    const field = `${place === 'object' ? '' : 'spec.template.'}metadata.annotations[${BEHAVIOUR_ANNOTATION}]`;
    return partsOf(text).flatMap((part) => {
      const why = problem(kind, object, part);
      return why === null
        ? []
        : [{ type: 'FieldValueInvalid' as const, field, message: `Invalid value: ${JSON.stringify(part)}: ${why}` }];
    });
  });
}

function problem(kind: string, object: KubeObject, part: string): string | null {
  if (kind === 'Namespace') return problemOfCluster(object, part);
  const known = WORKLOADS.has(kind) ? ON_WORKLOADS : (ON_OTHERS[kind] ?? []);
  const behaviour = behaviourNamed(part);
  if (!known.includes(behaviour)) return `${kind}s follow ${known.join(', ')}`;
  const [, container] = part.split(':');
  if (!WORKLOADS.has(kind)) return container === undefined ? null : `${behaviour} takes no value`;
  const spec: Json = (kind === 'Pod' ? object.spec : object.spec?.template?.spec) ?? {};
  const containers: Json[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const probe = probeNeeded(behaviour);
  if (probe !== null && !containers.some((one) => one[probe] !== undefined))
    return `no container has a ${probe}: nothing could be seen to fail`;
  if (container === undefined) return null;
  const names: string[] = containers.map((one) => one.name);
  return names.includes(container) ? null : `there is no container ${container}; there are ${names.join(', ')}`;
}

function problemOfCluster(namespace: KubeObject, part: string): string | null {
  if (namespace.metadata.name !== CLUSTER_NAMESPACE)
    return `faults of the whole cluster are annotated on the namespace ${CLUSTER_NAMESPACE}, those of workloads on themselves`;
  try {
    if (clusterFault(part) !== null) return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.message;
  }
  const known = FAULTS.filter(({ scope }) => scope === 'cluster').map(({ id }) => id);
  return `the cluster follows ${known.join(', ')}, with values such as api-slow:delay=3000`;
}
