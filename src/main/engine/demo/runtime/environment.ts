/**
 * The environment variables of a container, resolved as kubelet does: services of its namespace that were there before
 * it, then its own. Source: kubelet's envvars and makeEnvironmentVariables.
 */
import type { KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf, namespaceOf, parseTime } from '../sim/objects.ts';
import { CONFIG_MAPS, SECRETS } from '../sim/refs.ts';
import { fieldOf, resourceOf } from './downward.ts';
import { hostnameOf } from './names.ts';

export async function environmentOf(
  client: KubeClient,
  pod: KubeObject,
  container: Json,
  services: readonly KubeObject[],
  home: string,
  node: KubeObject | undefined,
): Promise<Map<string, string>> {
  const env = new Map<string, string>([
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['HOSTNAME', hostnameOf(pod)],
    ...serviceVariables(pod, services),
  ]);
  const namespace = namespaceOf(pod);
  const data = async (ref: typeof CONFIG_MAPS, name: string): Promise<Record<string, string>> => {
    const object = (await client.find(ref, name, { namespace })) as Json;
    const entries = Object.entries((object?.data ?? {}) as Record<string, string>);
    return Object.fromEntries(
      ref === SECRETS ? entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]) : entries,
    );
  };
  for (const source of container.envFrom ?? []) {
    const from = source.configMapRef === undefined ? SECRETS : CONFIG_MAPS;
    const name: string = (source.configMapRef ?? source.secretRef)?.name ?? '';
    for (const [key, value] of Object.entries(await data(from, name))) env.set(`${source.prefix ?? ''}${key}`, value);
  }
  for (const variable of container.env ?? []) {
    const from = variable.valueFrom;
    if (from === undefined) env.set(variable.name, expanded(String(variable.value ?? ''), env));
    else if (from.fieldRef !== undefined) env.set(variable.name, String(fieldOf(pod, from.fieldRef.fieldPath) ?? ''));
    else if (from.resourceFieldRef !== undefined)
      env.set(variable.name, resourceOf(pod, container, from.resourceFieldRef, node));
    else {
      const [ref, source] =
        from.configMapKeyRef === undefined ? [SECRETS, from.secretKeyRef] : [CONFIG_MAPS, from.configMapKeyRef];
      const value = source === undefined ? undefined : (await data(ref, source.name))[source.key];
      // What is optional and not there is no variable at all.
      if (value !== undefined) env.set(variable.name, value);
    }
  }
  env.set('HOME', home);
  return env;
}

/** `$(NAME)` of what came before; `$$(NAME)` is a dollar sign and no reference. */
export function expanded(text: string, env: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([A-Za-z_][\w.-]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (env.get(name) ?? whole),
  );
}

/** Pure. */
export function serviceVariables(pod: KubeObject, services: readonly KubeObject[]): [string, string][] {
  const started = parseTime(pod.status?.startTime);
  const own = pod.spec?.enableServiceLinks === false ? null : namespaceOf(pod);
  const seen = services.filter((service) => {
    const master = namespaceOf(service) === 'default' && nameOf(service) === 'kubernetes';
    if (!master && (namespaceOf(service) !== own || parseTime(service.metadata.creationTimestamp) > started))
      return false;
    const address: string = service.spec?.clusterIP ?? '';
    return address !== '' && address !== 'None';
  });
  return seen.flatMap((service): [string, string][] => {
    const prefix = variableName(nameOf(service));
    const address: string = service.spec?.clusterIP;
    const ports: Json[] = service.spec?.ports ?? [];
    const link = (port: Json) => `${(port.protocol ?? 'TCP').toLowerCase()}://${address}:${port.port}`;
    return [
      [`${prefix}_SERVICE_HOST`, address],
      [`${prefix}_SERVICE_PORT`, String(ports[0]?.port ?? '')],
      ...ports
        .filter(({ name }) => name)
        .map(({ name, port }): [string, string] => [`${prefix}_SERVICE_PORT_${variableName(name)}`, String(port)]),
      [`${prefix}_PORT`, link(ports[0] ?? {})],
      ...ports.flatMap((port): [string, string][] => {
        const one = `${prefix}_PORT_${port.port}_${port.protocol ?? 'TCP'}`;
        return [
          [one, link(port)],
          [`${one}_PROTO`, (port.protocol ?? 'TCP').toLowerCase()],
          [`${one}_PORT`, String(port.port)],
          [`${one}_ADDR`, address],
        ];
      }),
    ];
  });
}

function variableName(name: string): string {
  return name.replaceAll('-', '_').toUpperCase();
}
