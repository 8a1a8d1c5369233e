/** Kinds about the cluster itself: namespaces, nodes, events, custom resource definitions and the rest of core. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import {
  age,
  condition,
  deleting,
  isTrue,
  joined,
  type KindDefinition,
  keysOf,
  type Level,
  list,
  num,
  number,
  quantity,
  since,
  status,
  str,
  strings,
  text,
  usage,
} from './define.ts';

export const namespaces: KindDefinition = {
  resource: 'namespaces',
  columns: [
    status('status', 'Status', (ns) => str(ns.status?.phase) ?? (deleting(ns) ? 'Terminating' : 'Active')),
    age,
  ],
  level: (ns) => (ns.status?.phase === 'Terminating' || deleting(ns) ? 'progressing' : 'ok'),
};

const ROLE = 'node-role.kubernetes.io/';

function nodeRoles(node: KubeObject): string | null {
  const labels = node.metadata.labels ?? {};
  const roles = Object.keys(labels)
    .filter((key) => key.startsWith(ROLE) && key.length > ROLE.length)
    .map((key) => key.slice(ROLE.length));
  const named = str(labels['kubernetes.io/role']);
  if (named !== null) roles.push(named);
  return joined([...new Set(roles)].sort(), 10);
}

function address(node: KubeObject, type: string): string | null {
  return str(list(node.status?.addresses).find((item) => item.type === type)?.address);
}

const PRESSURES = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'];

export const nodes: KindDefinition = {
  resource: 'nodes',
  columns: [
    status('status', 'Status', (node) => {
      const ready = condition(node, 'Ready');
      const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
      return node.spec?.unschedulable === true ? `${word},SchedulingDisabled` : word;
    }),
    text('roles', 'Roles', nodeRoles),
    text('version', 'Version', (node) => str(node.status?.nodeInfo?.kubeletVersion)),
    quantity('cpu', 'CPU', (node) => str(node.status?.allocatable?.cpu)),
    quantity('memory', 'Memory', (node) => str(node.status?.allocatable?.memory)),
    ...usage,
    text('zone', 'Zone', (node) => str(node.metadata.labels?.['topology.kubernetes.io/zone'])),
    number('taints', 'Taints', (node) => list(node.spec?.taints).length),
    text('internalIp', 'Internal-IP', (node) => address(node, 'InternalIP'), 1),
    text('externalIp', 'External-IP', (node) => address(node, 'ExternalIP'), 1),
    text('os', 'OS-Image', (node) => str(node.status?.nodeInfo?.osImage), 1),
    text('kernel', 'Kernel-Version', (node) => str(node.status?.nodeInfo?.kernelVersion), 1),
    text('runtime', 'Container-Runtime', (node) => str(node.status?.nodeInfo?.containerRuntimeVersion), 1),
    age,
  ],
  level(node): Level {
    if (!isTrue(node, 'Ready')) return 'error';
    if (PRESSURES.some((type) => isTrue(node, type)) || node.spec?.unschedulable === true) return 'warning';
    return 'ok';
  },
};

/** Both event APIs fill different fields for the same thing. */
function lastSeen(event: KubeObject): string | null {
  return (
    str(event.series?.lastObservedTime) ??
    str(event.lastTimestamp) ??
    str(event.deprecatedLastTimestamp) ??
    str(event.eventTime) ??
    str(event.metadata.creationTimestamp)
  );
}

const eventColumns = [
  since('lastSeen', 'Last Seen', lastSeen),
  status('type', 'Type', (event) => str(event.type)),
  text('reason', 'Reason', (event) => str(event.reason)),
  text('object', 'Object', (event) => {
    const about = event.involvedObject ?? event.regarding ?? {};
    return `${String(about.kind ?? '').toLowerCase()}/${about.name ?? ''}`;
  }),
  text('message', 'Message', (event) => str(event.message) ?? str(event.note)),
  number('count', 'Count', (event) => num(event.series?.count, num(event.count ?? event.deprecatedCount, 1))),
  text(
    'source',
    'Source',
    (event) => str(event.reportingComponent ?? event.reportingController) ?? str(event.source?.component),
    1,
  ),
];
const eventLevel = (event: KubeObject): Level => (event.type === 'Warning' ? 'warning' : 'none');

export const events: KindDefinition = { resource: 'events', columns: eventColumns, level: eventLevel };
export const eventsV1: KindDefinition = { resource: 'events.events.k8s.io', columns: eventColumns, level: eventLevel };

export const customResourceDefinitions: KindDefinition = {
  resource: 'customresourcedefinitions.apiextensions.k8s.io',
  columns: [
    text('group', 'Group', (crd) => str(crd.spec?.group)),
    text('kind', 'Kind', (crd) => str(crd.spec?.names?.kind)),
    text('scope', 'Scope', (crd) => str(crd.spec?.scope)),
    text('versions', 'Versions', (crd) =>
      joined(
        list(crd.spec?.versions)
          .filter((version) => version.served !== false)
          .map((version) => String(version.name ?? '')),
        10,
      ),
    ),
    status('established', 'Established', (crd) => condition(crd, 'Established')?.status ?? 'Unknown'),
    age,
  ],
  level: (crd) =>
    deleting(crd)
      ? 'progressing'
      : condition(crd, 'NamesAccepted')?.status === 'False'
        ? 'error'
        : isTrue(crd, 'Established')
          ? 'ok'
          : 'progressing',
};

export const apiServices: KindDefinition = {
  resource: 'apiservices.apiregistration.k8s.io',
  columns: [
    text('service', 'Service', (api) =>
      api.spec?.service == null ? 'Local' : `${api.spec.service.namespace}/${api.spec.service.name}`,
    ),
    status('available', 'Available', (api) => condition(api, 'Available')?.status ?? 'Unknown'),
    age,
  ],
  level: (api) => (isTrue(api, 'Available') ? 'ok' : 'error'),
};

export const resourceQuotas: KindDefinition = {
  resource: 'resourcequotas',
  columns: [
    text('usage', 'Usage', (quota) =>
      joined(
        keysOf(quota.status?.hard).map((key) => `${key}: ${quota.status.used?.[key] ?? '0'}/${quota.status.hard[key]}`),
        10,
      ),
    ),
    age,
  ],
};

export const priorityClasses: KindDefinition = {
  resource: 'priorityclasses.scheduling.k8s.io',
  columns: [
    number('value', 'Value', (priority) => num(priority.value)),
    text('globalDefault', 'Global-Default', (priority) => String(priority.globalDefault === true)),
    age,
  ],
};

export const leases: KindDefinition = {
  resource: 'leases.coordination.k8s.io',
  columns: [
    text('holder', 'Holder', (lease) => str(lease.spec?.holderIdentity)),
    since('renewed', 'Renewed', (lease) => str(lease.spec?.renewTime)),
    age,
  ],
};

export const podDisruptionBudgets: KindDefinition = {
  resource: 'poddisruptionbudgets.policy',
  columns: [
    text('minAvailable', 'Min Available', (pdb) => scalar(pdb.spec?.minAvailable)),
    text('maxUnavailable', 'Max Unavailable', (pdb) => scalar(pdb.spec?.maxUnavailable)),
    number('allowed', 'Allowed Disruptions', (pdb) => num(pdb.status?.disruptionsAllowed)),
    age,
  ],
  level: (pdb) =>
    num(pdb.status?.currentHealthy) < num(pdb.status?.desiredHealthy)
      ? 'warning'
      : isTrue(pdb, 'DisruptionAllowed') || num(pdb.status?.disruptionsAllowed) > 0
        ? 'ok'
        : 'none',
};

export const webhookConfigurations: KindDefinition[] = ['validating', 'mutating'].map((kind) => ({
  resource: `${kind}webhookconfigurations.admissionregistration.k8s.io`,
  columns: [
    number('webhooks', 'Webhooks', (object) => list(object.webhooks).length),
    text('names', 'Names', (object) => joined(strings(list(object.webhooks).map((hook) => hook.name))), 1),
    age,
  ],
}));

function scalar(value: unknown): string | null {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : null;
}
