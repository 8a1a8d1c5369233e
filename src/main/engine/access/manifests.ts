/**
 * The objects an issued kubeconfig consists of in its cluster. Everything carries the label by which Fleetdeck knows its
 * own, so that it can be found and removed again, and nothing else is. Pure.
 */
import type { AccessRight } from '#shared/contract/access.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';

export const NAMESPACE = 'fleetdeck-access';
export const READ_ONLY_ROLE = 'fleetdeck:read-only';
export const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'fleetdeck' };
export const OWN = 'app.kubernetes.io/managed-by=fleetdeck';
export const ISSUE_LABEL = 'fleetdeck.dev/access';

const rbac = (resource: string): ResourceRef => ({ group: 'rbac.authorization.k8s.io', version: 'v1', resource });
export const NAMESPACES: ResourceRef = { group: '', version: 'v1', resource: 'namespaces' };
export const ACCOUNTS: ResourceRef = { group: '', version: 'v1', resource: 'serviceaccounts' };
export const SECRETS: ResourceRef = { group: '', version: 'v1', resource: 'secrets' };
export const CLUSTER_ROLES = rbac('clusterroles');
export const CLUSTER_BINDINGS = rbac('clusterrolebindings');
export const BINDINGS = rbac('rolebindings');

const RBAC_VERSION = 'rbac.authorization.k8s.io/v1';
const READ = ['get', 'list', 'watch'];

/** `zhang.wei@example` → `zhang-wei-example-3f2a91c4`: readable in the cluster's audit log, unique by its end. */
export function accountName(subject: string, id: string): string {
  const readable = subject
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return `${readable === '' ? 'person' : readable}-${id.replaceAll('-', '').slice(0, 8)}`;
}

/** In the control plane of a federation it stays there: members have nothing to do with it. */
export function namespace(): KubeObject {
  const labels = { ...MANAGED_BY, 'namespace.karmada.io/skip-auto-propagation': 'true' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } };
}

export function account(name: string, subject: string, id: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { ...owned(name, id), annotations: { 'fleetdeck.dev/issued-to': subject } },
    automountServiceAccountToken: false,
  };
}

/** Holds nothing: a token lives exactly as long as the Secret it is bound to. */
export function boundSecret(name: string, id: string, expiresAt: string | null): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: {
      ...owned(name, id),
      ...(expiresAt === null ? {} : { annotations: { 'fleetdeck.dev/expires': expiresAt } }),
    },
  };
}

/** One binding for the whole cluster, or one in each namespace. */
export function bindings(
  name: string,
  id: string,
  right: AccessRight,
  namespaces: readonly string[],
): { ref: ResourceRef; object: KubeObject }[] {
  const roleRef = {
    apiGroup: 'rbac.authorization.k8s.io',
    kind: 'ClusterRole',
    name: right.kind === 'readOnly' ? READ_ONLY_ROLE : right.name,
  };
  const subjects = [{ kind: 'ServiceAccount', name, namespace: NAMESPACE }];
  const metadata = { name: `fleetdeck:${name}`, labels: { ...MANAGED_BY, [ISSUE_LABEL]: id } };
  if (namespaces.length === 0) {
    const object = { apiVersion: RBAC_VERSION, kind: 'ClusterRoleBinding', metadata, roleRef, subjects };
    return [{ ref: CLUSTER_BINDINGS, object }];
  }
  return namespaces.map((where) => ({
    ref: BINDINGS,
    object: {
      apiVersion: RBAC_VERSION,
      kind: 'RoleBinding',
      metadata: { ...metadata, namespace: where },
      roleRef,
      subjects,
    },
  }));
}

/**
 * What an operator looks at: objects of every usual kind, logs, events, usage. No Secrets, and no `get` on exec, attach,
 * port-forward and proxy, which over a WebSocket is a shell.
 */
export function readOnlyRole(): KubeObject {
  const rule = (apiGroups: string[], resources: string[]) => ({ apiGroups, resources, verbs: READ });
  return {
    apiVersion: RBAC_VERSION,
    kind: 'ClusterRole',
    metadata: { name: READ_ONLY_ROLE, labels: MANAGED_BY },
    rules: [
      rule(
        [''],
        [
          'bindings',
          'componentstatuses',
          'configmaps',
          'endpoints',
          'events',
          'limitranges',
          'namespaces',
          'namespaces/status',
          'nodes',
          'nodes/status',
          'persistentvolumeclaims',
          'persistentvolumeclaims/status',
          'persistentvolumes',
          'persistentvolumes/status',
          'pods',
          'pods/log',
          'pods/status',
          'podtemplates',
          'replicationcontrollers',
          'replicationcontrollers/scale',
          'replicationcontrollers/status',
          'resourcequotas',
          'resourcequotas/status',
          'serviceaccounts',
          'services',
          'services/status',
        ],
      ),
      rule(['admissionregistration.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io'], ['*']),
      rule(['apps', 'autoscaling', 'batch', 'policy', 'scheduling.k8s.io', 'node.k8s.io'], ['*']),
      rule(['discovery.k8s.io', 'networking.k8s.io', 'gateway.networking.k8s.io'], ['*']),
      rule(['storage.k8s.io', 'snapshot.storage.k8s.io', 'coordination.k8s.io', 'events.k8s.io'], ['*']),
      rule(['flowcontrol.apiserver.k8s.io', 'metrics.k8s.io', 'rbac.authorization.k8s.io', 'resource.k8s.io'], ['*']),
      // Of a federation: what is distributed, how, and what became of it; not the way into members (clusters/proxy).
      rule(['policy.karmada.io', 'work.karmada.io', 'config.karmada.io', 'apps.karmada.io'], ['*']),
      rule(['autoscaling.karmada.io', 'networking.karmada.io', 'remedy.karmada.io'], ['*']),
      rule(['cluster.karmada.io'], ['clusters', 'clusters/status']),
      {
        nonResourceURLs: [
          '/healthz',
          '/livez',
          '/readyz',
          '/version',
          '/openapi/*',
          '/api',
          '/api/*',
          '/apis',
          '/apis/*',
        ],
        verbs: ['get'],
      },
    ],
  };
}

function owned(name: string, id: string) {
  return { name, namespace: NAMESPACE, labels: { ...MANAGED_BY, [ISSUE_LABEL]: id } };
}
