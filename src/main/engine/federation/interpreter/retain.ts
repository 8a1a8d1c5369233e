/** What a member's own controllers have set and an update must not take away. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { KEYS } from '../api.ts';

/** The desired object with the kind's member-owned fields of the observed one; inputs are not changed. */
export function retainKind(desired: KubeObject, observed: KubeObject): KubeObject {
  switch (`${desired.apiVersion} ${desired.kind}`) {
    case 'apps/v1 Deployment':
      return desired.metadata.labels?.[KEYS.retainReplicas] === 'true' ? retainReplicas(desired, observed) : desired;
    case 'v1 Pod':
      return retainPod(desired, observed);
    case 'v1 Service':
      return retainService(desired, observed);
    case 'v1 PersistentVolumeClaim':
      return observed.spec?.volumeName ? withSpec(desired, pick(observed.spec, 'volumeName')) : desired;
    case 'v1 PersistentVolume':
      return withSpec(desired, pick(observed.spec, 'claimRef'));
    case 'v1 ServiceAccount':
      return retainServiceAccount(desired, observed);
    case 'v1 Secret':
      return retainSecret(desired, observed);
    case 'batch/v1 Job':
      return retainJob(desired, observed);
    default:
      return desired;
  }
}

function withSpec(object: KubeObject, change: Json): KubeObject {
  if (Object.keys(change).length === 0) return object;
  return { ...object, spec: { ...object.spec, ...change } };
}

function pick(source: Json, ...fields: string[]): Json {
  return Object.fromEntries(fields.filter((field) => source?.[field] !== undefined).map((f) => [f, source[f]]));
}

function retainReplicas(desired: KubeObject, observed: KubeObject): KubeObject {
  if (!Number.isInteger(observed.spec?.replicas)) throw new Error('the object in the member says no spec.replicas');
  return withSpec(desired, { replicas: observed.spec.replicas });
}

function retainPod(desired: KubeObject, observed: KubeObject): KubeObject {
  const { nodeName, serviceAccountName, volumes, ...rest } = desired.spec ?? {};
  const spec = {
    ...rest,
    ...pick(observed.spec, 'nodeName', 'serviceAccountName', 'volumes'),
  };
  for (const field of ['containers', 'initContainers']) {
    if (desired.spec?.[field] === undefined) continue;
    spec[field] = desired.spec[field].map((container: Json) => {
      const twin = (observed.spec?.[field] ?? []).find((candidate: Json) => candidate.name === container.name);
      if (twin === undefined) return container;
      const { volumeMounts, ...others } = container;
      return twin.volumeMounts === undefined ? others : { ...others, volumeMounts: twin.volumeMounts };
    });
  }
  return { ...desired, spec };
}

function retainService(desired: KubeObject, observed: KubeObject): KubeObject {
  const { clusterIP, healthCheckNodePort } = observed.spec ?? {};
  return withSpec(desired, {
    ...(clusterIP ? { clusterIP } : {}),
    ...(healthCheckNodePort ? { healthCheckNodePort } : {}),
  });
}

function retainServiceAccount(desired: KubeObject, observed: KubeObject): KubeObject {
  const merged: Json = { ...desired };
  for (const field of ['secrets', 'imagePullSecrets']) {
    const kept: Json[] = [...(desired[field] ?? [])];
    for (const entry of observed[field] ?? []) if (!kept.some(({ name }) => name === entry.name)) kept.push(entry);
    if (kept.length > 0) merged[field] = kept;
  }
  return merged;
}

/** The token that the member's controller has put in. */
function retainSecret(desired: KubeObject, observed: KubeObject): KubeObject {
  const isToken = desired.type === 'kubernetes.io/service-account-token';
  return isToken && observed.data !== undefined ? { ...desired, data: observed.data } : desired;
}

function retainJob(desired: KubeObject, observed: KubeObject): KubeObject {
  const matchLabels = observed.spec?.selector?.matchLabels;
  const labels = observed.spec?.template?.metadata?.labels;
  return withSpec(desired, {
    ...(matchLabels === undefined ? {} : { selector: { ...desired.spec?.selector, matchLabels } }),
    ...(labels === undefined
      ? {}
      : {
          template: {
            ...desired.spec?.template,
            metadata: { ...desired.spec?.template?.metadata, labels },
          },
        }),
  });
}
