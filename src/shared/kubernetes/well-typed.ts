/**
 * Objects whose fields have the types of the API: what reads `spec.containers` as a list must not meet a text there. An API
 * server only stores what fits its schema; a file may hold anything, and a server that is not one may answer anything.
 *
 * Types are told by name, because nearly every name means one type wherever it stands (API reference, all kinds that are
 * inspected or diagnosed); the few others are told by the field they stand in. Listed is what rules and checks look at; any
 * other name may have any type.
 */
import type { Json, KubeObject } from './types.ts';

type Type = 'object' | 'objects' | 'keyed' | 'text' | 'texts' | 'map';
/** By the field that a name stands in. */
type Places = Readonly<Record<string, Type>>;

const words = (...lines: string[]): string[] => lines.join(' ').split(' ');

const OBJECTS = words(
  'claims constraints containerStatuses egress env envFrom ephemeralContainerStatuses ephemeralContainers from',
  'imagePullSecrets images ingress initContainerStatuses initContainers items managedFields matchExpressions',
  'matchFields metrics nodeSelectorTerms notReadyAddresses ownerReferences paths podIPs policies ports',
  'readinessGates resourceClaims results rules schedulingGates secrets selectors sources subjects subsets sysctls',
  'taints tls to tolerations topologySpreadConstraints volumeClaimTemplates volumes webhooks',
);
const TEXTS = words(
  'add apiGroups args command drop except externalIPs finalizers groups hosts ipFamilies ips names namespaces',
  'policyTypes resourceNames scopes verbs',
);
const OBJECT = words(
  'affinity appArmorProfile assigned attachError backend capabilities claimRef clientConfig configMap',
  'configMapKeyRef configMapRef csi current defaultBackend downwardAPI emptyDir ephemeral exactly exec external',
  'grpc hints hostPath http httpGet involvedObject ipBlock jobTemplate labelSelector lastState lifecycle linux',
  'livenessProbe loadBalancer local metadata metric namespaceSelector nfs nodeAffinity nodeInfo',
  'nodePublishSecretRef object os persistentVolumeClaim podAffinity podAntiAffinity podSelector pods postStart',
  'preStop preference projected readinessProbe regarding required roleRef running scaleTargetRef seLinuxOptions',
  'seccompProfile secret secretKeyRef secretRef securityContext series sleep spec startupProbe state target',
  'tcpSocket template terminated valueFrom waiting windowsOptions',
);
/** Names of its own in it: amounts by resource. */
const KEYED = words('attributes default defaultRequest extra hard max min overhead used');
const MAPS = words('annotations binaryData labels matchLabels');
const TEXT = words(
  'action address apiVersion architecture caBundle certificate cidr claimName clusterIP completionTime component',
  'conditionType container containerRuntimeVersion creationTimestamp deletionTimestamp deprecatedLastTimestamp',
  'device directory driver effect error eventTime expression externalName externalTrafficPolicy failurePolicy',
  'fieldPath finishedAt firstTimestamp group health host hostIP hostname imagePullPolicy ingressClassName ip key',
  'kind kubeletVersion lastHeartbeatTime lastObservedTime lastTimestamp lastTransitionTime level loadBalancerClass',
  'machineID managedBy manager medium message name namespace nodeName nominatedNodeName note operator path pathType',
  'persistentVolumeName phase podIP prefix priorityClassName procMount protocol qosClass reason reference registry',
  'renewTime reportingComponent repository request resourceClaimName restartPolicy revision role schedule',
  'schedulerName scheme scope secretName server serviceAccount serviceAccountName serviceName sessionAffinity',
  'signerName startedAt storageClassName subresource system time timeAdded timeZone topologyKey type url username',
  'version volume volumeName whenUnsatisfiable zone',
);

/** Names with several types, by the field they stand in; `''` is the object itself, `*` whatever else. */
const BY_PLACE: Readonly<Record<string, Places>> = {
  addresses: { status: 'objects', subsets: 'objects', endpoints: 'texts' },
  conditions: { endpoints: 'object', '*': 'objects' },
  config: { devices: 'objects', '*': 'object' },
  controller: { spec: 'text' },
  endpoints: { '': 'objects', '*': 'text' },
  image: { volumes: 'object', '*': 'text' },
  limits: { spec: 'objects', '*': 'keyed' },
  nodeSelector: { spec: 'map' },
  options: { dnsConfig: 'objects' },
  requests: { resources: 'keyed' },
  requiredDuringSchedulingIgnoredDuringExecution: { nodeAffinity: 'object', '*': 'objects' },
  resources: { rules: 'texts', '*': 'object' },
  service: { grpc: 'text', '*': 'object' },
  status: { '': 'object', volumeClaimTemplates: 'object', '*': 'text' },
  uid: { metadata: 'text', ownerReferences: 'text', involvedObject: 'text' },
  values: { matchExpressions: 'texts', matchFields: 'texts' },
};

const TYPES = new Map<string, Type | Places>([
  ...OBJECTS.map((name) => [name, 'objects'] as const),
  ...TEXTS.map((name) => [name, 'texts'] as const),
  ...OBJECT.map((name) => [name, 'object'] as const),
  ...KEYED.map((name) => [name, 'keyed'] as const),
  ...MAPS.map((name) => [name, 'map'] as const),
  ...TEXT.map((name) => [name, 'text'] as const),
  ...words('containers').map((name) => [name, 'objects'] as const),
  ...words('strategy', 'selector').map((name) => [name, 'object'] as const),
  ...words('allocatable', 'capacity', 'max', 'min', 'default', 'data').map((name) => [name, 'keyed'] as const),
  ...Object.entries(BY_PLACE),
]);

const EVENT_TIMES = new Set(['firstTimestamp', 'lastTimestamp', 'eventTime']);

/** The same object where all is well; else one without what is not as it should be. */
export function wellTyped(object: KubeObject): KubeObject {
  const fields = checked(object, '') as KubeObject;
  return isObject(fields.metadata) ? fields : { ...fields, metadata: {} };
}

function checked(value: Record<string, Json>, place: string): Record<string, Json> {
  let copy: Record<string, Json> | null = null;
  for (const name in value) {
    const given = value[name];
    const known = TYPES.get(name);
    // Tens of thousands of objects come this way, and nearly every field is a text or a name of no account.
    if (known === undefined || (known === 'text' && typeof given === 'string')) continue;
    const type = typeof known === 'string' ? known : (known[place] ?? known['*']);
    if (type === undefined) continue;
    const good = fitted(given, type, name);
    if (good === given) continue;
    copy ??= { ...value };
    if (good === undefined) delete copy[name];
    else copy[name] = good;
  }
  return copy ?? value;
}

/** Undefined: nothing of it can be taken. */
function fitted(value: Json, type: Type, name: string): Json {
  // Events come with null for the times they do not have: that is as good as none, and no reason to copy each.
  if (type === 'text') return isText(value) || (value === null && EVENT_TIMES.has(name)) ? value : undefined;
  if (type === 'keyed') return isObject(value) ? value : undefined;
  if (type === 'object') return isObject(value) ? checked(value, name) : undefined;
  if (type === 'map') return isObject(value) ? textsOf(value) : undefined;
  if (!Array.isArray(value)) return undefined;
  return type === 'texts' ? (value.every(isText) ? value : value.filter(isText)) : objectsOf(value, name);
}

/** What is no object leaves its place: paths name the others by theirs. */
function objectsOf(items: Json[], place: string): Json[] {
  let copy: Json[] | null = null;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    const good = isObject(item) ? checked(item, place) : {};
    if (good === item) continue;
    copy ??= [...items];
    copy[index] = good;
  }
  return copy ?? items;
}

function textsOf(value: Record<string, Json>): Record<string, Json> {
  for (const name in value)
    if (!isText(value[name])) return Object.fromEntries(Object.entries(value).filter(([, text]) => isText(text)));
  return value;
}

const isText = (value: Json): boolean => typeof value === 'string';
const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
