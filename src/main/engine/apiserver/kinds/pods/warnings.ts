/**
 * What is accepted in pods and their templates and is a mistake all the same: advice that goes with the answer.
 * Source: texts of the real server's warnings; "Warnings" in the API concepts.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { canonicalQuantity, milliOf } from '../validation/quantity.ts';
import { ipWarnings } from '../warnings/addresses.ts';
import { claimWarnings } from '../warnings/claims.ts';
import { deprecatedLabel, expressionWarnings, labelWarnings } from '../warnings/labels.ts';
import { hostNameWarnings } from '../warnings/names.ts';
import { pathWarnings } from './path-warnings.ts';
import { profileWarnings } from './profiles.ts';

/** Volumes that nothing serves any more. */
type Plugins = readonly [field: string, text: string][];
const GONE: Plugins = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];
const NO_SELECTOR = 'a null labelSelector results in matching no pod';

const indexed = (list: Json, at: string): [each: Json, at: string][] =>
  ((list ?? []) as Json[]).map((each, index) => [each ?? {}, `${at}[${index}]`]);

function containersOf(spec: Json, at: string): [container: Json, at: string][] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    indexed(spec[list], `${at}.${list}`),
  );
}

/** `base` is the path of a template; a pod itself has none. */
export function podWarnings({ metadata, spec }: Json, base = ''): string[] {
  if (!spec) return [];
  const at = base === '' ? 'spec' : `${base}.spec`;
  const notes = annotationsOf(metadata, base);
  return [
    ...labelWarnings(spec.nodeSelector, (name) => `${at}.nodeSelector[${name}]`),
    ...nodeWarnings(spec, at),
    ...selectorWarnings(spec, at),
    ...notes.old(),
    ...volumeWarnings(spec, at),
    ...pathWarnings(spec.volumes),
    ...repeated(spec.hostAliases, `${at}.hostAliases`, 'ip'),
    ...repeated(spec.imagePullSecrets, `${at}.imagePullSecrets`, 'name'),
    ...indexed(spec.imagePullSecrets, `${at}.imagePullSecrets`).flatMap(([{ name }, where]) =>
      name ? [] : [`${where}.name: invalid empty name ""`],
    ),
    ...fractions(spec.overhead, `${at}.overhead`, ['memory', 'ephemeral-storage']),
    ...notes.unlessSet(SECCOMP, spec.securityContext?.seccompProfile),
    ...containersOf(spec, at).flatMap(([container, where]) => [
      ...notes.unlessSet(`${CONTAINER_SECCOMP}${container.name}`, container.securityContext?.seccompProfile),
      // Of pods this is said when it is taken over into the field.
      ...(base === '' ? [] : profileWarnings(metadata, spec, container, `${base}.metadata.annotations`)),
      ...containerWarnings(container, where),
    ]),
    ...portWarnings(spec, at),
    ...(spec.terminationGracePeriodSeconds < 0
      ? [`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
    ...affinityWarnings(spec, at),
    ...((spec.dnsConfig?.nameservers ?? []) as string[]).flatMap((address, index) =>
      ipWarnings(address, `${at}.dnsConfig.nameservers[${index}]`),
    ),
    ...indexed(spec.hostAliases, `${at}.hostAliases`).flatMap(([{ ip = '' }, where]) => ipWarnings(ip, `${where}.ip`)),
  ];
}

/** Annotations that were features once. */
const ONCE: readonly [key: string, text: string][] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
];
const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod';
const CONTAINER_SECCOMP = 'container.seccomp.security.alpha.kubernetes.io/';

function annotationsOf(metadata: Json, base: string) {
  const given: Json = metadata?.annotations ?? {};
  const at = base === '' ? 'metadata.annotations' : `${base}.metadata.annotations`;
  return {
    old: () => ONCE.filter(([key]) => given[key] !== undefined).map(([key, text]) => `${at}[${key}]: ${text}`),
    /** What has a field of its own by now. */
    unlessSet: (key: string, field: Json) =>
      field || given[key] === undefined
        ? []
        : [`${at}[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`],
  };
}

function nodeWarnings({ affinity }: Json, at: string): string[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: must, preferredDuringSchedulingIgnoredDuringExecution: may } =
    affinity?.nodeAffinity ?? {};
  const where = `${at}.affinity.nodeAffinity`;
  const terms = `${where}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  return [
    ...indexed(must?.nodeSelectorTerms, terms).flatMap(([term, place]) => expressionWarnings(term, place)),
    ...indexed(may, `${where}.preferredDuringSchedulingIgnoredDuringExecution`).flatMap(([{ preference }, place]) =>
      expressionWarnings(preference, `${place}.preference`, true),
    ),
  ];
}

/** Of a kind with a template: whenever that is new or changed. `named`: pods are named after the object. */
export function templateWarnings(
  path: readonly string[],
  named = false,
): (object: KubeObject, old: KubeObject | null) => string[] {
  const templateOf = (object: KubeObject): Json =>
    path.reduce<Json>((value, key) => value?.[key], object as unknown as Json);
  return (object, old) => {
    const template = templateOf(object);
    const known = named && old === null ? hostNameWarnings(object) : [];
    if (!template || (old !== null && object.metadata.generation === old.metadata.generation)) return known;
    return [...known, ...podWarnings(template, path.join('.'))];
  };
}

/** Volumes of clusters, in an order of their own. */
const CLUSTER_PLUGINS = ['cephfs', 'photonPersistentDisk', 'scaleIO', 'storageos', 'glusterfs', 'rbd'];

/** Of the spec of a persistent volume. */
export function persistentPluginWarnings(spec: Json): string[] {
  return pluginWarnings(
    spec,
    'spec',
    CLUSTER_PLUGINS.map((field) => GONE.find(([name]) => name === field)!),
  );
}

function selectorWarnings(spec: Json, at: string): string[] {
  return indexed(spec.topologySpreadConstraints, `${at}.topologySpreadConstraints`).flatMap(([each, where]) => {
    const text = deprecatedLabel(each.topologyKey ?? '');
    const old = text === undefined ? [] : [`${where}.topologyKey: ${each.topologyKey} is ${text}`];
    return each.labelSelector ? old : [...old, `${where}.labelSelector: ${NO_SELECTOR}`];
  });
}

function volumeWarnings(spec: Json, at: string): string[] {
  return indexed(spec.volumes, `${at}.volumes`).flatMap(([volume, where]) => [
    ...pluginWarnings(volume, where, GONE),
    ...claimWarnings(volume.ephemeral?.volumeClaimTemplate?.spec, `${where}.ephemeral.volumeClaimTemplate.spec`),
  ]);
}

/** Of the source of a volume at `at`. */
function pluginWarnings(source: Json, at: string, plugins: Plugins): string[] {
  return plugins
    .filter(([field]) => source[field])
    .map(([field, text]) => `${at}.${field === 'storageos' ? 'storageOS' : field}: ${text}`);
}

function repeated(list: Json, at: string, field: string): string[] {
  const seen = new Set<string>();
  return indexed(list, at).flatMap(([each, where]) => {
    const value: string = each[field] ?? '';
    if (seen.has(value)) return [`${where}.${field}: duplicate ${field} ${JSON.stringify(value)}`];
    seen.add(value);
    return [];
  });
}

/** Half a byte is none. */
function fractions(amounts: Json, at: string, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const amount = amounts?.[name];
    if (amount === undefined || milliOf(amount) % 1000n === 0n) return [];
    const text = JSON.stringify(canonicalQuantity(amount));
    return [`${at}[${name}]: fractional byte value ${text} is invalid, must be an integer`];
  });
}

function containerWarnings({ resources, env }: Json, at: string): string[] {
  const seen = new Set<string>();
  const hidden = indexed(env, `${at}.env`).flatMap(([{ name = '', value = '', valueFrom }, where]) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    // A new value may be made of the old one.
    const reference = `$(${name})`;
    if (!valueFrom && value !== reference && value.includes(reference)) return [];
    return [`${where}: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`];
  });
  return [
    ...fractions(resources?.limits, `${at}.resources.limits`, ['memory']),
    ...fractions(resources?.requests, `${at}.resources.requests`, ['memory']),
    ...fractions(resources?.limits, `${at}.resources.limits`, ['ephemeral-storage']),
    ...fractions(resources?.requests, `${at}.resources.requests`, ['ephemeral-storage']),
    ...hidden,
  ];
}

function portWarnings(spec: Json, at: string): string[] {
  const warnings: string[] = [];
  const ports = containersOf(spec, at).flatMap(([container, where]) => indexed(container.ports, `${where}.ports`));
  const same = new Map<string, [port: Json, at: string][]>();
  for (const [port, where] of ports) {
    if (port.hostIP && !port.hostPort) {
      const shown = `Name:${port.name ?? ''} HostPort:0 ContainerPort:${port.containerPort} Protocol:${port.protocol} HostIP:${port.hostIP}`;
      warnings.push(`${where}: hostIP set without hostPort: {${shown}}`);
    }
    const key = `${port.containerPort}/${port.protocol}`;
    const others = same.get(key) ?? [];
    for (const [other, first] of others) {
      const [one, two] = [port.hostPort ?? 0, other.hostPort ?? 0];
      const [ip, otherIp] = [port.hostIP ?? '', other.hostIP ?? ''];
      if (one === two && ip === otherIp) warnings.push(`${where}: duplicate port definition with ${first}`);
      else if (one === 0 || two === 0) warnings.push(`${where}: overlapping port definition with ${first}`);
      else if (one === two && (ip === '') !== (otherIp === ''))
        warnings.push(`${where}: dangerously ambiguous port definition with ${first}`);
    }
    same.set(key, [...others, [port, where]]);
  }
  const names = new Map<string, string>();
  for (const [{ name }, where] of ports) {
    if (!name) continue;
    const first = names.get(name);
    if (first === undefined) names.set(name, where);
    else {
      const text = `services and probes that select ports by name will use ${first}`;
      warnings.push(`${where}: duplicate port name ${JSON.stringify(name)} with ${first}, ${text}`);
    }
  }
  return warnings;
}

function affinityWarnings({ affinity }: Json, at: string): string[] {
  return ['podAffinity', 'podAntiAffinity'].flatMap((kind) => {
    const where = `${at}.affinity.${kind}`;
    const {
      requiredDuringSchedulingIgnoredDuringExecution: must,
      preferredDuringSchedulingIgnoredDuringExecution: may,
    } = affinity?.[kind] ?? {};
    return [
      ...indexed(must, `${where}.requiredDuringSchedulingIgnoredDuringExecution`).flatMap(([term, place]) =>
        term.labelSelector ? [] : [`${place}.labelSelector: ${NO_SELECTOR}`],
      ),
      ...indexed(may, `${where}.preferredDuringSchedulingIgnoredDuringExecution`).flatMap(([term, place]) =>
        term.podAffinityTerm?.labelSelector ? [] : [`${place}.podAffinityTerm.labelSelector: ${NO_SELECTOR}`],
      ),
    ];
  });
}
