/**
 * What an operator looks for first in an object of a kind: where a pod runs, what a service answers on, how far a rollout
 * is. Field meanings: Kubernetes API reference. Everything is checked: objects come from clusters. Pure.
 */
import type { TextKey } from '#shared/i18n/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { Level } from '../../ui/Status.tsx';

export interface KindFact {
  label: Extract<TextKey, `resources.facts.${string}`>;
  value: string;
  /** Set for states: shown with its colour. */
  level?: Level;
  wide?: boolean;
}

/** In the order of `kubectl describe`; what an object does not say is left out. */
export function factsOf(object: KubeObject): KindFact[] {
  const facts = /^(v1$|apps\/|apiextensions\.k8s\.io\/)/.test(object.apiVersion) ? byKind[object.kind] : undefined;
  return facts === undefined ? [] : facts(object).filter(({ value }) => value !== '');
}

const byKind: Readonly<Record<string, (object: KubeObject) => KindFact[]>> = {
  Pod: ({ spec, status }) => [
    { label: 'resources.facts.phase', value: text(status?.reason) || text(status?.phase), level: phaseLevel(status) },
    { label: 'resources.facts.node', value: text(spec?.nodeName) },
    { label: 'resources.facts.podIP', value: text(status?.podIP) },
    { label: 'resources.facts.hostIP', value: text(status?.hostIP) },
    { label: 'resources.facts.qos', value: text(status?.qosClass) },
    { label: 'resources.facts.serviceAccount', value: text(spec?.serviceAccountName) },
    { label: 'resources.facts.message', value: text(status?.message), wide: true },
  ],
  Node: ({ spec, status }) => {
    const info: Json = status?.nodeInfo;
    const addresses = list(status?.addresses).map(({ type, address }) => `${text(type)} ${text(address)}`);
    return [
      { label: 'resources.facts.addresses', value: addresses.join(', '), wide: true },
      { label: 'resources.facts.kubelet', value: text(info?.kubeletVersion) },
      { label: 'resources.facts.osImage', value: text(info?.osImage) },
      { label: 'resources.facts.runtime', value: text(info?.containerRuntimeVersion) },
      { label: 'resources.facts.cpu', value: ofTotal(status, 'cpu') },
      { label: 'resources.facts.memory', value: ofTotal(status, 'memory') },
      { label: 'resources.facts.pods', value: ofTotal(status, 'pods') },
      {
        label: 'resources.facts.taints',
        value: list(spec?.taints)
          .map((taint) => `${text(taint.key)}${text(taint.value) && `=${taint.value}`}:${text(taint.effect)}`)
          .join(', '),
        wide: true,
      },
    ];
  },
  Service: ({ spec, status }) => [
    { label: 'resources.facts.type', value: text(spec?.type) },
    { label: 'resources.facts.clusterIP', value: text(spec?.clusterIP) },
    {
      label: 'resources.facts.external',
      value: list(status?.loadBalancer?.ingress)
        .map(({ ip, hostname }) => text(ip) || text(hostname))
        .join(', '),
    },
    {
      label: 'resources.facts.ports',
      value: list(spec?.ports)
        .map(
          ({ name, port, targetPort, nodePort, protocol }) =>
            `${text(name) && `${name} `}${text(port)}${nodePort === undefined ? '' : `:${nodePort}`}/${text(protocol) || 'TCP'} → ${text(targetPort) || text(port)}`,
        )
        .join(', '),
      wide: true,
    },
    { label: 'resources.facts.selector', value: pairs(spec?.selector), wide: true },
  ],
  Deployment: ({ spec, status }) => [
    { label: 'resources.facts.updated', value: counted(status?.updatedReplicas, spec?.replicas) },
    { label: 'resources.facts.available', value: counted(status?.availableReplicas, spec?.replicas) },
    { label: 'resources.facts.strategy', value: text(spec?.strategy?.type) },
    { label: 'resources.facts.selector', value: pairs(spec?.selector?.matchLabels), wide: true },
  ],
  StatefulSet: ({ spec, status }) => [
    { label: 'resources.facts.updated', value: counted(status?.updatedReplicas, spec?.replicas) },
    { label: 'resources.facts.strategy', value: text(spec?.updateStrategy?.type) },
    { label: 'resources.facts.service', value: text(spec?.serviceName) },
    { label: 'resources.facts.selector', value: pairs(spec?.selector?.matchLabels), wide: true },
  ],
  DaemonSet: ({ spec, status }) => [
    { label: 'resources.facts.ready', value: counted(status?.numberReady, status?.desiredNumberScheduled) },
    {
      label: 'resources.facts.updated',
      value: counted(status?.updatedNumberScheduled, status?.desiredNumberScheduled),
    },
    { label: 'resources.facts.strategy', value: text(spec?.updateStrategy?.type) },
    { label: 'resources.facts.selector', value: pairs(spec?.selector?.matchLabels), wide: true },
  ],
  PersistentVolumeClaim: ({ spec, status }) => [
    { label: 'resources.facts.phase', value: text(status?.phase), level: status?.phase === 'Bound' ? 'ok' : 'warning' },
    { label: 'resources.facts.volume', value: text(spec?.volumeName) },
    { label: 'resources.facts.capacity', value: text(status?.capacity?.storage) },
    { label: 'resources.facts.storageClass', value: text(spec?.storageClassName) },
    { label: 'resources.facts.accessModes', value: strings(spec?.accessModes) },
  ],
  CustomResourceDefinition: ({ spec, status }) => [
    { label: 'resources.facts.group', value: text(spec?.group) },
    { label: 'resources.facts.kind', value: text(spec?.names?.kind) },
    { label: 'resources.facts.scope', value: text(spec?.scope) },
    { label: 'resources.facts.shortNames', value: strings(spec?.names?.shortNames) },
    {
      label: 'resources.facts.versions',
      value: list(spec?.versions)
        .map(({ name, served, storage }) => {
          const marks = [
            storage === true ? 'storage' : '',
            strings(status?.storedVersions).split(', ').includes(text(name)) && storage !== true ? 'stored' : '',
            served === true ? '' : 'not served',
          ].filter((mark) => mark !== '');
          return `${text(name)}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`;
        })
        .join(', '),
    },
    {
      label: 'resources.facts.columns',
      value: list(spec?.versions)
        .filter(({ storage }) => storage === true)
        .flatMap(({ additionalPrinterColumns }) => list(additionalPrinterColumns))
        .map(({ name, jsonPath }) => `${text(name)} ${text(jsonPath)}`)
        .join(', '),
      wide: true,
    },
  ],
  Secret: (object) => [{ label: 'resources.facts.type', value: text(object['type']) }],
};

export interface ContainerLine {
  name: string;
  image: string;
  init: boolean;
  /** Null for templates, which have no state. */
  state: { word: string; level: Level; restarts: number; message: string } | null;
  /** `cpu 100m, memory 64Mi`; empty when none are set. */
  requests: string;
  limits: string;
}

/** Containers of a pod or of a workload's pod template, init containers first. */
export function containersOf(object: KubeObject): ContainerLine[] {
  const pod: Json =
    object.kind === 'Pod'
      ? object.spec
      : (object.spec?.jobTemplate?.spec?.template?.spec ?? object.spec?.template?.spec);
  const lines = (containers: Json, statuses: Json, init: boolean) =>
    list(containers).map(({ name, image, resources }): ContainerLine => {
      const status = list(statuses).find((each) => each.name === name);
      return {
        name: text(name),
        image: text(image),
        init,
        state: object.kind === 'Pod' && status !== undefined ? containerState(status) : null,
        requests: pairs(resources?.requests, ' '),
        limits: pairs(resources?.limits, ' '),
      };
    });
  return [
    ...lines(pod?.initContainers, object.status?.initContainerStatuses, true),
    ...lines(pod?.containers, object.status?.containerStatuses, false),
  ];
}

function containerState(status: Json): ContainerLine['state'] {
  const { waiting, terminated, running } = (status.state ?? {}) as Record<string, Json>;
  const restarts = typeof status.restartCount === 'number' ? status.restartCount : 0;
  if (terminated != null) {
    const word = text(terminated.reason) || `ExitCode:${text(terminated.exitCode)}`;
    return { word, level: terminated.exitCode === 0 ? 'none' : 'error', restarts, message: text(terminated.message) };
  }
  if (running != null)
    return { word: 'Running', level: status.ready === true ? 'ok' : 'warning', restarts, message: '' };
  const word = text(waiting?.reason) || 'Waiting';
  const starting = word === 'ContainerCreating' || word === 'PodInitializing' || word === 'Waiting';
  return { word, level: starting ? 'progressing' : 'error', restarts, message: text(waiting?.message) };
}

function phaseLevel(status: Json): Level {
  if (status?.phase === 'Running') {
    const ready = list(status.conditions).find(({ type }) => type === 'Ready')?.status;
    return ready === 'True' ? 'ok' : 'warning';
  }
  return status?.phase === 'Failed' ? 'error' : status?.phase === 'Succeeded' ? 'none' : 'progressing';
}

function text(value: Json): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function list(value: Json): Record<string, Json>[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}

function strings(value: Json): string {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string').join(', ') : '';
}

function pairs(value: Json, between = '='): string {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value as Record<string, Json>)
        .map(([key, item]) => `${key}${between}${text(item)}`)
        .join(', ')
    : '';
}

function counted(value: Json, total: Json): string {
  return typeof total === 'number' ? `${typeof value === 'number' ? value : 0}/${total}` : '';
}

/** Allocatable of capacity. */
function ofTotal(status: Json, resource: string): string {
  const total = text(status?.capacity?.[resource]);
  return total === '' ? '' : `${text(status?.allocatable?.[resource]) || total} / ${total}`;
}
