/** An admission webhook with failurePolicy Fail whose service has nobody behind it: no pod can be made or changed. */
import { isAlreadyExists, isNotFound, type KubeClient } from '#engine/kube/index.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { NAMESPACES, SERVICES } from '../../sim/refs.ts';
import type { FaultDefinition } from '../types.ts';

const NAME = 'policy-webhook';
const NAMESPACE = 'policy-system';
const WEBHOOK = 'validate.policy.example.com';
const CONFIGURATIONS: ResourceRef = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'validatingwebhookconfigurations',
};
/** A policy that could stop the system's own pods could not be repaired by them: such webhooks leave these out. */
const EXEMPT = ['kube-system', 'kube-node-lease', 'kube-public', NAMESPACE];

export const webhookFailing: FaultDefinition = {
  id: 'webhook-failing',
  scope: 'cluster',
  parameters: [],
  effect: {
    kind: 'staged',
    async start({ client }) {
      await create(client, NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
      await create(client, SERVICES, service());
      await create(client, CONFIGURATIONS, configuration());
    },
    async stop({ client }) {
      await remove(client, CONFIGURATIONS, NAME);
      await remove(client, NAMESPACES, NAMESPACE);
    },
  },
};

function service(): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: NAME, namespace: NAMESPACE },
    spec: { selector: { 'app.kubernetes.io/name': NAME }, ports: [{ name: 'https', port: 443, targetPort: 8443 }] },
  };
}

function configuration(): KubeObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: NAME },
    webhooks: [
      {
        name: WEBHOOK,
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 10,
        clientConfig: { service: { name: NAME, namespace: NAMESPACE, path: '/validate', port: 443 } },
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: EXEMPT }],
        },
        rules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods'], scope: '*' },
          {
            apiGroups: ['apps'],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['deployments'],
            scope: '*',
          },
        ],
      },
    ],
  };
}

async function create(client: KubeClient, ref: ResourceRef, object: KubeObject): Promise<void> {
  try {
    await client.create(ref, object, { namespace: object.metadata.namespace });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

async function remove(client: KubeClient, ref: ResourceRef, name: string): Promise<void> {
  try {
    await client.delete(ref, name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
