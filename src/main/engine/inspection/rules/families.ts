/** What rules have in common, by set and kind of risk. */
import { SERVER_VERSION, SERVING_CERTIFICATE } from '../sources.ts';
import { clusterRules, objectRules, podRules } from './define.ts';

const PSS = 'https://kubernetes.io/docs/concepts/security/pod-security-standards/';
const RBAC = 'https://kubernetes.io/docs/concepts/security/rbac-good-practices/';
const ROLES = ['roles.rbac.authorization.k8s.io', 'clusterroles.rbac.authorization.k8s.io'];
const BINDINGS = ['rolebindings.rbac.authorization.k8s.io', 'clusterrolebindings.rbac.authorization.k8s.io'];

// The manual's rows.
const manual = ['manual'] as const;
/** What the baseline standard forbids too: restricted contains it. */
export const hostRule = podRules({
  sets: ['manual', 'baseline', 'restricted'],
  type: 'security',
  severity: 'danger',
  references: [`${PSS}#baseline`],
});
/** What only the restricted standard forbids. */
export const hardeningRule = podRules({
  sets: ['manual', 'restricted'],
  type: 'security',
  severity: 'warning',
  references: [`${PSS}#restricted`],
});
export const imageRule = podRules({
  sets: manual,
  type: 'image',
  severity: 'warning',
  references: ['https://kubernetes.io/docs/concepts/containers/images/'],
});
export const resourceRule = podRules({
  sets: manual,
  type: 'resources',
  severity: 'danger',
  // What a container does not say itself, a LimitRange may say for it.
  needs: ['limitranges'],
  references: ['https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/'],
});
export const probeRule = podRules({
  sets: manual,
  type: 'reliability',
  severity: 'warning',
  references: ['https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/'],
});
export const roleRule = objectRules(['Role', 'ClusterRole'], {
  sets: manual,
  type: 'access',
  severity: 'warning',
  needs: ROLES,
  references: [RBAC],
});
/** For rules that say who is bound. */
export const boundRoleRule = objectRules(['Role', 'ClusterRole'], {
  sets: manual,
  type: 'access',
  severity: 'warning',
  needs: [...ROLES, ...BINDINGS],
  references: [RBAC],
});
export const nodeRule = objectRules(['Node'], {
  sets: manual,
  type: 'node',
  severity: 'warning',
  needs: ['nodes'],
  references: ['https://kubernetes.io/docs/reference/node/node-status/'],
});
export const manualClusterRule = clusterRules({
  sets: manual,
  type: 'event',
  severity: 'warning',
  references: ['https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/'],
});

// Pod Security Standards, beyond what the manual has.
export const baselineRule = podRules({
  sets: ['baseline', 'restricted'],
  type: 'security',
  severity: 'danger',
  references: [`${PSS}#baseline`],
});
export const restrictedRule = podRules({
  sets: ['restricted'],
  type: 'security',
  severity: 'warning',
  references: [`${PSS}#restricted`],
});

// Security beyond pods.
export const podSecurityRule = podRules({
  sets: ['security'],
  type: 'security',
  severity: 'warning',
  references: ['https://kubernetes.io/docs/concepts/security/security-checklist/'],
});
export const accessRule = objectRules(['Role', 'ClusterRole'], {
  sets: ['security'],
  type: 'access',
  severity: 'warning',
  needs: [...ROLES, ...BINDINGS],
  references: [RBAC],
});
export const bindingRule = objectRules(['RoleBinding', 'ClusterRoleBinding'], {
  sets: ['security'],
  type: 'access',
  severity: 'danger',
  needs: BINDINGS,
  references: [RBAC],
});
const exposure = { sets: ['security'], type: 'network', severity: 'warning' } as const;
export const ingressSecurityRule = objectRules(['Ingress'], {
  ...exposure,
  needs: ['ingresses.networking.k8s.io'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/ingress/'],
});
export const serviceSecurityRule = objectRules(['Service'], {
  ...exposure,
  needs: ['services'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/service/'],
});
export const isolationRule = clusterRules({
  ...exposure,
  needs: ['networkpolicies.networking.k8s.io'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
});

export const podNamespaceRule = clusterRules({
  ...exposure,
  type: 'security',
  needs: ['namespaces'],
  references: ['https://kubernetes.io/docs/concepts/security/pod-security-admission/'],
});
/** Of what is seen of the server before anything is asked. */
export const connectionRule = clusterRules({
  ...exposure,
  type: 'certificate',
  needs: [SERVING_CERTIFICATE],
  references: ['https://kubernetes.io/docs/setup/best-practices/certificates/'],
});
/** Of components that run as pods of their node. */
export const controlPlaneRule = objectRules(['Pod'], {
  ...exposure,
  type: 'security',
  needs: ['pods'],
  references: ['https://www.cisecurity.org/benchmark/kubernetes'],
});

// Reliability.
const reliability = { sets: ['reliability'], type: 'reliability', severity: 'warning' } as const;
export const steadyPodRule = podRules({
  ...reliability,
  references: ['https://kubernetes.io/docs/concepts/workloads/pods/disruptions/'],
});
export const workloadRule = objectRules(['Deployment', 'StatefulSet', 'DaemonSet'], {
  ...reliability,
  references: ['https://kubernetes.io/docs/concepts/workloads/controllers/'],
});
export const budgetRule = objectRules(['PodDisruptionBudget'], {
  ...reliability,
  needs: ['poddisruptionbudgets.policy'],
  references: ['https://kubernetes.io/docs/tasks/run-application/configure-pdb/'],
});
export const autoscalerRule = objectRules(['HorizontalPodAutoscaler'], {
  ...reliability,
  needs: ['horizontalpodautoscalers.autoscaling'],
  references: ['https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/'],
});
export const serviceRule = objectRules(['Service'], {
  ...reliability,
  type: 'network',
  needs: ['services', 'pods'],
  references: ['https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/'],
});
export const ingressRule = objectRules(['Ingress'], {
  ...reliability,
  type: 'network',
  needs: ['ingresses.networking.k8s.io', 'services'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/ingress/'],
});
export const cronJobRule = objectRules(['CronJob'], {
  ...reliability,
  severity: 'notice',
  references: ['https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/'],
});
export const podStateRule = objectRules(['Pod'], {
  ...reliability,
  needs: ['pods'],
  references: ['https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/'],
});
export const webhookRule = objectRules(['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'], {
  ...reliability,
  type: 'certificate',
  needs: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'].map(
    (resource) => `${resource}.admissionregistration.k8s.io`,
  ),
  references: ['https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/'],
});
export const claimRule = objectRules(['PersistentVolumeClaim'], {
  ...reliability,
  needs: ['persistentvolumeclaims'],
  references: ['https://kubernetes.io/docs/concepts/storage/persistent-volumes/'],
});
export const namespaceRule = objectRules(['Namespace'], {
  ...reliability,
  needs: ['namespaces'],
  references: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/'],
});

// Efficiency: what usage says.
const efficiency = { sets: ['efficiency'], type: 'resources', severity: 'notice' } as const;
export const usageRule = podRules({
  ...efficiency,
  needs: ['pods.metrics.k8s.io'],
  references: ['https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/'],
});
export const nodeUsageRule = objectRules(['Node'], {
  ...efficiency,
  severity: 'warning',
  needs: ['nodes', 'nodes.metrics.k8s.io'],
  references: ['https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/'],
});

// Hygiene: what is left over. Nothing breaks by it.
const hygiene = { sets: ['hygiene'], type: 'configuration', severity: 'notice' } as const;
const tidy = 'https://kubernetes.io/docs/concepts/overview/working-with-objects/';
export const leftoverRule = (kind: string, resource: string) =>
  objectRules([kind], { ...hygiene, needs: [resource], references: [tidy] });
export const tidyWorkloadRule = objectRules(['Deployment', 'StatefulSet'], { ...hygiene, references: [tidy] });
export const tidyPodRule = podRules({ ...hygiene, references: [tidy] });

// Versions.
const deprecation = { sets: ['deprecation'], type: 'version', severity: 'warning' } as const;
export const versionRule = clusterRules({
  ...deprecation,
  needs: [SERVER_VERSION],
  references: ['https://kubernetes.io/releases/'],
});
export const manifestRule = (kinds: readonly string[]) =>
  objectRules(kinds, {
    ...deprecation,
    references: ['https://kubernetes.io/docs/reference/using-api/deprecation-guide/'],
  });
export const retiredRule = podRules({
  ...deprecation,
  references: ['https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/'],
});
