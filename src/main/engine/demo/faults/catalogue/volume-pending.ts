/** The storage behind the default class has no room: new claims stay Pending, and with them the pods that need them. */
import type { KubeClient } from '#engine/kube/index.ts';
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf } from '../../sim/objects.ts';
import { DEPLOYMENTS, NAMESPACES, STORAGE_CLASSES, VOLUME_CLAIMS } from '../../sim/refs.ts';
import { changeBehaviours } from '../annotate.ts';
import type { FaultDefinition } from '../types.ts';

const BEHAVIOUR = 'provisioning-fails';
/** Somebody has to ask for a volume, or the fault could not be seen. */
const NAMESPACE = 'report-archive';
const NAME = 'archive';

export const volumePending: FaultDefinition = {
  id: 'volume-pending',
  scope: 'cluster',
  parameters: [],
  effect: {
    kind: 'staged',
    async start({ client }) {
      await changeClass(client, (behaviours) => [...behaviours, BEHAVIOUR]);
      await createMissing(client, NAMESPACES, namespace());
      await createMissing(client, VOLUME_CLAIMS, claim());
      await createMissing(client, DEPLOYMENTS, deployment());
    },
    async stop({ client }) {
      await changeClass(client, (behaviours) => behaviours.filter((behaviour) => behaviour !== BEHAVIOUR));
      try {
        await client.delete(NAMESPACES, NAMESPACE);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  },
};

async function changeClass(client: KubeClient, change: (behaviours: string[]) => string[]): Promise<void> {
  const { items } = await client.list(STORAGE_CLASSES);
  const standard = items.find(
    (item) => item.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
  );
  if (standard !== undefined)
    await changeBehaviours(client, STORAGE_CLASSES, { name: nameOf(standard) }, 'object', change);
}

async function createMissing(client: KubeClient, ref: typeof NAMESPACES, object: KubeObject): Promise<void> {
  try {
    await client.create(ref, object, { namespace: object.metadata.namespace });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

function namespace(): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
}

function claim(): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: NAME, namespace: NAMESPACE },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '500Gi' } } },
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
