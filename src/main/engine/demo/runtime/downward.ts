/** What a pod's own fields and resources say to its containers: the downward API. Pure. Source: kubelet's fieldpath and resource packages. */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

/** A value of the downward API. */
export function fieldOf(pod: KubeObject, path: string): unknown {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed !== null) return pod.metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2] ?? ''];
  return path.split('.').reduce<Json>((value, part) => value?.[part], pod);
}

/** A limit or request in its divisor, rounded up; where no limit is set what the node can give. Pure. */
export function resourceOf(
  pod: KubeObject,
  container: Json,
  { resource, divisor, containerName }: Json,
  node: KubeObject | undefined,
): string {
  const containers: Json[] = pod.spec?.containers ?? [];
  const of = containerName === undefined ? container : (containers.find(({ name }) => name === containerName) ?? {});
  const [kind = '', ...rest] = String(resource).split('.');
  const name = rest.join('.');
  const found = of.resources?.[kind]?.[name] ?? (kind === 'limits' ? node?.status?.allocatable?.[name] : undefined);
  if (found === undefined) return '0';
  const by = parseQuantity(divisor ?? '1');
  return String(Math.ceil(parseQuantity(found) / (by === 0 ? 1 : by) - 1e-9));
}
