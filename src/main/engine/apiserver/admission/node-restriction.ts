/**
 * NodeRestriction: a node (a user `system:node:NAME` in the group `system:nodes`) changes nothing but itself and what runs
 * on it. Off in a kube-apiserver without options, on in every cluster that an installer has made. Source: Kubernetes
 * documentation, "Admission Controllers", NodeRestriction; texts of the API server's plugin.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { Authorizer } from '../auth/authorize.ts';
import { readCsr } from '../auth/csr.ts';
import { nodeOf, referencesOf } from '../auth/node.ts';
import { equalJson } from '../json.ts';
import { forbidden, notFound } from '../status.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { AdmissionPlugin, AdmissionRequest, KindDefinition } from '../types.ts';
import { audiencesOf } from './token-audiences.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const LEASES = 'kube-node-lease';
const NODE_SIGNERS = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet'];
/** Labels in the domains of Kubernetes that kubelets give themselves. */
const OWN_LABELS = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);
const POD = { group: '', resource: 'pods', kind: 'Pod' };

/** Says why the node may not do it; null: it may. Throws 404 where something it names is not there. */
type Rule = (node: string, request: AdmissionRequest) => string | null | Promise<string | null>;

export function nodeRestriction(store: ObjectStore, authorizer: Authorizer): AdmissionPlugin[] {
  const pods = store.collection('/pods');

  function podNamed(namespace: string, name: string): KubeObject {
    const pod = pods.latest(`${namespace}/${name}`)?.object;
    if (pod === undefined) throw notFound(POD, name);
    return pod;
  }

  const pod: Rule = (node, request) => {
    const { operation, subresource, namespace, name, object, old } = request;
    switch (subresource) {
      case '':
        if (operation === 'CREATE') return mirrorPod(node, request);
        if (operation !== 'DELETE')
          return `unexpected operation "${operation}", node "${node}" can only create and delete mirror pods`;
        return old!.spec?.nodeName === node
          ? null
          : `node "${node}" can only delete pods with spec.nodeName set to itself`;
      case 'status':
        if (operation !== 'UPDATE') return `unexpected operation "${operation}"`;
        if (old!.spec?.nodeName !== node)
          return `node "${node}" can only update pod status for pods with spec.nodeName set to itself`;
        if (!equalJson(old!.metadata.labels ?? {}, object!.metadata.labels ?? {}))
          return `node "${node}" cannot update labels through pod status`;
        return equalJson(old!.status?.resourceClaimStatuses ?? [], object!.status?.resourceClaimStatuses ?? [])
          ? null
          : `node "${node}" cannot update resource claim statues`;
      case 'eviction':
        if (operation !== 'CREATE') return `unexpected operation ${operation}`;
        return podNamed(namespace, name).spec?.nodeName === node
          ? null
          : `node ${node} can only evict pods with spec.nodeName set to itself`;
      default:
        return `unexpected pod subresource "${subresource}", only 'status' and 'eviction' are allowed`;
    }
  };

  /** The kubelet shows its static pods to the API so; they need nothing from it. */
  function mirrorPod(node: string, { object }: AdmissionRequest): string | null {
    const { metadata, spec = {} } = object!;
    if (metadata.annotations?.[MIRROR] === undefined)
      return `pod does not have "${MIRROR}" annotation, node "${node}" can only create mirror pods`;
    if (spec.nodeName !== node) return `node "${node}" can only create pods with spec.nodeName set to itself`;
    const owned = ownership(node, metadata.ownerReferences ?? []);
    if (owned !== null) return owned;
    const refers = (what: string) => `node "${node}" can not create pods that reference ${what}`;
    if (spec.serviceAccountName) return refers('a service account');
    if (referencesOf(object!, 'secrets').length > 0) return refers('secrets');
    if (referencesOf(object!, 'configmaps').length > 0) return refers('configmaps');
    const volumes: Json[] = spec.volumes ?? [];
    if (volumes.some(({ projected }) => projected?.sources?.some((source: Json) => source.clusterTrustBundle)))
      return refers('clustertrustbundles');
    if (volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim)) return refers('persistentvolumeclaims');
    return (spec.resourceClaims ?? []).length > 0 ? refers('resourceclaims') : null;
  }

  function ownership(node: string, owners: readonly Json[]): string | null {
    const [owner] = owners;
    const can = `node "${node}" can only create pods with`;
    if (owners.length > 1) return `${can} a single owner reference set to itself`;
    if (owner === undefined || owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node)
      return `${can} an owner reference set to itself`;
    if (owner.controller !== true) return `${can} a controller owner reference set to itself`;
    if (owner.blockOwnerDeletion === true)
      return `node "${node}" must not set blockOwnerDeletion on an owner reference`;
    const self = store.collection('/nodes').latest(node)?.object;
    if (self === undefined) throw notFound({ group: '', resource: 'nodes', kind: 'Node' }, node);
    return owner.uid === self.metadata.uid
      ? null
      : `node ${node} UID mismatch: expected ${owner.uid} got ${self.metadata.uid}`;
  }

  const token: Rule = (node, { operation, subresource, namespace, name, object, user }) => {
    if (operation !== 'CREATE' || subresource !== 'token') return null;
    const { boundObjectRef: ref, audiences = [] } = object!.spec ?? {};
    if (ref?.apiVersion !== 'v1' || ref.kind !== 'Pod' || !ref.name) return 'node requested token not bound to a pod';
    if (!ref.uid) return 'node requested token with a pod binding without a uid';
    const bound = podNamed(namespace, ref.name);
    if (bound.metadata.uid !== ref.uid)
      return `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    if (bound.spec?.nodeName !== node) return 'node requested token bound to a pod scheduled on a different node';
    const [audience = '', second] = (audiences ?? []) as string[];
    if (second !== undefined) return 'node may only request 0 or 1 audiences';
    if (audiencesOf(store, bound).has(audience)) return null;
    const resource = { group: '', version: '', resource: audience, subresource: '', namespace, name };
    if (authorizer.decide(user, { verb: 'request-serviceaccounts-token-audience', resource }).allowed) return null;
    return `audience "${audience}" not found in pod spec volume, ${user.username} is not authorized to request tokens for this audience`;
  };

  const rules: Readonly<Record<string, Rule>> = {
    '/pods': pod,
    '/nodes': nodeItself,
    '/persistentvolumeclaims': claim,
    '/serviceaccounts': token,
    'coordination.k8s.io/leases': (node, { namespace, name }) => {
      if (namespace !== LEASES) return `can only access leases in the "${LEASES}" system namespace`;
      return name === node ? null : 'can only access node lease with the same name as the requesting node';
    },
    'storage.k8s.io/csinodes': (node, { name }) =>
      name === node ? null : 'can only access CSINode with the same name as the requesting node',
    'resource.k8s.io/resourceslices': (node, { operation, object, old }) => {
      const slice = operation === 'CREATE' ? object : operation === 'DELETE' ? old : null;
      if (slice === null || slice.spec?.nodeName === node) return null;
      return `can only ${operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`;
    },
    'certificates.k8s.io/certificatesigningrequests': certificate,
  };

  const check = (request: AdmissionRequest): void | Promise<void> => {
    const node = nodeOf(request.user);
    if (node === null) return;
    const { kind, name, user } = request;
    if (node === '') throw forbidden(kind, name, `could not determine node from user "${user.username}"`);
    const found = rules[`${kind.group}/${kind.resource}`]!(node, request);
    const refuse = (refusal: string | null) => {
      if (refusal !== null) throw forbidden(kind, name, refusal);
    };
    return found instanceof Promise ? found.then(refuse) : refuse(found);
  };
  const concerns = (kind: KindDefinition) => Object.hasOwn(rules, `${kind.group}/${kind.resource}`);
  return [
    {
      name: 'NodeRestriction',
      matches: (kind, operation) => (operation === 'CREATE' || operation === 'DELETE') && concerns(kind),
      mutate: check,
    },
    {
      // Nodes and leases are written all the time: what may not change them is not asked before what validates them.
      name: 'NodeRestriction',
      matches: (kind, operation) => operation === 'UPDATE' && concerns(kind),
      validate: check,
    },
  ];
}

function nodeItself(node: string, { operation, name, object, old }: AdmissionRequest): string | null {
  if (name !== node) return `node "${node}" is not allowed to modify node "${name}"`;
  if (operation !== 'CREATE' && operation !== 'UPDATE') return null;
  const { spec = {}, metadata } = object!;
  const labels = forbiddenLabels(metadata.labels ?? {}, old?.metadata.labels ?? {});
  if (operation === 'CREATE') {
    if (spec.configSource) return `node "${node}" is not allowed to create pods with a non-nil configSource`;
    if (labels.length === 0) return null;
    return `node "${node}" is not allowed to set the following labels: ${labels.join(', ')}`;
  }
  if (spec.configSource && !equalJson(spec.configSource, old!.spec?.configSource))
    return `node "${node}" is not allowed to update configSource to a new non-nil configSource`;
  if (!equalJson(spec.taints ?? [], old!.spec?.taints ?? [])) return `node "${node}" is not allowed to modify taints`;
  if (!equalJson(metadata.ownerReferences ?? [], old!.metadata.ownerReferences ?? []))
    return `node "${node}" is not allowed to modify ownerReferences`;
  return labels.length === 0 ? null : `is not allowed to modify labels: ${labels.join(', ')}`;
}

/** What differs of the labels that others trust: they say where privileged workloads go. */
function forbiddenLabels(now: Record<string, string>, before: Record<string, string>): string[] {
  const changed = [...new Set([...Object.keys(now), ...Object.keys(before)])].filter((key) => now[key] !== before[key]);
  return changed.filter(isForbidden).sort();
}

function isForbidden(label: string): boolean {
  const slash = label.indexOf('/');
  const domain = slash < 0 ? '' : label.slice(0, slash);
  const within = (...domains: string[]) => domains.some((each) => domain === each || domain.endsWith(`.${each}`));
  if (within('node-restriction.kubernetes.io')) return true;
  if (!within('kubernetes.io', 'k8s.io') || OWN_LABELS.has(label)) return false;
  return !within('kubelet.kubernetes.io', 'node.kubernetes.io');
}

/** What the kubelet finds out about a claim while it resizes a volume. */
const CLAIM_STATUS = ['capacity', 'conditions', 'allocatedResources', 'allocatedResourceStatuses'];

function claim(node: string, { operation, subresource, object, old }: AdmissionRequest): string | null {
  if (subresource !== 'status') return 'may only update PVC status';
  if (operation !== 'UPDATE') return `unexpected operation "${operation}"`;
  const rest = ({ metadata, spec, status = {} }: KubeObject) => {
    const { resourceVersion: _version, managedFields: _fields, ...meta } = metadata;
    const kept = Object.entries(status).filter(([field]) => !CLAIM_STATUS.includes(field));
    return { metadata: meta, spec, status: Object.fromEntries(kept) };
  };
  if (equalJson(rest(old!), rest(object!))) return null;
  return `node "${node}" is not allowed to update fields other than status.quantity and status.conditions`;
}

async function certificate(node: string, { operation, object }: AdmissionRequest): Promise<string | null> {
  if (operation !== 'CREATE' || !NODE_SIGNERS.includes(String(object!.spec?.signerName))) return null;
  const csr = await readCsr(String(object!.spec?.request ?? ''));
  if (csr === null) return 'unable to parse csr: PEM block type must be CERTIFICATE REQUEST';
  const wanted = `system:node:${node}`;
  return csr.commonName === wanted ? null : `can only create a node CSR with CN=${wanted}`;
}
