/**
 * What is accepted in pods and their templates and is a mistake all the same: advice that goes with the answer.
 * Source: texts of the real server's warnings; "Warnings" in the API concepts.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { equalJson } from '../../json.ts';
import { canonicalQuantity, nanoOf } from '../validation/quantity.ts';

const WHOLE = 1_000_000_000n;
/** Volumes that nothing serves any more. */
const GONE: readonly [field: string, text: string][] = [
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

/** `at` is the path of the spec. */
export function podWarnings(spec: Json, at: string): string[] {
  if (!spec) return [];
  return [
    ...selectorWarnings(spec, at),
    ...volumeWarnings(spec, at),
    ...repeated(spec.hostAliases, `${at}.hostAliases`, 'ip'),
    ...repeated(spec.imagePullSecrets, `${at}.imagePullSecrets`, 'name'),
    ...indexed(spec.imagePullSecrets, `${at}.imagePullSecrets`).flatMap(([{ name }, where]) =>
      name ? [] : [`${where}.name: invalid empty name ""`],
    ),
    ...fractions(spec.overhead, `${at}.overhead`, ['memory', 'ephemeral-storage']),
    ...containersOf(spec, at).flatMap(([container, where]) => containerWarnings(container, where)),
    ...portWarnings(spec, at),
    ...(spec.terminationGracePeriodSeconds < 0
      ? [`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
    ...affinityWarnings(spec, at),
  ];
}

/** Of a kind with a template: whenever that is new or changed. */
export function templateWarnings(path: readonly string[]): (object: KubeObject, old: KubeObject | null) => string[] {
  const templateOf = (object: KubeObject): Json =>
    path.reduce<Json>((value, key) => value?.[key], object as unknown as Json);
  return (object, old) => {
    const template = templateOf(object);
    if (!template || (old !== null && equalJson(object.spec, old.spec))) return [];
    return podWarnings(template.spec, [...path, 'spec'].join('.'));
  };
}

function selectorWarnings(spec: Json, at: string): string[] {
  return indexed(spec.topologySpreadConstraints, `${at}.topologySpreadConstraints`).flatMap(([each, where]) =>
    each.labelSelector ? [] : [`${where}.labelSelector: ${NO_SELECTOR}`],
  );
}

function volumeWarnings(spec: Json, at: string): string[] {
  return indexed(spec.volumes, `${at}.volumes`).flatMap(([volume, where]) =>
    GONE.filter(([field]) => volume[field]).map(([field, text]) => {
      const name = field === 'storageos' ? 'storageOS' : field;
      return `${where}.${name}: ${text}`;
    }),
  );
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
    if (amount === undefined || nanoOf(amount) % WHOLE === 0n) return [];
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
