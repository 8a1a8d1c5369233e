/**
 * Values of built-in types the way the server's own messages print them: its internal types as JSON, with the names of
 * their fields in Go, and with everything that is empty. Where the internal form is not that of the API, its names and
 * order stand here.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { type Field, type Message, message, type TypeRef } from './fields.ts';
import { asSent } from './sent-empty.ts';

/** Words of names that Go writes in capitals. */
const CAPITALS =
  /^(api|aws|cel|cidr|csi|dns|fc|fs|gce|gid|gmsa|grpc|http|ip|iqn|iscsi|nfs|os|pd|rbd|ssl|tcp|tls|tty|ttl|uid|url)(?=s?$|[A-Z])/;

/** Names that are others inside. */
const NAMES: Readonly<Record<string, string>> = {
  cephfs: 'CephFS',
  chapAuthDiscovery: 'DiscoveryCHAPAuth',
  chapAuthSession: 'SessionCHAPAuth',
  diskURI: 'DataDiskURI',
  seLinuxChangePolicy: 'SELinuxChangePolicy',
  seLinuxMount: 'SELinuxMount',
  seLinuxOptions: 'SELinuxOptions',
  storageos: 'StorageOS',
  wwids: 'WWIDs',
  lastState: 'LastTerminationState',
};

/** Names that are others in some types alone. */
const NAMES_IN: readonly [types: RegExp, names: Readonly<Record<string, string>>][] = [
  [/^core\.PhotonPersistentDisk/, { pdID: 'PdID' }],
  [/^core\.Glusterfs/, { endpoints: 'EndpointsName' }],
  [/^core\.RBD/, { monitors: 'CephMonitors', image: 'RBDImage', pool: 'RBDPool', user: 'RadosUser' }],
  [
    /^resource\.DeviceAttribute$/,
    {
      int: 'IntValue',
      bool: 'BoolValue',
      string: 'StringValue',
      version: 'VersionValue',
      ints: 'IntValues',
      bools: 'BoolValues',
      strings: 'StringValues',
      versions: 'VersionValues',
    },
  ],
];

/** Fields that stand elsewhere inside: each before the named one. */
const ORDER: Readonly<Record<string, readonly [field: string, before: string][]>> = {
  'core.Volume': [['quobyte', 'flexVolume']],
  'core.PersistentVolumeSpec': [
    ['quobyte', 'iscsi'],
    ['flexVolume', 'cinder'],
  ],
  'core.PodSpec': [
    ['setHostnameAsFQDN', 'affinity'],
    ['preemptionPolicy', 'dnsConfig'],
    ['overhead', 'enableServiceLinks'],
  ],
  'core.PodSecurityContext': [['fsGroupChangePolicy', 'sysctls']],
  'storage.CSIDriverSpec': [['fsGroupPolicy', 'podInfoOnMount']],
  'autoscalingv2.ContainerResourceMetricSource': [['container', 'target']],
};

/** Fields of a pod that belong to its security context inside, ahead of those that belong there anyway. */
const OF_HOST = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'];
/** Older names of something else, which there are not inside. */
const GONE: Readonly<Record<string, readonly string[]>> = {
  'core.PodSpec': ['serviceAccount', ...OF_HOST],
  'core.NodeSpec': ['podCIDR'],
};

function goName(id: string, name: string): string {
  const own = NAMES_IN.find(([types, names]) => names[name] !== undefined && types.test(id))?.[1][name];
  const known = own ?? NAMES[name];
  if (known !== undefined) return known;
  return CAPITALS.test(name)
    ? name.replace(CAPITALS, (word) => word.toUpperCase())
    : `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

const orders = new WeakMap<Message, readonly Field[]>();

/** The fields of a type as they stand inside. */
function fieldsOf(type: Message): readonly Field[] {
  let fields = orders.get(type);
  if (fields === undefined) {
    const gone = GONE[type.id] ?? [];
    const list = type.fields.filter(({ name }) => !gone.includes(name));
    for (const [name, before] of ORDER[type.id] ?? []) {
      const [moved] = list.splice(placeOf(list, name), 1);
      list.splice(placeOf(list, before), 0, moved!);
    }
    fields = list;
    orders.set(type, fields);
  }
  return fields;
}

const placeOf = (list: readonly Field[], name: string): number => list.findIndex((field) => field.name === name);

/** A value of the type (`core.ObjectReference`); absent is empty. */
export function shown(id: string, value: Json): Json {
  const type = message(id);
  return type === undefined ? value : struct(type, value ?? {});
}

/** A field of a value of the type. */
export function shownField(id: string, name: string, holder: Json): Json {
  const field = message(id)?.byName.get(name);
  const value = asSent(holder, name);
  return field === undefined ? value : ofField(field, value);
}

function struct(type: Message, value: Json): Json {
  // These are the same inside and outside.
  if (type.id.startsWith('meta.')) return inOrder(type, value);
  const entries = fieldsOf(type).flatMap((field): [string, Json][] => {
    const { name } = field;
    // Metadata are embedded.
    if (field.type.kind === 'message' && field.type.id === 'meta.ObjectMeta')
      return Object.entries(inOrder(message(field.type.id)!, value[name] ?? {}) as Record<string, Json>);
    const inner = ofField(field, asSent(value, name), WHOLE.test(`${type.id}.${name}`));
    if (type.id === 'core.PodSpec' && name === 'securityContext') return [['SecurityContext', ofHost(value, inner)]];
    return [[goName(type.id, name), inner]];
  });
  return Object.fromEntries(entries);
}

/** A pod's security context with what it says of the host; one is there whenever either says something. */
function ofHost(pod: Json, context: Json): Json {
  const given = OF_HOST.some((name) => pod[name] !== undefined && pod[name] !== null);
  if (context === null && !given) return null;
  const type = message('core.PodSpec')!;
  const host = OF_HOST.map((name) => [goName(type.id, name), ofField(type.byName.get(name)!, pod[name])]);
  return { ...Object.fromEntries(host), ...(context ?? shown('core.PodSecurityContext', {})) };
}

/** An object as the API writes it. */
export function inDeclaredOrder(type: Message, object: Json): Json {
  return inOrder(type, object);
}

/** Types that are written as in the API: fields as they are declared, maps by key. */
function inOrder(type: Message, value: Json): Json {
  const entries = type.fields
    .filter(({ name }) => value[name] !== undefined)
    .map((field): [string, Json] => [field.name, written(field.type, value[field.name])]);
  const names = type.isKind ? ['kind', 'apiVersion'].filter((name) => value[name] !== undefined) : [];
  return Object.fromEntries([...names.map((name) => [name, value[name]]), ...entries]);
}

function written(type: TypeRef, value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (type.kind === 'list') return (value as Json[]).map((item) => written(type.of, item));
  if (type.kind === 'map') return byKey(value, (item) => written(type.of, item));
  const inner = type.kind === 'message' ? message(type.id) : undefined;
  return inner === undefined ? value : inOrder(inner, value);
}

function byKey(value: Json, each: (item: Json) => Json): Json {
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, each(value[name])]));
}

/** Fields that are always there inside. */
const WHOLE = /^apps\.RollingUpdate((Deployment|DaemonSet)\.|StatefulSetStrategy\.partition$)/;

function ofField(field: Field, value: Json, whole = false): Json {
  if (value === undefined || value === null) return field.pointer && !whole ? null : empty(field.type);
  return filled(field.type, value);
}

function filled(type: TypeRef, value: Json): Json {
  if (type.kind === 'message') return shown(type.id, value);
  if (type.kind === 'list')
    return (value as Json[]).map((item) => (item === null ? empty(type.of) : filled(type.of, item)));
  if (type.kind === 'scalar') return value;
  return byKey(value, (item) => filled(type.of, item));
}

function empty(type: TypeRef): Json {
  if (type.kind === 'message') return shown(type.id, {});
  if (type.kind !== 'scalar') return null;
  switch (type.scalar) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
    case 'IntOrString':
      return 0;
    case 'Quantity':
      return '0';
    default:
      return null;
  }
}
