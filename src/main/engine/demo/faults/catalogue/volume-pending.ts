/**
 * The storage of the cluster has no room: new claims of the default class stay Pending, and with them the pods that need
 * them. The example asks through a class of its own that binds at once, so that the claim itself says what is wrong.
 */
import type { KubeClient } from '#engine/kube/index.ts';
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { BEHAVIOUR_ANNOTATION } from '../../kubelet/behaviour.ts';
import { nameOf } from '../../sim/objects.ts';
import { DEPLOYMENTS, NAMESPACES, STORAGE_CLASSES, VOLUME_CLAIMS } from '../../sim/refs.ts';
import { changeBehaviours } from '../annotate.ts';
import { behaviour, type FaultDefinition } from '../types.ts';

const BEHAVIOUR = 'provisioning-fails';
/** Somebody has to ask for a volume, or the fault could not be seen. */
const NAMESPACE = 'report-archive';
const NAME = 'archive';
const CLASS = 'archive';

export const volumePending: FaultDefinition = {
  id: 'volume-pending',
  scope: 'cluster',
  parameters: [],
  onStorage: behaviour(BEHAVIOUR),
  effect: {
    kind: 'staged',
    async start({ client }) {
      const standard = await defaultClass(client);
      if (standard !== undefined) {
        await changeClass(client, standard, (behaviours) => [...behaviours, BEHAVIOUR]);
        await createMissing(client, STORAGE_CLASSES, immediate(standard));
      }
      await createMissing(client, NAMESPACES, namespace());
      await createMissing(client, VOLUME_CLAIMS, claim());
      await createMissing(client, DEPLOYMENTS, deployment());
    },
    async stop({ client }) {
      const standard = await defaultClass(client);
      if (standard !== undefined)
        await changeClass(client, standard, (behaviours) => behaviours.filter((behaviour) => behaviour !== BEHAVIOUR));
      await deleteFound(client, NAMESPACES, NAMESPACE);
      await deleteFound(client, STORAGE_CLASSES, CLASS);
    },
  },
};

async function defaultClass(client: KubeClient): Promise<KubeObject | undefined> {
  const { items } = await client.list(STORAGE_CLASSES);
  return items.find((item) => item.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true');
}

async function changeClass(
  client: KubeClient,
  storageClass: KubeObject,
  change: (behaviours: string[]) => string[],
): Promise<void> {
  await changeBehaviours(client, STORAGE_CLASSES, { name: nameOf(storageClass) }, 'object', change);
}

async function deleteFound(client: KubeClient, ref: ResourceRef, name: string): Promise<void> {
  try {
    await client.delete(ref, name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function createMissing(client: KubeClient, ref: ResourceRef, object: KubeObject): Promise<void> {
  try {
    await client.create(ref, object, { namespace: object.metadata.namespace });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

function namespace(): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
}

function immediate({ provisioner }: KubeObject): KubeObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: CLASS, annotations: { [BEHAVIOUR_ANNOTATION]: BEHAVIOUR } },
    provisioner,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  };
}

function claim(): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: NAME, namespace: NAMESPACE },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: CLASS,
      resources: { requests: { storage: '500Gi' } },
    },
  };
}

function deployment(): KubeObject {
  const labels = { 'app.kubernetes.io/name': NAME };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME, namespace: NAMESPACE, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: NAME,
              image: 'ghcr.io/example/archive:1.2.0',
              volumeMounts: [{ name: 'data', mountPath: '/data' }],
              resources: { requests: { cpu: '50m', memory: '64Mi' } },
            },
          ],
          volumes: [{ name: 'data', persistentVolumeClaim: { claimName: NAME } }],
        },
      },
    },
  };
}
