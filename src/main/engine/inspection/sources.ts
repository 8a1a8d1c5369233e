/** What an inspection reads: which kinds, and how much of each object is kept. */
import type { Json, KubeObject, ObjectMeta, ResourceRef } from '#shared/kubernetes/types.ts';

export interface Source {
  /** As rules name it in `needs`: `ingresses.networking.k8s.io`. */
  name: string;
  ref: ResourceRef;
  namespace?: string;
  /** Objects asked for at a time: fewer where each is large, so that reading a page holds nobody up. */
  page: number;
  /** The API knows no pages: a large cluster is asked namespace by namespace. */
  unpaged: boolean;
  /** Only names and labels are asked for: values of Secrets are none of our business. */
  metadataOnly: boolean;
  /** A server that does not serve the kind has none of it, which is as good as having read them. */
  noneUnlessServed: boolean;
  /** A function for one pass over the objects of this kind. */
  keep(): (object: KubeObject) => KubeObject;
}

/** Read in every inspection: workloads, what relates them, and what the manual's rules are about. */
const ALWAYS: readonly Source[] = [
  ...sources('apps/v1', ['deployments', 'statefulsets', 'daemonsets', 'replicasets']),
  ...sources('batch/v1', ['jobs', 'cronjobs']),
  { ...source('v1', 'pods'), keep: keepPods, page: 250 },
  ...sources('v1', ['replicationcontrollers', 'services', 'nodes', 'events']),
  { ...source('v1', 'limitranges'), noneUnlessServed: true },
  ...sources('rbac.authorization.k8s.io/v1', ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings']),
  ...sources('scheduling.k8s.io/v1', ['priorityclasses']),
  // Leases elsewhere are those of leader elections.
  { ...source('coordination.k8s.io/v1', 'leases'), namespace: 'kube-node-lease' },
];

/** Read when a rule that is switched on needs it. */
const ON_DEMAND: readonly Source[] = [
  ...sources('v1', ['namespaces', 'serviceaccounts', 'persistentvolumeclaims', 'persistentvolumes', 'resourcequotas']),
  { ...source('v1', 'configmaps', 'ConfigMap'), metadataOnly: true },
  { ...source('v1', 'secrets', 'Secret'), metadataOnly: true },
  ...sources('networking.k8s.io/v1', ['ingresses', 'networkpolicies']),
  ...sources('policy/v1', ['poddisruptionbudgets']),
  ...sources('autoscaling/v2', ['horizontalpodautoscalers']),
  ...sources('storage.k8s.io/v1', ['storageclasses']),
  ...sources('admissionregistration.k8s.io/v1', ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations']),
  ...sources('metrics.k8s.io/v1beta1', ['nodes']),
  { ...source('metrics.k8s.io/v1beta1', 'pods'), unpaged: true },
];

/** In the order in which they are read: what is short before what is long would gain nothing. */
export function sourcesFor(needs: Iterable<string>): Source[] {
  const wanted = new Set(needs);
  return [...ALWAYS, ...ON_DEMAND.filter(({ name }) => wanted.has(name))];
}

const BY_NAME = new Map([...ALWAYS, ...ON_DEMAND].map((source) => [source.name, source]));

export function sourceNamed(name: string): Source {
  const source = BY_NAME.get(name);
  if (source === undefined) throw new Error(`no source ${name}`);
  return source;
}

/** What the server shows in the TLS handshake: nothing that is listed. */
export const SERVING_CERTIFICATE = 'serving certificate';
/** What `/version` says. */
export const SERVER_VERSION = 'server version';

/** Everything that a rule may name in `needs`. */
export const KNOWN_SOURCES: readonly string[] = [
  ...[...ALWAYS, ...ON_DEMAND].map(({ name }) => name),
  SERVING_CERTIFICATE,
  SERVER_VERSION,
];

function source(apiVersion: string, resource: string, kind?: string): Source {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const ref = { group, version: apiVersion.slice(slash + 1), resource };
  return {
    name: group === '' ? resource : `${resource}.${group}`,
    ref,
    page: 500,
    unpaged: false,
    metadataOnly: false,
    noneUnlessServed: false,
    // Lists of metadata alone have a kind of their own.
    keep: () => (object) => (kind === undefined ? trimmed(object) : { apiVersion, kind, metadata: metaOf(object) }),
  };
}

function sources(apiVersion: string, resources: readonly string[]): Source[] {
  return resources.map((resource) => source(apiVersion, resource));
}

function trimmed(object: KubeObject): KubeObject {
  return { ...object, metadata: metaOf(object) };
}

/** Of managedFields only who wrote through another version of the API than the one that was read. */
function metaOf({ apiVersion, metadata }: KubeObject): ObjectMeta {
  const { managedFields, ...kept } = metadata ?? {};
  const others = list(managedFields).flatMap((entry) => {
    const { manager, apiVersion: written } = (entry ?? {}) as { manager?: string; apiVersion?: string };
    return written === undefined || written === apiVersion ? [] : [{ manager, apiVersion: written }];
  });
  return others.length === 0 ? kept : { ...kept, managedFields: others };
}

/** Pods of one owner are alike: one of them keeps its spec, the others only what tells them apart. */
function keepPods(): (pod: KubeObject) => KubeObject {
  const seen = new Set<string>();
  return (pod) => {
    const whole = trimmed(pod);
    const owner = list(whole.metadata.ownerReferences).find((one) => one?.controller);
    if (owner === undefined || owner.kind === 'Node') return whole;
    if (!seen.has(owner.uid)) {
      seen.add(owner.uid);
      return whole;
    }
    const { spec, ...rest } = whole;
    const claims = list(spec?.volumes).flatMap((volume) => volume?.persistentVolumeClaim?.claimName ?? []);
    return { ...rest, placement: { nodeName: spec?.nodeName, claims } };
  };
}

/** Pages come as the server sent them: their fields have any type. */
function list(value: Json): Json[] {
  return Array.isArray(value) ? value : [];
}
