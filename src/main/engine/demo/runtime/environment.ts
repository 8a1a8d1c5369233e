/** The environment variables of a container, resolved as kubelet does. Source: Kubernetes documentation, container environment. */
import type { KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf, namespaceOf } from '../sim/objects.ts';
import { CONFIG_MAPS, SECRETS } from '../sim/refs.ts';
import { fieldOf } from './shell/files.ts';

export async function environmentOf(
  client: KubeClient,
  pod: KubeObject,
  container: Json,
  apiServer: string,
): Promise<Map<string, string>> {
  const env = new Map<string, string>([
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['HOSTNAME', pod.spec?.hostname ?? nameOf(pod)],
    ['KUBERNETES_SERVICE_HOST', apiServer],
    ['KUBERNETES_SERVICE_PORT', '443'],
    ['KUBERNETES_PORT', `tcp://${apiServer}:443`],
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
    if (from === undefined)
      env.set(
        variable.name,
        String(variable.value ?? '').replace(/\$\((\w+)\)/g, (whole, name: string) => env.get(name) ?? whole),
      );
    else if (from.fieldRef !== undefined) env.set(variable.name, String(fieldOf(pod, from.fieldRef.fieldPath) ?? ''));
    else if (from.configMapKeyRef !== undefined)
      env.set(variable.name, (await data(CONFIG_MAPS, from.configMapKeyRef.name))[from.configMapKeyRef.key] ?? '');
    else if (from.secretKeyRef !== undefined)
      env.set(variable.name, (await data(SECRETS, from.secretKeyRef.name))[from.secretKeyRef.key] ?? '');
    else if (from.resourceFieldRef !== undefined)
      env.set(
        variable.name,
        String(
          fieldOf(
            { spec: container } as unknown as KubeObject,
            `spec.resources.${String(from.resourceFieldRef.resource)}`,
          ) ?? '',
        ),
      );
  }
  env.set('HOME', '/root');
  return env;
}
