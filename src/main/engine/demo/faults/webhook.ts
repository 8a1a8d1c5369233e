/**
 * A policy webhook that nobody answers: its configuration and service are real objects, and every write it would be
 * asked about fails as kube-apiserver fails it when the service has no endpoints and failurePolicy is Fail.
 */
import { type AdmissionPlugin, refuse } from '#engine/apiserver/index.ts';
import type { KubeClient } from '#engine/kube/index.ts';
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { NAMESPACES, SERVICES } from '../sim/refs.ts';

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
const MESSAGE =
  `Internal error occurred: failed calling webhook "${WEBHOOK}": failed to call webhook: ` +
  `Post "https://${NAME}.${NAMESPACE}.svc:443/validate?timeout=10s": no endpoints available for service "${NAME}"`;

export interface WebhookOutage {
  /** Goes into the server's admission chain, before it exists. */
  readonly plugin: AdmissionPlugin;
  begin(client: KubeClient): Promise<void>;
  end(client: KubeClient): Promise<void>;
}

export function createWebhookOutage(): WebhookOutage {
  let failing = false;
  return {
    plugin: {
      name: 'ValidatingAdmissionWebhook',
      matches: (kind, operation, subresource) =>
        failing &&
        subresource === '' &&
        (operation === 'CREATE' || operation === 'UPDATE') &&
        ((kind.group === '' && kind.resource === 'pods') || (kind.group === 'apps' && kind.resource === 'deployments')),
      validate({ namespace, object }) {
        // The way out is not barred: an object that is going may lose its finalizers.
        if (EXEMPT.includes(namespace) || object?.metadata.deletionTimestamp !== undefined) return;
        throw refuse(500, 'InternalError', MESSAGE, { causes: [{ message: MESSAGE.replace(/^[^:]*: /, '') }] });
      },
    },
    async begin(client) {
      await create(client, NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
      await create(client, SERVICES, service());
      await create(client, CONFIGURATIONS, configuration());
      failing = true;
    },
    async end(client) {
      failing = false;
      await remove(client, CONFIGURATIONS, NAME);
      await remove(client, NAMESPACES, NAMESPACE);
    },
  };
}

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
