/** What a member's own controllers have set and an update must not take away. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { KEYS } from '../api.ts';

/** The desired object with the kind's member-owned fields of the observed one; inputs are not changed. */
export function retainKind(desired: KubeObject, observed: KubeObject): KubeObject {
  switch (`${desired.apiVersion} ${desired.kind}`) {
    case 'apps/v1 Deployment':
      return desired.metadata.labels?.[KEYS.retainReplicas] === 'true'
        ? withSpec(desired, pick(observed.spec, 'replicas'))
        : desired;
    case 'v1 Pod':
      return retainPod(desired, observed);
    case 'v1 Service':
      return retainService(desired, observed);
    case 'v1 PersistentVolumeClaim':
      return withSpec(desired, pick(observed.spec, 'volumeName'));
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
  return { ...object, spec: { ...object.spec, ...change } };
}

function pick(source: Json, ...fields: string[]): Json {
  return Object.fromEntries(fields.filter((field) => source?.[field] !== undefined).map((f) => [f, source[f]]));
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

function retainSecret(desired: KubeObject, observed: KubeObject): KubeObject {
  if (observed.type !== 'kubernetes.io/service-account-token') return desired;
  const uid = observed.metadata.annotations?.['kubernetes.io/service-account.uid'];
  return {
    ...desired,
    data: observed.data,
    ...(uid === undefined
      ? {}
      : {
          metadata: {
            ...desired.metadata,
            annotations: { ...desired.metadata.annotations, 'kubernetes.io/service-account.uid': uid },
          },
        }),
  };
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
