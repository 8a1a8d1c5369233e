/** Removes from a template what belongs to the control plane it lives in, before it goes to a member. */
import { cloneJson } from '#shared/json.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

const SERVER_FIELDS = [
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
  'ownerReferences',
  'finalizers',
  'generateName',
] as const;
const JOB_LABELS = ['controller-uid', 'job-name', 'batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name'];

/** A copy without server-side fields and without what the kind's own controllers generate. */
export function prune(object: KubeObject): KubeObject {
  const { status: _, ...rest } = object;
  const pruned = cloneJson(rest) as KubeObject;
  for (const field of SERVER_FIELDS) delete pruned.metadata[field];
  pruneKind(pruned);
  return pruned;
}

function pruneKind(object: KubeObject): void {
  switch (`${object.apiVersion} ${object.kind}`) {
    case 'apps/v1 Deployment':
      without(object.metadata.annotations, 'deployment.kubernetes.io/revision');
      without(object.metadata.annotations, 'deployment.kubernetes.io/revision-history');
      break;
    case 'batch/v1 Job':
      pruneJob(object);
      break;
    case 'v1 Service':
      if (object.spec?.clusterIP !== 'None') {
        without(object.spec, 'clusterIP');
        without(object.spec, 'clusterIPs');
      }
      break;
    case 'v1 ServiceAccount':
      if (object.secrets !== undefined) {
        const token = `${object.metadata.name}-token-`;
        object.secrets = object.secrets.filter((secret: Json) => !String(secret.name).startsWith(token));
      }
      break;
    case 'v1 Secret':
      if (object.type === 'kubernetes.io/service-account-token') {
        without(object.metadata.annotations, 'kubernetes.io/service-account.uid');
        without(object, 'data');
      }
      break;
    case 'v1 PersistentVolumeClaim':
      without(object.metadata.annotations, 'volume.kubernetes.io/selected-node');
      break;
  }
}

/** A finished Job that cleans itself up in the member would be created again by the next drift repair. */
function pruneJob(object: KubeObject): void {
  without(object.spec, 'ttlSecondsAfterFinished');
  if (object.spec?.manualSelector === true) return;
  for (const label of JOB_LABELS) {
    without(object.spec?.selector?.matchLabels, label);
    without(object.spec?.template?.metadata?.labels, label);
  }
}

function without(record: Json, field: string): void {
  if (record !== undefined && record !== null) delete record[field];
}
