/** Which part of a volume a container mounts, its variables put in. Pure. Source: kubelet's makeMounts and ExpandContainerVolumeMounts. */
import type { Json } from '#shared/kubernetes/types.ts';
import { expanded } from './environment.ts';

export type SubPath = { path: string } | { error: string };

/** Empty path: the whole volume. The error is kubelet's. */
export function subPathOf(mount: Json, env: ReadonlyMap<string, string>): SubPath {
  const expression: string = mount.subPathExpr ?? '';
  const missing = new Set<string>();
  for (const [, name] of expression.matchAll(/\$\$|\$\(([A-Za-z_][\w.-]*)\)/g))
    if (name !== undefined && !env.get(name)) missing.add(name);
  if (missing.size > 0) return { error: `missing value for ${[...missing].sort().join(', ')}` };
  const path: string = expression === '' ? (mount.subPath ?? '') : expanded(expression, env);
  if (path.startsWith('/')) return { error: `error SubPath \`${path}\` must not be an absolute path` };
  if (path.split('/').includes('..'))
    return { error: `unable to provision SubPath \`${path}\`: must not contain '..'` };
  return { path: path.replace(/\/+$/, '') };
}
