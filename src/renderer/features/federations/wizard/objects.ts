/**
 * From the wizard's draft to the three objects it creates: template, PropagationPolicy, OverridePolicy (the shape of the
 * manual's 5.3.2, Karmada `policy.karmada.io/v1alpha1`). Pure.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import {
  type Difference,
  type Draft,
  hasReplicas,
  type Pair,
  parsePatch,
  type Scheduling,
  type TemplateForm,
  weightOf,
} from './model.ts';

const POLICY_API = 'policy.karmada.io/v1alpha1';

/** Kinds without a namespace need the cluster-scoped policies. */
const clusterScoped = new Set([
  'Namespace',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'PersistentVolume',
  'StorageClass',
  'PriorityClass',
  'IngressClass',
  'RuntimeClass',
]);

export function isClusterScoped(template: KubeObject): boolean {
  return clusterScoped.has(template.kind);
}

export interface DistributedObjects {
  template: KubeObject;
  policy: KubeObject;
  overridePolicy: KubeObject | null;
}

export function templateOf(form: TemplateForm): KubeObject {
  const labels = { app: form.name, ...recordOf(form.labels) };
  const container: Json = {
    name: form.name,
    image: form.image.trim(),
    ...(form.ports.length === 0
      ? {}
      : { ports: form.ports.map(({ port, protocol }) => ({ containerPort: port, protocol })) }),
    ...(form.env.length === 0 ? {} : { env: form.env.map(({ key, value }) => ({ name: key, value })) }),
  };
  const pod: Json = {
    metadata: { labels },
    spec: { containers: [container], ...(form.kind === 'Job' ? { restartPolicy: 'Never' } : {}) },
  };
  const metadata = { name: form.name, namespace: form.namespace, labels };
  if (form.kind === 'Job')
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata,
      spec: { parallelism: form.replicas ?? 1, completions: form.replicas ?? 1, template: pod },
    };
  return {
    apiVersion: 'apps/v1',
    kind: form.kind,
    metadata,
    spec: {
      ...(hasReplicas(form.kind) ? { replicas: form.replicas ?? 1 } : {}),
      selector: { matchLabels: { app: form.name } },
      ...(form.kind === 'StatefulSet' ? { serviceName: form.name } : {}),
      template: pod,
    },
  };
}

/** The policy that spreads `template` as `scheduling` says. Its name is the template's, so that both are found together. */
export function policyOf(template: KubeObject, scheduling: Scheduling): KubeObject {
  const cluster = isClusterScoped(template);
  return {
    apiVersion: POLICY_API,
    kind: cluster ? 'ClusterPropagationPolicy' : 'PropagationPolicy',
    metadata: metadataFor(template),
    spec: {
      ...(scheduling.propagateDeps ? { propagateDeps: true } : {}),
      resourceSelectors: [selectorFor(template)],
      placement: {
        clusterAffinity: { clusterNames: [...scheduling.clusters] },
        ...(scheduling.tolerationSeconds === null
          ? {}
          : {
              clusterTolerations: ['not-ready', 'unreachable'].map((taint) => ({
                key: `cluster.karmada.io/${taint}`,
                operator: 'Exists',
                effect: 'NoExecute',
                tolerationSeconds: scheduling.tolerationSeconds,
              })),
            }),
        ...(hasReplicas(template.kind) ? { replicaScheduling: replicaScheduling(scheduling) } : {}),
      },
    },
  };
}

function replicaScheduling(scheduling: Scheduling): Json {
  if (scheduling.strategy === 'duplicated') return { replicaSchedulingType: 'Duplicated' };
  return {
    replicaSchedulingType: 'Divided',
    replicaDivisionPreference: 'Weighted',
    weightPreference: {
      // A weight of zero is not a preference Karmada accepts; a cluster left out of the list receives nothing.
      staticWeightList: scheduling.clusters
        .filter((cluster) => weightOf(scheduling, cluster) > 0)
        .map((cluster) => ({ targetCluster: { clusterNames: [cluster] }, weight: weightOf(scheduling, cluster) })),
    },
  };
}

/** Null when no cluster differs. */
export function overridePolicyOf(template: KubeObject, scheduling: Scheduling): KubeObject | null {
  const rules = scheduling.clusters.flatMap((cluster) => {
    const overriders = overridersOf(scheduling.differences[cluster], template);
    return Object.keys(overriders).length === 0 ? [] : [{ targetCluster: { clusterNames: [cluster] }, overriders }];
  });
  if (rules.length === 0) return null;
  return {
    apiVersion: POLICY_API,
    kind: isClusterScoped(template) ? 'ClusterOverridePolicy' : 'OverridePolicy',
    metadata: metadataFor(template),
    spec: { resourceSelectors: [selectorFor(template)], overrideRules: rules },
  };
}

function overridersOf(difference: Difference | undefined, template: KubeObject): Json {
  if (difference === undefined || !difference.enabled) return {};
  const patch = parsePatch(difference.patch);
  const operations = 'operations' in patch ? patch.operations : [];
  const image = difference.image.trim();
  return {
    ...(image === '' ? {} : { imageOverrider: imageOverriders(image, template) }),
    ...(difference.labels.length === 0
      ? {}
      : { labelsOverrider: [{ operator: 'add', value: recordOf(difference.labels) }] }),
    ...(difference.annotations.length === 0
      ? {}
      : { annotationsOverrider: [{ operator: 'add', value: recordOf(difference.annotations) }] }),
    ...(operations.length === 0
      ? {}
      : {
          plaintext: operations.map(({ op, path, value }) => ({
            path,
            operator: op,
            ...(op === 'remove' ? {} : { value }),
          })),
        }),
  };
}

export interface ImageParts {
  registry: string;
  repository: string;
  /** With its separator: `:1.27` is tag `1.27`, `@sha256:..` is digest. */
  tag: string;
  digest: string;
}

/** The first part is a registry when it looks like a host: it has a dot or a port, or is `localhost` (as Docker reads it). */
export function parseImage(image: string): ImageParts {
  const at = image.indexOf('@');
  const digest = at < 0 ? '' : image.slice(at + 1);
  let rest = at < 0 ? image : image.slice(0, at);
  let registry = '';
  const slash = rest.indexOf('/');
  const first = slash < 0 ? '' : rest.slice(0, slash);
  if (first.includes('.') || first.includes(':') || first === 'localhost') {
    registry = first;
    rest = rest.slice(slash + 1);
  }
  const colon = rest.lastIndexOf(':');
  return colon < 0
    ? { registry, repository: rest, tag: '', digest }
    : { registry, repository: rest.slice(0, colon), tag: rest.slice(colon + 1), digest };
}

/** Overriders that turn the first container's image into exactly `to`: one per part that differs. */
function imageOverriders(to: string, template: KubeObject): Json[] {
  const wanted = parseImage(to);
  const present = parseImage(templateImage(template));
  // Without a predicate every container gets the image; with one container there is no need to name it.
  const pod = template.spec?.template === undefined ? '/spec' : '/spec/template/spec';
  const several = (template.spec?.template?.spec ?? template.spec)?.containers?.length > 1;
  const predicate = several ? { predicate: { path: `${pod}/containers/0/image` } } : {};
  const parts: [component: string, wanted: string, present: string][] = [
    ['Registry', wanted.registry, present.registry],
    ['Repository', wanted.repository, present.repository],
    ['Tag', wanted.digest === '' ? wanted.tag : wanted.digest, present.digest === '' ? present.tag : present.digest],
  ];
  return parts.flatMap(([component, value, before]) => {
    if (value === before) return [];
    return [{ ...predicate, component, ...(value === '' ? { operator: 'remove' } : { operator: 'replace', value }) }];
  });
}

function templateImage(template: KubeObject): string {
  return template.spec?.template?.spec?.containers?.[0]?.image ?? template.spec?.containers?.[0]?.image ?? '';
}

export function objectsOf(draft: Draft, parsedTemplate: KubeObject | null): DistributedObjects | null {
  const template = draft.mode === 'form' ? templateOf(draft.form) : parsedTemplate;
  if (template === null) return null;
  return {
    template,
    policy: policyOf(template, draft.scheduling),
    overridePolicy: overridePolicyOf(template, draft.scheduling),
  };
}

function metadataFor(template: KubeObject): KubeObject['metadata'] {
  const { name, namespace } = template.metadata;
  return isClusterScoped(template) ? { name } : { name, namespace: namespace ?? 'default' };
}

function selectorFor(template: KubeObject): Json {
  const { name, namespace } = template.metadata;
  return {
    apiVersion: template.apiVersion,
    kind: template.kind,
    name,
    ...(isClusterScoped(template) ? {} : { namespace: namespace ?? 'default' }),
  };
}

function recordOf(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}
